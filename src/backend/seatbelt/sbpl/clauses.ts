import type { Filter, Rule } from './rules.ts'
import { STANDARD_RULES } from './tables.ts'

/** One alternative of a rule on one operation: what precedence is about. */
export interface Clause {
  readonly rule: Rule
  /** Place of the rule in the profile; later ones are greater, standard rules come last. */
  readonly order: number
  readonly filter: Filter
  /** Whether the rule is one that every profile has. */
  readonly standard: boolean
}

/**
 * The rules of one operation: alternatives of filtered rules in order, and the rules without a
 * filter in order.
 */
export interface OperationRules {
  readonly filtered: readonly Clause[]
  readonly unfiltered: readonly Omit<Clause, 'filter'>[]
}

/** The rules of a profile by operation, standard rules included. */
export function rulesByOperation(rules: readonly Rule[]): ReadonlyMap<string, OperationRules> {
  const table = new Map<string, { filtered: Clause[]; unfiltered: Omit<Clause, 'filter'>[] }>()
  const standard = STANDARD_RULES.map(standardRule)
  for (const [order, rule] of [...rules, ...standard].entries()) {
    for (const operation of rule.operations) {
      const entry = table.get(operation) ?? { filtered: [], unfiltered: [] }
      table.set(operation, entry)
      const common = { rule, order, standard: order >= rules.length }
      if (rule.filters.length === 0) entry.unfiltered.push(common)
      for (const filter of rule.filters) entry.filtered.push({ ...common, filter })
    }
  }
  return table
}

function standardRule({
  operation,
  target,
}: {
  readonly operation: string
  readonly target: string
}): Rule {
  return {
    action: 'allow',
    operations: [operation],
    filters: [{ kind: 'value', name: 'target', value: target }],
    modifiers: [],
    line: 0,
    column: 0,
  }
}
