import { accepts, codePoints, type GlobToken, globTokens } from './glob-tokens.ts'

/**
 * Python's `fnmatch.fnmatchcase(name, pattern)` (on POSIX `fnmatch.fnmatch` is the same), in time
 * bounded by the product of the lengths.
 */
export const fnmatch = (name: string, pattern: string): boolean =>
  matchTokens(codePoints(name), globTokens(pattern))

/**
 * Greedy: after each star the next fixed piece is taken at its first place, and only the last star
 * is ever moved, so that nothing is exponential. `excluded` is a code that neither a star nor `?`
 * accepts.
 */
export const matchTokens = (
  codes: readonly number[],
  tokens: readonly GlobToken[],
  excluded?: number,
): boolean => {
  if (tokens.length > 2 * codes.length + 1) return false
  let [at, next] = [0, 0]
  let star: { token: number; at: number } | undefined
  while (at < codes.length) {
    const token = tokens[next]
    if (token?.kind === 'star') {
      star = { token: next++, at }
    } else if (token !== undefined && accepts(token, codes[at] ?? 0, excluded)) {
      at++
      next++
    } else if (star !== undefined && codes[star.at] !== excluded) {
      star.at++
      at = star.at
      next = star.token + 1
    } else return false
  }
  return tokens.slice(next).every((token) => token.kind === 'star')
}
