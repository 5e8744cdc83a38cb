import type { AuditWorld } from '../audit/dialect.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, ROOT } from '../machine/paths.ts'
import { physical } from '../machine/physical.ts'
import { createWalker, type Walker } from '../machine/walk.ts'
import { compilePolicy } from '../policy/decide.ts'
import { closest } from '../text/closest.ts'
import type { Prepared } from './prepare.ts'

/** The machine as an audit sees it. */
export const auditWorld = (
  host: Host,
  prepared: Prepared | undefined,
  env: AuditWorld['env'],
): AuditWorld => {
  const walk = createWalker(host)
  const target = prepared?.resolution.target
  const decider = prepared && compilePolicy(prepared.resolution.resolved)
  return {
    host,
    env,
    project: prepared?.resolution.resolved.project ?? host.cwd,
    walk,
    resolve: (path) => resolvedPath(walk, path),
    closest,
    installed: target && {
      executables: target.executables.map(({ path }) => path.real),
      trees: target.reads.filter(({ role }) => role === 'tree').map(({ path }) => path.real),
    },
    ...(decider ? { mayWrite: (path: AbsolutePath) => decider.decide('write', path).allowed } : {}),
  }
}

/** As Python's Path.resolve(): every link followed, what is absent kept. */
const resolvedPath = (walk: Walker, path: string): string => {
  const place = physical(walk, ROOT, path)
  return place === undefined ? path : walk(place).real
}
