import { execFile, spawn } from 'node:child_process'
import os from 'node:os'
import { LauncherError } from '../errors.ts'
import { signal } from './process-table.ts'
import { relaySignals } from './signals.ts'
import { saveTerminal } from './terminal.ts'
import type { Ending, Launch } from './types.ts'

/** Milliseconds between looks for a program that stopped only itself; ps is the only way to ask on macOS. */
const STOP_INTERVAL = 1_000

/**
 * Starts the agent through sandbox-exec (which becomes the agent in the same process) and resolves with its ending.
 * `launch.argv` already begins with /usr/bin/sandbox-exec. `onStart` gets the process to end with launcher.
 */
export const runSeatbelt = async (
  launch: Launch,
  onStart: (pid: number) => void,
): Promise<Ending> => {
  const signals = relaySignals()
  const terminal = saveTerminal()
  const [file, ...args] = launch.argv
  if (file === undefined) throw new LauncherError('E_BACKEND', 'nothing to start')
  const child = spawn(file, args, { cwd: launch.cwd, env: launch.environment, stdio: 'inherit' })
  const ended = new Promise<{ code: number; by: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('exit', (code, by) => resolve({ code: code ?? 0, by }))
    child.once('error', (cause) =>
      reject(new LauncherError('E_BACKEND', `cannot start ${file}: ${cause.message}`, { cause })),
    )
  })
  let timer: NodeJS.Timeout | undefined
  try {
    if (child.pid !== undefined) {
      onStart(child.pid)
      signals.attach(child.pid)
      timer = followStops(child.pid)
    }
    const { code, by } = await ended
    if (by !== null) await terminal.restore()
    return { code: by === null ? code : 128 + (os.constants.signals[by] ?? 0) }
  } finally {
    clearInterval(timer)
    signals.dispose()
  }
}

const followStops = (pid: number): NodeJS.Timeout => {
  let looks = 0
  return setInterval(() => {
    execFile(
      '/bin/ps',
      ['-o', 'stat=', '-p', String(pid)],
      { encoding: 'utf8', timeout: 500 },
      (error, text) => {
        looks = !error && text.trim().startsWith('T') ? looks + 1 : 0
        if (looks === 2) {
          looks = 0
          signal(process.pid, 'SIGSTOP')
        }
      },
    )
  }, STOP_INTERVAL)
}
