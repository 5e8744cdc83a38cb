/**
 * Matcher for a protection pattern, relative to the root it applies in: `*` and `?` within a name,
 * `**` any depth (none included), `[abc]` and `[a-z]` classes (`!` or `^` first negates). Names are
 * folded by the caller's rule first.
 */
export interface PatternMatcher {
  /** True when the components (already folded) match the whole pattern. */
  matches(parts: readonly string[]): boolean
}

type Segment =
  | { readonly deep: true }
  | { readonly deep: false; readonly test: (name: string) => boolean }

const WILD = /[*?[\]]/

/** True when a path of `[protect]` is a pattern rather than a plain path. */
export const isPattern = (path: string): boolean => WILD.test(path)

/**
 * Compiles a pattern; every class or star is matched without backtracking over more than one name.
 */
export const compilePattern = (pattern: string, fold: (name: string) => string): PatternMatcher => {
  const segments: Segment[] = pattern
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      part === '**' ? { deep: true } : { deep: false, test: nameMatcher(part, fold) },
    )
  return { matches: (parts) => matchAll(segments, parts) }
}

/**
 * All places in the pattern that the names read so far can have led to, at once: no backtracking,
 * so many `**` cost no more than one.
 */
const matchAll = (segments: readonly Segment[], parts: readonly string[]): boolean => {
  let places = reach(segments, [0])
  for (const part of parts) {
    const next: number[] = []
    for (const at of places) {
      const segment = segments[at]
      if (segment?.deep) next.push(at)
      else if (segment?.test(part)) next.push(at + 1)
    }
    if (next.length === 0) return false
    places = reach(segments, next)
  }
  return places.includes(segments.length)
}

/** `**` may stand for nothing, so what follows it is reached with it. Sorted, each place once. */
const reach = (segments: readonly Segment[], from: readonly number[]): number[] => {
  const reached = new Set<number>()
  for (let at of from) {
    reached.add(at)
    while (segments[at]?.deep) reached.add(++at)
  }
  return [...reached]
}

/**
 * One star among ASCII, as most patterns are: no character of it can be a part of another, so
 * strings may be compared as they are.
 */
const ONE_STAR = /^([^*?[\]\u0080-\uffff]*)\*([^*?[\]\u0080-\uffff]*)$/

const nameMatcher = (part: string, fold: (name: string) => string): ((name: string) => boolean) => {
  if (!WILD.test(part)) {
    const wanted = fold(part)
    return (name) => name === wanted
  }
  const ends = ONE_STAR.exec(part)
  if (ends) {
    const [start, end] = [fold(ends[1]!), fold(ends[2]!)]
    return (name) =>
      name.length >= start.length + end.length && name.startsWith(start) && name.endsWith(end)
  }
  const tokens = tokenise(part, fold)
  return (name) => matchName(tokens, [...name])
}

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'one'; readonly test: (char: string) => boolean }

/** The pieces of one name pattern; an unclosed `[` is a literal bracket, as in a shell. */
const tokenise = (part: string, fold: (name: string) => string): Token[] => {
  const tokens: Token[] = []
  for (let i = 0; i < part.length; ) {
    const char = part[i]!
    if (char === '*') tokens.push({ kind: 'star' })
    else if (char === '?') tokens.push({ kind: 'one', test: () => true })
    else {
      const close =
        char === '[' ? part.indexOf(']', i + (/[!^]/.test(part[i + 1] ?? '') ? 3 : 2)) : -1
      if (close > 0) {
        tokens.push({ kind: 'one', test: classMatcher(part.slice(i + 1, close), fold) })
        i = close + 1
        continue
      }
      let literal = char
      while (i + literal.length < part.length && !WILD.test(part[i + literal.length]!))
        literal += part[i + literal.length]!
      for (const folded of fold(literal))
        tokens.push({ kind: 'one', test: (other) => other === folded })
      i += literal.length
      continue
    }
    i += 1
  }
  return tokens
}

const classMatcher = (
  body: string,
  fold: (name: string) => string,
): ((char: string) => boolean) => {
  const negated = body.startsWith('!') || body.startsWith('^')
  const chars = [...(negated ? body.slice(1) : body)]
  const singles = new Set<string>()
  const ranges: [string, string][] = []
  for (let i = 0; i < chars.length; i++) {
    if (chars[i + 1] === '-' && i + 2 < chars.length) {
      ranges.push([chars[i]!, chars[i + 2]!])
      i += 2
    } else singles.add(fold(chars[i]!))
  }
  const inside = (char: string): boolean =>
    singles.has(char) ||
    ranges.some(
      ([low, high]) => (char >= low && char <= high) || (char >= fold(low) && char <= fold(high)),
    )
  return (char) => inside(char) !== negated
}

/** Greedy star matching with one remembered star: linear in the name for each star. */
const matchName = (tokens: readonly Token[], chars: readonly string[]): boolean => {
  let t = 0
  let c = 0
  let starAt = -1
  let resume = 0
  while (c < chars.length) {
    const token = tokens[t]
    if (token?.kind === 'star') {
      starAt = t++
      resume = c
    } else if (token?.kind === 'one' && token.test(chars[c]!)) {
      t++
      c++
    } else if (starAt >= 0) {
      t = starAt + 1
      c = ++resume
    } else return false
  }
  while (tokens[t]?.kind === 'star') t++
  return t === tokens.length
}
