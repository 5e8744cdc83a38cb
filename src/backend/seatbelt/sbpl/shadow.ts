import { rulesByOperation, type Clause, type OperationRules } from './clauses.ts'
import { indexClauses, type ClauseIndex } from './clause-index.ts'
import { covers } from './covers.ts'
import { finding, type Finding } from './finding.ts'
import { OPERATIONS } from './operations.ts'
import { printFilter } from './printer.ts'
import type { Filter, Rule } from './rules.ts'
import { fallbackChain } from './tables.ts'

/**
 * Rules that never decide, or do not override what stands before them, because precedence is not
 * the order of the file. Only a single rule that covers another is found, not several that cover it
 * together.
 */
export function shadowed(rules: readonly Rule[]): readonly Finding[] {
  const table = rulesByOperation(rules)
  const indexes = new Map(
    [...table].map(([operation, { filtered }]) => [operation, indexClauses(filtered)]),
  )
  const findings: Finding[] = []
  let budget = MAX_COMPARISONS

  const lastCovering = (
    index: ClauseIndex | undefined,
    filter: Filter,
    after: number,
  ): Clause | undefined => {
    let found: Clause | undefined
    for (const clause of index?.candidates(filter, after) ?? []) {
      // Filters can have thousands of alternatives, and comparing two of them is a product.
      budget -= size(clause.filter) * size(filter)
      if (budget <= 0) return found
      if ((found === undefined || clause.order > found.order) && covers(clause.filter, filter))
        found = clause
    }
    return found
  }

  for (const [operation, { filtered, unfiltered }] of table) {
    findings.push(
      ...overridden(operation, unfiltered),
      ...notLifted(operation, { filtered, unfiltered }),
    )
    const children = (CHILDREN.get(operation) ?? []).filter((child) => table.has(child))
    for (const clause of filtered) {
      if (clause.standard) continue
      const { rule, filter, order } = clause
      const later = lastCovering(indexes.get(operation), filter, order)
      if (later !== undefined) {
        // Saying what every profile has anyway is common and harmless.
        if (!later.standard || later.rule.action !== rule.action)
          findings.push(never(rule, `${operation} ${print(filter)}`, later))
        continue
      }
      for (const child of children) {
        const decider =
          lastCovering(indexes.get(child), filter, -1) ?? table.get(child)?.unfiltered.at(-1)
        // Later child rules are meant as exceptions; an earlier one looks overridden, and is not.
        if (decider === undefined || decider.order > order || decider.rule.action === rule.action)
          continue
        const message = `${rule.action} ${operation} ${print(filter)} does not decide ${child}: ${where(decider)} is about ${child} itself, and the more specific operation wins whatever the order`
        findings.push(finding(rule, 'warning', 'shadowed-by-operation', message))
      }
    }
  }
  if (budget <= 0)
    findings.push(
      finding(
        { line: 1, column: 1 },
        'notice',
        'shadow-limit',
        'too many filters to compare them all: some rules that never decide may be missing here',
      ),
    )
  return findings
}

function overridden(
  operation: string,
  unfiltered: OperationRules['unfiltered'],
): readonly Finding[] {
  const last = unfiltered.at(-1)
  return unfiltered
    .slice(0, -1)
    .flatMap(({ rule }) => (last === undefined ? [] : [never(rule, operation, last)]))
}

function notLifted(
  operation: string,
  { filtered, unfiltered }: OperationRules,
): readonly Finding[] {
  const last = unfiltered.at(-1)
  const survivor =
    last === undefined
      ? undefined
      : filtered.find(({ order, rule }) => order < last.order && rule.action !== last.rule.action)
  if (last === undefined || survivor === undefined) return []
  const message = `${last.rule.action} ${operation} does not override ${where(survivor)}: rules with a filter come before rules without one, whatever the order`
  return [finding(last.rule, 'warning', 'filtered-first', message)]
}

function never(rule: Rule, what: string, by: Pick<Clause, 'rule' | 'standard'>): Finding {
  const severity = rule.action === by.rule.action ? 'notice' : 'warning'
  return finding(
    rule,
    severity,
    'never-decides',
    `${rule.action} ${what} never decides: ${where(by)} covers it`,
  )
}

function where({ rule, standard }: Pick<Clause, 'rule' | 'standard'>): string {
  return standard
    ? `the rule (${rule.action} ${rule.operations.join(' ')} …), part of every profile,`
    : `the ${rule.action} in line ${rule.line}`
}

function print(filter: Filter): string {
  const text = printFilter(filter)
  return text.length > 100 ? `${text.slice(0, 100)}...` : text
}

function size(filter: Filter): number {
  if (filter.kind === 'not') return size(filter.filter)
  if (filter.kind !== 'all' && filter.kind !== 'any') return 1
  const known = sizes.get(filter) ?? filter.filters.reduce((sum, part) => sum + size(part), 0)
  sizes.set(filter, known)
  return known
}

const sizes = new WeakMap<Filter, number>()

/** Operation → those that fall back to it. */
const CHILDREN: ReadonlyMap<string, readonly string[]> = new Map(
  Object.keys(OPERATIONS).map((operation) => [
    operation,
    operation === 'default'
      ? []
      : Object.keys(OPERATIONS).filter(
          (name) => name !== operation && fallbackChain(name).includes(operation),
        ),
  ]),
)
const MAX_COMPARISONS = 4_000_000
