/** One element of a translated pattern; each but a star consumes one code point. */
export type GlobToken =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'never' }
  | { readonly kind: 'literal'; readonly code: number }
  | {
      readonly kind: 'class'
      readonly isNegated: boolean
      readonly ranges: readonly (readonly [number, number])[]
    }

/** The code points of a text: Python matches these, not UTF-16 units. */
export const codePoints = (text: string): number[] => {
  const codes: number[] = []
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0
    codes.push(code)
    if (code > 0xffff) at++
  }
  return codes
}

/**
 * True when a token other than a star accepts a code point; `excluded` is one that `?` does not.
 */
export const accepts = (token: GlobToken, code: number, excluded?: number): boolean => {
  switch (token.kind) {
    case 'any':
      return code !== excluded
    case 'literal':
      return token.code === code
    case 'class':
      return token.isNegated !== token.ranges.some(([low, high]) => code >= low && code <= high)
    case 'star':
    case 'never':
      return false
    default:
      return token satisfies never
  }
}

/**
 * Reads a pattern as CPython's `fnmatch.translate` does (3.12 and 3.13 agree): runs of `*` are one
 * star, a class that is not closed is a literal `[`, `]` is a literal right after `[` or `[!`, a
 * range that runs backwards vanishes, and a class left empty by that matches nothing (negated:
 * everything).
 */
export const globTokens = (pattern: string): readonly GlobToken[] => {
  const known = KNOWN.get(pattern)
  if (known !== undefined) return known
  const tokens = translate(pattern)
  if (pattern.length <= LONGEST_KNOWN && KNOWN.size < MOST_KNOWN) KNOWN.set(pattern, tokens)
  return tokens
}

/** The same few patterns are asked about thousands of paths. */
const KNOWN = new Map<string, readonly GlobToken[]>()
const MOST_KNOWN = 1_000
const LONGEST_KNOWN = 200

const translate = (pattern: string): GlobToken[] => {
  const codes = codePoints(pattern)
  // Looked for once: without it each of many unclosed brackets would search to the end.
  const lastClose = codes.lastIndexOf(CLOSE)
  const tokens: GlobToken[] = []
  for (let at = 0; at < codes.length; ) {
    const code = codes[at++] ?? 0
    if (code === STAR) {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else if (code === QUESTION) tokens.push({ kind: 'any' })
    else if (code === OPEN) {
      const end = at > lastClose ? undefined : classEnd(codes, at)
      tokens.push(
        end === undefined ? { kind: 'literal', code: OPEN } : classToken(codes.slice(at, end)),
      )
      if (end !== undefined) at = end + 1
    } else tokens.push({ kind: 'literal', code })
  }
  return tokens
}

const [STAR, QUESTION, OPEN, CLOSE, BANG, HYPHEN] = codePoints('*?[]!-') as [
  number,
  number,
  number,
  number,
  number,
  number,
]

const classEnd = (codes: readonly number[], start: number): number | undefined => {
  let at = start
  if (codes[at] === BANG) at++
  if (codes[at] === CLOSE) at++
  const end = codes.indexOf(CLOSE, at)
  return end < 0 ? undefined : end
}

/**
 * `chunks` are what stands between the hyphens that make ranges; the last code of one and the first
 * of the next are the ends of a range.
 */
const classToken = (stuff: readonly number[]): GlobToken => {
  const chunks = rangeChunks(stuff)
  const first = chunks[0] ?? []
  const isNegated = first[0] === BANG
  // A `!` that only a vanished range brought to the front negates, too, and the hyphen behind it is
  // then a letter: `[[--!-a]` is `[!-a]` with a literal hyphen.
  if (isNegated)
    chunks.splice(
      0,
      first.length === 1 ? 2 : 1,
      first.length === 1 && chunks[1] ? [HYPHEN, ...chunks[1]] : first.slice(1),
    )
  const ranges = chunks.flatMap((chunk, index) => {
    const low = index > 0 ? 1 : 0
    const high = chunk.length - (index < chunks.length - 1 ? 1 : 0)
    const single = chunk.slice(low, high).map((code): [number, number] => [code, code])
    const next = chunks[index + 1]
    return next === undefined
      ? single
      : [...single, [chunk.at(-1) ?? 0, next[0] ?? 0] as [number, number]]
  })
  if (ranges.length > 0) return { kind: 'class', isNegated, ranges }
  return { kind: isNegated ? 'any' : 'never' }
}

const rangeChunks = (stuff: readonly number[]): number[][] => {
  const chunks: number[][] = []
  let start = 0
  let from = stuff[0] === BANG ? 2 : 1
  for (;;) {
    const at = stuff.indexOf(HYPHEN, from)
    if (at < 0) break
    chunks.push(stuff.slice(start, at))
    start = at + 1
    from = at + 3
  }
  const last = stuff.slice(start)
  if (last.length > 0) chunks.push(last)
  else chunks.at(-1)?.push(HYPHEN)
  return withoutBackwardRanges(chunks)
}

const withoutBackwardRanges = (chunks: number[][]): number[][] => {
  for (let at = chunks.length - 1; at > 0; at--) {
    const [before, after] = [chunks[at - 1] ?? [], chunks[at] ?? []]
    if ((before.at(-1) ?? 0) > (after[0] ?? 0))
      chunks.splice(at - 1, 2, [...before.slice(0, -1), ...after.slice(1)])
  }
  return chunks
}
