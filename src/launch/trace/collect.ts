import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { LauncherError } from '../../errors.ts'
import { traceCommand } from './command.ts'
import { createTraceParser, type TraceListener } from './parser.ts'

/** A trace that is being read while the agent runs. */
export interface Trace {
  /** The words that start something under the tracer. */
  wrap(argv: readonly string[]): string[]
  /**
   * Resolves when the tracer has ended and all it wrote was read, or when that takes too long. May
   * be asked again.
   */
  finished(): Promise<TraceEnd>
}

/** How a trace ended. */
export interface TraceEnd {
  /** Lines that were too long to be read. */
  readonly dropped: number
  /** False when the tracer did not come to its end: what it had still to say is lost. */
  readonly isComplete: boolean
}

/** What {@link openTrace} needs to know. */
export interface TracePlan {
  /** strace itself. */
  readonly file: string
  /** A directory that only the user can enter. */
  readonly directory: string
  /** Where the traced program is started. */
  readonly cwd: string
  /** True when bubblewrap is what is traced: nothing is told before the agent's first program. */
  readonly hasSandbox: boolean
}

/** Longest wait for the tracer after everything it traced has ended. */
const PATIENCE = 5_000

/** Makes the pipe and begins to read. Throws E_STATE when no pipe can be made. */
export const openTrace = (plan: TracePlan, listener: TraceListener): Trace => {
  const pipe = path.join(plan.directory, 'trace')
  const made = spawnSync('mkfifo', ['-m', '600', pipe], {
    env: { PATH: '/usr/bin:/bin' },
    encoding: 'utf8',
  })
  if (made.status !== 0)
    throw new LauncherError('E_STATE', `cannot make a pipe for the trace: ${made.stderr.trim()}`, {
      hint: 'start without --trace',
    })
  // A writer of our own, until the tracer has opened it: without one a reader would wait, or be at
  // the end before the beginning.
  let ours: number | undefined = fs.openSync(pipe, fs.constants.O_RDWR)
  const letGo = (): void => {
    if (ours === undefined) return
    fs.closeSync(ours)
    ours = undefined
    fs.rmSync(pipe, { force: true })
  }
  const parser = createTraceParser(plan.cwd, listener, plan)
  // A socket, because a read of a file would keep a thread that nothing can call back.
  const stream = new net.Socket({
    fd: fs.openSync(pipe, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK),
    readable: true,
    writable: false,
  })
  const closed = new Promise<boolean>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      letGo()
      parser.feed(chunk)
    })
    stream.once('end', () => resolve(true))
    stream.once('error', () => resolve(false))
  })
  const finish = async (): Promise<TraceEnd> => {
    letGo()
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), PATIENCE)
    })
    const isComplete = await Promise.race([closed, patience])
    clearTimeout(timer)
    stream.destroy()
    parser.end()
    return { dropped: parser.dropped, isComplete }
  }
  let end: Promise<TraceEnd> | undefined
  return {
    wrap: (argv) => traceCommand(argv, { file: plan.file, pipe }),
    finished: () => (end ??= finish()),
  }
}
