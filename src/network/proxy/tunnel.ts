import type net from 'node:net'

/**
 * Joins two connections: bytes pass unread, the slower side sets the pace, an end on one side ends
 * that direction alone, and a reset arrives as a reset. Once a direction has ended, silence for
 * `halfClosedMs` ends the rest.
 */
export const joinSockets = (client: net.Socket, host: net.Socket, halfClosedMs: number): void => {
  client.setTimeout(0)
  client.setNoDelay(true)
  guard(client, host, halfClosedMs)
  guard(host, client, halfClosedMs)
  client.pipe(host)
  host.pipe(client)
}

/**
 * Ends a connection, with a last message where there is one; what the client still sends is
 * dropped, so that a reset does not take the message away.
 */
export const sayAndClose = (socket: net.Socket, message?: Buffer): void => {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
  if (message) socket.end(message)
  else socket.end()
}

const guard = (socket: net.Socket, other: net.Socket, halfClosedMs: number): void => {
  const watchSilence = (): void => {
    for (const side of [socket, other]) side.setTimeout(halfClosedMs)
  }
  if (socket.destroyed) other.destroy()
  if (socket.readableEnded) watchSilence()
  else socket.once('end', watchSilence)
  socket.on('error', () => reset(other))
  socket.once('close', () => {
    // Closed with both directions at their end, what the other side still holds may go out; closed
    // before, it is lost anyway.
    if (!socket.readableEnded || !socket.writableFinished) other.destroy()
  })
  socket.on('timeout', () => {
    socket.destroy()
    other.destroy()
  })
}

/**
 * libuv refuses to reset a connection whose end is on its way, and Node then neither closes it nor
 * says so.
 */
const reset = (socket: net.Socket): void =>
  void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy())

const LINGER_MS = 2000
