import fs from 'node:fs'

/** Longest answer that is read. */
const LIMIT = 1024

/**
 * Asks a question on the controlling terminal and waits for a line; undefined where there is none,
 * or at its end. Standard streams may be the agent's.
 */
export const askOnTerminal = (question: string): string | undefined => {
  let fd: number
  try {
    fd = fs.openSync('/dev/tty', 'r+')
  } catch {
    return undefined
  }
  try {
    fs.writeSync(fd, question)
    const buffer = Buffer.alloc(LIMIT)
    const count = fs.readSync(fd, buffer, 0, LIMIT, null)
    return count === 0 ? undefined : buffer.toString('utf8', 0, count).trim()
  } catch {
    return undefined
  } finally {
    fs.closeSync(fd)
  }
}
