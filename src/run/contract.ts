import type { BuiltEnvironment } from '../resolve/environment.ts'
import type { Notice } from '../policy/model.ts'
import type { Contract } from '../report/contract.ts'
import type { Backend } from '../backend/backend.ts'
import type { Prepared } from './prepare.ts'

/**
 * What a prepared request promises under a backend; `notices` are those to tell, `environment` is
 * what a start knows more of.
 */
export const contractOf = (
  prepared: Prepared,
  backend: Backend,
  notices: readonly Notice[],
  environment: BuiltEnvironment = prepared.environment,
): Contract => ({
  profile: prepared.profile,
  reason: prepared.reason,
  backend: backend.label,
  isForInspection: backend.platform !== prepared.resolution.resolved.platform,
  resolution: prepared.resolution,
  environment,
  argv: prepared.argv,
  opened: backend.opens(prepared.resolution.resolved),
  notices,
})
