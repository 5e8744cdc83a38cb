import { compileHosts, type HostRules } from '../network/hosts/rules.ts'
import type { ProxyEvent } from '../network/proxy/types.ts'
import { type Asker, createAsker } from '../network/ask.ts'
import { eventLine } from '../network/log.ts'
import { withMappedHosts } from '../network/mapped-hosts.ts'
import { openRemembered } from '../network/remembered.ts'
import { openRunNetwork, type RunNetwork } from '../network/run-network.ts'
import { openNetworkLog } from '../launch/records.ts'
import type { NetworkPolicy } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { digestOf } from '../resolve/digest.ts'
import type { Backend } from '../backend/backend.ts'
import type { RunContext } from './context.ts'

/**
 * What may be reached under a policy: the proxy, `explain HOST`, `net check` and the contract ask
 * this.
 */
export const hostRules = (policy: NetworkPolicy): HostRules =>
  compileHosts({
    mode: policy.mode.value,
    // Clients go to loopback by themselves, but for those that take `[::1]` to the proxy all the
    // same.
    allow: [
      ...policy.hosts,
      ...policy.loopback.map(({ value, origin }) => ({ value: `localhost:${value}`, origin })),
    ],
    deny: policy.denied ?? [],
    onLocalNetwork: policy.mirrors ?? [],
  })

/** What the network of one run is opened for. */
export interface NetworkWishes {
  readonly policy: NetworkPolicy
  readonly backend: Backend
  readonly log: (event: ProxyEvent) => void
  /** `--map-host`: hosts with the addresses that a person gave them. */
  readonly mapped: string | undefined
  /** `--ask`: who is asked about new hosts. */
  readonly asker: Asker | undefined
}

/** Opens the network of one run: the proxy with its rules, and each port that the policy grants. */
export const networkForRun = async (
  { policy, backend, log, mapped, asker }: NetworkWishes,
  { host }: RunContext,
): Promise<RunNetwork> => {
  const { rules, ...resolver } = withMappedHosts(hostRules(policy), mapped)
  return openRunNetwork({
    policy,
    isPrivate: backend.hasOwnLoopback,
    startProxy: async (token, server, seats) => {
      const [{ startProxy }, { upstreamOf }] = await Promise.all([
        import('../network/proxy/proxy.ts'),
        import('../network/proxy/upstream.ts'),
      ])
      return startProxy({
        rules,
        ...resolver,
        token,
        log,
        server,
        seats,
        upstream: upstreamOf(host.env),
        ask: asker?.ask,
      })
    },
  })
}

/** Who is asked about new hosts of a project. */
export const askerFor = (project: AbsolutePath, state: AbsolutePath): Asker =>
  createAsker({ remembered: openRemembered(state, digestOf(project)) })

/** The network log of one run: on disk for `net log`, in memory for the lines at its end. */
export interface NetworkEvents {
  add(event: ProxyEvent): void
  /** Hosts that were refused, with how often, most first. */
  refused(): readonly { readonly host: string; readonly count: number }[]
  /** What was last said of connections that were too many; undefined when there were none. */
  crowd(): string | undefined
  close(): void
  /** Closes it and, when nothing is in it, forgets it: no run came of it. */
  discard(): void
}

/** Opens it; the run's directory of records is made if it is not there. */
export const networkEvents = (state: AbsolutePath, id: string): NetworkEvents => {
  const log = openNetworkLog(state, id)
  const counts = new Map<string, number>()
  let crowd: string | undefined
  return {
    add: (event) => {
      log.add(eventLine(event))
      if (event.kind === 'clients') crowd = event.because
      else if (
        event.decision === 'refused' &&
        (counts.size < MAX_COUNTED || counts.has(event.host))
      )
        counts.set(event.host, (counts.get(event.host) ?? 0) + 1)
    },
    refused: () =>
      [...counts].map(([host, count]) => ({ host, count })).sort((a, b) => b.count - a.count),
    crowd: () => crowd,
    close: () => log.close(),
    discard: () => log.discard(),
  }
}

const MAX_COUNTED = 1_000
