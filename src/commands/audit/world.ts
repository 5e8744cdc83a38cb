import type { Enforcement } from '../../audit/kernel.ts'
import { LauncherError } from '../../errors.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Request } from '../../policy/request.ts'
import { namesIn } from '../../resolve/environment.ts'
import { look, type Prepared } from '../../run/prepare.ts'
import type { CommandContext } from '../context.ts'

/**
 * The policy that the agent would run with, in the project and in the home directory; or why there
 * is none.
 */
export interface AuditPolicies {
  readonly prepared: Prepared | undefined
  readonly kernel: Enforcement | { readonly missing: string }
}

/**
 * Prepares what `run` would enforce for a request, tolerant as `explain` is. A request that has no
 * policy leaves the kernel's side empty.
 */
export const auditPolicies = async (
  request: Request,
  context: CommandContext,
): Promise<AuditPolicies> => {
  const { host } = context
  const at = (project: string | undefined): Promise<Prepared> =>
    look({ ...request, ...(project === undefined ? {} : { project }) }, context)
  let prepared: Prepared | undefined
  try {
    prepared = await at(request.project)
    const home = await at(host.home)
    const { resolved } = prepared.resolution
    const kernel: Enforcement = {
      profile: prepared.profile,
      deciders: { project: compilePolicy(resolved), home: compilePolicy(home.resolution.resolved) },
      network: resolved.network,
      variables: namesIn(prepared.environment),
    }
    return { prepared, kernel }
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error
    return { prepared, kernel: { missing: error.message } }
  }
}
