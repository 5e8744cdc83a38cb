import type {
  Held,
  NetworkMode,
  Origin,
  ProtectionKind,
  Seed,
  Sourced,
  Strength,
} from '../policy/model.ts'
import type { Platform } from '../machine/host.ts'
import { hostEntries } from './host-entries.ts'
import type { OnPlatform, Placed, Profile, ProfileGrant, ProfileProtection } from './model.ts'
import { reasonAt, type Scan } from './scan.ts'
import { pathKey } from '../documents/text.ts'
import type { RawSections } from './schema.ts'

/**
 * Where the values of one profile come from. `prefix` is the table that holds them in a larger
 * file.
 */
export interface Source {
  readonly file: string
  readonly strength: Strength
  readonly scan: Scan
  readonly prefix: readonly string[]
}

type Lists = Readonly<Record<string, readonly string[] | undefined>>

/** Checked values plus the places they were written. */
export const buildProfile = (
  raw: RawSections & { readonly replace?: boolean | undefined },
  source: Source,
): Profile => {
  const list = <T>(path: readonly string[], values: readonly T[] | undefined): Sourced<T>[] =>
    (values ?? []).map((value, index) => ({ value, origin: originAt(source, path, index) }))
  const one = <T>(path: readonly string[], value: T): Sourced<T> => ({
    value,
    origin: originAt(source, path),
  })
  const table = <T>(
    path: readonly string[],
    values: Readonly<Record<string, T>> | undefined,
  ): ReadonlyMap<string, Sourced<T>> =>
    new Map(
      Object.entries(values ?? {}).map(([name, value]) => [name, one([...path, name], value)]),
    )
  const mode: NetworkMode | undefined = raw.network?.mode
  const named = hostEntries(list(['network', 'hosts'], raw.network?.hosts))
  const format = raw.audit?.format
  const file = raw.audit?.file
  return {
    file: source.file,
    strength: source.strength,
    ...(raw.description !== undefined && { description: one(['description'], raw.description) }),
    ...(raw.command !== undefined && { command: one(['command'], raw.command) }),
    args: list(['args'], raw.args),
    extends: list(['extends'], raw.extends),
    replace: raw.replace ?? false,
    features: list(['features'], raw.features),
    grants: grantsOf(raw, source),
    create: placed(source, ['filesystem'], raw.filesystem, 'create'),
    seeds: seedsOf(raw.filesystem?.seed, source),
    protections: protectionsOf(source, ['protect'], raw.protect, ['hidden', 'read_only']),
    agentState: protectionsOf(source, ['protect', 'agents'], raw.protect?.agents, ['hidden']),
    own: placed(source, ['protect'], raw.protect, 'own'),
    absent: absentOf(raw.protect?.absent, source),
    lifts: placed(source, ['protect'], raw.protect, 'lift'),
    connect: list(['sockets', 'connect'], raw.sockets?.connect),
    bind: list(['sockets', 'bind'], raw.sockets?.bind),
    network: {
      ...(mode !== undefined && { mode: one(['network', 'mode'], mode) }),
      ...(raw.network?.project_indexes !== undefined && {
        projectIndexes: one(['network', 'project_indexes'], raw.network.project_indexes),
      }),
      hosts: named.hosts,
      registries: list<string>(['network', 'registries'], raw.network?.registries),
      loopback: [...named.loopback, ...list(['network', 'loopback'], raw.network?.loopback)],
      listen: list(['network', 'listen'], raw.network?.listen),
    },
    environment: {
      pass: list(['environment', 'pass'], raw.environment?.pass),
      set: table(['environment', 'set'], raw.environment?.set),
      setOn: (['macos', 'linux'] as const).flatMap((platform) =>
        [...table(['environment', platform, 'set'], raw.environment?.[platform]?.set)].map(
          ([name, entry]) => ({ name, ...entry, platform }),
        ),
      ),
      from: table(['environment', 'from'], raw.environment?.from),
      drop: list(['environment', 'drop'], raw.environment?.drop),
    },
    caches: table(['caches'], raw.caches),
    ...((format !== undefined || file !== undefined) && {
      audit: {
        ...(format !== undefined && { format: one(['audit', 'format'], format) }),
        ...(file !== undefined && { file: one(['audit', 'file'], file) }),
      },
    }),
  }
}

/** Origin of a key, or of one item of its list, with the comment beside it as the reason. */
export const originAt = (source: Source, path: readonly string[], index?: number): Origin => {
  const full = [...source.prefix, ...path]
  const place =
    source.scan.places.get(pathKey(index === undefined ? full : [...full, index])) ??
    source.scan.places.get(pathKey(full))
  const because = place && reasonAt(source.scan, place)
  return {
    strength: source.strength,
    file: source.file,
    ...(place !== undefined && { line: place.line }),
    key: full.join('.'),
    ...(because !== undefined && { because }),
  }
}

const grantsOf = (raw: RawSections, source: Source): ProfileGrant[] =>
  (['none', 'read', 'write'] as const).flatMap((access) =>
    placed(source, ['filesystem'], raw.filesystem, access).map(({ value, ...rest }) => ({
      path: value,
      access,
      ...rest,
    })),
  )

const seedsOf = (
  seeds: NonNullable<RawSections['filesystem']>['seed'],
  source: Source,
): ReadonlyMap<string, Seed> =>
  new Map(
    Object.entries(seeds ?? {}).map(([path, said]) => {
      const origin = originAt(source, ['filesystem', 'seed', path])
      return [path, { path, content: said.content, unless: said.unless ?? [], origin }]
    }),
  )

const absentOf = (
  absent: NonNullable<RawSections['protect']>['absent'],
  source: Source,
): Profile['absent'] =>
  new Map([
    ...(absent?.directories ?? []).map((path, index): [string, Sourced<Held>] => [
      path,
      {
        value: { entry: 'directory' },
        origin: originAt(source, ['protect', 'absent', 'directories'], index),
      },
    ]),
    ...Object.entries(absent?.files ?? {}).map(([path, placeholder]): [string, Sourced<Held>] => [
      path,
      {
        value: { entry: 'file', placeholder },
        origin: originAt(source, ['protect', 'absent', 'files', path]),
      },
    ]),
  ])

/** Protections of one table, its platform tables included. */
export const protectionsOf = (
  source: Source,
  path: readonly string[],
  table: object | undefined,
  kinds: readonly ProtectionKind[],
): ProfileProtection[] =>
  kinds.flatMap((kind) =>
    placed(source, path, table, kind).map(({ value, ...rest }) => ({ path: value, kind, ...rest })),
  )

/** One list of a table and the same list of its `.macos` and `.linux` tables. */
export const placed = (
  source: Source,
  path: readonly string[],
  table: object | undefined,
  key: string,
): Placed<string>[] => {
  const at = (
    lists: Lists | undefined,
    where: readonly string[],
    on: OnPlatform,
  ): Placed<string>[] =>
    (lists?.[key] ?? []).map((value, index) => ({
      value,
      origin: originAt(source, [...where, key], index),
      ...on,
    }))
  const tables = (table ?? {}) as Readonly<Record<Platform, Lists | undefined>>
  return [
    ...at(tables as unknown as Lists, path, {}),
    ...at(tables.macos, [...path, 'macos'], { platform: 'macos' }),
    ...at(tables.linux, [...path, 'linux'], { platform: 'linux' }),
  ]
}
