import type { Host } from '../machine/host.ts'
import { screenOf, writeAll } from '../machine/real/screen.ts'
import { readBuiltins } from '../profile/builtin.ts'
import type { RunContext } from '../run/context.ts'

/**
 * What a command is given: the machine, the built-in profiles, where to write. Commands return
 * their exit code.
 */
export interface CommandContext extends RunContext {
  readonly json: boolean
  out(text: string): void
}

/**
 * The context of a real start: reports go to standard output, messages and the contract to standard
 * error.
 */
export const createContext = async (host: Host, json: boolean): Promise<CommandContext> => ({
  host,
  builtins: await readBuiltins(host),
  json,
  screen: screenOf(2),
  out: (text) => writeAll(1, text),
  err: (text) => writeAll(2, text),
})
