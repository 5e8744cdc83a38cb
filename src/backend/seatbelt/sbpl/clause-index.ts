import type { Clause } from './clauses.ts'
import { isList, matches } from './match.ts'
import type { Fact, Facts, Filter } from './rules.ts'

/**
 * The filtered rules of one operation, arranged so that a lookup touches only those that can match.
 */
export interface ClauseIndex {
  /** The last clause that matches, undefined when none does. */
  last(facts: Facts, operation: string): Clause | undefined
  /**
   * Clauses after `order` that could match whenever this filter does (every one that really does is
   * among them).
   */
  candidates(filter: Filter, order: number): Iterable<Clause>
}

/**
 * Indexes clauses by the literal or subpath they need; the others are tried from the last to the
 * first.
 */
export function indexClauses(clauses: readonly Clause[]): ClauseIndex {
  const anchored = new Map<string, Map<string, Clause[]>>()
  const others: Clause[] = []
  const names = new Set<string>()
  const reversed = clauses.toReversed()
  for (const clause of reversed) {
    const anchors = anchorsOf(clause.filter)
    if (anchors === undefined) others.push(clause)
    for (const { name, match, value } of anchors ?? []) {
      names.add(name)
      const table = anchored.get(`${match} ${name}`) ?? new Map<string, Clause[]>()
      anchored.set(`${match} ${name}`, table)
      const bucket = table.get(value)
      if (bucket === undefined) table.set(value, [clause])
      // What stands before a clause that holds for the whole value can never be the last match
      // there.
      else if (bucket.at(-1)?.filter.kind !== 'text') bucket.push(clause)
    }
  }

  function* buckets(name: string, text: string): Iterable<readonly Clause[]> {
    const equal = anchored.get(`equal ${name}`)?.get(text)
    if (equal !== undefined) yield equal
    const subpaths = anchored.get(`subpath ${name}`)
    if (subpaths === undefined) return
    for (let end = text.length; end > 0; end = text.lastIndexOf('/', end - 1)) {
      const bucket = subpaths.get(text.slice(0, end))
      if (bucket !== undefined) yield bucket
    }
    const root = text === '/' ? undefined : subpaths.get('/')
    if (root !== undefined) yield root
  }

  function last(facts: Facts, operation: string): Clause | undefined {
    let found: Clause | undefined
    const improve = (bucket: readonly Clause[]): void => {
      for (const clause of bucket) {
        if (found !== undefined && clause.order <= found.order) return
        if (matches(clause.filter, facts, operation)) found = clause
      }
    }
    for (const name of names) {
      for (const fact of values(facts[name]))
        if (typeof fact === 'string') for (const bucket of buckets(name, fact)) improve(bucket)
    }
    improve(others)
    return found
  }

  function* candidates(filter: Filter, order: number): Iterable<Clause> {
    const anchors = anchorsOf(filter)
    for (const bucket of anchors === undefined
      ? [reversed]
      : [others, ...anchors.flatMap(({ name, value }) => [...buckets(name, value)])]) {
      for (const clause of bucket) {
        if (clause.order <= order) break
        yield clause
      }
    }
  }

  return { last, candidates }
}

type Anchor = Extract<Filter, { kind: 'text' }>

/**
 * Literals and subpaths of which one must match for the filter to match; undefined when there is no
 * such set.
 */
function anchorsOf(filter: Filter): readonly Anchor[] | undefined {
  if (filter.kind === 'text') return filter.match === 'prefix' ? undefined : [filter]
  if (filter.kind === 'any') {
    const parts = filter.filters.map(anchorsOf)
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  }
  if (filter.kind !== 'all') return undefined
  for (const part of filter.filters) {
    const anchors = anchorsOf(part)
    if (anchors !== undefined) return anchors
  }
  return undefined
}

function values(facts: Facts[string]): readonly Fact[] {
  if (facts === undefined) return []
  return isList(facts) ? facts : [facts]
}
