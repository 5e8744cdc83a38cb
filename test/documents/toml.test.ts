import { parse } from 'smol-toml'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTomlDocument } from '../../src/documents/toml.ts'
import { tomlLiteral } from '../../src/documents/toml-edits.ts'
import type { Edit } from '../../src/documents/document.ts'
import { cpuSince } from '../fixtures/cpu.ts'

const open = (text: string) => parseTomlDocument(text, '/c.toml')

const TEXT = `# top
a = 1   # one
tools.bash.permission = 'always'   # dotted

[tools.read_file]   # reading
denylist = [
  "x",  # why x
    'y'   # no comma
]
allowlist=["p","q"]
empty = []

# about servers
[[mcp_servers]]
name = "s"
env = { A = "b", C = "d" }

[[mcp_servers]]
name = "t"
`

describe('positions', () => {
  it.each<[(string | number)[], number, number, boolean]>([
    [['a'], 2, 1, false],
    [['tools', 'bash', 'permission'], 3, 1, false],
    [['tools', 'bash', 'allowlist'], 3, 1, true],
    [['tools', 'read_file'], 5, 2, false],
    [['tools', 'read_file', 'denylist', 1], 8, 5, false],
    [['tools', 'read_file', 'permission'], 5, 2, true],
    [['mcp_servers', 0, 'env', 'C'], 16, 18, false],
    [['mcp_servers', 1, 'name'], 19, 1, false],
    [['nothing', 'here'], 1, 1, true],
  ])('%j is at %i:%i', (path, line, column, isNearest) => {
    const { position, isNearest: nearest } = open(TEXT).locate(path)
    expect([position.line, position.column, nearest]).toEqual([line, column, isNearest])
  })

  it('reads what smol-toml reads', () => {
    expect(open(TEXT).values).toEqual(parse(TEXT))
  })
})

