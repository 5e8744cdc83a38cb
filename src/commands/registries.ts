import { planEnvironment } from '../launch/environment.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { Policy } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { isLoaderVariable } from '../profile/loader-variables.ts'
import type { Resolution } from '../resolve/types.ts'
import { hostsOverlap } from '../profile/host-overlap.ts'

/** A policy and what became of it here. */
interface Resolved {
  readonly policy: Policy
  readonly resolution: Resolution
}

/**
 * The same with the hosts of package registries among the hosts, as this machine's package managers have them, and among the variables what must be
 * told to those that cannot read their own settings inside; a profile's own value stays.
 */
export const withRegistries = async (
  { policy, resolution }: Resolved,
  host: Host,
): Promise<Resolved> => {
  const { resolved } = resolution
  const { network } = resolved
  if (
    network.registries.length === 0 ||
    network.mode.value === 'none' ||
    network.mode.value === 'host'
  )
    return { policy, resolution }
  const { registryHosts } = await import('../network/registries/registry-hosts.ts')
  const decider = compilePolicy(resolved)
  // Without the sources that only the parent may read: package managers read none of them.
  const { variables } = planEnvironment(
    { ...policy.environment, from: new Map() },
    host,
    { PATH: resolution.searchPath.join(':') },
    { expand: (text) => text, isForbidden: isLoaderVariable },
  )
  const found = registryHosts(network.registries, {
    host,
    project: resolved.project,
    home: resolved.home,
    env: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
    canRead: (path) => decider.decide('read', path as AbsolutePath).allowed,
    projectMayAddIndexes: network.projectIndexes !== undefined,
    canWrite: (path) => decider.decide('write', path as AbsolutePath).allowed,
  })
  const removed = network.denied ?? []
  const hosts = found.hosts.filter(
    ({ value }) => !removed.some((one) => hostsOverlap(one.value, value)),
  )
  return {
    policy: {
      ...policy,
      environment: {
        ...policy.environment,
        set: new Map([...found.environment, ...policy.environment.set]),
      },
    },
    resolution: {
      ...resolution,
      resolved: {
        ...resolved,
        network: { ...network, hosts: [...network.hosts, ...hosts], mirrors: hosts },
        notices: [...resolved.notices, ...found.notices],
      },
    },
  }
}
