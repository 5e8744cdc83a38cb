import { LauncherError } from '../../errors.ts'
import {
  DESCRIPTORS,
  type Mending,
  runBubblewrap,
  WAIT_DESCRIPTOR,
} from '../../launch/bubblewrap.ts'
import { openControlGroup } from '../../launch/freeze.ts'
import { holdNames } from '../../launch/held-names.ts'
import { nothingOf, recordControlGroup, writeNothing } from '../../launch/state.ts'
import type { Ending } from '../../launch/types.ts'
import type { Host } from '../../machine/host.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { BackendRun } from '../backend.ts'
import { bubblewrapOptions } from './argv.ts'
import type { MountProgram, TraceCollector } from './backend.ts'
import { mountGate } from './gate.ts'
import type { Ready } from './ready.ts'
import { seccompFilter } from './seccomp.ts'
import { diagnose, findCaller } from './support.ts'

/** Starts an agent behind the mounts of a program. */
export const startBubblewrap = async (
  run: BackendRun<MountProgram, Ready, TraceCollector>,
  host: Host,
): Promise<Ending> => {
  const { program, ready, launch, policy, state, streams, network, collector, reaper } = run
  const { file, signalReset, ports } = ready
  for (const operation of program.operations)
    if (operation.type === 'nothing') writeNothing(state, operation.nothing)
  try {
    return await runBubblewrap({
      launch,
      file,
      options: bubblewrapOptions(program, {
        cwd: launch.cwd,
        sources: { standinFile: state.standinFile, nothing: (one) => nothingOf(state, one) },
        descriptors: { ...DESCRIPTORS, ...(ports && { wait: WAIT_DESCRIPTOR }) },
      }),
      seccomp: seccompFilter(host.arch),
      gate: mountGate(program, compilePolicy(policy)),
      mending: mendingFor(run, host),
      group: openControlGroup(`launcher-${state.id}`, (directory) =>
        recordControlGroup(state, directory),
      ),
      block: state.gate,
      signalReset,
      streams,
      directory: state.directory,
      ports,
      trace: collector?.trace,
      onListeners: (listeners) => network.attach(listeners),
      onStop: (isStopped) => reaper.pause(isStopped),
      onInit: (pid) => reaper.watch(pid),
      onRelease: run.onRelease,
    })
  } catch (error) {
    throw withReason(error, host, file)
  }
}

/**
 * How lost mounts are mended here; undefined on a machine that has nothing to make the calls with.
 */
const mendingFor = (
  { state, reaper }: BackendRun<MountProgram, Ready, TraceCollector>,
  host: Host,
): Mending | undefined => {
  const caller = findCaller(host)
  const { arch } = host
  if (!caller || (arch !== 'x64' && arch !== 'arm64')) return undefined
  return {
    caller,
    arch,
    isRoot: host.uid === 0,
    standinFile: state.standinFile,
    nothing: (one) => nothingOf(state, one),
    hold: async (names) => {
      await reaper.lock()
      try {
        holdNames(state, names, [])
      } finally {
        reaper.unlock()
      }
    },
  }
}

/** bubblewrap's own words went to standard error; why it cannot work here is asked only now. */
const withReason = (error: unknown, host: Host, file: AbsolutePath): unknown => {
  if (!(error instanceof LauncherError) || error.code !== 'E_BACKEND') return error
  const { reason, hint } = diagnose(host, file)
  return new LauncherError('E_BACKEND', `${error.message}: ${reason}`, { hint, cause: error.cause })
}
