import { indexClauses } from './clause-index.ts'
import { rulesByOperation } from './clauses.ts'
import { decideBy, type Decision, type LevelRules } from './decision.ts'
import { interpret, type Interpreted, type Parameters } from './interpreter.ts'
import { read } from './reader.ts'
import type { Facts, Rule } from './rules.ts'
import { requireStringLengths } from './strings.ts'

/** A profile ready for decisions. */
export interface Compiled {
  readonly rules: readonly Rule[]
  /** Files the profile imports; their rules are not known here. */
  readonly imports: Interpreted['imports']
  /** The verdict on an access; errors as `decideBy`. */
  decide(operation: string, facts?: Facts): Decision
}

/**
 * Reads and evaluates a profile.
 * @throws SbplError with line and column for everything the profile language refuses.
 */
export function compile(profile: string, parameters: Parameters = {}): Compiled {
  const forms = read(profile)
  requireStringLengths(forms)
  const { rules, imports } = interpret(forms, parameters)
  return { rules, imports, decide: decider(rules) }
}

/** The verdict of a profile on one access; `compile` serves many. Errors as `compile` and `decideBy`. */
export function evaluate(
  profile: string,
  parameters: Parameters,
  operation: string,
  facts: Facts,
): Decision {
  return compile(profile, parameters).decide(operation, facts)
}

function decider(rules: readonly Rule[]): Compiled['decide'] {
  const levels = new Map<string, LevelRules>()
  for (const [operation, { filtered, unfiltered }] of rulesByOperation(rules)) {
    levels.set(operation, { last: indexClauses(filtered).last, unfiltered: unfiltered.at(-1) })
  }
  return (operation, facts = {}) => decideBy((name) => levels.get(name), operation, facts)
}
