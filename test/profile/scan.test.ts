import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { reasonAt, scanToml } from '../../src/profile/scan.ts'
import { pathKey } from '../../src/documents/text.ts'
import { readKeyPart, readString } from '../../src/profile/scan-tokens.ts'

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json }

/** Every path of a parsed document. */
const paths = (value: unknown, path: readonly (string | number)[] = []): string[] => {
  const own = path.length === 0 ? [] : [pathKey(path)]
  if (Array.isArray(value))
    return [...own, ...value.flatMap((item, index) => paths(item, [...path, index]))]
  if (typeof value === 'object' && value !== null)
    return [
      ...own,
      ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key])),
    ]
  return own
}

const key = fc.oneof(
  fc.stringMatching(/^[a-z_-]{1,6}$/),
  fc
    .string({ minLength: 0, maxLength: 6 })
    .filter((text) => text !== '__proto__' && !/\p{Cs}/u.test(text)),
)
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('#', '"', "'''", '"""', '\\', 'a # b', '[x]', 'x = 1', '\n', ']'),
  )
  .filter((value) => !/\p{Cs}/u.test(value))
const { table } = fc.letrec<{ value: Json; table: Readonly<Record<string, Json>> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('table'),
  ),
  table: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}))

/** Writes a document with inline forms, odd spacing and comments, which `stringify` never does. */
const odd = (document: Readonly<Record<string, Json>>, eol: string): string => {
  const value = (item: Json): string => {
    if (Array.isArray(item))
      return `[${eol}${item.map((inner: Json) => ` # about ] this "item${eol}\t${value(inner)} ,`).join('')} ]`
    if (typeof item === 'object')
      return `{ ${Object.entries(item)
        .map(([name, inner]) => `${JSON.stringify(name)}= ${value(inner)}`)
        .join(' , ')} }`
    return typeof item === 'string'
      ? JSON.stringify(item).replaceAll('\u007f', '\\u007f')
      : String(item)
  }
  return Object.entries(document)
    .map(([name, item]) => `  ${JSON.stringify(name)}\t=  ${value(item)} # '''${eol}`)
    .join('')
}

describe('scanToml', () => {
  it.each([
    ['as the library writes it', (document: Readonly<Record<string, Json>>) => stringify(document)],
    [
      'inline, with comments, LF',
      (document: Readonly<Record<string, Json>>) => odd(document, '\n'),
    ],
    [
      'inline, with comments, CRLF',
      (document: Readonly<Record<string, Json>>) => odd(document, '\r\n'),
    ],
  ])('finds exactly the keys and items that smol-toml finds: %s', (_, write) => {
    let total = 0
    let skipped = 0
    fc.assert(
      fc.property(table, (document) => {
        total++
        let source: string
        let parsed: unknown
        try {
          source = write(document)
          parsed = parse(source)
        } catch {
          skipped++ // not a document: arrays of mixed tables and the like
          return
        }
        const scan = scanToml(source)
        fc.pre(scan.problem === undefined)
        expect([...scan.places.keys()].sort()).toEqual(paths(parsed).sort())
      }),
      { numRuns: 400 },
    )
    expect(skipped).toBeLessThan(total / 4)
  })

  it('points at the very key or item', () => {
    fc.assert(
      fc.property(table, (document) => {
        const source = odd(document, '\n')
        const lines = source.split('\n')
        for (const [name, place] of scanToml(source).places) {
          const path = JSON.parse(name) as (string | number)[]
          const at =
            lines.slice(0, place.line - 1).reduce((sum, line) => sum + line.length + 1, 0) +
            place.column -
            1
          const last = path.at(-1)!
          if (typeof last === 'string') expect(readKeyPart({ text: source, at })).toBe(last)
          else if (source[at] === '"')
            expect(readString({ text: source, at }, true)).toBeTypeOf('string')
        }
      }),
    )
  })

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({
            unit: fc.constantFrom(
              '[',
              ']',
              '{',
              '}',
              '"',
              "'",
              '=',
              '.',
              'a',
              '\n',
              '\\',
              '#',
              ',',
              ' ',
            ),
          }),
        ),
        (source) => void scanToml(source),
      ),
    )
  })

  it.each([
    ['beside the item', 'a = [\n  "x", # why\n]', ['a', 0], 'why'],
    ['above the item', 'a = [\n  # because\n  # of that\n  "x",\n]', ['a', 0], 'because of that'],
    ['of one line for all its items', 'a = ["x", "y"] # both', ['a', 1], 'both'],
    ['not of the item before', 'a = [\n  "x", # why\n  "y",\n]', ['a', 1], undefined],
    ['not inside a string', 'a = "x # y"', ['a'], undefined],
  ])('takes the comment %s', (_, source, path, reason) => {
    const scan = scanToml(source)
    expect(reasonAt(scan, scan.places.get(pathKey(path))!)).toBe(reason)
  })

  it('stops at depth and at __proto__, with the place', () => {
    expect(scanToml(`a = ${'['.repeat(10_000)}`).problem).toMatchObject({ kind: 'depth', line: 1 })
    expect(scanToml(`x = 1\n${'a.'.repeat(10_000)}b = 1`).problem).toMatchObject({
      kind: 'depth',
      line: 2,
      column: 1,
    })
    expect(scanToml('[environment.set]\n  "__proto__" = "1"').problem).toEqual({
      kind: 'key',
      line: 2,
      column: 3,
    })
  })
})
