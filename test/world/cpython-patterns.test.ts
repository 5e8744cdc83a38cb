import { spawnSync } from 'node:child_process'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { fnmatch } from '../../src/audit/vibe/semantics/fnmatch.ts'
import { PYTHON_MINORS, purePathMatch } from '../../src/audit/vibe/semantics/purepath-match.ts'
import { where } from '../e2e/where.ts'
import { pyenvVersions } from '../fixtures/pythons.ts'

const PAIRS = 20_000

/** Answers a JSON list of [name, pattern]: fnmatchcase of each, and PurePosixPath.match of each. */
const ASK_PYTHON = `
import fnmatch, json, pathlib, sys
def match(path, pattern):
    try:
        return pathlib.PurePosixPath(path).match(pattern)
    except ValueError:
        return 'invalid'
print(json.dumps([[fnmatch.fnmatchcase(name, pattern), match(name, pattern)] for name, pattern in json.load(sys.stdin)]))
`

/**
 * Few letters, so that names and patterns meet; line ends of every kind, a letter beyond 16 bits,
 * and all that patterns know.
 */
const letter = fc.constantFrom(
  'a',
  'b',
  'c',
  'Z',
  '.',
  '/',
  '-',
  '!',
  '^',
  ']',
  '[',
  '\\',
  '&',
  '~',
  '|',
  '\n',
  '\r',
  '\u2028',
  'é',
  '😀',
  '{',
  ',',
)
const name = fc.string({ unit: letter, maxLength: 10 })
const range = fc
  .string({
    unit: fc.constantFrom('a', 'b', 'c', '-', '-', '!', '^', ']', '\\', '[', '&', '/', '\n'),
    minLength: 1,
    maxLength: 7,
  })
  .map((inner) => `[${inner}]`)
const piece = fc.oneof(
  { weight: 4, arbitrary: letter },
  { weight: 3, arbitrary: fc.constantFrom('*', '**', '?', '/', '*/', '/*') },
  { weight: 2, arbitrary: range },
)
const freePattern = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
/**
 * A name turned into a pattern that is near it: what is written by hand matches more often than
 * chance does.
 */
const nearPattern = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('*', '?', '', '', '', '[!x]', '[a-c]', '**'), {
      minLength: text.length,
      maxLength: text.length,
    })
    .map((swaps) => Array.from(text, (char, index) => swaps[index] || char).join(''))
const pair = fc.oneof(
  fc.tuple(name, freePattern),
  name.chain((text) => fc.tuple(fc.constant(text), nearPattern(text))),
  name.chain((text) => fc.tuple(fc.constant(`/${text}`), nearPattern(text))),
)

const pythonOf = (minor: string): string | undefined => {
  const [home] = pyenvVersions(new RegExp(`^${minor.replace('.', '\\.')}\\.\\d+$`))
  return home === undefined ? undefined : path.join(home, 'bin/python3')
}

describe.each(PYTHON_MINORS)('CPython %s', (minor) => {
  const python = pythonOf(minor)
  where(python === undefined ? `no CPython ${minor} from pyenv here` : undefined)(
    `fnmatch and PurePath.match agree with it on ${PAIRS} generated pairs`,
    () => {
      const seed = Date.now() % 2 ** 31
      console.log(`pairs for CPython ${minor}: seed ${seed}`)
      const pairs = fc.sample(pair, { numRuns: PAIRS, seed })
      const done = spawnSync(python ?? '', ['-c', ASK_PYTHON], {
        input: JSON.stringify(pairs),
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      })
      expect(done.stderr).toBe('')
      const answers = JSON.parse(done.stdout) as [boolean, boolean | 'invalid'][]
      const differing = pairs.flatMap(([text, pattern], index) => {
        const ours = [fnmatch(text, pattern), purePathMatch(text, pattern, minor)]
        return JSON.stringify(ours) === JSON.stringify(answers[index])
          ? []
          : [{ text, pattern, python: answers[index], ours }]
      })
      expect(differing.slice(0, 10)).toEqual([])
      expect(answers).toHaveLength(PAIRS)
      for (const kind of [0, 1])
        expect(
          answers.filter((answer) => answer[kind] === true).length,
          'pairs that match',
        ).toBeGreaterThan(PAIRS / 20)
    },
  )
})

/** Every class of up to six of the characters that ranges stumble over. */
const classes = (): string[] => {
  let inner = ['']
  const all: string[] = []
  for (let length = 1; length <= 6; length++) {
    inner = inner.flatMap((start) => ['-', '!', '[', 'a'].map((char) => start + char))
    all.push(...inner.map((text) => `[${text}]`))
  }
  return all
}

describe.each(PYTHON_MINORS)('classes of CPython %s', (minor) => {
  const python = pythonOf(minor)
  where(python === undefined ? `no CPython ${minor} from pyenv here` : undefined)(
    'fnmatch and PurePath.match agree with it on every small class',
    () => {
      const pairs = classes().flatMap((pattern) =>
        ['a', 'b', '-', '!', '[', '^'].map((text): [string, string] => [text, pattern]),
      )
      const done = spawnSync(python ?? '', ['-c', ASK_PYTHON], {
        input: JSON.stringify(pairs),
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      })
      const answers = JSON.parse(done.stdout) as [boolean, boolean | 'invalid'][]
      const differing = pairs.flatMap(([text, pattern], index) => {
        const ours = [fnmatch(text, pattern), purePathMatch(text, pattern, minor)]
        return JSON.stringify(ours) === JSON.stringify(answers[index])
          ? []
          : [{ text, pattern, python: answers[index], ours }]
      })
      expect(differing.slice(0, 10)).toEqual([])
      expect(answers).toHaveLength(pairs.length)
    },
  )
})
