import type { Host } from '../machine/host.ts'
import type { Screen } from '../machine/real/screen.ts'
import type { Builtins } from '../profile/model.ts'

/**
 * What the stages of a run are given: the machine, the built-in profiles, and where people are told
 * something.
 */
export interface RunContext {
  readonly host: Host
  readonly builtins: Builtins
  /** Where `err` writes. */
  readonly screen: Screen
  err(text: string): void
}
