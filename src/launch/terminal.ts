import { spawn, spawnSync } from 'node:child_process'
import tty from 'node:tty'

/** The terminal's settings as they were; put back when the agent dies without doing so itself. */
export interface SavedTerminal {
  restore(): Promise<void>
}

/** Asks stty for the settings while the start goes on; does nothing where standard input is no terminal. */
export const saveTerminal = (): SavedTerminal => {
  if (!tty.isatty(0)) return { restore: async () => undefined }
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
      // An agent with job control may have left launcher in the background, where setting a terminal would stop it.
      if (saved !== '')
        spawnSync('/bin/sh', ['-c', 'trap "" TTOU; exec /bin/stty "$1"', 'launcher', saved], {
          stdio: ['inherit', 'ignore', 'ignore'],
          timeout: 2_000,
        })
    },
  }
}

/** Path of the terminal behind a standard stream (`/dev/ttys003`), as tty(1) tells it; undefined when none is one. */
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
