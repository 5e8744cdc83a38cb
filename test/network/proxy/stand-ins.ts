import http from 'node:http'
import net from 'node:net'
import { compileHosts, type HostLists } from '../../../src/network/hosts/rules.ts'
import { startProxy } from '../../../src/network/proxy/proxy.ts'
import type { Proxy, ProxyEvent, ProxyOptions } from '../../../src/network/proxy/types.ts'
import type { Origin, Sourced } from '../../../src/policy/model.ts'

const ORIGIN: Origin = { strength: 'user', file: '/u/test.toml', line: 3, key: 'network.hosts' }
export const entries = (hosts: readonly string[]): Sourced<string>[] =>
  hosts.map((value) => ({ value, origin: ORIGIN }))

export const TOKEN = 'right-token'
export const auth = (token = TOKEN): string =>
  `Basic ${Buffer.from(`run:${token}`).toString('base64')}`

export interface World {
  readonly proxy: Proxy
  readonly events: ProxyEvent[]
  /** Names that were looked up, in order. */
  readonly lookups: string[]
  close(): Promise<void>
}

/**
 * A proxy whose resolver knows every name as 127.0.0.1; the ports of stand-ins must be granted as
 * `127.0.0.1:PORT`.
 */
export const openWorld = async (
  lists: {
    readonly allow?: readonly string[]
    readonly deny?: readonly string[]
    readonly mode?: HostLists['mode']
  },
  options: Partial<ProxyOptions> = {},
): Promise<World> => {
  const events: ProxyEvent[] = []
  const lookups: string[] = []
  const rules = compileHosts({
    mode: lists.mode ?? 'allowlist',
    allow: entries(lists.allow ?? []),
    deny: entries(lists.deny ?? []),
  })
  const resolver = async (name: string): Promise<string[]> => {
    lookups.push(name)
    return ['127.0.0.1']
  }
  const proxy = await startProxy({
    rules,
    token: TOKEN,
    log: (event) => events.push(event),
    resolver,
    ...options,
  })
  return { proxy, events, lookups, close: () => proxy.close() }
}

export interface StandIn<T extends net.Server = net.Server> {
  readonly server: T
  readonly port: number
  close(): Promise<void>
}

/** A host on loopback that does with each connection what the test says. */
export const tcpHost = (onSocket: (socket: net.Socket) => void): Promise<StandIn> =>
  standIn(
    net.createServer({ allowHalfOpen: true }, (socket) => onSocket(socket.on('error', () => {}))),
  )

/** A host on loopback that sends back every byte, and the end. */
export const echoHost = (): Promise<StandIn> => tcpHost((socket) => void socket.pipe(socket))

/** An HTTP host on loopback. */
export const httpHost = (onRequest: http.RequestListener): Promise<StandIn<http.Server>> =>
  standIn(http.createServer(onRequest))

/** An HTTP host that answers with what it received: method, path, headers, body. */
export const mirrorHost = (): Promise<StandIn<http.Server>> =>
  httpHost((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json')
      response.end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          headers: request.rawHeaders,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
  })

const standIn = async <T extends net.Server>(server: T): Promise<StandIn<T>> => {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) =>
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve),
  )
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a stand-in listens on a port')
  return {
    server,
    port: bound.port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/**
 * A raw client: everything that arrived until the other side ended, and waiting for a part of it.
 */
export interface RawClient {
  readonly socket: net.Socket
  /** What has arrived so far, latin1. */
  text(): string
  /** Resolves when what arrived holds the text; rejects when the connection ends without it. */
  until(part: string): Promise<string>
  /** Resolves with everything at the end of the connection, however it ends. */
  end(): Promise<string>
}

export const rawClient = (port: number, first?: string | Buffer): RawClient => {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const chunks: Buffer[] = []
  const text = (): string => Buffer.concat(chunks).toString('latin1')
  const closed = new Promise<void>((resolve) => {
    socket.once('end', resolve).once('close', () => resolve())
  })
  socket.on('error', () => {}).on('data', (chunk) => chunks.push(chunk))
  if (first !== undefined)
    socket.write(typeof first === 'string' ? Buffer.from(first, 'latin1') : first)
  return {
    socket,
    text,
    until: (part) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!text().includes(part)) return
          socket.off('data', look)
          resolve(text())
        }
        socket.on('data', look)
        void closed.then(() =>
          reject(new Error(`ended without ${JSON.stringify(part)}: ${JSON.stringify(text())}`)),
        )
        look()
      }),
    end: async () => {
      await closed
      socket.destroy()
      return text()
    },
  }
}

/**
 * Sends bytes, ends its own direction only after the other side has, and gives everything that came
 * back.
 */
export const exchange = (port: number, bytes: string | Buffer): Promise<string> =>
  rawClient(port, bytes).end()

/** The head of a CONNECT with this run's token. */
export const connectHead = (authority: string, token = TOKEN): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nProxy-Authorization: ${auth(token)}\r\n\r\n`

/** A tunnel that stands, or the answer that refused it as an error. */
export const openTunnel = async (port: number, authority: string): Promise<RawClient> => {
  const client = rawClient(port, connectHead(authority))
  const answer = await client.until('\r\n\r\n')
  if (!answer.startsWith('HTTP/1.1 200 ')) throw new Error(answer)
  return client
}

/**
 * Resolves when the condition holds, looking again whenever the event loop has turned; rejects
 * after two minutes.
 */
export const eventually = async (condition: () => boolean, what: string): Promise<void> => {
  const end = Date.now() + 120_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
