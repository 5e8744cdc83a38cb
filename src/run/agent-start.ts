import type { LaunchAudit } from '../audit/launch.ts'
import type { Finding } from '../audit/model.ts'
import { LauncherError } from '../errors.ts'
import type { Notice } from '../policy/model.ts'
import { pathWord } from '../policy/run-command.ts'
import { tilde } from '../report/text.ts'
import { printable } from '../text/unsafe-text.ts'

/**
 * What to do about what keeps the agent from starting: refuses where this version is known to end there, says it in a notice where the version
 * is not. Throws E_AGENT_CONFIG with every key concerned.
 */
export const startNotices = (
  { agent, version, stops }: LaunchAudit,
  home: string,
): readonly Notice[] => {
  const [first] = stops
  if (first === undefined) return []
  if (version.isKnown) throw refusal(agent, stops, first, home)
  return stops.map(({ id, message, stop }) => ({
    level: 'warning',
    code: 'audit',
    message: `${id}: ${message}; if that is so for this version, it will not start: ${stop ?? ''}`,
  }))
}

const refusal = (
  agent: string,
  stops: readonly Finding[],
  first: Finding,
  home: string,
): LauncherError =>
  new LauncherError(
    'E_AGENT_CONFIG',
    [
      `${agent} would not start: it rewrites its configuration as it loads it, which it may not inside (${first.stop ?? ''})`,
      ...stops.map(({ cause, message }) =>
        printable(`  ${tilde(cause.file, home)}: ${(cause.path ?? []).join('.')}: ${message}`),
      ),
    ].join('\n'),
    {
      hint: `make these changes in the file yourself, then start again (with their lines: launcher audit ${pathWord(first.cause.file, home)})`,
    },
  )
