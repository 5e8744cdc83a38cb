import { LauncherError } from '../../errors.ts'
import { pathWord } from '../../policy/run-command.ts'
import { shortName } from '../../profile/names.ts'
import { tilde } from '../../report/text.ts'
import { printable } from '../../text/unsafe-text.ts'
import type { ReadyStart } from './policy.ts'

/**
 * An agent of a known version that rewrites its configuration as it loads it ends there, since it
 * may not inside.
 */
export const agentThatEnds = ({
  audited,
  host,
  prepared,
}: ReadyStart): LauncherError | undefined => {
  const [first] = audited?.stops ?? []
  if (!audited?.version.isKnown || first === undefined) return undefined
  return new LauncherError(
    'E_AGENT_CONFIG',
    [
      `${audited.agent} would not start: it rewrites its configuration as it loads it, which it may not inside (${first.stop ?? ''})`,
      ...audited.stops.map(({ cause, message }) =>
        printable(`  ${tilde(cause.file, host.home)}: ${(cause.path ?? []).join('.')}: ${message}`),
      ),
    ].join('\n'),
    {
      hint: `launcher migrate ${shortName(prepared.profile)} has the agent's own code make them on a copy, inside and without a network, shows the difference and writes it on yes; --settings-copy gives this run a copy that it may rewrite; or make them yourself (with their lines: launcher audit ${pathWord(first.cause.file, host.home)})`,
    },
  )
}
