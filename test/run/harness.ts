import type { LaunchAudit } from '../../src/audit/launch.ts'
import type { Host } from '../../src/machine/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { createWalker, type Walker } from '../../src/machine/walk.ts'
import type { Notice, Policy } from '../../src/policy/model.ts'
import type { Request } from '../../src/policy/request.ts'
import { BEFORE_THE_START, OF_THE_PROJECT, refuse } from '../../src/run/guards.ts'
import { startNotices } from '../../src/run/notices.ts'
import type { RunPlace } from '../../src/run/place.ts'
import type { Prepared } from '../../src/run/prepare.ts'
import { breadthOf, findProject } from '../../src/run/project.ts'

export const placeAt = (tmp: string, id = 'r-1'): RunPlace => ({ id, tmp: tmp as AbsolutePath })

/** The project of a request and what a policy says of it, or the refusal. */
export const resolveProject = (
  request: Request,
  host: Host,
  policy: Policy,
  { tolerant = false, walk = createWalker(host) }: { tolerant?: boolean; walk?: Walker } = {},
): { project: AbsolutePath; isBroad: boolean; because?: string } => {
  const project = findProject(request, host, walk)
  const breadth = breadthOf(host, policy, project, walk)
  refuse(OF_THE_PROJECT, { request, host, project, breadth, walk, isTolerant: tolerant })
  const { because } = breadth
  return { project, isBroad: because !== undefined, ...(because === undefined ? {} : { because }) }
}

/** What is said before a start that nothing speaks against, or the refusal. */
export const guardStart = (
  prepared: Prepared,
  host: Host,
  audited?: LaunchAudit,
): readonly Notice[] => {
  const notices = startNotices(prepared, host, audited)
  refuse(BEFORE_THE_START, { prepared, host, audited, notices, useExec: false, asks: false })
  return notices
}
