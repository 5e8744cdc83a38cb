import fs from 'node:fs'
import tty from 'node:tty'

/**
 * Writes all of a text, also into a pipe that is slow: an exit must not cut a report short. A
 * reader that is gone is nobody to tell.
 */
export const writeAll = (fd: 1 | 2, text: string | Uint8Array): void => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue
      return
    }
  }
}

/** What a report is written for: a terminal of so many columns, or something else. */
export interface Screen {
  readonly isTerminal: boolean
  readonly columns: number
}

/** The screen behind a standard stream; 100 columns where it has none. */
export const screenOf = (fd: 1 | 2): Screen => {
  const isTerminal = tty.isatty(fd)
  return { isTerminal, columns: (isTerminal && process.stderr.columns) || 100 }
}
