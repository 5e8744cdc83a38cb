import http, { type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type net from 'node:net'
import { onwardHeaders } from './headers.ts'
import type { OwnAnswer } from './refusal.ts'
import type { UpstreamProxy } from './upstream.ts'

/**
 * A request that was granted, and the fresh connection to its host: one request each, so that
 * nothing hidden in a body can reach a host that was not asked for.
 */
export interface Granted {
  readonly request: IncomingMessage
  readonly socket: net.Socket
  readonly through: UpstreamProxy | undefined
  readonly path: string
  readonly hostHeader: string
}

/**
 * Sends the request's head to the host: this hop's headers left out, Host as it was decided.
 * `upgrade` asks for another protocol.
 */
export const sendHead = (
  { request, socket, through, path, hostHeader }: Granted,
  upgrade?: string,
): ClientRequest => {
  const headers = ['Host', hostHeader, ...onwardHeaders(request, ['host', 'content-length'])]
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding !== undefined) headers.push('Transfer-Encoding', 'chunked')
  else if (length !== undefined || !BODILESS.has(request.method ?? ''))
    headers.push('Content-Length', length ?? '0')
  if (through?.authorization !== undefined)
    headers.push('Proxy-Authorization', through.authorization)
  headers.push('Connection', upgrade === undefined ? 'close' : 'Upgrade')
  if (upgrade !== undefined) headers.push('Upgrade', upgrade)
  const onward = http.request({
    method: request.method ?? 'GET',
    path: through ? `http://${hostHeader}${path}` : path,
    headers,
    setHost: false,
    // Without `agent`: with one, even `false`, Node makes a connection of its own.
    createConnection: () => socket,
    maxHeaderSize: MAX_HEAD,
  })
  onward.flushHeaders()
  return onward
}

/**
 * Passes a request to its host and the answer back, each at the pace of its slower side; resolves
 * when the client has it all or is gone. `failed` makes the answer for a host that breaks off.
 */
export const forward = async (
  granted: Granted,
  onward: ClientRequest,
  response: ServerResponse,
  failed: (error: Error) => OwnAnswer,
): Promise<void> => {
  const { request, socket, through } = granted
  onward.on('continue', () => response.writeContinue())
  onward.on('response', (answer) => {
    // Its 407 is about launcher's own credentials there, not about the client's here.
    if (through && answer.statusCode === 407)
      return void onward.destroy(new Error('your own proxy asks for other credentials'))
    response.sendDate = false
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, onwardHeaders(answer))
    answer.on('error', () => response.destroy())
    answer.on('aborted', () => response.destroy())
    answer.pipe(response)
  })
  onward.on('error', (error) => {
    if (response.headersSent) response.destroy()
    else answerWith(response, failed(error))
  })
  request.pipe(onward)
  await over(request, response)
  request.unpipe(onward)
  socket.destroy()
}

/**
 * Resolves when an answer is out, or can't go out any more. A queued answer hears nothing of its
 * connection's end: that is asked of the connection.
 */
export const over = ({ socket }: IncomingMessage, response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      response.off('close', settle)
      socket.off('close', settle)
      resolve()
    }
    if (socket.destroyed || response.closed) return resolve()
    response.once('close', settle)
    socket.once('close', settle)
  })

/** Gives an answer of launcher's own. */
export const answerWith = (
  response: ServerResponse,
  { status, phrase, headers, body }: OwnAnswer,
): void => {
  if (response.destroyed) return
  response.sendDate = false
  response.writeHead(status, phrase, [...headers])
  response.end(body)
}

/**
 * Methods whose request has no body unless it says so; for the others a length is written down, or
 * Node would write chunks.
 */
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'])

/** Largest head of a request or an answer, both ways. */
export const MAX_HEAD = 64 * 1024
