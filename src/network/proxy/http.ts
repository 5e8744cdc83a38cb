import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type net from 'node:net'
import { MAX_HEAD, type Granted, answerWith, forward, over, sendHead } from './forward.ts'
import { type ConnectHead, readConnectHead } from './connect-head.ts'
import { type TargetReading, connectTarget, plainTarget } from './http-target.ts'
import {
  type OwnAnswer,
  answerBytes,
  badAnswer,
  failedAnswer,
  refusedAnswer,
  unauthorisedAnswer,
} from './refusal.ts'
import { type Reached, reach, refuseUnread } from './reach.ts'
import { basicPassword } from './token.ts'
import { joinSockets, sayAndClose } from './tunnel.ts'
import type { Client, ProxyContext, Target } from './types.ts'
import { switchProtocol } from './upgrade.ts'

/**
 * Serves HTTP/1.1 on connections that were accepted elsewhere, `first` being what was read of them.
 * Every request on a connection is authorised and decided on its own.
 */
export const serveHttp = (context: ProxyContext): ((client: Client, first: Buffer) => void) => {
  const server = http.createServer({
    maxHeaderSize: MAX_HEAD,
    keepAliveTimeout: context.limits.headMs,
    requireHostHeader: false,
    insecureHTTPParser: false,
  })
  const clientOf = (socket: net.Socket): Client | undefined => context.clients.get(socket)

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const client = clientOf(request.socket)
    if (!client || client.socket.destroyed) return
    client.headArrived()
    client.pending += 1
    if (client.pending > context.limits.pipelined) return void client.socket.destroy()
    client.tail = client.tail
      .then(() => answer(context, client, request, response))
      .then(
        () => {
          client.isAnswering = false
          client.pending -= 1
          if (client.pending === 0) client.expectHead()
        },
        () => void client.socket.destroy(),
      )
  }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('connect', ({ url = '', headers }, socket: net.Socket, head) =>
    takeOver(clientOf(socket), () =>
      tunnel(
        context,
        { authority: url, authorization: headers['proxy-authorization'] },
        socket,
        head,
      ),
    ),
  )
  server.on('upgrade', (request, socket: net.Socket, head) =>
    takeOver(clientOf(socket), () => upgrade(context, request, socket, head)),
  )
  server.on('clientError', (error: NodeJS.ErrnoException, socket) =>
    onClientError(error, clientOf(socket as net.Socket)),
  )
  return (client, first) => {
    const head = readConnectHead(first)
    if (head)
      return takeOver(client, () =>
        tunnel(context, head, client.socket, first.subarray(head.length)),
      )
    client.socket.unshift(first)
    server.emit('connection', client.socket)
  }
}

const answer = async (
  context: ProxyContext,
  client: Client,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  // What came behind its head was no HTTP: the whole of it is void.
  if (client.socket.destroyed || client.socket.writableEnded) return
  client.isAnswering = true
  const ready = await prepare(context, client, 'http', request.headers['proxy-authorization'], () =>
    plainTarget(request),
  )
  if ('own' in ready) {
    answerWith(response, ready.own)
    return await over(request, response)
  }
  if (client.socket.destroyed) return void ready.socket.destroy()
  const granted = { request, ...ready }
  await forward(granted, sendHead(granted), response, (error) => brokenOff(ready.target, error))
}

const tunnel = async (
  context: ProxyContext,
  { authority, authorization }: Omit<ConnectHead, 'length'>,
  socket: net.Socket,
  head: Buffer,
): Promise<void> => {
  const ready = await prepare(context, context.clients.get(socket), 'connect', authorization, () =>
    connectTarget(authority),
  )
  if ('own' in ready) return sayAndClose(socket, answerBytes(ready.own))
  const host = ready.socket
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  if (head.length > 0) host.write(head)
  joinSockets(socket, host, context.limits.halfClosedMs)
}

const upgrade = async (
  context: ProxyContext,
  request: IncomingMessage,
  socket: net.Socket,
  head: Buffer,
): Promise<void> => {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  if (length !== '0' || encoding !== undefined)
    return sayAndClose(
      socket,
      answerBytes(badAnswer(501, 'it asks for another protocol and has a body')),
    )
  const ready = await prepare(
    context,
    context.clients.get(socket),
    'http',
    request.headers['proxy-authorization'],
    () => plainTarget(request),
  )
  if ('own' in ready) return sayAndClose(socket, answerBytes(ready.own))
  if (socket.destroyed) return void ready.socket.destroy()
  await switchProtocol({ request, ...ready }, socket, head, context.limits.halfClosedMs, (error) =>
    brokenOff(ready.target, error),
  )
}

type Ready = (Omit<Granted, 'request'> & { readonly target: Target }) | { readonly own: OwnAnswer }

/** Token, form, decision, connection: in this order, and the first that fails gives the answer. */
const prepare = async (
  context: ProxyContext,
  client: Client | undefined,
  kind: Target['kind'],
  authorization: string | undefined,
  read: () => TargetReading,
): Promise<Ready> => {
  const password = basicPassword(authorization)
  if (password === undefined || !context.isToken(password)) {
    context.counts.unauthorised += 1
    return { own: unauthorisedAnswer() }
  }
  if (client) client.isAuthorised = true
  const reading = read()
  if (!reading.ok) {
    if (reading.sent !== undefined)
      refuseUnread(context, kind, reading.sent, reading.port, reading.reason)
    return { own: badAnswer(reading.status, reading.reason) }
  }
  const { target, path, hostHeader } = reading
  const reached: Reached = await reach(context, target)
  if (reached.kind === 'refused') return { own: refusedAnswer(target, reached.decision) }
  if (reached.kind === 'failed') return { own: failedAnswer(target, reached.failed) }
  return { socket: reached.socket, through: reached.through, path, hostHeader, target }
}

/**
 * A connection that leaves HTTP: it must not have answers outstanding, or they would land in the
 * new protocol.
 */
const takeOver = (client: Client | undefined, serve: () => Promise<void>): void => {
  if (!client) return
  client.headArrived()
  if (client.pending > 0) return void client.socket.destroy()
  serve().catch(() => client.socket.destroy())
}

const onClientError = ({ code }: NodeJS.ErrnoException, client: Client | undefined): void => {
  if (!client?.socket.writable || client.isAnswering || code === 'ECONNRESET')
    return void client?.socket.destroy()
  client.headArrived()
  const own =
    code === 'HPE_HEADER_OVERFLOW'
      ? badAnswer(431, 'its headers are longer than 64 kB')
      : badAnswer(400, 'it is not HTTP/1.1, or can be read in two ways')
  sayAndClose(client.socket, answerBytes(own))
}

const brokenOff = (target: Target, error: Error): OwnAnswer => {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'EUPSTREAM'
  return failedAnswer(target, {
    status: 502,
    code,
    message: code.startsWith('HPE_') ? 'its answer is not HTTP/1.1' : error.message,
  })
}
