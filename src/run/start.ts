import type { Backend, Collector, Program } from '../backend/backend.ts'
import { namingOf } from '../machine/naming.ts'
import { type Collected, NOTHING_COLLECTED } from '../explain/denials/collected.ts'
import { makeCreated } from '../launch/create.ts'
import type { StandardStreams } from '../launch/descriptors.ts'
import { followMove, holdNames } from '../launch/held-names.ts'
import type { Loss } from '../launch/keeper.ts'
import { writeLimits } from '../launch/limits.ts'
import { startReaper, sweep } from '../launch/reaper.ts'
import { makeSettingsCopy } from '../launch/settings-copy.ts'
import { cleanUp, createRunState, staleRuns } from '../launch/state.ts'
import type { Exposed, Launch } from '../launch/types.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, join, parentOf } from '../machine/paths.ts'
import { ownPlaces } from '../machine/places.ts'
import type { Asker } from '../network/ask.ts'
import type { RunNetwork } from '../network/run-network.ts'
import { compilePolicy } from '../policy/decide.ts'
import { LIMITS_FILE, limitsOf, limitsText } from '../report/limits.ts'
import { type BuiltEnvironment, valuesIn } from '../resolve/environment.ts'
import { factsFor } from './facts.ts'
import type { RunContext } from './context.ts'
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
  /** Why launcher ended it, if it did. */
  readonly lost: Loss | undefined
  /** What the host changed beneath mounts meanwhile. */
  readonly changes: readonly string[]
  /** Protected files that changed while their protection was off. */
  readonly exposed: readonly Exposed[]
}

/**
 * Cleans up after runs that a crash or a power cut ended, before anything looks at the host: what
 * they held would be taken for real. Tells it in one line, and what would not go.
 */
export const sweepStale = ({ host, err }: RunContext): void => {
  const { state } = ownPlaces(host)
  const stale = staleRuns(state)
  if (stale.length === 0) return
  sweep(reaperOf(host), state, stale)
  const left = stale.filter((id) => host.lstat(join(state, `runs/${id}`)) !== undefined)
  const runs = stale.length === 1 ? `the run ${stale[0]}` : `${stale.length} runs`
  err(
    `launcher: cleaned up after ${runs}, which ended without doing so${left.length > 0 ? `; not all of it would go: ${state}/runs` : ''}\n`,
  )
}

const reaperOf = ({ installation }: Host): AbsolutePath => join(installation, 'shell/reaper.sh')

/**
 * Puts on the host what the run needs, starts the agent, and leaves nothing behind. Returns how it
 * ended, or `changed` when a protected name went away between resolution and now, so that the
 * caller looks again.
 */
export const startAgent = async (start: Start, host: Host): Promise<Ended | 'changed'> => {
  const { backend, program, network } = start
  const { resolution, place } = start.prepared
  const { resolved } = resolution
  const ready = backend.probe(host, { project: resolved.project, network })
  const launch: Launch = {
    argv: start.prepared.argv,
    environment: valuesIn(start.environment),
    cwd: namingOf(host.platform).isInside(host.cwd, resolved.project) ? host.cwd : resolved.project,
  }
  const run = createRunState(place.id, ownPlaces(host).state, place.tmp)
  let collector: Collector | undefined
  const reaper = startReaper(reaperOf(host), run, host.platform === 'linux')
  try {
    start.clock.mark('state')
    await reaper.ready
    start.clock.mark('reaper')
    makeCreated(resolution.create)
    const { copy } = start.prepared
    if (copy) {
      const decider = compilePolicy(resolved)
      makeSettingsCopy(copy, (path) => decider.decide('read', path).allowed)
    }
    writeLimits(run.tmp, LIMITS_FILE, limitsText(limitsOf(resolved)))
    await start.asker?.listen(run.directory)
    // A name of another run that ended meanwhile, and what was to be held beneath it.
    const existing = resolved.protections
      .filter((protection) => protection.exists)
      .map((protection) => protection.path)
    const isGone = [...existing, ...program.placeholders.map(({ path }) => parentOf(path))].some(
      (path) => host.lstat(path) === undefined,
    )
    if (isGone && !start.isLast) return 'changed'
    holdNames(run, program.placeholders, existing)
    reaper.unlock()
    start.clock.mark('hold')
    collector = start.useExec
      ? undefined
      : await backend.openCollector(
          {
            runId: place.id,
            policy: resolved,
            facts: () => factsFor(resolution, host),
            cwd: launch.cwd,
            wantsTrace: start.wantsTrace,
            directory: run.directory,
          },
          host,
        )
    const ending = await backend.start(
      {
        program,
        ready,
        launch,
        policy: resolved,
        state: run,
        streams: start.streams,
        network,
        collector,
        reaper,
        useExec: start.useExec,
        onRelease: () => start.clock.mark('build'),
      },
      host,
    )
    for (const { from, to } of ending.lost?.moved ?? []) followMove(run, from, to)
    start.clock.mark('agent')
    return {
      code: ending.code,
      lost: ending.lost,
      changes: ending.changes ?? [],
      exposed: ending.exposed ?? [],
      ...((await collector?.finish()) ?? NOTHING_COLLECTED),
    }
  } finally {
    // It is a process or a pipe of its own, which would keep launcher: also after a start that
    // failed.
    await collector?.finish()
    await reaper.finish(() => cleanUp(run))
    start.clock.mark('clean up')
  }
}
