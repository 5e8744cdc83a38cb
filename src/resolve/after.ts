import type { Host } from '../host.ts'
import type { Policy } from '../policy/model.ts'
import { type AbsolutePath, isWithin, join } from '../policy/paths.ts'
import { findInAreas } from './areas.ts'
import { createExpander } from './expand.ts'
import type { Resolution } from './types.ts'
import { createWalker } from './walk.ts'

/** A name that appeared during a run and that the host, or the next run, gives a meaning to. */
export interface NewName {
  readonly path: AbsolutePath
  /** A clause: why it matters. */
  readonly because: string
}

/**
 * Names made during a run that a protected pattern names, and repositories that were planted: on Linux a pattern holds only for the names
 * that are there at the start. `before` is the resolution the run had; what it held must be taken away by now.
 */
export const newProtectedNames = (policy: Policy, before: Resolution, host: Host, tmp: AbsolutePath): NewName[] => {
  const { resolved } = before
  const expander = createExpander(host, { project: resolved.project, tmp })
  const areas = findInAreas({
    host,
    walk: createWalker(host),
    expander,
    project: resolved.project,
    grants: resolved.grants,
    protections: policy.protections,
    fold: (path) => path,
    tmp,
  })
  // An empty directory holds nothing and runs nothing: it is how another run holds a name.
  const isEmpty = (path: AbsolutePath): boolean => host.list(path)?.length === 0
  const known = new Set(resolved.protections.map((protection) => protection.path))
  const named = areas.candidates.filter((candidate) => !known.has(candidate.path) && !isEmpty(candidate.path)).map((candidate) => ({ path: candidate.path, because: `${candidate.requested} names it, from the next run on` }))
  const isKnown = (place: AbsolutePath): boolean => resolved.protections.some((protection) => protection.exists && isWithin(protection.path, place))
  const planted = areas.repositories.flatMap(({ place, type }) => {
    const at = type === 'bare' ? place : join(place, '.git')
    return isKnown(at) || isEmpty(at) ? [] : [{ path: at, because: 'a repository: the next git command there runs what its config and hooks name' }]
  })
  const unique = new Map([...named, ...planted].map((one) => [one.path, one]))
  return [...unique.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
