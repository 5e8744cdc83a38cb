import net from 'node:net'
import { LauncherError } from '../errors.ts'
import type { NetworkPolicy } from '../policy/model.ts'
import { LOCALHOST_ADDRESSES } from '../policy/host-pattern.ts'
import { openSeats, type Seats } from './seats.ts'
import { sshVariables } from './ssh.ts'

/** Ports of a sandbox with a network of its own, once they are open inside. */
interface InsidePorts {
  /** Listening sockets of the sandbox's loopback, by port. */
  readonly ready: Promise<ReadonlyMap<number, readonly net.Server[]>>
  /** Connects a socket of the host's to a port that the agent listens on. */
  dial(port: number, socket: net.Socket): void
}

/** How the agent of one run reaches the network: what it is told, and what is opened for it. */
export interface RunNetwork {
  /** The proxy's port on the loopback that the agent sees; undefined without a proxy. */
  readonly proxyPort: number | undefined
  /** Variables that lead programs to the proxy. */
  readonly variables: Readonly<Record<string, string>>
  /**
   * What must listen on the sandbox's own loopback, and what of the agent's is reached from
   * outside; both empty where it has the host's.
   */
  readonly out: readonly number[]
  readonly inward: readonly number[]
  /** Serves the ports; to be called before the agent is let go. */
  attach(inside: InsidePorts): Promise<void>
  close(): void
}

/** Who answers the agent: launcher's proxy, on a server that listens already. */
interface ProxyServer {
  serve(socket: net.Socket): void
  close(): Promise<void>
}

/** What a run's network is made of. */
export interface RunNetworkOptions {
  readonly policy: NetworkPolicy
  /** True where the sandbox has a network namespace of its own. */
  readonly isPrivate: boolean
  /**
   * Starts the proxy that asks for `token` on a listening server; called only where the mode needs
   * one.
   */
  readonly startProxy: (
    token: string,
    server: net.Server,
    seats: () => Seats,
  ) => Promise<ProxyServer>
}

/**
 * The first port that proxies are commonly found at: in a namespace of its own nobody else has it.
 */
const PROXY_PORT = 3_128

/**
 * The names under which programs look for a proxy. curl reads http_proxy in lower case only; Go,
 * git and Python read both.
 */
const PROXY_VARIABLES = [
  'ALL_PROXY',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'WSS_PROXY',
  'WS_PROXY',
  'all_proxy',
  'https_proxy',
  'http_proxy',
] as const

/**
 * Variables for a proxy at `port`. ALL_PROXY is http, too: httpx has no SOCKS. NO_PROXY names no
 * bracketed address: httpx dies of `[::1]` ("Invalid port: ':1]'").
 */
const proxyVariables = (port: number, token: string): Record<string, string> => {
  const address = `http://launcher:${token}@127.0.0.1:${port}`
  const local = 'localhost,127.0.0.1'
  return {
    ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, address])),
    NO_PROXY: local,
    no_proxy: local,
    NODE_USE_ENV_PROXY: '1',
    ...sshVariables(port, token),
  }
}

