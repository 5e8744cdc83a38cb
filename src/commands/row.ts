import type { Host } from '../machine/host.ts'
import type { Request } from '../policy/request.ts'
import type { CommandContext } from './context.ts'
import type { Completes } from './policy-options.ts'

/** One flag of a command, as its help writes it. */
export interface FlagRow {
  readonly flag: string
  readonly text: string
  readonly completes?: Completes
  readonly isRequired?: true
  /** May be given many times; its values are a list. */
  readonly isList?: true
  /** For launcher's own use: in no help and no completion. */
  readonly isHidden?: true
}

/** One word that a command takes. */
interface OperandRow {
  /** As the help writes it: `<name>`, `[name]`, `[name...]`. */
  readonly form: string
  readonly text?: string
  readonly completes?: Completes
}

/** A command as it was typed. */
export interface Call {
  /** By place; undefined where a word was left out. */
  readonly operands: readonly (string | undefined)[]
  /** The words of an operand that takes many. */
  readonly many: readonly string[]
  readonly flags: Readonly<Record<string, unknown>>
  /** What the flags about the policy amount to. */
  request(name?: string): Request
  readonly host: Host
  readonly json: boolean
  context(): Promise<CommandContext>
}

/** One command: all that its help, its completions and its start are made of. */
export interface CommandRow {
  readonly name: string
  readonly text: string
  readonly operands?: readonly OperandRow[]
  /**
   * It takes the flags about the policy; these of them may stand without their value, as a
   * question.
   */
  readonly policy?: readonly string[]
  readonly flags?: readonly FlagRow[]
  readonly usage?: string
  readonly subs?: readonly CommandRow[]
  /** It takes words after `--`. */
  readonly takesWords?: true
  /** Its failures are 125, so that they are told apart from the agent's own codes. */
  readonly startsAgent?: true
  /** Loads it and runs it; without one its help is printed. */
  readonly run?: (call: Call) => Promise<number>
}
