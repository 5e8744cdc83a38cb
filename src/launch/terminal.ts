import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import tty from 'node:tty'

/** The terminal's settings as they were; put back when the agent dies without doing so itself. */
export interface SavedTerminal {
  restore(): Promise<void>
  /** Takes back what a program asked of the screen, mouse and keyboard, and goes to a new line. */
  reset(): void
}

/**
 * What a full-screen program turns on and is turned off here (xterm's ctlseqs; kitty's keyboard
 * protocol). The cursor is saved first: leaving the alternate screen restores the saved place even
 * where that screen was not shown.
 */
const RESET = [
  '\x1b[<1u', // kitty's keyboard, as pushed on the alternate screen
  '\x1b7\x1b[?1049l', // the alternate screen
  '\x1b[<1u\x1b[=0u', // kitty's keyboard on the main one
  '\x1b[>4;0m', // xterm's modifyOtherKeys
  '\x1b[?9;1000;1001;1002;1003;1005;1006;1015;1016l', // the mouse
  '\x1b[?1004;2004;2026;2031l', // focus, bracketed paste, held output, news of the colour scheme
  '\x1b[?1l\x1b>', // cursor keys and keypad
  '\x1b7\x1b[r\x1b8\x1b[4l\x1b[?7h', // scrolling region, inserting, wrapping
  '\x1b[0m\x1b(B\x0f', // colours and character set
  '\x1b[?25h\x1b[0 q', // the cursor
  '\r\n',
].join('')

/**
 * Asks stty for the settings while the start goes on; does nothing where standard input is no
 * terminal.
 */
export const saveTerminal = (): SavedTerminal => {
  const reset = (): void => {
    const fd = [1, 2].find((one) => tty.isatty(one))
    if (fd !== undefined) writeQuietly(fd, RESET)
  }
  if (!tty.isatty(0)) return { restore: async () => undefined, reset }
  const settings = new Promise<string>((resolve) => {
    const child = spawn('/bin/stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'] })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    child.once('error', () => resolve(''))
    child.once('close', (code) => resolve(code === 0 ? text.trim() : ''))
  })
  return {
    restore: async () => {
      const saved = await settings
      // An agent with job control may have left launcher in the background, where setting a
      // terminal would stop it.
      if (saved !== '')
        spawnSync('/bin/sh', ['-c', 'trap "" TTOU; exec /bin/stty "$1"', 'launcher', saved], {
          stdio: ['inherit', 'ignore', 'ignore'],
          timeout: 2_000,
        })
    },
    reset,
  }
}

/** A terminal that is gone needs nothing put back. */
const writeQuietly = (fd: number, text: string): void => {
  try {
    fs.writeSync(fd, text)
  } catch {
    // Gone, or full: whoever reads it no more sees no more of it.
  }
}

/**
 * Path of the terminal behind a standard stream (`/dev/ttys003`), as tty(1) tells it; undefined
 * when none is one.
 */
export const terminalName = (): string | undefined => {
  const fd = [0, 1, 2].find((one) => tty.isatty(one))
  if (fd === undefined) return undefined
  const asked = spawnSync('/usr/bin/tty', [], {
    stdio: [fd, 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: 2_000,
  })
  const name = asked.status === 0 ? asked.stdout.trim() : ''
  return name.startsWith('/dev/') ? name : undefined
}
