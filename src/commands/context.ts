import type { Host } from '../host.ts'
import type { Screen } from '../launch/output.ts'
import type { Builtins } from '../profile/model.ts'

/** What a command is given: the machine, the built-in profiles, where to write. Commands return their exit code. */
export interface CommandContext {
  readonly host: Host
  readonly builtins: Builtins
  readonly json: boolean
  /** Where `err` writes. */
  readonly screen: Screen
  out(text: string): void
  err(text: string): void
}
