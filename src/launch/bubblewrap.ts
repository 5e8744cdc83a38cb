import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { MountGate } from '../backend/bubblewrap/gate.ts'
import type { Nothing, Placeholder } from '../backend/bubblewrap/program.ts'
import type { Caller, CallArch } from './calls.ts'
import type { StandardStreams } from './descriptors.ts'
import { type ControlGroup, type Freezer, signalFreezer } from './freeze.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import { type Listeners, openListeners, type SandboxPorts } from './listeners.ts'
import { type Mender, openMender } from './mend.ts'
import { isGone, mountTableOf, openGlance, readersOf, signal } from './process-table.ts'
import { openRelays } from './relay.ts'
import { relaySignals } from './signals.ts'
import { saveTerminal } from './terminal.ts'
import type { Trace } from './trace/collect.ts'
import type { Ending, Launch } from './types.ts'
import { type Watch, watchSandbox } from './watch.ts'

/**
 * Descriptors as bubblewrap sees them; the order of `stdio` below. `wait` is there only where ports
 * are asked for.
 */
export const DESCRIPTORS = { args: 3, info: 4, block: 5, seccomp: 6 } as const
export const WAIT_DESCRIPTOR = 7

/** What to start and how to know that it is what was planned. */
export interface BubblewrapLaunch {
  readonly launch: Launch
  /** bubblewrap itself. */
  readonly file: AbsolutePath
  /** Options for `--args FD`. */
  readonly options: readonly string[]
  readonly seccomp: Uint8Array
  readonly gate: MountGate
  /** What mends mounts that fell off; undefined where nothing can, and then a loss ends the run. */
  readonly mending: Mending | undefined
  /** The run's own control group, where the user may have one. */
  readonly group: ControlGroup | undefined
  /**
   * A named pipe that somebody who outlives launcher holds open: bubblewrap takes its end, too, for
   * leave to start the agent.
   */
  readonly block: AbsolutePath
  /**
   * A GNU `env` that gives the agent back the signals its monitor ignores; without it Ctrl-C ends
   * the agent at once.
   */
  readonly signalReset: AbsolutePath | undefined
  readonly streams: StandardStreams
  /** A directory that only the user can enter. */
  readonly directory: AbsolutePath
  /**
   * Ports of the sandbox's own loopback; then bubblewrap's options make it wait at
   * {@link WAIT_DESCRIPTOR} until its network was entered.
   */
  readonly ports: SandboxPorts | undefined
  /** Called with the ports' listeners before the agent is let go; what it throws ends the start. */
  readonly onListeners: (listeners: Listeners) => Promise<void>
  /** Where what the kernel refuses is collected; bubblewrap is then started under the tracer. */
  readonly trace?: Trace | undefined
  /**
   * Launcher is about to be stopped, or goes on: somebody else must look at the mounts meanwhile.
   */
  readonly onStop: (isStopped: boolean) => void
  /**
   * Called with the first process of the sandbox, as the host numbers it, as soon as it is known.
   */
  readonly onInit: (pid: number) => void
  /** Called when the sandbox is built and compared, just before the agent is let go. */
  readonly onRelease: () => void
}

/** What mending needs. */
export interface Mending {
  readonly caller: Caller
  readonly arch: CallArch
  readonly isRoot: boolean
  readonly standinFile: AbsolutePath
  /** Where the run keeps what a held name shows inside. */
  readonly nothing: (nothing: Nothing) => AbsolutePath
  readonly hold: (names: readonly Placeholder[]) => Promise<void>
}

/** Longest time that building the root may take: 1,000 mounts take about 1.2 s. */
const BUILD_TIMEOUT = 20_000
/** Bytes of a mount table for which one millisecond more is waited between two looks. */
const TABLE_PACE = 20_000
/**
 * bubblewrap's monitor sits in the terminal's process group and would die of Ctrl-C, taking the
 * agent with it; what it ignores, its child must get back.
 */
const SHIELD = 'trap "" INT QUIT HUP TERM TSTP TTIN TTOU; exec "$@"'
const SHIELDED = 'INT,QUIT,HUP,TERM,TSTP,TTIN,TTOU'

