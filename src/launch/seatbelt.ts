import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import os from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { LauncherError } from '../errors.ts'
import { PLAIN_STREAMS, type StandardStreams } from './descriptors.ts'
import { signal } from './process-table.ts'
import { feed, handOnStream } from './relay.ts'
import { relaySignals } from './signals.ts'
import { saveTerminal } from './terminal.ts'
import type { Ending, Launch } from './types.ts'

/**
 * Milliseconds between looks for a program that stopped only itself; ps is the only way to ask on
 * macOS.
 */
const STOP_INTERVAL = 1_000

/**
 * Starts the agent through sandbox-exec (which becomes the agent in the same process) and resolves
 * with its ending. `launch.argv` already begins with /usr/bin/sandbox-exec. `onStart` gets the
 * process to end with launcher; files among the `streams` are handed on through pipes. Throws
 * E_STDIO when one could not be written.
 */
export const runSeatbelt = async (
  launch: Launch,
  onStart: (pid: number) => void,
  streams: StandardStreams = PLAIN_STREAMS,
): Promise<Ending> => {
  const signals = relaySignals()
  const terminal = saveTerminal()
  const [file, ...args] = launch.argv
  if (file === undefined) throw new LauncherError('E_BACKEND', 'nothing to start')
  // Pipes without a name: about a named one the agent could not ask either. Output and error that
  // are one file keep the order within each, not between them.
  const [input, output, error] = streams.relay.map((isFile) => (isFile ? 'pipe' : 'inherit'))
  const child = spawn(file, args, {
    cwd: launch.cwd,
    env: launch.environment,
    stdio: [input ?? 'inherit', output ?? 'inherit', error ?? 'inherit'],
  })
  if (child.stdin) feed(child.stdin)
  const written = Promise.all([
    child.stdout ? handOnStream(child.stdout, 1) : undefined,
    child.stderr ? handOnStream(child.stderr, 2) : undefined,
  ])
  // Awaited below; an error until then is not unhandled.
  written.catch(() => undefined)
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
    await Promise.race([written, quiet(child)])
    if (by !== null) await terminal.restore()
    return { code: by === null ? code : 128 + (os.constants.signals[by] ?? 0) }
  } finally {
    clearInterval(timer)
    signals.dispose()
  }
}

/**
 * What the agent left behind may hold its streams open: the end is when nothing has come for a
 * while.
 */
const quiet = async (child: ChildProcess): Promise<void> => {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null)
  for (let seen = -1, now = 0; seen !== now; ) {
    seen = now
    await delay(QUIET, undefined, { ref: false })
    now = streams.reduce(
      (sum, stream) => sum + (stream instanceof Socket ? stream.bytesRead : 0),
      0,
    )
  }
  for (const stream of streams) stream.destroy()
}

/** Milliseconds without a byte after the agent's own end. */
const QUIET = 250

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
