import type { RuleCase } from './dialect.ts'
import type { Rule, RuleInfo } from './model.ts'

/** Every case of every rule, in the order of the catalogue. */
export const applyRules = <F>(rules: readonly Rule<F>[], facts: F): RuleCase[] =>
  rules.flatMap((rule) => rule.find(facts).map((found) => ({ rule: infoOf(rule), found })))

/** A row without its function. */
export const infoOf = <F>({ id, severity, what, why, fix, versions }: Rule<F>): RuleInfo => ({
  id,
  severity,
  what,
  why,
  fix,
  ...(versions === undefined ? {} : { versions }),
})