/** A program that ends so had no chance to put back what it asked of the terminal. */
const ABRUPT = new Set(
  (['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'] as const).map(
    (name) => 128 + os.constants.signals[name],
  ),
)

/**
 * Starts the agent under bubblewrap, holds it until the mounts are the planned ones, watches it,
 * and resolves with its ending.
 */
export const runBubblewrap = async (plan: BubblewrapLaunch): Promise<Ending> => {
  const signals = relaySignals()
  const relays = openRelays(plan.streams, plan.directory)
  const terminal = saveTerminal()
  const hostTable = mountTableOf('self')
  const words = [
    '/bin/sh',
    '-c',
    SHIELD,
    'launcher',
    plan.file,
    '--args',
    String(DESCRIPTORS.args),
    '--',
    ...agentArgv(plan),
  ]
  const [file = '', ...args] = plan.trace ? plan.trace.wrap(words) : words
  const gate = openGate(plan.block)
  const child = spawn(file, args, {
    cwd: plan.launch.cwd,
    env: plan.launch.environment,
    stdio: [
      ...relays.stdio,
      'pipe',
      'pipe',
      gate.theirs,
      'pipe',
      ...(plan.ports ? ['pipe' as const] : []),
    ],
  })
  gate.started()
  const exited = exitOf(child)
  feed(child, DESCRIPTORS.args, plan.options.map((option) => `${option}\0`).join(''))
  feed(child, DESCRIPTORS.seccomp, plan.seccomp)
  relays.started(child.stdin)
  let sandbox: number | 'unknown' | 'ended' = 'unknown'
  let watch: Watch | undefined
  let listeners: Listeners | undefined
  const closers: (() => void)[] = []
  try {
    const init = await Promise.race([initPid(child), exited.then(() => undefined)])
    if (init === undefined)
      throw new LauncherError('E_BACKEND', 'bubblewrap ended before the agent was started')
    sandbox = init
    plan.onInit(init)
    if (plan.ports) {
      listeners = openListeners(init, plan.ports)
      await Promise.race([listeners.joined, exited])
      feed(child, WAIT_DESCRIPTOR, '')
    }
    const table = await sealedTable(init, plan.gate, exited)
    const problems = plan.gate.differences(table, hostTable)
    if (problems.length > 0) {
      throw new LauncherError(
        'E_ENFORCEMENT_LOST',
        `the kernel's mounts are not the planned ones: ${problems.slice(0, 3).join('; ')}`,
        {
          hint: 'something on this machine changed a path while launcher was starting; start again',
        },
      )
    }
    if (listeners) await plan.onListeners(listeners)
    const [asked] = signals.pending
    if (asked !== undefined) return { code: 128 + os.constants.signals[asked] }
    plan.onRelease()
    const kept = keep(plan, init, table)
    closers.push(kept.close)
    watch = watchSandbox({
      init,
      monitor: child.pid ?? init,
      keeper: kept.keeper,
      freezer: kept.freezer,
      directories: plan.gate.directories,
      onAgent: (pid) => signals.attach(pid),
      onStop: plan.onStop,
    })
    gate.open()
    const { code, by } = await exited
    await watch.stop()
    await endOf(init)
    sandbox = 'ended'
    await plan.trace?.finished()
    await relays.finished()
    const { lost } = watch
    const { changes, exposed } = kept.keeper
    if (lost !== undefined) {
      await terminal.restore()
      terminal.reset()
      return { code: 125, lost, changes, exposed }
    }
    const status = by === null ? code : 128 + (os.constants.signals[by] ?? 0)
    if (status > 128) await terminal.restore()
    if (ABRUPT.has(status)) terminal.reset()
    return { code: status, changes, exposed }
  } finally {
    await watch?.stop()
    for (const close of closers) close()
    listeners?.close()
    signals.dispose()
    gate.close()
    // Before its monitor: what waits at the gate outlives that, and holds the standard streams'
    // pipes, whose readers keep launcher.
    if (sandbox === 'unknown') for (const pid of readersOf(plan.block)) signal(pid, 'SIGKILL')
    else if (sandbox !== 'ended') await endOf(sandbox)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  }
}

