import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { LauncherError } from '../errors.ts'
import { writeAll } from '../host.ts'
import type { AbsolutePath } from '../policy/paths.ts'
import type { StandardStreams } from './descriptors.ts'
import { mountTableOf, signal, stateOf } from './process-table.ts'
import { relaySignals } from './signals.ts'
import { saveTerminal } from './terminal.ts'
import type { Ending, Launch, MountGate } from './types.ts'
import { type Watch, watchSandbox } from './watch.ts'

/** Descriptors as bubblewrap sees them; the order of `stdio` below. */
export const DESCRIPTORS = { args: 3, info: 4, block: 5, seccomp: 6 } as const

/** What to start and how to know that it is what was planned. */
export interface BubblewrapLaunch {
  readonly launch: Launch
  /** bubblewrap itself. */
  readonly file: AbsolutePath
  /** Options for `--args FD`. */
  readonly options: readonly string[]
  readonly seccomp: Uint8Array
  readonly gate: MountGate
  /** A GNU `env` that gives the agent back the signals its monitor ignores; without it Ctrl-C ends the agent at once. */
  readonly signalReset: AbsolutePath | undefined
  readonly streams: StandardStreams
  /** Called with the first process of the sandbox, as the host numbers it, as soon as it is known. */
  readonly onInit: (pid: number) => void
  /** Called when the sandbox is built and compared, just before the agent is let go. */
  readonly onRelease: () => void
}

/** Longest time that building the root may take: 1,000 mounts take about 1.2 s. */
const BUILD_TIMEOUT = 20_000
/** bubblewrap's monitor sits in the terminal's process group and would die of Ctrl-C, taking the agent with it; what it ignores, its child must get back. */
const SHIELD = 'trap "" INT QUIT HUP TERM; exec "$@"'
/** The same with standard error into standard output: both are one file. */
const MERGING_SHIELD = `${SHIELD} 2>&1`
const SHIELDED = 'INT,QUIT,HUP,TERM'

/** Starts the agent under bubblewrap, holds it until the mounts are the planned ones, watches it, and resolves with its ending. */
export const runBubblewrap = async (plan: BubblewrapLaunch): Promise<Ending> => {
  const signals = relaySignals()
  const how = (fd: 0 | 1 | 2): 'pipe' | 'inherit' => (plan.streams.relay[fd] ? 'pipe' : 'inherit')
  const terminal = saveTerminal()
  const hostTable = mountTableOf('self')
  const child = spawn('/bin/sh', ['-c', plan.streams.isMerged ? MERGING_SHIELD : SHIELD, 'launcher', plan.file, '--args', String(DESCRIPTORS.args), '--', ...agentArgv(plan)], {
    cwd: plan.launch.cwd,
    env: plan.launch.environment,
    stdio: [how(0), how(1), plan.streams.isMerged ? 'inherit' : how(2), 'pipe', 'pipe', 'pipe', 'pipe'],
  })
  const exited = exitOf(child)
  feed(child, DESCRIPTORS.args, plan.options.map((option) => `${option}\0`).join(''))
  feed(child, DESCRIPTORS.seccomp, plan.seccomp)
  if (child.stdin) relay(child.stdin as Duplex)
  if (child.stdout) drain(child.stdout, 1)
  if (child.stderr) drain(child.stderr, 2)
  let watch: Watch | undefined
  try {
    const init = await Promise.race([initPid(child), exited.then(() => undefined)])
    if (init === undefined) throw new LauncherError('E_BACKEND', 'bubblewrap ended before the agent was started')
    plan.onInit(init)
    const table = await sealedTable(init, plan.gate, exited)
    const problems = plan.gate.differences(table, hostTable)
    if (problems.length > 0) {
      signal(init, 'SIGKILL')
      throw new LauncherError('E_ENFORCEMENT_LOST', `the kernel's mounts are not the planned ones: ${problems.slice(0, 3).join('; ')}`, {
        hint: 'something on this machine changed a path while launcher was starting; start again',
      })
    }
    const [asked] = signals.pending
    if (asked !== undefined) {
      await endOf(init)
      return { code: 128 + os.constants.signals[asked] }
    }
    plan.onRelease()
    watch = watchSandbox(init, child.pid ?? init, table, plan.gate, (pid) => signals.attach(pid))
    release(child)
    const { code, by } = await exited
    watch.stop()
    await endOf(init)
    if (watch.lost !== undefined) {
      await terminal.restore()
      return { code: 125, lost: watch.lost }
    }
    if (by !== null || code > 128) await terminal.restore()
    return { code: by === null ? code : 128 + (os.constants.signals[by] ?? 0) }
  } finally {
    watch?.stop()
    signals.dispose()
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  }
}

