import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonDocument } from '../../src/documents/json.ts'
import type { Edit } from '../../src/documents/document.ts'

const open = (text: string, comments = true) => parseJsonDocument(text, '/s.json', comments)

const TEXT = `{
  // permissions
  "permissions": {
    "allow": ["Bash(ls)", "Read"], /* all */
    "deny": [
      "Read(./.env)" // why
    ]
  },
  "model": "x",
  "hooks": {}
}
`

describe('positions', () => {
  it.each<[(string | number)[], number, number, boolean]>([
    [['permissions'], 3, 3, false],
    [['permissions', 'deny', 0], 6, 7, false],
    [['permissions', 'ask'], 3, 3, true],
    [['model'], 9, 3, false],
    [['nothing'], 1, 1, true],
  ])('%j is at %i:%i', (path, line, column, isNearest) => {
    const { position, isNearest: nearest } = open(TEXT).locate(path)
    expect([position.line, position.column, nearest]).toEqual([line, column, isNearest])
  })
})

describe('edits', () => {
  it.each<[string, Edit, string, string]>([
    ['sets a value', { op: 'set', path: ['model'], value: 'y' }, '"x"', '"y"'],
    [
      'adds a key',
      { op: 'set', path: ['permissions', 'ask'], value: ['Bash'] },
      '    ]\n',
      '    ],\n    "ask": ["Bash"]\n',
    ],
    [
      'adds what lies deeper',
      { op: 'set', path: ['sandbox', 'network', 'on'], value: true },
      '"hooks": {}',
      '"hooks": {},\n  "sandbox": {"network":{"on":true}}',
    ],
    [
      'fills an empty object',
      { op: 'set', path: ['hooks', 'a'], value: 1 },
      '"hooks": {}',
      '"hooks": { "a": 1 }',
    ],
    [
      'appends to lines',
      { op: 'append', path: ['permissions', 'deny'], values: ['b'] },
      '"Read(./.env)" // why\n',
      '"Read(./.env)", // why\n      "b"\n',
    ],
    [
      'appends to a line',
      { op: 'append', path: ['permissions', 'allow'], values: ['Read', 'b'] },
      '"Read"]',
      '"Read", "b"]',
    ],
    [
      'replaces an item',
      { op: 'replace', path: ['permissions', 'allow', 0], values: [] },
      '["Bash(ls)", "Read"]',
      '["Read"]',
    ],
    ['removes a key', { op: 'remove', path: ['model'] }, '"model": "x",\n  ', ''],
    ['removes the last key', { op: 'remove', path: ['hooks'] }, ',\n  "hooks": {}', ''],
  ])('%s', (_, edit, before, after) => {
    const expected = TEXT.replace(before, () => after)
    expect(expected).not.toBe(TEXT)
    expect(open(TEXT).edit([edit])).toEqual({ text: expected })
  })
})

describe('reading', () => {
  it('reads what JSON.parse reads, and nothing that it does not', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) =>
          void expect(open(JSON.stringify({ value }), false).values).toEqual(
            JSON.parse(JSON.stringify({ value })),
          ),
      ),
    )
    const text = fc.string({
      unit: fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '1',
        'e',
        '-',
        't',
        'null',
        ' ',
        '\\',
        '/',
        '*',
        '\n',
      ),
    })
    fc.assert(
      fc.property(text, (inner) => {
        const source = `{"a":${inner}}`
        const isValid = ((): boolean => {
          try {
            JSON.parse(source)
            return true
          } catch {
            return false
          }
        })()
        expect(
          open(source, false).problems.filter(({ kind }) => kind !== 'duplicate').length === 0,
        ).toBe(isValid)
      }),
      { numRuns: 2000 },
    )
  })

  it.each<[string, string, boolean, string[]]>([
    ['a comment where none is allowed', '{ // c\n}', false, ['syntax']],
    ['its twin', '{ // c\n}', true, []],
    ['a trailing comma', '{"a":1,}', false, ['syntax']],
    ['its twin', '{"a":1,}', true, []],
    ['a key twice', '{"a":1,"a":2}', true, ['duplicate']],
    ['a list', '[]', true, ['syntax']],
    ['nothing', '', true, ['syntax']],
    ['deep nesting', '['.repeat(200_000), true, ['limit']],
    ['ten megabytes', ' '.repeat(10_000_000), true, ['limit']],
    ['many entries', `{"a":[${'1,'.repeat(400_000)}1]}`, true, ['limit']],
  ])('%s', (_, text, comments, kinds) => {
    expect(open(text, comments).problems.map(({ kind }) => kind)).toEqual(kinds)
  })
})
