import type { LauncherError } from '../errors.ts'
import {
  type AskedStart,
  backendOfAnotherSystem,
  execWithFiles,
  execWithoutWatch,
  insideAnother,
  jsonOfARun,
  nothingToRun,
  standardStreams,
  sudoInAnothersHome,
} from './guards/request.ts'
import {
  broadProject,
  foreignProject,
  hiddenProject,
  ownPlace,
  type ProjectStart,
  readOnlyProject,
} from './guards/project.ts'
import {
  askWithoutList,
  closedProject,
  execWithoutProxy,
  listenWithoutNetwork,
  type ReadyStart,
  strictWarnings,
  unreadAgentSettings,
} from './guards/policy.ts'
import { agentThatEnds } from './guards/agent.ts'
import { blockedTarget, rewritableTarget } from './guards/target.ts'

/**
 * One thing that an agent is not started under; it gives the error, or nothing. What a stage cannot
 * do at all (a profile that does not parse, a planted link, a command that is not there, a backend
 * that cannot enforce) is that stage's own error; what it could do and launcher will not is in
 * these three lists, in the order in which they are asked.
 */
export type Guard<Facts> = (facts: Facts) => LauncherError | undefined

/** Asked before anything is looked at: of the words, and of the process that launcher is. */
export const BEFORE_LOOKING: readonly Guard<AskedStart>[] = [
  nothingToRun,
  jsonOfARun,
  backendOfAnotherSystem,
  execWithoutWatch,
  execWithFiles,
  standardStreams,
  insideAnother,
  sudoInAnothersHome,
]

/** Asked of the project, once its policy is known and before anything in it is looked at. */
export const OF_THE_PROJECT: readonly Guard<ProjectStart>[] = [
  foreignProject,
  readOnlyProject,
  ownPlace,
  hiddenProject,
  broadProject,
]

/** Asked of the resolved policy, when all is known and nothing has been made on the host yet. */
export const BEFORE_THE_START: readonly Guard<ReadyStart>[] = [
  agentThatEnds,
  listenWithoutNetwork,
  closedProject,
  blockedTarget,
  rewritableTarget,
  unreadAgentSettings,
  strictWarnings,
  execWithoutProxy,
  askWithoutList,
]

/** Throws the first refusal. */
export const refuse = <Facts>(guards: readonly Guard<Facts>[], facts: Facts): void => {
  for (const guard of guards) {
    const error = guard(facts)
    if (error) throw error
  }
}