/** A path with `=` would be taken for an assignment by env; sh passes it on untouched. */
const agentArgv = ({ launch, signalReset }: BubblewrapLaunch): readonly string[] => {
  if (!signalReset) return launch.argv
  const words = launch.argv[0]?.includes('=') ? ['/bin/sh', '-c', 'exec "$0" "$@"', ...launch.argv] : launch.argv
  return [signalReset, `--default-signal=${SHIELDED}`, ...words]
}

const exitOf = (child: ChildProcess): Promise<{ code: number; by: NodeJS.Signals | null }> =>
  new Promise((resolve, reject) => {
    // `close`, not `exit`: what was written into a relay must have arrived.
    child.once('close', (code, by) => resolve({ code: code ?? 0, by }))
    child.once('error', (cause) => reject(new LauncherError('E_BACKEND', `cannot start bubblewrap: ${cause.message}`, { cause })))
  })

const pipeOf = (child: ChildProcess, descriptor: number): Duplex => (child.stdio as readonly unknown[])[descriptor] as Duplex

const feed = (child: ChildProcess, descriptor: number, content: string | Uint8Array): void => {
  const stream = pipeOf(child, descriptor)
  // When bubblewrap ends early its side is closed; the exit tells, not this.
  stream.on('error', () => undefined)
  stream.end(content)
}

/** A regular file as standard input is read here, so that the agent gets its content and not the file. */
const relay = (input: Duplex): void => {
  input.on('error', () => undefined)
  fs.createReadStream('', { fd: 0, autoClose: false }).on('error', () => input.end()).pipe(input)
}

/** What the agent writes goes into the file, in order and whole, before more is read. */
const drain = (output: Readable, fd: 1 | 2): void => {
  output.on('error', () => undefined)
  output.on('data', (chunk: Buffer) => writeAll(fd, chunk))
}

/**
 * Ends the sandbox whatever became of its ties to launcher: a program inside can trace its first process and cut them (measured). Killing that
 * process from outside takes all others with it; the names that are held on the host must stay until then.
 */
const endOf = async (init: number): Promise<void> => {
  const end = Date.now() + BUILD_TIMEOUT
  for (;;) {
    const state = stateOf(init)
    if (state === undefined || state === 'Z') return
    if (Date.now() > end) throw new LauncherError('E_ENFORCEMENT_LOST', 'the sandbox does not end although it was killed', { hint: `look at process ${init}` })
    signal(init, 'SIGKILL')
    await delay(1)
  }
}

const initPid = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    let text = ''
    const stream = pipeOf(child, DESCRIPTORS.info)
    stream.on('error', () => undefined)
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      const match = /"child-pid":\s*(\d+)[\s,}]/.exec(text)
      if (match) resolve(Number(match[1]))
    })
  })

const sealedTable = async (init: number, gate: MountGate, exited: Promise<unknown>): Promise<string> => {
  const end = Date.now() + BUILD_TIMEOUT
  let hasEnded = false
  void exited.finally(() => {
    hasEnded = true
  }).catch(() => undefined)
  for (;;) {
    const table = mountTableOf(init)
    if (gate.isSealed(table)) return table
    if (hasEnded) throw new LauncherError('E_BACKEND', 'bubblewrap ended while building the sandbox')
    if (Date.now() > end) {
      signal(init, 'SIGKILL')
      throw new LauncherError('E_BACKEND', `bubblewrap did not build the sandbox within ${BUILD_TIMEOUT / 1000} s`)
    }
    await delay(1)
  }
}

const release = (child: ChildProcess): void => {
  const stream = pipeOf(child, DESCRIPTORS.block)
  stream.on('error', () => undefined)
  stream.end('x')
}
