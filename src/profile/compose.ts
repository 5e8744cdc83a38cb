import { LauncherError } from '../errors.ts'
import {
  type CacheRedirect,
  type EnvironmentPolicy,
  type NetworkMode,
  type NetworkPolicy,
  type Policy,
  type Sourced,
  STRENGTHS,
} from '../policy/model.ts'
import type { Platform } from '../machine/host.ts'
import { cachePath, sharedCreates, sharedGrants } from './caches.ts'
import type { OnPlatform, Profile } from './model.ts'

/**
 * Merges layers, weakest first: lists append, later scalars and table keys win, protections only
 * accumulate.
 */
export const composePolicy = (
  name: string,
  layers: readonly Profile[],
  platform: Platform,
): Policy => {
  const ordered = byStrength(layers)
  const all = <T>(pick: (profile: Profile) => readonly T[]): T[] => ordered.flatMap(pick)
  const here = <T extends OnPlatform>(
    pick: (profile: Profile) => readonly T[],
  ): Omit<T, 'platform'>[] =>
    all(pick)
      .filter((entry) => (entry.platform ?? platform) === platform)
      .map(({ platform: _, ...rest }) => rest)
  const last = <T>(pick: (profile: Profile) => T | undefined): T | undefined =>
    ordered.map(pick).findLast((value) => value !== undefined)
  const command = last((profile) => profile.command)
  const format = last((profile) => profile.audit?.format)
  const file = last((profile) => profile.audit?.file)
  const { environment, caches } = composeEnvironment(ordered, platform)
  return {
    name,
    description: last((profile) => profile.description)?.value ?? '',
    ...(command !== undefined && { command: command.value }),
    args: all((profile) => profile.args).map(({ value }) => value),
    grants: [...here((profile) => profile.grants), ...sharedGrants(caches)],
    protections: withHeld(
      [...here((profile) => profile.protections), ...foreignState(ordered, platform)],
      ordered,
    ),
    lifts: here((profile) => profile.lifts),
    create: [...here((profile) => profile.create), ...sharedCreates(caches)],
    seeds: [...new Map(ordered.flatMap((profile) => [...profile.seeds])).values()],
    connect: all((profile) => profile.connect),
    bind: all((profile) => profile.bind),
    network: composeNetwork(ordered),
    environment,
    caches,
    features: unique(all((profile) => profile.features)),
    ...(format !== undefined &&
      file !== undefined && { audit: { format: format.value, file: file.value } }),
    files: [
      ...new Set(
        ordered.filter((profile) => profile.strength !== 'flag').map((profile) => profile.file),
      ),
    ],
  }
}

/** The network mode that layers come to. */
export const composedMode = (layers: readonly Profile[]): NetworkMode =>
  composeNetwork(byStrength(layers)).mode.value

/** Stable: the order of `extends` holds within a source. */
const byStrength = (layers: readonly Profile[]): Profile[] =>
  [...layers].sort((a, b) => STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength))

/**
 * Each protection with what `[protect.absent]` says about it; the strongest layer that speaks of a
 * name decides.
 */
const withHeld = (
  protections: Policy['protections'],
  layers: readonly Profile[],
): Policy['protections'] => {
  const absent = new Map(layers.flatMap((profile) => [...profile.absent]))
  const written = new Set(
    layers.flatMap((profile) =>
      [...profile.protections, ...profile.agentState].map(({ path }) => path),
    ),
  )
  for (const [path, { origin }] of absent) {
    if (written.has(path)) continue
    throw new LauncherError('E_PROFILE', `\`absent\` names ${path}, which nothing protects.`, {
      at: `${origin.file}:${origin.line ?? 1}`,
      hint: 'Name it as `[protect]` writes it, or add it to `read_only` or `hidden`.',
    })
  }
  return absent.size === 0
    ? protections
    : protections.map((one) => {
        const held = absent.get(one.path)?.value
        return held === undefined ? one : { ...one, held }
      })
}

