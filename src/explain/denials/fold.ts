import { sourceOf } from '../../policy/decide.ts'
import { nameOf, parentOf } from '../../machine/paths.ts'
import type { Denial } from './model.ts'

/** What is known of a path apart from the agent's own behaviour: it asks for what it likes. */
export type Known = (denial: Denial) => boolean

/** Siblings from which on a directory is shown instead of its entries. */
const SIBLINGS = 5
/** Names of siblings that are kept as examples. */
const EXAMPLES = 5

/**
 * Denials with many siblings folded into their directory, most likely cause first. `known` tells
 * what the resolver or a profile knows.
 */
export const rankDenials = (
  denials: readonly Denial[],
  known: Known = () => false,
): readonly Denial[] =>
  foldSiblings(denials)
    .map((denial) => ({ denial, weight: weightOf(denial, known) }))
    .sort(
      (a, b) =>
        b.weight - a.weight || b.denial.count - a.denial.count || a.denial.first - b.denial.first,
    )
    .map(({ denial }) => denial)

/**
 * What would not work outside either comes last, what the resolver knows first; then what stood
 * nearest to a failure.
 */
const weightOf = (denial: Denial, known: Known): number =>
  (denial.wouldWork === false ? 0 : 100) +
  (known(denial) ? 50 : 0) +
  (denial.beforeExit === undefined ? 0 : 20 - denial.beforeExit)

/** Many siblings with one operation and one deciding entry become their directory. */
const foldSiblings = (denials: readonly Denial[]): readonly Denial[] => {
  const groups = new Map<string, Denial[]>()
  for (const denial of denials) {
    const entry = denial.origin ? sourceOf(denial.origin) : ''
    const key =
      denial.kind === 'path' && denial.path !== '/'
        ? [denial.operation, parentOf(denial.path), entry].join('\0')
        : `\0${groups.size}`
    const group = groups.get(key)
    if (group) group.push(denial)
    else groups.set(key, [denial])
  }
  return [...groups.values()].flatMap((group) =>
    group.length < SIBLINGS ? group : [folded(group)],
  )
}

const folded = (group: readonly Denial[]): Denial => {
  const likeliest = group.reduce((best, denial) =>
    (denial.beforeExit ?? Infinity) < (best.beforeExit ?? Infinity) ? denial : best,
  )
  const { requested: _, ...denial } = likeliest
  return {
    ...denial,
    path: parentOf(likeliest.path),
    count: group.reduce((sum, one) => sum + one.count, 0),
    first: Math.min(...group.map((one) => one.first)),
    last: Math.max(...group.map((one) => one.last)),
    wouldWork: group.some((one) => one.wouldWork !== false),
    names: group.slice(0, EXAMPLES).map((one) => nameOf(one.path)),
  }
}
