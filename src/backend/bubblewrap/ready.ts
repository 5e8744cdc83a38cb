import { LauncherError } from '../../errors.ts'
import type { SandboxPorts } from '../../launch/listeners.ts'
import type { Host } from '../../machine/host.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import type { ProbeWishes } from '../backend.ts'
import { findBubblewrap, findNsenter } from './support.ts'

/** What a start needs of this machine. */
export interface Ready {
  /** bubblewrap itself. */
  readonly file: AbsolutePath
  /** A GNU `env`, where there is one. */
  readonly signalReset: AbsolutePath | undefined
  /** Ports of the sandbox's own loopback; undefined where none is asked for. */
  readonly ports: SandboxPorts | undefined
}

/** Finds bubblewrap and what ports need. Throws E_BACKEND or E_NETWORK with what is missing. */
export const readyHere = (host: Host, { project, network }: ProbeWishes): Ready => {
  const support = findBubblewrap(host, project)
  if (!support.ok) throw new LauncherError('E_BACKEND', support.reason, { hint: support.hint })
  const { file, signalReset } = support
  return { file, signalReset, ports: portsOf(host, network) }
}

const portsOf = (host: Host, { out, inward }: ProbeWishes['network']): SandboxPorts | undefined => {
  if (out.length === 0 && inward.length === 0) return undefined
  const nsenter = findNsenter(host)
  if (!nsenter)
    throw new LauncherError(
      'E_NETWORK',
      'nsenter (util-linux) is not installed: the proxy cannot be put into the sandbox',
      { hint: 'install util-linux, or start with --network none' },
    )
  return { nsenter, out, inward }
}
