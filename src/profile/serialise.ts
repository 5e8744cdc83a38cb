import type { Builtins, Profile } from './model.ts'

/**
 * Built-ins as one JSON text, written by the build so that a start needs neither a TOML parser nor
 * a schema. Origins are spelt out: parsing a longer text is quicker than walking a shorter one.
 */
export const serialiseBuiltins = (builtins: Builtins): string => {
  const profiles = [...builtins.profiles].map(([name, profile]): StoredProfile => {
    const { set, from } = profile.environment
    return [
      name,
      {
        ...profile,
        absent: [...profile.absent],
        caches: [...profile.caches],
        seeds: [...profile.seeds],
        environment: { ...profile.environment, set: [...set], from: [...from] },
      },
    ]
  })
  return JSON.stringify({ version: VERSION, profiles } satisfies Stored)
}

/**
 * The inverse of {@link serialiseBuiltins}; undefined when another version of launcher wrote the
 * text.
 */
export const deserialiseBuiltins = (text: string): Builtins | undefined => {
  const stored = JSON.parse(text) as Stored
  if (stored.version !== VERSION) return undefined
  const profiles = stored.profiles.map(([name, profile]): [string, Profile] => {
    const { set, from } = profile.environment
    return [
      name,
      {
        ...profile,
        absent: new Map(profile.absent),
        caches: new Map(profile.caches),
        seeds: new Map(profile.seeds),
        environment: { ...profile.environment, set: new Map(set), from: new Map(from) },
      },
    ]
  })
  return { profiles: new Map(profiles) }
}

/** Counts changes of this form, not of profiles. */
const VERSION = 3

type Entries<M> = M extends ReadonlyMap<infer K, infer V> ? readonly (readonly [K, V])[] : never
type Environment = Profile['environment']
type StoredEnvironment = Omit<Environment, 'set' | 'from'> & {
  readonly set: Entries<Environment['set']>
  readonly from: Entries<Environment['from']>
}
type StoredProfile = readonly [
  string,
  Omit<Profile, 'absent' | 'caches' | 'environment' | 'seeds'> & {
    readonly absent: Entries<Profile['absent']>
    readonly seeds: Entries<Profile['seeds']>
    readonly caches: Entries<Profile['caches']>
    readonly environment: StoredEnvironment
  },
]

interface Stored {
  readonly version: number
  readonly profiles: readonly StoredProfile[]
}
