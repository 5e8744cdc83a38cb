import type { AuditWorld } from '../audit/dialect.ts'
import type { Enforcement } from '../audit/kernel.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { closest } from '../text/closest.ts'
import { physical } from '../machine/physical.ts'
import { createWalker, type Walker } from '../machine/walk.ts'
import { newRunId, tmpPathOf } from '../launch/state.ts'
import type { CommandContext } from './context.ts'
import { environmentFor, namesIn } from './environment.ts'
import { type Prepared, prepare } from './prepare.ts'

/** The policy that the agent would run with, in the project and in the home directory; or why there is none. */
export interface AuditPolicies {
  readonly prepared: Prepared | undefined
  readonly kernel: Enforcement | { readonly missing: string }
}

/** Prepares what `run` would enforce for a request, tolerant as `explain` is. A request that has no policy leaves the kernel's side empty. */
export const auditPolicies = async (
  request: Request,
  context: CommandContext,
): Promise<AuditPolicies> => {
  const { host } = context
  const id = newRunId()
  const at = (project: string | undefined): Promise<Prepared> =>
    prepare(
      { ...request, ...(project === undefined ? {} : { project }) },
      context,
      tmpPathOf(id, '/tmp'),
      'explain',
    )
  let prepared: Prepared | undefined
  try {
    prepared = await at(request.project)
    const home = await at(host.home)
    const { resolved } = prepared.resolution
    const variables = namesIn(environmentFor(prepared, host, id))
    const kernel: Enforcement = {
      profile: prepared.profile,
      deciders: { project: compilePolicy(resolved), home: compilePolicy(home.resolution.resolved) },
      network: resolved.network,
      variables,
    }
    return { prepared, kernel }
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error
    return { prepared, kernel: { missing: error.message } }
  }
}

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
  const place = physical(walk, '/' as AbsolutePath, path)
  return place === undefined ? path : walk(place).real
}
