import net from 'node:net'
import { LauncherError } from '../../errors.ts'
import { openSeats, type Seats } from '../seats.ts'
import { crowdOf } from './crowd.ts'
import { serveHttp } from './http.ts'
import { systemResolver } from './resolve.ts'
import { serveSocks4, serveSocks5 } from './socks.ts'
import { tokenTest } from './token.ts'
import type { Client, Proxy, ProxyContext, ProxyLimits, ProxyOptions } from './types.ts'

/**
 * Starts the proxy of one run: HTTP (CONNECT and absolute form), SOCKS5 and SOCKS4a on one loopback
 * port, told apart by the first byte. Its policy never changes afterwards. Throws `E_NETWORK` when
 * it can't listen, or is handed a server that others than this machine could reach.
 */
export const startProxy = async (options: ProxyOptions): Promise<Proxy> => {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const server = options.server ?? (await listen())
  const { address, port } = loopbackOf(server)
  const hosts = new Set<net.Socket>()
  const clients = new Map<net.Socket, Client>()
  const counts = { clients: 0, allowed: 0, refused: 0, unauthorised: 0 }
  let isClosed = false
  let own: Seats | undefined
  // As late as the first connection: by then launcher has open what it keeps open.
  const seats = options.seats ?? (() => (own ??= openSeats()))
  const crowd = crowdOf(clients, seats, options.log)
  const context: ProxyContext = {
    rules: options.rules,
    resolver: options.resolver ?? systemResolver,
    upstream: options.upstream ?? (() => undefined),
    ask: options.ask,
    limits,
    log: options.log,
    isToken: tokenTest(options.token),
    counts,
    clients,
    seats,
    keep(socket) {
      hosts.add(socket)
      socket.once('close', () => hosts.delete(socket))
      if (isClosed) socket.destroy()
      return !isClosed
    },
  }
  const http = serveHttp(context)
  const serve = (socket: net.Socket): void => {
    const seat = isClosed ? undefined : crowd.admit()
    if (!seat) return void socket.destroy()
    const client = clientOf(socket, limits, seat)
    clients.set(socket, client)
    counts.clients += 1
    socket.once('close', () => {
      client.headArrived()
      clients.delete(socket)
      seat()
    })
    client.expectHead()
    dispatch(context, client, http)
  }
  server.on('connection', serve)
  // One connection that can't be accepted (no descriptor left) does not end the others.
  server.on('error', (error) => crowd.failed(error))
  return {
    address,
    port,
    serve,
    stats: () => ({ ...counts, clientsAtOnce: clients.size }),
    close: async () => {
      isClosed = true
      crowd.close()
      const open = [...clients.keys(), ...hosts]
      const closed = open.map(
        (socket) =>
          new Promise<void>((resolve) =>
            socket.closed ? resolve() : socket.once('close', () => resolve()),
          ),
      )
      for (const socket of open) socket.destroy()
      await Promise.all([...closed, new Promise<void>((resolve) => server.close(() => resolve()))])
    },
  }
}

/**
 * The first byte tells the protocols apart: 5 and 4 are SOCKS's version numbers, and no HTTP method
 * begins with them.
 */
const dispatch = (
  context: ProxyContext,
  client: Client,
  http: (client: Client, first: Buffer) => void,
): void => {
  const { socket } = client
  socket.once('readable', () => {
    const first: Buffer | null = socket.read()
    if (!first) return void socket.destroy()
    if (first[0] !== 5 && first[0] !== 4) return http(client, first)
    socket.unshift(first)
    const serve = first[0] === 5 ? serveSocks5 : serveSocks4
    serve(context, client).catch(() => socket.destroy())
  })
}

const clientOf = (socket: net.Socket, { headMs }: ProxyLimits, seat: () => void): Client => {
  let isIdle = true
  let timer: NodeJS.Timeout | undefined
  // A handed-over connection may come from a server that ends both directions at once.
  socket.allowHalfOpen = true
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  return {
    socket,
    pending: 0,
    isAnswering: false,
    isAuthorised: false,
    get isIdle() {
      return isIdle
    },
    leave() {
      socket.destroy()
      seat()
    },
    tail: Promise.resolve(),
    expectHead() {
      isIdle = true
      clearTimeout(timer)
      timer = setTimeout(() => socket.destroy(), headMs)
    },
    headArrived() {
      isIdle = false
      clearTimeout(timer)
    },
  }
}

const listen = (): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true })
    server.once('error', (cause) =>
      reject(
        new LauncherError(
          'E_NETWORK',
          `The network proxy can\u2019t listen on 127.0.0.1: ${cause.message}.`,
          { cause, hint: 'Start with --network none, or free what the message names.' },
        ),
      ),
    )
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
      server.removeAllListeners('error')
      resolve(server)
    })
  })

const loopbackOf = (server: net.Server): { readonly address: string; readonly port: number } => {
  const bound = server.address()
  if (
    bound !== null &&
    typeof bound === 'object' &&
    (bound.address === '::1' || /^127\./.test(bound.address))
  )
    return bound
  throw new LauncherError(
    'E_NETWORK',
    'The network proxy was given a server that does not listen on loopback.',
    { hint: 'This is a fault in launcher: report it.' },
  )
}

const DEFAULT_LIMITS: ProxyLimits = {
  connectMs: 30_000,
  attemptMs: 1000,
  headMs: 60_000,
  halfClosedMs: 300_000,
  pipelined: 64,
}
