import { decideBy, type Decision, type LevelRules } from './decision.ts'
import { textOf } from './match.ts'
import type { Facts } from './rules.ts'
import { canonicalOperation } from './tables.ts'

/**
 * A denial at the lookup of a path, before the operation itself is asked; undefined when there is
 * none.
 */
export type Lookup = (operation: string, facts: Facts) => Decision | undefined

const EXISTENCE = 'file-test-existence'

/**
 * Where `file-test-existence` is denied for a path or for a directory above it, the path cannot be
 * looked up at all: open, stat and the rest answer EPERM for present and absent names, whatever
 * else is allowed (measured on 26.6). An allow must cover the object and every directory above it.
 */
export const createLookup = (level: (operation: string) => LevelRules | undefined): Lookup => {
  if (level(EXISTENCE) === undefined) return () => undefined
  const refusals = new Map<string, Decision | undefined>()
  const refusalAt = (path: string): Decision | undefined => {
    if (refusals.has(path)) return refusals.get(path)
    const above = path === '/' ? undefined : refusalAt(path.slice(0, path.lastIndexOf('/')) || '/')
    const found = above ?? refusalOf(path)
    if (refusals.size >= MAX_KNOWN) refusals.clear()
    refusals.set(path, found)
    return found
  }
  const refusalOf = (path: string): Decision | undefined => {
    const decision = decideBy(level, EXISTENCE, { path })
    if (decision.allowed) return undefined
    return { ...decision, why: `${path} cannot be looked up: ${decision.why}` }
  }
  return (operation, facts) => {
    const path = textOf(facts['path'])
    return path !== undefined && ON_PATHS.test(canonicalOperation(operation) ?? '')
      ? refusalAt(path)
      : undefined
  }
}

/** Operations that begin with the lookup of a path. */
const ON_PATHS = /^(file|network|process-exec)/

/** Paths whose answer is kept: a profile is asked about the same directories again and again. */
const MAX_KNOWN = 50_000