/** Opens all that looking and mending need, before the agent can use up what there is. */
const keep = (
  { gate, mending, group }: BubblewrapLaunch,
  init: number,
  released: string,
): { readonly keeper: Keeper; readonly freezer: Freezer; close(): void } => {
  const table = openGlance(`/proc/${init}/mountinfo`)
  const host = openGlance('/proc/self/mountinfo')
  const mender: Mender | undefined = mending && openMender({ init, ...mending })
  const freezer = group?.take(init) ? group.freezer : signalFreezer(init)
  return {
    keeper: createKeeper({ init, gate, released, table, host, freezer, mender }),
    freezer,
    close: () => {
      for (const one of [table, host, ...(mender ? [mender] : [])]) one.close()
    },
  }
}

/** A path with `=` would be taken for an assignment by env; sh passes it on untouched. */
const agentArgv = ({ launch, signalReset }: BubblewrapLaunch): readonly string[] => {
  if (!signalReset) return launch.argv
  const words = launch.argv[0]?.includes('=')
    ? ['/bin/sh', '-c', 'exec "$0" "$@"', ...launch.argv]
    : launch.argv
  return [signalReset, `--default-signal=${SHIELDED}`, ...words]
}

const exitOf = (child: ChildProcess): Promise<{ code: number; by: NodeJS.Signals | null }> =>
  new Promise((resolve, reject) => {
    child.once('exit', (code, by) => resolve({ code: code ?? 0, by }))
    child.once('error', (cause) =>
      reject(
        new LauncherError('E_BACKEND', `cannot start bubblewrap: ${cause.message}`, { cause }),
      ),
    )
  })

const pipeOf = (child: ChildProcess, descriptor: number): Duplex =>
  (child.stdio as readonly unknown[])[descriptor] as Duplex

const feed = (child: ChildProcess, descriptor: number, content: string | Uint8Array): void => {
  const stream = pipeOf(child, descriptor)
  // When bubblewrap ends early its side is closed; the exit tells, not this.
  stream.on('error', () => undefined)
  stream.end(content)
}

/**
 * Ends the sandbox whatever became of its ties to launcher: a program inside can trace its first
 * process and cut them (measured). Killing that process from outside takes all others with it; the
 * names that are held on the host must stay until then.
 */
const endOf = async (init: number): Promise<void> => {
  const end = Date.now() + BUILD_TIMEOUT
  for (;;) {
    signal(init, 'SIGKILL')
    if (isGone(init)) return
    if (Date.now() > end)
      throw new LauncherError(
        'E_ENFORCEMENT_LOST',
        'the sandbox does not end although it was killed',
        { hint: `look at process ${init}` },
      )
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

const sealedTable = async (
  init: number,
  gate: MountGate,
  exited: Promise<unknown>,
): Promise<string> => {
  let end = Date.now() + BUILD_TIMEOUT
  let hasEnded = false
  let size = 0
  void exited
    .finally(() => {
      hasEnded = true
    })
    .catch(() => undefined)
  for (;;) {
    const table = mountTableOf(init)
    if (gate.isSealed(table)) return table
    if (hasEnded)
      throw new LauncherError('E_BACKEND', 'bubblewrap ended while building the sandbox')
    if (Date.now() > end)
      throw new LauncherError(
        'E_BACKEND',
        `bubblewrap has not gone on building the sandbox for ${BUILD_TIMEOUT / 1000} s`,
      )
    // On a busy machine a large policy takes its time: only one that stands still is given up.
    if (table.length > size) end = Date.now() + BUILD_TIMEOUT
    size = Math.max(size, table.length)
    // A large table is costly to read, for the kernel that builds it, too.
    await delay(1 + Math.floor(table.length / TABLE_PACE))
  }
}

/** Where bubblewrap waits, from this side. */
interface Gate {
  /** Descriptor for bubblewrap. */
  readonly theirs: number
  /** bubblewrap has it by now. */
  started(): void
  open(): void
  close(): void
}

/**
 * Opened for both first: a pipe that nobody else holds would keep whoever opens one end of it
 * waiting.
 */
const openGate = (file: AbsolutePath): Gate => {
  const ours = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_NOFOLLOW)
  const theirs = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
  return {
    theirs,
    started: () => fs.closeSync(theirs),
    open: () => void fs.writeSync(ours, 'x'),
    close: () => fs.closeSync(ours),
  }
}
