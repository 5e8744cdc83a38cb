import { chooseBackend } from '../backend/backends.ts'
import { LauncherError } from '../errors.ts'
import { createWalker } from '../machine/walk.ts'
import { plannedNetwork } from '../network/run-network.ts'
import type { Policy } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import { chooseProfile } from '../profile/choose.ts'
import { loadPolicy } from '../profile/load.ts'
import type { BuiltEnvironment } from '../resolve/environment.ts'
import { resolvePolicy } from '../resolve/resolve.ts'
import type { Resolution } from '../resolve/types.ts'
import type { RunContext } from './context.ts'
import { environmentOf } from './environment.ts'
import { OF_THE_PROJECT, refuse } from './guards.ts'
import { lookPlace, type RunPlace } from './place.ts'
import { breadthOf, findProject } from './project.ts'
import { type PlannedCopy, settingsCopyOf } from './settings-copy.ts'

/**
 * A request taken as far as a resolved policy: what `run`, `explain` and `--dry-run` have in
 * common.
 */
export interface Prepared {
  readonly request: Request
  /** Name of the profile as shown. */
  readonly profile: string
  /** Why this profile, when it was not named. */
  readonly reason: string | undefined
  readonly policy: Policy
  readonly resolution: Resolution
  readonly environment: BuiltEnvironment
  /** The agent's settings, where this run has a copy of its own. */
  readonly copy: PlannedCopy | undefined
  /** The agent's words: target first. Empty when there is no command. */
  readonly argv: readonly string[]
  readonly place: RunPlace
}

/**
 * What a request is prepared for. `explain` tolerates what `run` refuses for safety alone, and an
 * agent that is not installed.
 */
export type Purpose = 'run' | 'explain'

/**
 * Request → project → profile → policy → resolved policy → environment, each made once. Throws what
 * `run` would refuse.
 */
export const prepare = async (
  request: Request,
  { host, builtins }: Pick<RunContext, 'host' | 'builtins'>,
  place: RunPlace,
  purpose: Purpose = 'run',
): Promise<Prepared> => {
  const isTolerant = purpose === 'explain'
  // One walker for all: a name is asked of the kernel once.
  const walk = createWalker(host)
  const project = findProject(request, host, walk)
  const choice = chooseProfile(request, host, builtins, project)
  const policy = await loadPolicy(request, host, builtins, choice, project)
  const breadth = breadthOf(host, policy, project, walk)
  refuse(OF_THE_PROJECT, { request, host, project, breadth, walk, isTolerant })
  const words = request.name === undefined ? request.words : commandWords(policy, request, purpose)
  const resolution = await resolvePolicy(policy, request, host, {
    project,
    isBroad: breadth.because !== undefined,
    runTmp: place.tmp,
    walk,
    provided: chooseBackend(undefined, host).provided(),
    agent: { words, mayBeAbsent: isTolerant },
  })
  const { target, resolved } = resolution
  const copy = request.settingsCopy ? settingsCopyOf(policy, resolution, place, host) : undefined
  return {
    request,
    profile: policy.name,
    reason: request.name === undefined ? choice.reason : undefined,
    policy,
    resolution,
    environment: environmentOf(resolution, place, plannedNetwork(resolved.network).variables, copy),
    copy,
    argv: target ? [target.file, ...words.slice(1)] : [],
    place,
  }
}

/** The same for a look that starts nothing. */
export const look = (
  request: Request,
  context: Pick<RunContext, 'host' | 'builtins'>,
  purpose: Purpose = 'explain',
): Promise<Prepared> => prepare(request, context, lookPlace(context.host), purpose)

const commandWords = (policy: Policy, request: Request, purpose: Purpose): readonly string[] => {
  if (policy.command === undefined) {
    if (request.words.length > 0 || purpose === 'explain') return request.words
    throw new LauncherError('E_USAGE', `the profile ${policy.name} names no command`, {
      hint: `launcher run --profile ${policy.name} -- COMMAND`,
    })
  }
  return [policy.command, ...policy.args, ...request.words]
}
