/** What was told after a run, as it is kept. */
export interface ToldAftermath {
  readonly version: 1
  readonly id: string
  readonly profile: string
  readonly project: string
  /** Milliseconds since the epoch. */
  readonly started: number
  /** `killed`: launcher did not live to tell it; it was told at the next start. */
  readonly ending: 'ended' | 'killed'
  /** Worst first, all of them. */
  readonly names: readonly ToldName[]
  /** Why the list may not be complete, as sentences. */
  readonly gaps: readonly string[]
}

/** One name that is new and has a meaning for the host. */
export interface ToldName {
  readonly path: string
  /** How the host comes to obey it; names of one kind stand together. */
  readonly kind: string
  /** A clause: why it matters. */
  readonly because: string
}
