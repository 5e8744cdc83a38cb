import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference } from '../../src/documents/difference.ts'
import { parseJsonDocument } from '../../src/documents/json.ts'
import { parseTomlDocument } from '../../src/documents/toml.ts'

const toml = (text: string) => parseTomlDocument(text, 'a.toml')

/** The text that the difference makes of another. */
const made = (before: string, after: string): string => {
  const done = toml(before).edit(difference(toml(before).values, toml(after).values))
  return 'text' in done ? done.text : `impossible: ${done.impossible}`
}

describe('the difference of two documents', () => {
  it.each<[string, string, string, string]>([
    ['nothing', 'a = 1 # x\n', 'a=1', 'a = 1 # x\n'],
    ['a value', 'a = 1 # x\n', 'a = 2', 'a = 2 # x\n'],
    ['a key that went', '# top\na = 1\nb = 2 # x\n', 'a = 1', '# top\na = 1\n'],
    ['a key that came', 'a = 1 # x\n', 'a = 1\nb = "y"', 'a = 1 # x\nb = "y"\n'],
    [
      'a table of another name, without one of its keys',
      '[t.read] # mine\nx = 1 # keep\ny = 2\n',
      '[t.read_file]\nx = 1',
      '[t.read_file] # mine\nx = 1 # keep\n',
    ],
    [
      'items of a list, each on its line',
      'l = [\n  "b", # why\n  "c",\n]\n',
      'l = ["b", "d"]',
      'l = [\n  "b", # why\n  "d",\n]\n',
    ],
    [
      'one of several tables in a list',
      '[[m]]\nn = "a" # x\n[[m]]\nn = "b"\nk = 1\n',
      'm = [{ n = "a", s = true }, { n = "b" }]',
      '[[m]]\nn = "a" # x\ns = true\n[[m]]\nn = "b"\n',
    ],
  ])('%s', (_, before, after, text) => {
    expect(made(before, after)).toBe(text)
  })

  it('made again is none, whatever the documents hold', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const table = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), value)
    fc.assert(
      fc.property(table, table, (before, after) => {
        const document = parseJsonDocument(JSON.stringify(before), 'a.json', false)
        const wanted = parseJsonDocument(JSON.stringify(after), 'b.json', false)
        const done = document.edit(difference(document.values, wanted.values))
        if ('impossible' in done) return
        expect(parseJsonDocument(done.text, 'c.json', false).values).toEqual(wanted.values)
      }),
    )
  })
})
