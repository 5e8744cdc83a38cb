import { auditAtLaunch } from '../audit/launch.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { Notice, Origin } from '../policy/model.ts'
import { namesIn, valuesIn } from '../resolve/environment.ts'
import { createExpander } from '../resolve/expand.ts'
import { startNotices } from './agent-start.ts'
import { auditWorld } from './audit-world.ts'
import type { Prepared } from './prepare.ts'

const ORIGIN: Origin = { strength: 'builtin', file: 'audit', key: 'audit.file' }

/** Notices for the contract: what is critical in the agent's own configuration and not covered by the kernel. Throws where the agent could not start. Another command under the agent's profile has no such configuration. */
export const auditNotices = async (prepared: Prepared, host: Host): Promise<readonly Notice[]> => {
  const { policy, resolution, environment } = prepared
  if (policy.audit === undefined || resolution.target?.command !== policy.command) return []
  const { resolved } = resolution
  const decider = compilePolicy(resolved)
  const file = createExpander(host, { project: resolved.project }).path(policy.audit.file, ORIGIN)
  const world = auditWorld(host, prepared, valuesIn(environment))
  const kernel = {
    profile: prepared.profile,
    deciders: { project: decider, home: decider },
    network: resolved.network,
    variables: namesIn(environment),
  }
  const audited = await auditAtLaunch(
    policy.audit.format,
    { file, words: prepared.argv.slice(1) },
    world,
    kernel,
  )
  if (audited === undefined) return []
  const open = audited.open.map(
    ({ id: rule, message, kernel: answer }): Notice => ({
      level: 'warning',
      code: 'audit',
      message: `${rule}: ${message}; the kernel does not cover it${answer ? ` (${answer.because})` : ''} (launcher audit)`,
    }),
  )
  return [...startNotices(audited, host.home), ...open]
}
