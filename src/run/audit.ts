import { auditAtLaunch, type LaunchAudit } from '../audit/launch.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { Origin } from '../policy/model.ts'
import { namesIn, valuesIn } from '../resolve/environment.ts'
import { createExpander } from '../resolve/expand.ts'
import { auditWorld } from './audit-world.ts'
import type { Prepared } from './prepare.ts'

const ORIGIN: Origin = { strength: 'builtin', file: 'audit', key: 'audit.file' }

/**
 * What an agent's own configuration leaves open, and what keeps the agent from starting under this
 * policy. Undefined where there is none to look at: another command under the agent's profile has
 * no such configuration.
 */
export const auditStart = async (
  prepared: Prepared,
  host: Host,
): Promise<LaunchAudit | undefined> => {
  const { policy, resolution, environment, copy } = prepared
  if (policy.audit === undefined || resolution.target?.command !== policy.command) return undefined
  const { resolved } = resolution
  const decider = compilePolicy(resolved)
  const file = createExpander(host, { project: resolved.project }).path(policy.audit.file, ORIGIN)
  const kernel = {
    profile: prepared.profile,
    deciders: { project: decider, home: decider },
    network: resolved.network,
    variables: namesIn(environment),
  }
  // A copy is looked at where it is taken from: it is made when all is known.
  const values = Object.entries(valuesIn(environment)).filter(([name]) => name !== copy?.variable)
  const audited = await auditAtLaunch(
    policy.audit.format,
    { file, words: prepared.argv.slice(1) },
    auditWorld(host, prepared, Object.fromEntries(values)),
    kernel,
  )
  return audited && copy
    ? { ...audited, stops: audited.stops.filter(({ cause }) => cause.file !== file) }
    : audited
}
