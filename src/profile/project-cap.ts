import { otherOwner } from '../machine/ownership.ts'
import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import type { NetworkPolicy, Policy } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { hostsOverlap } from '../policy/host-pattern.ts'
import { NETWORK_MODES, REGISTRIES } from './model.ts'
import type { ProjectCap } from './parse-cap.ts'

/** Name of a project's own file. */
export const CAP_NAME = '.launcher.toml'

/**
 * Applies a project's `.launcher.toml`, if there is one: it may only tighten what the policy
 * already says.
 */
export const applyProjectCap = async (
  policy: Policy,
  project: AbsolutePath,
  host: Host,
): Promise<Policy> => {
  const file = `${project === '/' ? '' : project}/${CAP_NAME}`
  const text = readCap(file, host)
  if (text === undefined) return policy
  const { parseProjectCap } = await import('./parse-cap.ts')
  const cap = parseProjectCap(text, file, host.platform)
  return {
    ...policy,
    grants: [...policy.grants, ...cap.grants],
    protections: [...policy.protections, ...cap.protections],
    network: capNetwork(policy.network, cap),
    files: [...policy.files, file],
  }
}

/** A link could borrow any text, and another user's file is nobody's word about this project. */
const readCap = (file: string, host: Host): string | undefined => {
  const stat = host.lstat(file)
  if (stat === undefined) return undefined
  const refuse = (why: string, hint: string): never => {
    throw new LauncherError('E_PROFILE', `${file} ${why}, so the limits it asks for are unknown.`, {
      hint,
    })
  }
  if (stat === 'denied')
    return refuse('cannot be looked at', 'Check the modes of the folders above it.')
  // An empty directory holds no limits: it is how another run holds the name.
  if (stat.type === 'directory' && host.list(file)?.length === 0) return undefined
  if (stat.type !== 'file')
    return refuse(
      stat.type === 'symlink' ? 'is a link' : 'is not a regular file',
      'Make it a plain file, or remove it.',
    )
  const other = otherOwner(stat, [host.uid])
  if (other !== undefined) return refuse(other, `Take it over (chown ${host.uid}), or remove it.`)
  const read = host.read(file, (1 << 20) + 1)
  if (!read.ok)
    return refuse(
      read.failure === 'too-large' ? 'is larger than 1 MiB' : 'cannot be read',
      'Mend it or remove it.',
    )
  return decodeText(read.bytes) ?? refuse('is not valid UTF-8', 'Save it as UTF-8.')
}

const capNetwork = (network: NetworkPolicy, cap: ProjectCap): NetworkPolicy => {
  const lower =
    cap.mode !== undefined &&
    NETWORK_MODES.indexOf(cap.mode.value) < NETWORK_MODES.indexOf(network.mode.value)
  const mode = lower ? cap.mode! : network.mode
  const first = cap.remove[0]
  if (first !== undefined && (mode.value === 'any' || mode.value === 'host')) {
    throw new LauncherError(
      'E_PROFILE',
      `The project removes ${first.value}, but the network mode ${mode.value} has no list of hosts to remove it from.`,
      {
        at: `${first.origin.file}:${first.origin.line ?? 1}`,
        hint: 'Give `mode = "allowlist"` in the project\u2019s file, or run with --network allowlist.',
      },
    )
  }
  const stays = ({ value }: { readonly value: string }): boolean =>
    !cap.remove.some((removed) => hostsOverlap(removed.value, value))
  return {
    ...network,
    mode,
    hosts: network.hosts.filter(stays),
    loopback: network.loopback.filter(({ value }) => stays({ value: `localhost:${value}` })),
    registries: network.registries.filter(
      ({ value }) => !cap.remove.some((removed) => removed.value === value),
    ),
    // Hosts of registries are not known yet; wherever one comes from, it stays out.
    denied: cap.remove.filter(({ value }) => !(REGISTRIES as readonly string[]).includes(value)),
  }
}
