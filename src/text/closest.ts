/** The candidate nearest to `word` by edit distance, if near enough to be a slip of the fingers. */
export const closest = (word: string, candidates: Iterable<string>): string | undefined =>
  closestFew(word, candidates, 1)[0]

/**
 * Up to `count` candidates, nearest first, each within a third of the word's length (two at least).
 */
export const closestFew = (word: string, candidates: Iterable<string>, count: number): string[] => {
  const short = word.slice(0, MAX_LENGTH)
  const limit = Math.max(2, Math.floor(short.length / 3))
  return [...new Set(candidates)]
    .map((candidate) => ({
      candidate,
      distance: editDistance(short.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, distance }) => distance <= limit && distance < candidate.length)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

/** Words longer than this are no slips; the table below stays small whatever a file holds. */
const MAX_LENGTH = 256

/** Damerau's distance (optimal string alignment): insert, remove, replace, swap neighbours. */
const editDistance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Infinity
      row.push(
        Math.min(
          rows[i - 1]![j]! + 1,
          row[j - 1]! + 1,
          rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
          swap,
        ),
      )
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}
