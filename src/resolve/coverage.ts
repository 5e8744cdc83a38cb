import type { EntryKind } from '../machine/host.ts'
import type { GrantAccess, Origin } from '../policy/model.ts'
import { compareGrants } from '../policy/precedence.ts'
import { type AbsolutePath, parentOf } from '../machine/paths.ts'

/** What decides over a place: enough of a grant to ask which one covers a path. */
export interface Covering {
  readonly path: AbsolutePath
  readonly access: GrantAccess
  readonly kind: EntryKind
  readonly origin: Origin
}

/** Grants by place, as `decide()` sees them: one for each path, the strongest. */
export interface Coverage<T extends Covering> {
  readonly grants: readonly T[]
  /** The nearest grant at or above the path; a file grant covers its own name only. */
  over(path: AbsolutePath): T | undefined
}

/** Indexes grants; the order in which they come never matters. */
export const coverage = <T extends Covering>(
  grants: Iterable<T>,
  fold: (path: string) => string,
): Coverage<T> => {
  const byPath = new Map<string, T>()
  for (const grant of grants) {
    const key = fold(grant.path)
    const other = byPath.get(key)
    if (!other || compareGrants(grant, other) > 0) byPath.set(key, grant)
  }
  return {
    grants: [...byPath.values()],
    over: (path) => {
      const own = byPath.get(fold(path))
      if (own) return own
      for (let above = path; above !== '/'; ) {
        above = parentOf(above)
        const grant = byPath.get(fold(above))
        if (grant?.kind === 'directory') return grant
      }
      return undefined
    },
  }
}
