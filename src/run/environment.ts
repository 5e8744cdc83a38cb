import { join } from '../machine/paths.ts'
import { LIMITS_FILE, limitsOf, limitsSummary } from '../report/limits.ts'
import { type BuiltEnvironment, withOwn } from '../resolve/environment.ts'
import type { Resolution } from '../resolve/types.ts'
import type { RunPlace } from './place.ts'
import type { PlannedCopy } from './settings-copy.ts'

/**
 * The agent's environment, built once and carried. `LAUNCHER_RUN` tells what runs inside that it is
 * inside, `LAUNCHER_LIMITS` where its limits are told; `network` are the variables that lead to the
 * proxy. Only a start knows the proxy's port and token, and asks the keychain: both are put in
 * there, and no name is added or taken away.
 */
export const environmentOf = (
  { environment, resolved }: Resolution,
  { id, tmp }: RunPlace,
  network: Readonly<Record<string, string>>,
  copy: PlannedCopy | undefined,
): BuiltEnvironment =>
  withOwn(environment, {
    LAUNCHER_RUN: id,
    LAUNCHER_LIMITS: join(tmp, LIMITS_FILE),
    LAUNCHER_LIMITS_SUMMARY: limitsSummary(limitsOf(resolved)),
    ...(copy ? { [copy.variable]: copy.directory } : {}),
    ...network,
  })
