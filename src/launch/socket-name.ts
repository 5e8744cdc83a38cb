import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'

/**
 * Longest address of a socket (unix(7) on Linux: 108 bytes with the NUL); Node's libuv cuts a
 * longer one short without a word.
 */
const ADDRESS_BYTES = 107

/**
 * Leaves a socket that nobody listens at: a name that git neither lists nor adds and that opens for
 * no one. Never replaces anything. False where something is there already, the name is too long or
 * the file system knows no sockets.
 */
export const leaveSocket = (place: string): boolean => {
  const directory = fs.openSync(
    path.dirname(place),
    fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW,
  )
  const server = net.createServer()
  server.on('error', () => undefined)
  try {
    // Through the descriptor, because the address must be short, and because the name must outlive
    // the server, which
    // takes it away when it closes: by then the descriptor leads nowhere.
    const address = `/proc/self/fd/${directory}/${path.basename(place)}`
    if (Buffer.byteLength(address) <= ADDRESS_BYTES) server.listen(address)
  } finally {
    fs.closeSync(directory)
  }
  const isLeft = server.listening
  server.close()
  return isLeft
}
