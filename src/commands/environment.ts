import { type BuiltEnvironment, planEnvironment } from '../launch/environment.ts'
import type { Host } from '../machine/host.ts'
import type { Origin } from '../policy/model.ts'
import { join } from '../machine/paths.ts'
import { isLoaderVariable } from '../profile/loader-variables.ts'
import { LIMITS_FILE, limitsOf, limitsSummary } from '../report/limits.ts'
import { createExpander } from '../resolve/expand.ts'
import type { Prepared } from './prepare.ts'

const SET: Origin = { strength: 'builtin', file: 'environment', key: 'set' }

/** The agent's environment for a prepared run, but for what waits for the keychain; `LAUNCHER_RUN` tells what runs inside that it is inside, `LAUNCHER_LIMITS` where its limits are told. `network` are the variables that lead to the proxy. */
export const environmentFor = (
  { policy, resolution, runTmp }: Prepared,
  host: Host,
  id: string,
  network: Readonly<Record<string, string>> = {},
): BuiltEnvironment => {
  const expander = createExpander(host, { project: resolution.resolved.project, tmp: runTmp })
  const expand = (text: string): string => (/^[$~]/.test(text) ? expander.path(text, SET) : text)
  const limits = {
    LAUNCHER_LIMITS: join(runTmp, LIMITS_FILE),
    LAUNCHER_LIMITS_SUMMARY: limitsSummary(limitsOf(resolution.resolved)),
  }
  return planEnvironment(
    policy.environment,
    host,
    {
      PATH: resolution.searchPath.join(':'),
      TMPDIR: runTmp,
      LAUNCHER_RUN: id,
      ...limits,
      ...network,
    },
    { expand, isForbidden: isLoaderVariable },
  )
}

/** Names that the agent may be given: also those for which the keychain has still to be asked. */
export const namesIn = ({ variables, waiting }: BuiltEnvironment): ReadonlySet<string> =>
  new Set([...variables, ...waiting].map(({ name }) => name))