/**
 * State of all agents but those that a layer calls its own. Hidden on either platform is an entry
 * that can be owned: a profile is written once for both.
 */
const foreignState = (layers: readonly Profile[], platform: Platform): Policy['protections'] => {
  const state = layers.flatMap((profile) => profile.agentState)
  const owned = layers.flatMap((profile) => profile.own)
  for (const { value, origin } of owned) {
    if (state.some((entry) => entry.path === value)) continue
    throw new LauncherError(
      'E_PROFILE',
      `\`own\` names ${value}, which is not an entry of base's \`[protect.agents]\`.`,
      {
        at: `${origin.file}:${origin.line ?? 1}`,
        hint: 'Name the entry as base writes it, or lift the protection with `[protect] lift`.',
      },
    )
  }
  const isOwn = (path: string): boolean =>
    owned.some(({ value }) => path === value || path.startsWith(`${value}/`))
  return state
    .filter((entry) => (entry.platform ?? platform) === platform && !isOwn(entry.path))
    .map(({ platform: _, ...rest }) => rest)
}

const composeNetwork = (layers: readonly Profile[]): NetworkPolicy => ({
  mode: layers.map((profile) => profile.network.mode).findLast((mode) => mode !== undefined) ?? {
    value: 'none',
    origin: {
      strength: 'builtin',
      file: 'launcher',
      key: 'network.mode',
      because: 'no profile names a mode',
    },
  },
  ...projectIndexes(
    layers.map((profile) => profile.network.projectIndexes).findLast((one) => one !== undefined),
  ),
  hosts: unique(layers.flatMap((profile) => profile.network.hosts)),
  registries: unique(layers.flatMap((profile) => profile.network.registries)),
  loopback: unique(layers.flatMap((profile) => profile.network.loopback)),
  listen: unique(layers.flatMap((profile) => profile.network.listen)),
})

const projectIndexes = (
  last: Sourced<boolean> | undefined,
): Pick<NetworkPolicy, 'projectIndexes'> => (last?.value === true ? { projectIndexes: last } : {})

/**
 * For one exact name the last layer that speaks of it decides: passed, set, looked up, dropped or
 * redirected to a cache.
 */
const composeEnvironment = (
  layers: readonly Profile[],
  platform: Platform,
): { readonly environment: EnvironmentPolicy; readonly caches: readonly CacheRedirect[] } => {
  const pass = new Map<string, Sourced<string>>()
  const set = new Map<string, Sourced<string>>()
  const from = new Map<string, Sourced<readonly string[]>>()
  const drop = new Map<string, Sourced<string>>()
  const caches = new Map<string, Sourced<string>>()
  const tables: readonly Map<string, unknown>[] = [pass, set, from, drop, caches]
  const put = <T>(table: Map<string, T>, name: string, value: T): void => {
    for (const other of tables) if (other !== table) other.delete(name)
    if (!table.has(name) || table === set || table === from || table === caches)
      table.set(name, value)
  }
  for (const { environment, caches: places } of layers) {
    for (const [name, place] of places) put(caches, name, place)
    for (const entry of environment.pass) put(pass, entry.value, entry)
    for (const [name, sources] of environment.from) put(from, name, sources)
    for (const [name, value] of environment.set) put(set, name, value)
    for (const { name, value, origin, platform: on } of environment.setOn)
      if (on === platform) put(set, name, { value, origin })
    for (const entry of environment.drop) put(drop, entry.value, entry)
  }
  const redirects = [...caches].map(
    ([variable, { value, origin }]): CacheRedirect => ({
      variable,
      place: cachePath(value),
      origin,
    }),
  )
  for (const { variable, place, origin } of redirects) set.set(variable, { value: place, origin })
  return {
    environment: { pass: [...pass.values()], set, from, drop: [...drop.values()] },
    caches: redirects,
  }
}

/** The first of equal values: its origin is where the value came in. */
const unique = <T>(entries: readonly Sourced<T>[]): Sourced<T>[] =>
  [...new Map([...entries].reverse().map((entry) => [entry.value, entry])).values()].reverse()
