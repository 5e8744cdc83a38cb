import type { AbsolutePath } from '../../machine/paths.ts'

/** What may lie about after a run, worst first: by how little it takes for the host to obey it. */
const KINDS = [
  'repository',
  'unseen',
  'git',
  'protected',
  'unfinished',
  'hidden',
  'program',
  'outdated',
] as const
type NewKind = (typeof KINDS)[number]

/**
 * A name that appeared or changed during a run and that the host, or the next run, gives a meaning
 * to.
 */
export interface NewName {
  readonly path: AbsolutePath
  readonly kind: NewKind
  /** A clause: why it matters. */
  readonly because: string
  /** Place within its kind, worst first. */
  readonly rank?: number
}

/** Each name once, worst first. */
export const worstFirst = (names: readonly NewName[]): NewName[] => {
  const sorted = [...names].sort(
    (a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      (a.rank ?? 0) - (b.rank ?? 0) ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  )
  const seen = new Set<AbsolutePath>()
  return sorted.filter(({ path }) => !seen.has(path) && seen.add(path))
}
