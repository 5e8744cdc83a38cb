import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDirectUrl } from '../../../src/resolve/runtimes/editable-sources.ts'
import { parseFinder } from '../../../src/resolve/runtimes/python-finder.ts'
import { parsePth } from '../../../src/resolve/runtimes/python-pth.ts'
import { isTooOld } from '../../../src/resolve/runtimes/python-requires.ts'
import { cpuSince } from '../../fixtures/cpu.ts'

describe('parsePth', () => {
  it.each([
    ['a path', '/a/b\n', ['/a/b'], []],
    ['remarks and blank lines', '# /no\n\n  \n/a  \r\n', ['/a'], []],
    ['spaces before a path are part of it', ' /a', [' /a'], []],
    ['relative', '../x\nsrc', ['../x', 'src'], []],
    ['code', 'import os; os.x()', [], []],
    ['code after a tab', 'import\tos', [], []],
    ['a name that begins like code', 'imports/a', ['imports/a'], []],
    [
      "setuptools' finder",
      'import __editable___a_1_0_finder; __editable___a_1_0_finder.install()',
      [],
      ['__editable___a_1_0_finder'],
    ],
    [
      'addsitedir in both quotes',
      `import site; site.addsitedir('/a'); site.addsitedir("/b")`,
      ['/a', '/b'],
      [],
    ],
    ['addsitedir of a computed name', 'import site; site.addsitedir(x + "/b")', [], []],
  ] as const)('%s', (_, text, paths, finders) => expect(parsePth(text)).toEqual({ paths, finders }))
})

describe('parseFinder', () => {
  it.each([
    [
      'as setuptools writes it',
      "x = 1\nMAPPING: dict[str, str] = {'a': '/s/a', 'b': '/s/b'}\nNAMESPACES: dict[str, list[str]] = {}\n",
      ['/s/a', '/s/b'],
    ],
    [
      'as it wrote it before',
      "MAPPING = {'a': '/s/a'}\nNAMESPACES = {'n': ['/s/n', '/t/n']}\n",
      ['/s/a', '/s/n', '/t/n'],
    ],
    [
      'quotes and escapes of repr',
      `MAPPING = {"it's": "/it's", 'b': '/a\\\\b\\'\\x41\\u00e9'}\n`,
      ["/it's", "/a\\b'Aé"],
    ],
    ['over several lines', "MAPPING = {\n  'a': '/a',\n}\n", ['/a']],
    ['keys are no paths', "MAPPING = {'/k': '/v'}\n", ['/v']],
    ['no mapping', 'import x\n', []],
    ['empty', 'MAPPING = {}\n', []],
  ])('%s', (_, text, paths) => expect(parseFinder(text)).toEqual(paths))
  it.each([
    'MAPPING = f()\n',
    "MAPPING = {'a': f('/b')}\n",
    "MAPPING = {'a': '/b' + x}\n",
    "MAPPING = {'a': '/b'\n",
    'MAPPING = {**other}\n',
    "MAPPING = {'a': '/\\N{DIGIT ONE}'}\n",
    "MAPPING = 'x'\n",
  ])('%j is not known', (text) => expect(parseFinder(text)).toBeUndefined())
  it('reads back what repr writes', () => {
    const repr = (text: string): string =>
      `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}'`
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), (paths) => {
        expect(
          parseFinder(
            `MAPPING = {${paths.map((path, index) => `'k${index}': ${repr(path)}`).join(', ')}}\n`,
          ),
        ).toEqual(paths)
      }),
    )
  })
  it('takes time in proportion to the text', () => {
    const time = (text: string): number => {
      const before = process.cpuUsage()
      parseFinder(text)
      return cpuSince(before)
    }
    for (const text of [
      `MAPPING = {'a': '${'\\'.repeat(250_000)}`,
      `MAPPING${':'.repeat(250_000)}`,
      `MAPPING = {${"'a': '/b', ".repeat(20_000)}`,
      'MAPPING: x\n'.repeat(20_000),
    ])
      expect(time(text)).toBeLessThan(500)
  })
})

describe('parseDirectUrl', () => {
  const record = (url: string, editable: unknown = true): string =>
    JSON.stringify({ url, dir_info: { editable } })
  it.each([
    [record('file:///s/a'), '/s/a'],
    [record('file://localhost/s/a/'), '/s/a'],
    [record('file:///s/%61%20b'), '/s/a b'],
    [record('file:///s/a#subdirectory=x'), '/s/a'],
    [record('file:///s/a', false), undefined],
    [record('file:///s/%2e%2e/a'), undefined],
    [record('https://h/s/a'), undefined],
    ['{"url":"file:///s/a"}', undefined],
    ['no', undefined],
  ])('%s', (text, path) => expect(parseDirectUrl(text)).toBe(path))
})

describe('isTooOld', () => {
  it.each([
    ['3.9', '>=3.12', true],
    ['3.12', '>=3.12', false],
    ['3.13', '>=3.12,<4', false],
    ['3.9', '<4, >= 3.10.2', true],
    ['3.9', '~=3.10', true],
    ['3.9', '==3.10.*', true],
    ['2.7', '>=3', true],
    ['3.9', '!=3.10.*,>=3.8', false],
    ['3.9', '<3.8', false],
    ['3.9', 'nonsense', false],
    ['3.9', '', false],
  ] as const)('%s for %s: %s', (version, wanted, expected) =>
    expect(isTooOld(version, wanted)).toBe(expected),
  )
})