/** Opens what a policy's mode needs on this side. Throws E_NETWORK for a port that is taken. */
export const openRunNetwork = async ({
  policy,
  isPrivate,
  startProxy,
}: RunNetworkOptions): Promise<RunNetwork> => {
  const mode = policy.mode.value
  const hasProxy = mode === 'allowlist' || mode === 'any'
  const loopback = isPrivate && mode !== 'host' ? policy.loopback.map(({ value }) => value) : []
  const inward = isPrivate && hasProxy ? policy.listen.map(({ value }) => value) : []
  // Loading node:crypto costs a fifth of a start: only where there is a secret to make.
  const token = hasProxy ? (await import('node:crypto')).randomBytes(24).toString('base64url') : ''
  const own: net.Server[] = []
  let proxy: ProxyServer | undefined
  let counted: Seats | undefined
  // As late as the first connection: by then launcher has open what it keeps open.
  const seats = (): Seats => (counted ??= openSeats())
  const proxyPort = !hasProxy
    ? undefined
    : isPrivate
      ? freePort([...loopback, ...inward])
      : await listenOnLoopback(own)
  const proxyOn = async ([first, second]: readonly net.Server[]): Promise<ProxyServer> => {
    const started = await startProxy(token, first!, seats)
    second?.on('connection', (socket: net.Socket) => started.serve(socket))
    return started
  }
  const close = (): void => {
    for (const server of own) server.close()
    void proxy?.close()
  }
  if (proxyPort !== undefined && !isPrivate) {
    try {
      proxy = await proxyOn(own)
    } catch (error) {
      close()
      throw error
    }
  }
  return {
    proxyPort,
    variables: proxyPort === undefined ? {} : proxyVariables(proxyPort, token),
    out: [...new Set([...(isPrivate && proxyPort !== undefined ? [proxyPort] : []), ...loopback])],
    inward: [...new Set(inward)],
    attach: async (inside) => {
      for (const [port, servers] of await inside.ready) {
        own.push(...servers)
        // A client may have said all it has to say and still wait for the answer.
        for (const server of servers) Object.assign(server, { allowHalfOpen: true })
        if (port === proxyPort) proxy = await proxyOn(servers)
        else
          for (const server of servers)
            server.on('connection', (socket) => forward(socket, port, seats()))
      }
      for (const port of inward) {
        const server = await listen(port, '127.0.0.1', true)
        server.on('connection', (socket: net.Socket) => inside.dial(port, socket))
        own.push(server)
      }
    },
    close,
  }
}

/**
 * The network of a run that is only looked at: what its agent would be told, with a port and a
 * token that mean nothing.
 */
export const plannedNetwork = ({ mode }: NetworkPolicy): RunNetwork => {
  const hasProxy = mode.value === 'allowlist' || mode.value === 'any'
  return {
    proxyPort: hasProxy ? PROXY_PORT : undefined,
    variables: hasProxy ? proxyVariables(PROXY_PORT, 'TOKEN') : {},
    out: [],
    inward: [],
    attach: () => Promise.resolve(),
    close: () => undefined,
  }
}

const freePort = (taken: readonly number[]): number => {
  let port = PROXY_PORT
  while (taken.includes(port)) port += 1
  return port
}

const ATTEMPTS = 20

/**
 * Both loopback addresses at one port: the kernel's rule names `localhost`, and whoever else
 * listened at the other address would be reachable.
 */
const listenOnLoopback = async (own: net.Server[]): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = await listen(0, '127.0.0.1')
    const address = first.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      own.push(first, ...(await alsoOnIPv6(port)))
      return port
    } catch {
      own.length = 0
      first.close()
    }
  }
  throw new LauncherError('E_NETWORK', 'no loopback port is free for the proxy', {
    hint: 'start again, or --network none',
  })
}

/** Nothing where the machine has no IPv6 at all: then nobody else listens there either. */
const alsoOnIPv6 = async (port: number): Promise<net.Server[]> => {
  try {
    return [await listen(port, '::1')]
  } catch (error) {
    if (
      error instanceof LauncherError &&
      ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(codeOf(error.cause))
    )
      return []
    throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** A connection that is handed on must not be read here first: what was read would be lost. */
const listen = (port: number, host: string, isHandedOn = false): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: isHandedOn })
    server.once('error', (cause) =>
      reject(
        new LauncherError(
          'E_NETWORK',
          `port ${port} of ${host} cannot be listened on: ${codeOf(cause)}`,
          { cause, hint: 'something else listens there: end it, or leave out --listen' },
        ),
      ),
    )
    server.listen(port, host, () => resolve(server))
  })

/**
 * One granted service of the host's loopback, by either address, whatever the host's resolver makes
 * of the name.
 */
const forward = (socket: net.Socket, port: number, { clients, hosts }: Seats): void => {
  const [own, other] = [clients.take(), hosts.take()]
  if (!own || !other) {
    own?.()
    other?.()
    return void socket.destroy()
  }
  socket.once('close', own)
  const service = net
    .connect({
      port,
      host: 'localhost',
      autoSelectFamily: true,
      allowHalfOpen: true,
      lookup: (_name, _options, found) => found(null, LOCALHOST),
    })
    .once('close', other)
  for (const [from, to] of [
    [socket, service],
    [service, socket],
  ] as const) {
    from.on('error', () => to.destroy())
    from.pipe(to)
  }
}

const LOCALHOST = LOCALHOST_ADDRESSES.map((address) => ({ address, family: net.isIP(address) }))