describe('edits', () => {
  it.each<[string, Edit, string, string]>([
    [
      'sets a value and keeps its comment',
      { op: 'set', path: ['a'], value: 2 },
      'a = 1   # one',
      'a = 2   # one',
    ],
    [
      'sets a dotted key',
      { op: 'set', path: ['tools', 'bash', 'permission'], value: 'ask' },
      "permission = 'always'",
      'permission = "ask"',
    ],
    [
      'adds a key beside its dotted sibling',
      { op: 'set', path: ['tools', 'bash', 'allowlist'], value: [] },
      "'always'   # dotted\n",
      "'always'   # dotted\ntools.bash.allowlist = []\n",
    ],
    [
      'adds a key at the end of its table',
      { op: 'set', path: ['tools', 'read_file', 'permission'], value: 'ask' },
      'empty = []\n',
      'empty = []\npermission = "ask"\n',
    ],
    [
      'adds a key at the top',
      { op: 'set', path: ['enable_telemetry'], value: false },
      '# dotted\n',
      '# dotted\nenable_telemetry = false\n',
    ],
    [
      'adds a table at the end',
      { op: 'set', path: ['tools', 'grep', 'permission'], value: 'ask' },
      'name = "t"\n',
      'name = "t"\n\n[tools.grep]\npermission = "ask"\n',
    ],
    [
      'adds a key to an inline table',
      { op: 'set', path: ['mcp_servers', 0, 'env', 'E'], value: 'f' },
      'C = "d" }',
      'C = "d", E = "f" }',
    ],
    [
      'adds a key to an item',
      { op: 'set', path: ['mcp_servers', 1, 'disabled'], value: true },
      'name = "t"\n',
      'name = "t"\ndisabled = true\n',
    ],
    [
      'appends to a list of lines without a comma at its end',
      { op: 'append', path: ['tools', 'read_file', 'denylist'], values: ['x', 'z'] },
      "    'y'   # no comma\n",
      `    'y',   # no comma\n    "z"\n`,
    ],
    [
      'appends to a list on one line',
      { op: 'append', path: ['tools', 'read_file', 'allowlist'], values: ['r', 's'] },
      '["p","q"]',
      '["p","q", "r", "s"]',
    ],
    [
      'appends to an empty list',
      { op: 'append', path: ['tools', 'read_file', 'empty'], values: ['r'] },
      'empty = []',
      'empty = ["r"]',
    ],
    [
      'replaces an item by two',
      { op: 'replace', path: ['tools', 'read_file', 'denylist', 0], values: ['*/x', '*/x/*'] },
      '  "x",  # why x',
      '  "*/x",\n  "*/x/*",  # why x',
    ],
    [
      'takes an item away with its line',
      { op: 'replace', path: ['tools', 'read_file', 'denylist', 0], values: [] },
      '  "x",  # why x\n',
      '',
    ],
    [
      'takes an item away from a line',
      { op: 'replace', path: ['tools', 'read_file', 'allowlist', 0], values: [] },
      '["p","q"]',
      '["q"]',
    ],
    [
      'removes a key with its line',
      { op: 'remove', path: ['tools', 'read_file', 'empty'] },
      'empty = []\n',
      '',
    ],
  ])('%s', (_, edit, before, after) => {
    const expected = TEXT.replace(before, () => after)
    expect(expected).not.toBe(TEXT)
    expect(open(TEXT).edit([edit])).toEqual({ text: expected })
  })

  it.each<[string, string, Edit, string]>([
    [
      'a first key stands before the first table and its comment',
      '# c\n\n# t\n[t]\nb = 1\n',
      { op: 'set', path: ['a'], value: 1 },
      '# c\n\na = 1\n\n# t\n[t]\nb = 1\n',
    ],
    ['an empty file', '', { op: 'set', path: ['t', 'a'], value: 1 }, '[t]\na = 1\n'],
    [
      'CRLF is kept',
      'a = 1\r\n[t]\r\nb = [\r\n  "x",\r\n]\r\n',
      { op: 'append', path: ['t', 'b'], values: ['y'] },
      'a = 1\r\n[t]\r\nb = [\r\n  "x",\r\n  "y",\r\n]\r\n',
    ],
    [
      'no newline at the end',
      '[t]\na = 1',
      { op: 'set', path: ['t', 'b'], value: 2 },
      '[t]\na = 1\nb = 2',
    ],
    [
      'an empty table',
      '[t]  # c\n[u]\n',
      { op: 'set', path: ['t', 'b'], value: 2 },
      '[t]  # c\nb = 2\n[u]\n',
    ],
    ['a set that changes nothing', 'a = 0x1\n', { op: 'set', path: ['a'], value: 1 }, 'a = 0x1\n'],
  ])('%s', (_, text, edit, after) => {
    expect(open(text).edit([edit])).toEqual({ text: after })
  })

  it('applies several at once, whatever their order', () => {
    const edits: Edit[] = [
      { op: 'append', path: ['d'], values: ['n'] },
      { op: 'replace', path: ['d', 0], values: ['A', 'B'] },
      { op: 'replace', path: ['d', 2], values: [] },
    ]
    expect(open('d = ["a", "b", "c"]\n').edit(edits)).toEqual({
      text: 'd = ["A", "B", "b", "n"]\n',
    })
  })

  it.each<[string, string, Edit]>([
    ['a key of a table that is none', 'a = 1\n', { op: 'set', path: ['a', 'b'], value: 1 }],
    ['a table', '[a]\nb = 1\n', { op: 'remove', path: ['a'] }],
    ['a text that is wrong', 'a = \n', { op: 'set', path: ['a'], value: 1 }],
  ])('does not guess: %s', (_, text, edit) => {
    expect(open(text).edit([edit])).toHaveProperty('impossible')
  })

  it('writes strings that TOML reads back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        (text) => void expect(parse(`a = ${tomlLiteral(text)}`)).toEqual({ a: text }),
      ),
    )
  })

  it('changes nothing but what it was asked to, in any list', () => {
    const item = fc.constantFrom('"a"', "'b'", '"c,d"', '"#e"', '"]"')
    const gap = fc.constantFrom('', ' ', '\n', '\n  ', ' # c\n  ')
    const list = fc
      .array(fc.tuple(gap, item, gap), { maxLength: 5 })
      .chain((items) => fc.tuple(fc.constant(items), fc.boolean(), gap))
    fc.assert(
      fc.property(
        list,
        fc.nat(4),
        fc.array(fc.constantFrom('n', 'm'), { maxLength: 2 }),
        ([items, comma, gap], index, values) => {
          const text = `x = [${items.map((parts) => parts.join('')).join(',')}${comma && items.length > 0 ? ',' : ''}${gap}]\ny = 1\n`
          for (const edit of [
            { op: 'append', path: ['x'], values },
            ...(index < items.length
              ? [{ op: 'replace', path: ['x', index], values } as const]
              : []),
          ] as const) {
            const before = open(text)
            if (before.problems.length > 0) return
            const done = before.edit([edit])
            expect(done).toHaveProperty('text')
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('bad files', () => {
  it.each<[string, string, string, number]>([
    ['a byte order mark', '\ufeffa = 1', 'syntax', 1],
    ['a key twice', 'a = 1\na = 2\n', 'syntax', 2],
    ['a list without an end', 'a = 1\nb = [1,\n', 'syntax', 2],
    ['deep nesting', `a = ${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'limit', 1],
    ['a long dotted key', `${'a.'.repeat(100_000)}b = 1`, 'limit', 1],
    ['a million entries', `a = [${'1,'.repeat(400_000)}]`, 'limit', 1],
    ['ten megabytes', `a = "${'x'.repeat(10_000_000)}"`, 'limit', 1],
    ['one huge string', `a = "${'x'.repeat(900_000)}"`, 'limit', 1],
    ['a bare carriage return', 'a = 1\rb = 2', 'syntax', 1],
  ])('%s is a problem, quickly', (_, text, kind) => {
    const start = process.cpuUsage()
    const { problems, values } = open(text)
    expect(problems.map((problem) => problem.kind)).toEqual([kind])
    expect(values).toEqual({})
    expect(cpuSince(start)).toBeLessThan(1000)
  })

  it('a key named __proto__ is a key', () => {
    const { values } = open('[__proto__]\npolluted = true\n')
    expect(Object.keys(values)).toEqual(['__proto__'])
    expect('polluted' in {}).toBe(false)
  })
})
