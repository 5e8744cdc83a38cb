import { matchTokens } from './fnmatch.ts'
import { accepts, codePoints, type GlobToken, globTokens } from './glob-tokens.ts'
import { parsePurePath, pureParts, pureText } from './python-path.ts'

/** The Pythons whose `PurePath.match` differ. */
export const PYTHON_MINORS = ['3.12', '3.13'] as const
export type PythonMinor = (typeof PYTHON_MINORS)[number]

/**
 * Python's `PurePosixPath(path).match(pattern)`; `invalid` where Python raises ValueError (a
 * pattern without a component). Time is bounded by the product of the lengths.
 */
export const purePathMatch = (
  path: string,
  pattern: string,
  python: PythonMinor = '3.13',
): boolean | 'invalid' => {
  const wanted = parsePurePath(pattern)
  if (wanted.root === '' && wanted.tail.length === 0) return 'invalid'
  return python === '3.12' ? matchLines(path, pattern) : matchParts(path, pattern)
}

/**
 * 3.13: component by component from the right; the root is a component, and only `*` alone must not
 * be empty.
 */
const matchParts = (path: string, pattern: string): boolean => {
  const parts = pureParts(path)
  const wanted = pureParts(pattern)
  const surplus = parts.length - wanted.length
  if (surplus < 0 || (surplus > 0 && wanted[0]?.startsWith('/'))) return false
  return wanted.every((part, index) => {
    const codes = codePoints(parts[surplus + index] ?? '')
    return matchTokens(codes, globTokens(part), SLASH) && (part !== '*' || codes.length > 0)
  })
}

const [SLASH, NEWLINE] = codePoints('/\n') as [number, number]

/**
 * 3.12: one regular expression over the whole path with `/` and newline exchanged, in which `.`
 * stops at a separator but a class does not, and what stands between two stars of a component is
 * taken at its first place for good (an atomic group). A step maps the places from which the rest
 * matches to the places before it.
 */
const matchLines = (path: string, pattern: string): boolean => {
  const codes = codePoints(asLines(path))
  const steps = linesOf(asLines(pattern)).flatMap(stepsOf)
  if (
    steps.reduce((sum, step) => sum + (step.kind === 'star' ? 0 : step.tokens.length), 0) >
    codes.length
  )
    return false
  const end = codes.map(() => false).concat(true)
  const starts = steps.reduceRight((rest, step) => before(step, codes, rest), end)
  if (parsePurePath(pattern).root !== '') return starts[0] === true
  return starts.some((isStart, at) => isStart && (at === 0 || codes[at - 1] === NEWLINE))
}

const asLines = (path: string): string => {
  const text = pureText(path)
  return text === '.' ? '' : text.replace(/[/\n]/g, (char) => (char === '/' ? '\n' : '/'))
}

/** Python's `splitlines(keepends=True)`: it knows more line ends than a newline. */
const linesOf = (text: string): string[] =>
  text.match(
    /[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])|[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+$/g,
  ) ?? []

type Step =
  | { readonly kind: 'fixed' | 'first'; readonly tokens: readonly GlobToken[] }
  | { readonly kind: 'star' }

const stepsOf = (line: string): Step[] => {
  if (line === '*' || line === '*\n')
    return [
      { kind: 'fixed', tokens: [{ kind: 'any' }] },
      { kind: 'star' },
      { kind: 'fixed', tokens: globTokens(line.slice(1)) },
    ]
  const pieces: GlobToken[][] = [[]]
  for (const token of globTokens(line)) {
    if (token.kind === 'star') pieces.push([])
    else pieces.at(-1)?.push(token)
  }
  const [head = [], ...rest] = pieces
  const last = rest.pop()
  const between = rest.map((tokens): Step => ({ kind: 'first', tokens }))
  return [
    { kind: 'fixed', tokens: head },
    ...between,
    ...(last === undefined
      ? []
      : [{ kind: 'star' } as const, { kind: 'fixed', tokens: last } as const]),
  ]
}

const before = (step: Step, codes: readonly number[], rest: readonly boolean[]): boolean[] => {
  const result = new Array<boolean>(rest.length).fill(false)
  for (let at = codes.length; at >= 0; at--) {
    const isMovable = at < codes.length && codes[at] !== NEWLINE
    if (step.kind === 'star')
      result[at] = rest[at] === true || (isMovable && result[at + 1] === true)
    else if (
      step.tokens.every(
        (token, index) =>
          at + index < codes.length && accepts(token, codes[at + index] ?? 0, NEWLINE),
      )
    )
      result[at] = rest[at + step.tokens.length] === true
    else result[at] = step.kind === 'first' && isMovable && result[at + 1] === true
  }
  return result
}
