import { bubblewrapOptions } from '../backend/bubblewrap/argv.ts'
import { seccompFilter } from '../backend/bubblewrap/seccomp.ts'
import { diagnose, findBubblewrap } from '../backend/bubblewrap/support.ts'
import { seatbeltArgv } from '../backend/seatbelt/launch-plan.ts'
import { probeSeatbelt } from '../backend/seatbelt/support.ts'
import { LauncherError } from '../errors.ts'
import { DESCRIPTORS, runBubblewrap, WAIT_DESCRIPTOR } from '../launch/bubblewrap.ts'
import { makeCreated } from '../launch/create.ts'
import type { StandardStreams } from '../launch/descriptors.ts'
import { type BuiltEnvironment, valuesIn } from '../resolve/environment.ts'
import { becomeAgent } from '../launch/exec.ts'
import { holdNames } from '../launch/held-names.ts'
import { writeLimits } from '../launch/limits.ts'
import { type Reaper, startReaper, sweep } from '../launch/reaper.ts'
import { runSeatbelt } from '../launch/seatbelt.ts'
import {
  cleanUp,
  createRunState,
  nothingOf,
  type RunState,
  staleRuns,
  writeNothing,
  writeProfile,
} from '../launch/state.ts'
import type { Ending, Launch } from '../launch/types.ts'
import type { Asker } from '../network/ask.ts'
import type { RunNetwork } from '../network/run-network.ts'
import { type AbsolutePath, isWithin, join, parentOf } from '../machine/paths.ts'
import { compilePolicy } from '../policy/decide.ts'
import { LIMITS_FILE, limitsOf, limitsText } from '../report/limits.ts'
import { ownPlaces } from '../machine/places.ts'
import { type Backend, mountGate, type Program } from './backend.ts'
import { type Collected, type Collector, openCollector } from './collect.ts'
import type { RunContext } from './context.ts'
import { sandboxPorts } from './network.ts'
import type { Prepared } from './prepare.ts'
import type { Stopwatch } from './stopwatch.ts'

/** Everything decided; what is left is to do it. */
export interface Start {
  readonly prepared: Prepared
  readonly program: Program
  readonly backend: Backend
  readonly environment: BuiltEnvironment
  readonly network: RunNetwork
  readonly asker: Asker | undefined
  readonly useExec: boolean
  readonly wantsTrace: boolean
  readonly streams: StandardStreams
  /** What changed meanwhile is an error now, not a reason to look again. */
  readonly isLast: boolean
  readonly clock: Stopwatch
}

/** How a run ended, and what was refused meanwhile. */
export interface Ended extends Collected {
  readonly code: number
  /** What the host changed meanwhile and the agent gained nothing by. */
  readonly changes: readonly string[]
}

/** Cleans up after runs that a crash or a power cut ended, before anything looks at the host: what they held would be taken for real. */
export const sweepStale = (context: RunContext): void => {
  const { state } = ownPlaces(context.host)
  const stale = staleRuns(state)
  if (stale.length > 0) sweep(reaperOf(context), state, stale)
}

const reaperOf = ({ host }: RunContext): AbsolutePath => join(host.installation, 'shell/reaper.sh')

/**
 * Puts on the host what the run needs, starts the agent, and leaves nothing behind. Returns how it ended, or `changed` when a protected
 * name went away between resolution and now, so that the caller looks again.
 */
