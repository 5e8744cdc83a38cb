/** A release: major, minor, patch. */
export type Release = readonly [number, number, number]

/**
 * Reads the release out of a version as PEP 440 writes it (`2.18.4`, `2.26.0rc1`); undefined when
 * it is none.
 */
export const releaseOf = (version: string): Release | undefined => {
  const found = /^\s*v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?![\d.]*\d)/.exec(version)
  return found ? [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)] : undefined
}

/** Negative, zero or positive, as for sorting. */
export const compareReleases = (a: Release, b: Release): number =>
  a[0] - b[0] || a[1] - b[1] || a[2] - b[2]

/** What a value became, and the release that brought it; oldest first. */
export type Changes<T> = readonly [Change<T>, ...Change<T>[]]
type Change<T> = readonly [since: string, value: T]

/** The value in force at a release; before the first change, the first value. */
export const at = <T>(release: Release, changes: Changes<T>): T => {
  const past = changes.filter(
    ([since]) => compareReleases(releaseOf(since) ?? [0, 0, 0], release) <= 0,
  )
  return (past.at(-1) ?? changes[0])[1]
}
