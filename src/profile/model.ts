import type {
  Held,
  NetworkMode,
  Origin,
  PolicyGrant,
  PolicyProtection,
  Seed,
  Sourced,
  Strength,
} from '../policy/model.ts'
import type { Platform } from '../machine/host.ts'

/** The schema that this launcher writes and reads; a file must say `schema = 1`. */
export const SCHEMA = 1

/**
 * Registries that a profile may name: words, because their hosts are read from the package
 * managers' own files.
 */
export const REGISTRIES = [
  'cargo',
  'crates',
  'gem',
  'go',
  'jsr',
  'maven',
  'npm',
  'nuget',
  'packagist',
  'pypi',
  'rubygems',
] as const

/** Network modes, most closed first: a project's file may only move towards the front. */
export const NETWORK_MODES = [
  'none',
  'allowlist',
  'any',
  'host',
] as const satisfies readonly NetworkMode[]

/** An entry that holds on one platform only when it stands in a `.macos` or `.linux` table. */
export interface OnPlatform {
  readonly platform?: Platform
}

export type ProfileGrant = PolicyGrant & OnPlatform
export type ProfileProtection = PolicyProtection & OnPlatform
export type Placed<T> = Sourced<T> & OnPlatform

interface ProfileNetwork {
  readonly mode?: Sourced<NetworkMode>
  /** The project's own `pyproject.toml` may name package indexes; in the user's own files only. */
  readonly projectIndexes?: Sourced<boolean>
  readonly hosts: readonly Sourced<string>[]
  readonly registries: readonly Sourced<string>[]
  readonly loopback: readonly Sourced<number>[]
  readonly listen: readonly Sourced<number>[]
}

interface ProfileEnvironment {
  readonly pass: readonly Sourced<string>[]
  readonly set: ReadonlyMap<string, Sourced<string>>
  /**
   * `[environment.macos] set` and `[environment.linux] set`: they win over `set` of the same file.
   */
  readonly setOn: readonly (Placed<string> & { readonly name: string })[]
  readonly from: ReadonlyMap<string, Sourced<readonly string[]>>
  readonly drop: readonly Sourced<string>[]
}

/** One TOML file as written, checked, each value with its origin; nothing merged yet. */
export interface Profile {
  /** As origins show it: `profiles/base.toml`, or an absolute path. */
  readonly file: string
  readonly strength: Strength
  readonly description?: Sourced<string>
  readonly command?: Sourced<string>
  readonly args: readonly Sourced<string>[]
  readonly extends: readonly Sourced<string>[]
  /** True when a user's file stands in place of the built-in of its name. */
  readonly replace: boolean
  readonly features: readonly Sourced<string>[]
  readonly grants: readonly ProfileGrant[]
  readonly create: readonly Placed<string>[]
  /** `[filesystem.seed]`, by path as written. */
  readonly seeds: ReadonlyMap<string, Seed>
  readonly protections: readonly ProfileProtection[]
  /** `[protect.agents]` of base: state of agents, hidden from every other agent. */
  readonly agentState: readonly ProfileProtection[]
  /** `[protect] own`: entries of base's `[protect.agents]` that are this agent's own. */
  readonly own: readonly Placed<string>[]
  /**
   * `[protect.absent]`: what holds a protected name while it is absent, by the name as its list
   * writes it.
   */
  readonly absent: ReadonlyMap<string, Sourced<Held>>
  readonly lifts: readonly Placed<string>[]
  readonly connect: readonly Sourced<string>[]
  readonly bind: readonly Sourced<string>[]
  readonly network: ProfileNetwork
  readonly environment: ProfileEnvironment
  /** `[caches]`: places by variable. */
  readonly caches: ReadonlyMap<string, Sourced<string>>
  readonly audit?: { readonly format?: Sourced<string>; readonly file?: Sourced<string> }
}

/**
 * Every profile that comes with launcher, by its path without `.toml`: `base`, `agents/vibe`,
 * `toolchains/git`.
 */
export interface Builtins {
  readonly profiles: ReadonlyMap<string, Profile>
}

/** A user's `config.toml`: what holds for every profile, and for one. */
export interface UserConfig {
  readonly file: string
  readonly all?: Profile
  /** By the name as written in `[profile.NAME]`, with the place it was written. */
  readonly profiles: ReadonlyMap<string, { readonly profile: Profile; readonly origin: Origin }>
}