export const startAgent = async (start: Start, context: RunContext): Promise<Ended | 'changed'> => {
  const { host } = context
  const { resolution } = start.prepared
  const { resolved } = resolution
  const bubblewrap =
    start.program.backend === 'bubblewrap' ? findBubblewrap(host, resolved.project) : undefined
  if (bubblewrap && !bubblewrap.ok)
    throw new LauncherError('E_BACKEND', bubblewrap.reason, { hint: bubblewrap.hint })
  if (start.program.backend === 'seatbelt') {
    const support = probeSeatbelt(host)
    if (!support.ok)
      throw new LauncherError(support.nested ? 'E_NESTED' : 'E_BACKEND', support.reason, {
        hint: support.hint,
      })
  }
  const launch: Launch = {
    argv: start.prepared.argv,
    environment: valuesIn(start.environment),
    cwd: isWithin(host.cwd, resolved.project) ? host.cwd : resolved.project,
  }
  const ports =
    start.program.backend === 'bubblewrap' ? sandboxPorts(start.network, context) : undefined
  const { id, tmp } = start.prepared.place
  const run = createRunState(id, ownPlaces(host).state, tmp)
  const { placeholders, operations } =
    start.program.backend === 'bubblewrap' ? start.program : { placeholders: [], operations: [] }
  let collector: Collector | undefined
  const reaper = startReaper(reaperOf(context), run, host.platform === 'linux')
  try {
    start.clock.mark('state')
    await reaper.ready
    start.clock.mark('reaper')
    makeCreated(resolution.create)
    writeLimits(run.tmp, LIMITS_FILE, limitsText(limitsOf(resolved)))
    await start.asker?.listen(run.directory)
    // A name of another run that ended meanwhile, and what was to be held beneath it.
    const existing = resolved.protections
      .filter((protection) => protection.exists)
      .map((protection) => protection.path)
    const isGone = [...existing, ...placeholders.map(({ path }) => parentOf(path))].some(
      (path) => host.lstat(path) === undefined,
    )
    if (isGone && !start.isLast) return 'changed'
    holdNames(run, placeholders, existing)
    for (const operation of operations)
      if (operation.type === 'nothing') writeNothing(run, operation.nothing)
    reaper.unlock()
    start.clock.mark('hold')
    collector = start.useExec
      ? undefined
      : await openCollector(
          {
            id,
            backend: start.program.backend,
            resolution,
            cwd: launch.cwd,
            wantsTrace: start.wantsTrace,
            directory: run.directory,
          },
          host,
        )
    const ending =
      start.program.backend === 'bubblewrap' && bubblewrap?.ok
        ? await runBubblewrap({
            launch,
            file: bubblewrap.file,
            options: bubblewrapOptions(start.program, {
              cwd: launch.cwd,
              sources: { standinFile: run.standinFile, nothing: (one) => nothingOf(run, one) },
              descriptors: { ...DESCRIPTORS, ...(ports && { wait: WAIT_DESCRIPTOR }) },
            }),
            seccomp: seccompFilter(host.arch),
            gate: mountGate(start.program.operations, compilePolicy(resolved)),
            block: run.gate,
            signalReset: bubblewrap.signalReset,
            streams: start.streams,
            directory: run.directory,
            ports,
            trace: collector?.trace,
            onListeners: (listeners) => start.network.attach(listeners),
            onStop: (isStopped) => reaper.pause(isStopped),
            onInit: (pid) => reaper.watch(pid),
            onRelease: () => start.clock.mark('build'),
          }).catch((error: unknown) => {
            throw withReason(error, context, bubblewrap.file)
          })
        : await startSeatbelt(start, launch, run, reaper)
    start.clock.mark('agent')
    if (ending.lost !== undefined) {
      throw new LauncherError(
        'E_ENFORCEMENT_LOST',
        `the run was ended because enforcement was lost: ${ending.lost}`,
        {
          hint: 'Something on the host (git, an editor, another launcher with a state directory of its own) replaced a protected name while the agent ran. Start again.',
        },
      )
    }
    return {
      code: ending.code,
      changes: ending.changes ?? [],
      ...((await collector?.finish()) ?? { kind: 'none', denials: [], gaps: [] }),
    }
  } finally {
    // It is a process or a pipe of its own, which would keep launcher: also after a start that failed.
    await collector?.finish()
    await reaper.finish(() => cleanUp(run))
    start.clock.mark('clean up')
  }
}

/** bubblewrap's own words went to standard error; why it cannot work here is asked only now. */
const withReason = (error: unknown, { host }: RunContext, file: AbsolutePath): unknown => {
  if (!(error instanceof LauncherError) || error.code !== 'E_BACKEND') return error
  const { reason, hint } = diagnose(host, file)
  return new LauncherError('E_BACKEND', `${error.message}: ${reason}`, { hint, cause: error.cause })
}

const startSeatbelt = async (
  start: Start,
  launch: Launch,
  run: RunState,
  reaper: Reaper,
): Promise<Ending> => {
  if (start.program.backend !== 'seatbelt') throw new LauncherError('E_BACKEND', 'no backend')
  const file = writeProfile(run, start.program.profile)
  const wrapped: Launch = { ...launch, argv: seatbeltArgv(start.program, file, launch.argv) }
  if (!start.useExec) return runSeatbelt(wrapped, (pid) => reaper.watch(pid))
  await reaper.become()
  return becomeAgent(wrapped)
}
