import { LauncherError } from '../errors.ts'
import type { Known } from '../explain/learn.ts'
import { type AbsolutePath, toAbsolutePath } from '../machine/paths.ts'
import type { Origin, Sourced } from '../policy/model.ts'
import { composePolicy } from '../profile/compose.ts'
import { expandLayers } from '../profile/layers.ts'
import { canonicalName } from '../profile/names.ts'
import { createExpander } from '../resolve/expand.ts'
import { resolvePolicy } from '../resolve/resolve.ts'
import { createWalker } from '../machine/walk.ts'
import type { CommandContext } from './context.ts'
import type { Prepared } from '../run/prepare.ts'

/**
 * What is known of a prepared run's agent from launcher's own profiles alone, the user's left out:
 * what may be learnt. `default` holds every toolchain and the project.
 */
export const knownFor = async (
  prepared: Prepared,
  { host, builtins }: CommandContext,
): Promise<Known> => {
  const { project } = prepared.resolution.resolved
  const command = prepared.policy.command
  const names = [...builtins.profiles.keys()]
  const canonical = canonicalName(prepared.profile, builtins)
  // The built-in profile of that name, else the one that starts the same command.
  const agent = names.includes(canonical)
    ? canonical
    : names.find(
        (name) =>
          name.startsWith('agents/') &&
          command !== undefined &&
          builtins.profiles.get(name)?.command?.value === command,
      )
  const files = async (name: string) => {
    const profile = builtins.profiles.get(canonicalName(name, builtins))
    return profile && [profile]
  }
  const layers = await expandLayers({ names, files }, builtins, [
    'default',
    ...(agent === undefined ? [] : [agent]),
  ])
  const policy = composePolicy(prepared.profile, layers, host.platform)
  const walk = createWalker(host)
  const { resolved } = await resolvePolicy(
    policy,
    { ...prepared.request, grants: [], lifts: [], connect: [] },
    host,
    {
      project,
      isBroad: prepared.resolution.isBroadProject,
      runTmp: prepared.place.tmp,
      agent: { target: prepared.resolution.target },
      walk,
    },
  )
  const expander = createExpander(host, { project, tmp: prepared.place.tmp })
  const placeOf = (text: string, origin: Origin): AbsolutePath =>
    walk(toAbsolutePath(expander.path(text, origin)) ?? project).real
  const byPlace = (
    entries: readonly Sourced<string>[],
  ): ReadonlyMap<AbsolutePath, Sourced<string>> =>
    new Map(entries.map((entry) => [placeOf(entry.value, entry.origin), entry]))
  return {
    policy,
    resolved,
    own: byPlace(layers.flatMap((layer) => layer.own)),
    creates: byPlace(policy.create),
    sources: sourcesOf(policy.environment.from, placeOf),
    placeOf,
    exists: (path) => host.lstat(path) !== undefined,
  }
}

const sourcesOf = (
  from: ReadonlyMap<string, Sourced<readonly string[]>>,
  placeOf: Known['placeOf'],
): ReadonlyMap<AbsolutePath, readonly string[]> => {
  const files = new Map<AbsolutePath, readonly string[]>()
  for (const [name, { value, origin }] of from) {
    for (const source of value.filter((one) => one.startsWith('dotenv:'))) {
      try {
        const place = placeOf(source.slice('dotenv:'.length), origin)
        files.set(place, [...(files.get(place) ?? []), name])
      } catch (error) {
        if (!(error instanceof LauncherError)) throw error
      }
    }
  }
  return files
}
