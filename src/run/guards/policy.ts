import type { LaunchAudit } from '../../audit/launch.ts'
import { LauncherError } from '../../errors.ts'
import type { Host } from '../../machine/host.ts'
import { walkPath } from '../../machine/walk.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Notice, Origin } from '../../policy/model.ts'
import { createExpander } from '../../resolve/expand.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { Prepared } from '../prepare.ts'

/** A start of which everything is known. */
export interface ReadyStart {
  readonly prepared: Prepared
  readonly host: Host
  /** What the agent's own configuration was found to say; undefined where it was not looked at. */
  readonly audited: LaunchAudit | undefined
  /** All that is to be said, the warnings of `--strict` among it. */
  readonly notices: readonly Notice[]
  readonly useExec: boolean
  /** `--ask`: somebody is asked about new hosts. */
  readonly asks: boolean
}

export const listenWithoutNetwork = ({ prepared }: ReadyStart): LauncherError | undefined => {
  const { mode, listen } = prepared.policy.network
  return mode.value === 'none' && listen.some((port) => port.origin.strength === 'flag')
    ? new LauncherError(
        'E_NETWORK',
        'with the network mode none nothing outside can reach a port of the agent',
        { hint: 'leave out --listen, or add --network host' },
      )
    : undefined
}

export const closedProject = ({ prepared }: ReadyStart): LauncherError | undefined => {
  const { resolved } = prepared.resolution
  const { allowed, because } = compilePolicy(resolved).decide('read', resolved.project)
  return allowed
    ? undefined
    : new LauncherError(
        'E_PROJECT',
        `the project ${resolved.project} cannot be read inside: ${because}`,
        { hint: 'grant it, take that entry away, or start in another directory' },
      )
}

/**
 * Vibe on Python 3.14 takes an unreadable config for a missing one and starts on defaults, without
 * its denylists (its own `path.exists`).
 */
export const unreadAgentSettings = (start: ReadyStart): LauncherError | undefined => {
  const { prepared, host } = start
  const { policy, resolution } = prepared
  const file = policy.audit?.file
  if (file === undefined) return undefined
  const { resolved } = resolution
  const origin: Origin = { strength: 'builtin', file: policy.name, key: 'audit.file' }
  const { real, status } = walkPath(
    host,
    createExpander(host, { project: resolved.project }).path(file, origin),
  )
  const isRead =
    status === 'exists' &&
    compilePolicy(resolved).decide('read', real).allowed &&
    host.canAccess(real, 'read')
  return status === 'missing' || isRead
    ? undefined
    : new LauncherError(
        'E_AGENT_CONFIG',
        `${file} exists but could not be read inside (it is ${real}): the agent would start on defaults, without your settings`,
        { hint: `grant it: --read ${shellWord(real)}` },
      )
}

export const strictWarnings = ({ prepared, notices }: ReadyStart): LauncherError | undefined => {
  const warnings = notices.filter(({ level }) => level === 'warning')
  if (!prepared.request.strict || warnings.length === 0) return undefined
  const count =
    warnings.length === 1 ? 'there is a warning' : `there are ${warnings.length} warnings`
  return new LauncherError(
    'E_USAGE',
    `--strict: ${count}\n${warnings.map(({ message }) => message).join('\n')}`,
    { hint: 'see to them, or leave out --strict' },
  )
}

export const execWithoutProxy = ({ prepared, useExec }: ReadyStart): LauncherError | undefined => {
  const { mode } = prepared.resolution.resolved.network
  return useExec && (mode.value === 'allowlist' || mode.value === 'any')
    ? new LauncherError(
        'E_UNSUPPORTED',
        `--exec leaves nobody to run the proxy that the network mode ${mode.value} needs`,
        { hint: 'leave it out, or add --network none' },
      )
    : undefined
}

export const askWithoutList = ({ prepared, asks }: ReadyStart): LauncherError | undefined => {
  const { mode } = prepared.resolution.resolved.network
  return asks && mode.value !== 'allowlist'
    ? new LauncherError(
        'E_NETWORK',
        `--ask asks about hosts that are not on the allowlist, and the network mode is ${mode.value}`,
        { hint: 'add --network allowlist, or leave out --ask' },
      )
    : undefined
}
