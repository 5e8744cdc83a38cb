import { indexClauses } from './clause-index.ts'
import { type Clause, rulesByOperation } from './clauses.ts'
import { decideBy, type Decision, type LevelRules } from './decision.ts'
import { createLookup, type Lookup } from './existence.ts'
import { interpret, type Interpreted, type Parameters } from './interpreter.ts'
import type { Macos } from './macos.ts'
import { read } from './reader.ts'
import type { Facts, Rule } from './rules.ts'
import { requireStringLengths } from './strings.ts'

/**
 * A profile ready for decisions: the way in for everybody outside this folder. `read` (reader.ts)
 * gives expressions, `compile` decisions on real paths, `decideThrough` (links.ts) decisions on
 * paths as programs write them, `checkProfile` (check.ts) what is wrong with a text. What a
 * decision knows, because it was measured: built-in verdicts by release, existence at the lookup of
 * a path, setattrlist, ioctl filters that match nothing, local filters of connects. What it cannot
 * know: extensions, signatures, rules of imports, and case and Unicode form of names that do not
 * exist.
 */
export interface Compiled {
  readonly rules: readonly Rule[]
  /** Files the profile imports; their rules are not known here. */
  readonly imports: Interpreted['imports']
  /** Calls of names that those files would have to define; they did nothing. */
  readonly macros: Interpreted['macros']
  /** The verdict on an access; errors as `decideBy`. */
  decide(operation: string, facts?: Facts): Decision
}

export interface CompileOptions {
  /** The release of macOS whose names and built-in verdicts hold; the newest when absent. */
  readonly macos?: Macos | undefined
  /**
   * False leaves out that a denied existence ends the lookup of a path: measured on 26.6 alone, so
   * what a profile has to deny must be denied without it, too.
   */
  readonly looksUp?: boolean | undefined
}

/**
 * Reads and evaluates a profile.
 * @throws SbplError with line and column for everything the profile language refuses.
 */
export function compile(
  profile: string,
  parameters: Parameters = {},
  { macos, looksUp = true }: CompileOptions = {},
): Compiled {
  const forms = read(profile)
  requireStringLengths(forms)
  const { rules, imports, macros } = interpret(forms, parameters, { macos })
  return { rules, imports, macros, decide: decider(rules, looksUp) }
}

/**
 * The verdict of a profile on one access; `compile` serves many. Errors as `compile` and
 * `decideBy`.
 */
export function evaluate(
  profile: string,
  parameters: Parameters,
  operation: string,
  facts: Facts,
): Decision {
  return compile(profile, parameters).decide(operation, facts)
}

/** Decisions over rules that are evaluated already. */
export function decider(rules: readonly Rule[], looksUp = true): Compiled['decide'] {
  const levels = new Map<string, LevelRules>()
  for (const [operation, { filtered, unfiltered }] of rulesByOperation(rules)) {
    const denials = new Map<string, Clause>()
    for (const clause of filtered) {
      const { filter, rule } = clause
      if (rule.action === 'deny' && filter.kind === 'text' && filter.match === 'equal')
        denials.set(filter.value, clause)
    }
    levels.set(operation, {
      last: indexClauses(filtered).last,
      unfiltered: unfiltered.at(-1),
      denialOf: (path) => denials.get(path),
    })
  }
  const level = (name: string): LevelRules | undefined => levels.get(name)
  const lookup: Lookup = looksUp ? createLookup(level) : () => undefined
  return (operation, facts = {}) => lookup(operation, facts) ?? decideBy(level, operation, facts)
}
