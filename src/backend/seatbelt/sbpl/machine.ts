import type { Position, SbplError } from './error.ts'
import type { Macos } from './macos.ts'
import type { ListNode, Node } from './reader.ts'
import type { Rule } from './rules.ts'
import type { Scope, Value } from './values.ts'

/** Something the profile names, with its place. */
export interface Mention extends Position {
  readonly name: string
}

/** The state of one evaluation of a profile: what special forms read and write. */
export interface Machine {
  readonly parameters: Readonly<Record<string, string>>
  /** The release whose names are known. */
  readonly macos: Macos
  readonly rules: Rule[]
  readonly imports: Mention[]
  /** Calls of names that an import defines, if anything does. */
  readonly macros: Mention[]
  /** Parameters that were asked for and are not defined. */
  readonly missing: Mention[]
  version: number | undefined
  /** Where errors go when evaluation continues after them; undefined when the first one ends it. */
  readonly recover: ((error: SbplError) => void) | undefined
  evaluate(node: Node, scope: Scope): Value
  /** Counts the size of values towards the limit of work. @throws SbplError (`limit`) */
  spendOn(values: readonly Value[], at: Position): void
  call(procedure: Value, args: readonly Value[], at: Position): Value
}

/** A special form: it decides itself which of its parts are evaluated. */
export type Form = (call: ListNode, scope: Scope, machine: Machine) => Value
