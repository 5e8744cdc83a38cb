import type { Host } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { hostsOverlap } from '../policy/host-pattern.ts'
import type { EnvironmentPolicy, GrantAccess, NetworkPolicy, Notice } from '../policy/model.ts'
import { planEnvironment, valuesIn } from './environment.ts'

export interface RegistriesInput {
  readonly network: NetworkPolicy
  readonly environment: EnvironmentPolicy
  readonly host: Host
  readonly project: AbsolutePath
  /** PATH as the agent will have it. */
  readonly searchPath: readonly AbsolutePath[]
  /** What the policy gives the agent at a real path. */
  readonly access: (path: AbsolutePath) => GrantAccess
}

/** Network and environment as they are on this machine. */
export interface WithRegistries {
  readonly network: NetworkPolicy
  readonly environment: EnvironmentPolicy
  readonly notices: readonly Notice[]
}

/**
 * Adds the hosts of package registries, as this machine's package managers have them, and among the
 * variables what must be told to those that cannot read their own settings inside; a profile's own
 * value stays.
 */
export const withRegistries = async (input: RegistriesInput): Promise<WithRegistries> => {
  const { network, environment, host } = input
  const { mode, registries } = network
  if (registries.length === 0 || mode.value === 'none' || mode.value === 'host')
    return { network, environment, notices: [] }
  const { registryHosts } = await import('./registries/registry-hosts.ts')
  // Package managers read none of the sources that only the parent may read.
  const inside = planEnvironment(
    { ...environment, from: new Map() },
    host,
    { PATH: input.searchPath.join(':') },
    (text) => text,
  )
  const found = registryHosts(registries, {
    host,
    project: input.project,
    home: host.home,
    env: valuesIn(inside),
    canRead: (path) => input.access(path) !== 'none',
    canWrite: (path) => input.access(path) === 'write',
    projectMayAddIndexes: network.projectIndexes !== undefined,
  })
  const removed = network.denied ?? []
  const hosts = found.hosts.filter(
    ({ value }) => !removed.some((one) => hostsOverlap(one.value, value)),
  )
  return {
    network: { ...network, hosts: [...network.hosts, ...hosts], mirrors: hosts },
    environment: { ...environment, set: new Map([...found.environment, ...environment.set]) },
    notices: found.notices,
  }
}
