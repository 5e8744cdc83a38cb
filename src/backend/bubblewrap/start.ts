import { LauncherError } from '../../errors.ts'
import { DESCRIPTORS, runBubblewrap, WAIT_DESCRIPTOR } from '../../launch/bubblewrap.ts'
import { nothingOf, writeNothing } from '../../launch/state.ts'
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
import { diagnose } from './support.ts'

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
      gate: mountGate(program.operations, compilePolicy(policy)),
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

/** bubblewrap's own words went to standard error; why it cannot work here is asked only now. */
const withReason = (error: unknown, host: Host, file: AbsolutePath): unknown => {
  if (!(error instanceof LauncherError) || error.code !== 'E_BACKEND') return error
  const { reason, hint } = diagnose(host, file)
  return new LauncherError('E_BACKEND', `${error.message}: ${reason}`, { hint, cause: error.cause })
}
