import { becomeAgent } from '../../launch/exec.ts'
import { runSeatbelt } from '../../launch/seatbelt.ts'
import { writeProfile } from '../../launch/state.ts'
import type { Ending, Launch } from '../../launch/types.ts'
import type { BackendRun, Collector } from '../backend.ts'
import type { ProfileProgram } from './backend.ts'
import { seatbeltArgv } from './launch-plan.ts'

/** Starts an agent under a profile; sandbox-exec becomes it. */
export const startSeatbelt = async (
  run: BackendRun<ProfileProgram, object, Collector>,
): Promise<Ending> => {
  const { program, launch, state, reaper } = run
  const file = writeProfile(state, program.profile)
  const wrapped: Launch = { ...launch, argv: seatbeltArgv(program, file, launch.argv) }
  if (!run.useExec) return runSeatbelt(wrapped, (pid) => reaper.watch(pid), run.streams)
  await reaper.become()
  return becomeAgent(wrapped)
}
