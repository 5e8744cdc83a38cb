/**
 * True when `text` matches a pattern in which `*` stands for anything, and `one` (if given) for one
 * character. Bounded by the square of the text: only the last star is ever gone back to.
 */
export const matchesStars = (pattern: string, text: string, one?: '?'): boolean => {
  let at = 0
  let p = 0
  let star = -1
  let retry = 0
  while (at < text.length) {
    if (pattern[p] === '*') {
      star = p++
      retry = at
    } else if (
      p < pattern.length &&
      (pattern[p] === text[at] || (one !== undefined && pattern[p] === one))
    ) {
      p++
      at++
    } else if (star >= 0) {
      p = star + 1
      at = ++retry
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
