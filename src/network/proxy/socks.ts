import type net from 'node:net'
import { type Reached, reach, refuseUnread } from './reach.ts'
import {
  type Reading,
  type SocksRequest,
  readGreeting,
  readPassword,
  readRequest4,
  readRequest5,
} from './socks-messages.ts'
import { joinSockets, sayAndClose } from './tunnel.ts'
import type { Client, ProxyContext } from './types.ts'

/**
 * Serves a SOCKS5 connection (RFC 1928 with the passwords of RFC 1929): CONNECT only, and only with
 * the token.
 */
export const serveSocks5 = async (context: ProxyContext, client: Client): Promise<void> => {
  const { socket } = client
  const next = messagesOf(socket)
  const methods = await next(readGreeting)
  if (!methods) return void socket.destroy()
  if (!methods.includes(BY_PASSWORD)) return unauthorised(context, socket, [5, 0xff])
  socket.write(Buffer.of(5, BY_PASSWORD))
  const password = await next(readPassword)
  if (password === undefined) return void socket.destroy()
  if (!context.isToken(password)) return unauthorised(context, socket, [1, 1])
  client.isAuthorised = true
  socket.write(Buffer.of(1, 0))
  const request = await next(readRequest5)
  if (!request) return sayAndClose(socket, reply5(8))
  if (request.command !== CONNECT) return sayAndClose(socket, reply5(7))
  await connect(context, client, request, {
    opened: reply5(0),
    refused: reply5(2),
    failed: (code) => reply5(FAILURES[code] ?? 1),
  })
}

/** Serves a SOCKS4 or SOCKS4a connection; the user it names must be the token. */
export const serveSocks4 = async (context: ProxyContext, client: Client): Promise<void> => {
  const request = await messagesOf(client.socket)(readRequest4)
  if (!request) return sayAndClose(client.socket, reply4(0x5b))
  if (!context.isToken(request.user)) return unauthorised(context, client.socket, reply4(0x5d))
  client.isAuthorised = true
  if (request.command !== CONNECT) return sayAndClose(client.socket, reply4(0x5b))
  await connect(context, client, request, {
    opened: reply4(0x5a),
    refused: reply4(0x5b),
    failed: () => reply4(0x5b),
  })
}

interface Replies {
  readonly opened: Buffer
  readonly refused: Buffer
  failed(code: string): Buffer
}

const connect = async (
  context: ProxyContext,
  client: Client,
  request: SocksRequest,
  replies: Replies,
): Promise<void> => {
  const { socket } = client
  client.headArrived()
  if (!request.host.ok || request.port === 0) {
    refuseUnread(
      context,
      'socks',
      request.sent,
      request.port,
      request.host.ok ? 'the request names no port' : `the host ${request.host.reason}`,
    )
    return sayAndClose(socket, replies.refused)
  }
  const reached: Reached = await reach(context, {
    kind: 'socks',
    way: 'tunnel',
    host: request.host.host,
    port: request.port,
  })
  if (reached.kind !== 'open')
    return sayAndClose(
      socket,
      reached.kind === 'refused' ? replies.refused : replies.failed(reached.failed.code),
    )
  socket.write(replies.opened)
  joinSockets(socket, reached.socket, context.limits.halfClosedMs)
}

const unauthorised = (
  { counts }: ProxyContext,
  socket: net.Socket,
  reply: Iterable<number>,
): void => {
  counts.unauthorised += 1
  sayAndClose(socket, Buffer.from([...reply]))
}

/**
 * Reads one message after the other; what follows the last one stays in the socket. Undefined for a
 * bad message, too many bytes, or an end.
 */
const messagesOf =
  (socket: net.Socket) =>
  async <T>(read: (bytes: Buffer) => Reading<T>): Promise<T | undefined> => {
    let bytes: Buffer = Buffer.alloc(0)
    for (;;) {
      const reading = read(bytes)
      if (reading.kind === 'whole') {
        if (bytes.length > reading.length) socket.unshift(bytes.subarray(reading.length))
        return reading.value
      }
      if (reading.kind === 'bad') return undefined
      const chunk = await nextChunk(socket)
      if (!chunk) return undefined
      bytes = Buffer.concat([bytes, chunk])
    }
  }

const nextChunk = (socket: net.Socket): Promise<Buffer | undefined> =>
  new Promise((resolve) => {
    const settle = (chunk: Buffer | undefined): void => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd)
      resolve(chunk)
    }
    const onReadable = (): void => {
      const chunk: Buffer | null = socket.read()
      if (chunk) settle(chunk)
    }
    const onEnd = (): void => settle(undefined)
    if (socket.destroyed || socket.readableEnded) return onEnd()
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd)
    onReadable()
  })

/** The bound address is nobody's business: zeros. */
const reply5 = (code: number): Buffer => Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0)
const reply4 = (code: number): Buffer => Buffer.of(0, code, 0, 0, 0, 0, 0, 0)

const BY_PASSWORD = 2
const CONNECT = 1
const FAILURES: Readonly<Record<string, number>> = {
  EAI_AGAIN: 4,
  ECONNREFUSED: 5,
  EHOSTUNREACH: 4,
  ENETUNREACH: 3,
  ENOTFOUND: 4,
  ETIMEDOUT: 4,
}
