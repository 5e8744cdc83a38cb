/** Flags of `run` besides those about the policy. */
export interface RunFlags {
  readonly backend?: string
  readonly dryRun?: boolean
  readonly printProgram?: boolean
  readonly quiet?: boolean
  readonly exec?: boolean
  /** `NAME=ADDRESS`, separated by commas. */
  readonly mapHost?: string
  readonly ask?: boolean
  readonly trace?: boolean
  readonly debug?: boolean
  /** For the runs that `verify` starts: the user's own last run stays the last. */
  readonly trial?: boolean
}
