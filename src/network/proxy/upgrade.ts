import { ServerResponse } from 'node:http'
import type net from 'node:net'
import { type Granted, forward, sendHead } from './forward.ts'
import { onwardHeaders } from './headers.ts'
import type { OwnAnswer } from './refusal.ts'
import { joinSockets, sayAndClose } from './tunnel.ts'

/**
 * Passes on a request that asks for another protocol. A WebSocket that the host agrees to becomes a
 * tunnel; any other answer ends the connection, so that what follows on it is never taken for a
 * request to the same host. Other protocols (`h2c`) are left out of the request, as RFC 9110
 * allows, and the host answers in HTTP/1.1.
 */
export const switchProtocol = async (
  granted: Granted,
  client: net.Socket,
  head: Buffer,
  halfClosedMs: number,
  failed: (error: Error) => OwnAnswer,
): Promise<void> => {
  const isWebSocket = granted.request.headers.upgrade?.toLowerCase() === 'websocket'
  const onward = sendHead(granted, isWebSocket ? 'websocket' : undefined)
  const response = new ServerResponse(granted.request)
  response.shouldKeepAlive = false
  response.assignSocket(client)
  const giveUp = (): void => void onward.destroy()
  client.on('error', giveUp).once('close', giveUp)
  onward.on('upgrade', (answer, host: net.Socket, hostHead) => {
    client.off('error', giveUp).off('close', giveUp)
    response.detachSocket(client)
    const headers = onwardHeaders(answer)
    const lines = [
      `HTTP/1.1 101 ${answer.statusMessage ?? ''}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
    ]
    for (let index = 0; index < headers.length; index += 2)
      lines.push(`${headers[index]}: ${headers[index + 1]}`)
    client.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    if (hostHead.length > 0) client.write(hostHead)
    if (head.length > 0) host.write(head)
    joinSockets(client, host, halfClosedMs)
  })
  response.once('finish', () => sayAndClose(client))
  await forward(granted, onward, response, failed)
}
