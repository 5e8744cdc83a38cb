import type { Host } from '../host.ts'
import { type BuiltEnvironment, buildEnvironment } from '../launch/environment.ts'
import { expandText } from '../resolve/expand.ts'
import type { Prepared } from './prepare.ts'

/** The agent's environment for a prepared run; `LAUNCHER_RUN` tells what runs inside that it is inside. */
export const environmentFor = ({ policy, resolution }: Prepared, host: Host, id: string): BuiltEnvironment => {
  const tmp = resolution.resolved.grants.find((grant) => grant.requested === '$TMPDIR')?.path ?? '/tmp'
  const expand = (text: string): string => expandText(text, host, { project: resolution.resolved.project, tmp })
  return buildEnvironment(policy.environment, host, { PATH: resolution.searchPath.join(':'), TMPDIR: tmp, LAUNCHER_RUN: id }, expand)
}
