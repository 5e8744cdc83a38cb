import type { EntryKind, Platform } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/**
 * What may be done with a path, ordered: each includes the ones before it. There is no separate
 * right to execute: `read` includes it.
 */
export type Access = 'none' | 'stat' | 'read' | 'write'

/** What a profile may write down for a path. */
export type GrantAccess = 'none' | 'read' | 'write'

export type ProtectionKind = 'hidden' | 'read_only'

/**
 * Sources of policy, weakest first: at one path the strongest decides. `derived` grants come from
 * resolution (the target, the project's `.git`), never from a person.
 */
export const STRENGTHS = [
  'derived',
  'builtin',
  'user',
  'user-config',
  'flag',
  'project-cap',
] as const
export type Strength = (typeof STRENGTHS)[number]

/**
 * Where an entry was written, or the chain that derived it. Nothing in a policy exists without one.
 */
export interface Origin {
  readonly strength: Strength
  /**
   * File as shown to people: `profiles/base.toml` for a built-in, an absolute path for the user's,
   * `--read` for a flag, `resolution` for a derived entry.
   */
  readonly file: string
  /** One-based; absent for flags and derived entries. */
  readonly line?: number
  /** Key path in the profile (`filesystem.read`), or the flag. */
  readonly key: string
  /**
   * The reason: the comment beside the line, or for derived entries the chain, hop by hop, as a
   * sentence.
   */
  readonly because?: string
}

/** One path of `[filesystem]`, as written: variables, `~` and globs not yet expanded. */
export interface PolicyGrant {
  readonly path: string
  readonly access: GrantAccess
  readonly origin: Origin
}

/**
 * What holds an absent name for the time of a run: whatever the name's reader takes for nothing.
 */
export type Held =
  | { readonly entry: 'directory' }
  | { readonly entry: 'file'; readonly placeholder: string }

/** One path or pattern of `[protect]`, as written. */
export interface PolicyProtection {
  readonly path: string
  readonly kind: ProtectionKind
  readonly origin: Origin
  /** What `[protect.absent]` says about the name; without it, its spelling tells. */
  readonly held?: Held
}

/**
 * One line of `[filesystem.seed]`: a file that is made before the run where it is absent and its
 * directory is there.
 */
export interface Seed {
  readonly path: string
  readonly content: string
  /** Names beside it whose presence makes it needless. */
  readonly unless: readonly string[]
  readonly origin: Origin
}

/** Something written in a list, with the place it was written. */
export interface Sourced<T> {
  readonly value: T
  readonly origin: Origin
}

export type NetworkMode = 'none' | 'allowlist' | 'any' | 'host'

export interface NetworkPolicy {
  readonly mode: Sourced<NetworkMode>
  readonly hosts: readonly Sourced<string>[]
  readonly registries: readonly Sourced<string>[]
  readonly loopback: readonly Sourced<number>[]
  readonly listen: readonly Sourced<number>[]
  /** Hosts that no entry lets through, registries' included: what a project's file removed. */
  readonly denied?: readonly Sourced<string>[]
  /** Present where the user lets the project's own `pyproject.toml` name package indexes. */
  readonly projectIndexes?: Sourced<boolean>
  /**
   * Those of `hosts` that this machine's own configuration names as package registries: a mirror
   * may stand in the network that it is joined to.
   */
  readonly mirrors?: readonly Sourced<string>[]
}

export interface EnvironmentPolicy {
  /** Names to pass; a trailing `*` is the only pattern. */
  readonly pass: readonly Sourced<string>[]
  readonly set: ReadonlyMap<string, Sourced<string>>
  /** Sources in order, each `env`, `dotenv:PATH` or `keychain:SERVICE/ACCOUNT`. */
  readonly from: ReadonlyMap<string, Sourced<readonly string[]>>
  /** Names that must not be passed although a pattern matches. */
  readonly drop: readonly Sourced<string>[]
}

/**
 * One line of `[caches]`: the variable that tells a tool where its cache is, and the place it is
 * given.
 */
export interface CacheRedirect {
  readonly variable: string
  /**
   * A path as in a profile. `$CACHE/…`: the project's own cache; `$TMPDIR/…`: the run's own; any
   * other: shared with the host.
   */
  readonly place: string
  readonly origin: Origin
}

interface AuditPolicy {
  readonly format: string
  readonly file: string
}

/** Merged profiles and flags; nothing of this machine in it but the text of the paths. */
export interface Policy {
  readonly name: string
  readonly description: string
  /** The executable that the profile starts; absent for `default`. */
  readonly command?: string
  /** Words that stand before the user's own. */
  readonly args: readonly string[]
  readonly grants: readonly PolicyGrant[]
  readonly protections: readonly PolicyProtection[]
  readonly lifts: readonly Sourced<string>[]
  /** Paths made before the run if absent; a trailing slash means a directory. */
  readonly create: readonly Sourced<string>[]
  readonly seeds: readonly Seed[]
  readonly connect: readonly Sourced<string>[]
  readonly bind: readonly Sourced<string>[]
  readonly network: NetworkPolicy
  readonly environment: EnvironmentPolicy
  readonly caches: readonly CacheRedirect[]
  readonly features: readonly Sourced<string>[]
  readonly audit?: AuditPolicy
  /** Files that make up the policy, in the order they were merged. */
  readonly files: readonly string[]
}

/** One grant on this machine: a real path, what was asked for, and every link that lies between. */
export interface Grant {
  readonly path: AbsolutePath
  readonly access: GrantAccess
  /** A directory grant covers its subtree; a file grant the file alone, in place. */
  readonly kind: EntryKind
  readonly requested: string
  readonly origin: Origin
  /**
   * `backend`: the path is provided by the backend itself (`/dev`, `/proc` under bubblewrap), not
   * bound from the host. `prelude`: Seatbelt's prelude opens it for its data alone (`/dev/null`).
   */
  readonly provider?: 'backend' | 'prelude'
}

/**
 * A protection of one real name; it covers the subtree. `exists: false` means that the name is to
 * be held so that it cannot be made.
 */
export interface Protection {
  readonly path: AbsolutePath
  readonly kind: ProtectionKind
  readonly exists: boolean
  /** Type of what is there, or (for an absent name) of what holds it. */
  readonly entry: EntryKind
  /** What was written: a path or a pattern. */
  readonly requested: string
  /** False for launcher's own installation, profiles and state. */
  readonly liftable: boolean
  readonly origin: Origin
  /**
   * For a name held by a file: the content that its reader takes for nothing (`.git/commondir`:
   * `.`).
   */
  readonly placeholder?: string
  /**
   * For a name held by a directory: the files that its reader expects in it, by name. Only the
   * sandbox sees them.
   */
  readonly files?: Readonly<Record<string, string>>
  /**
   * The name lies in a git work tree: on the host a socket holds it, which git neither lists nor
   * adds; the sandbox sees the file.
   */
  readonly isUnseen?: true
}

/**
 * A `hidden` pattern that also holds for names made during the run (macOS only): an anchored
 * matcher over folded components below `root`.
 */
export interface LivePattern {
  readonly root: AbsolutePath
  /** As written, `**` and `*` included; relative to `root`. */
  readonly pattern: string
  readonly kind: ProtectionKind
  readonly origin: Origin
}

/**
 * A name that may not be made or moved to anywhere beneath `root`, as a file or a link, but within
 * a directory `except` (macOS only: a rule sees a name and not its neighbours). What exists stays
 * as it is, and a directory may have the name.
 */
export interface BarredName {
  readonly root: AbsolutePath
  readonly name: string
  readonly except: string
  readonly origin: Origin
}

/** An explicit hole in a protection; it grants nothing. */
export interface Lift {
  readonly path: AbsolutePath
  readonly requested: string
  readonly origin: Origin
}

/**
 * A symlink that is passed on the way to something granted: its name can be stat'ed and read,
 * nothing more.
 */
export interface Hop {
  readonly path: AbsolutePath
  /** As stored in the link: may be relative. */
  readonly target: string
  readonly origin: Origin
}

/**
 * A directory whose name and metadata are visible without listing (PATH entries; ancestors are
 * derived by `decide()` itself).
 */
export interface StatGrant {
  readonly path: AbsolutePath
  /**
   * Seatbelt's prelude names it: visible whatever is said of it, unless it lies beneath something
   * hidden.
   */
  readonly provider?: 'prelude'
  /** The names in it can be listed, too; what they name stays closed (macOS). */
  readonly lists?: true
  readonly origin: Origin
}

/** A unix socket that may be connected to (or made), or one found under a grant that may not. */
export interface SocketRule {
  readonly path: AbsolutePath
  readonly origin: Origin
}

export type NoticeLevel = 'info' | 'warning'

/** A non-fatal message about resolution. */
export interface Notice {
  readonly level: NoticeLevel
  readonly code: string
  readonly message: string
  readonly origin?: Origin
}

/**
 * What decides which paths can be read and written; names that are merely seen are no part of it.
 */
export interface Rights {
  /** True where the file system folds case and Unicode form (macOS). */
  readonly foldsNames: boolean
  readonly grants: readonly Grant[]
  readonly protections: readonly Protection[]
  readonly patterns: readonly LivePattern[]
  readonly barred: readonly BarredName[]
  readonly lifts: readonly Lift[]
  readonly sockets: {
    readonly connect: readonly SocketRule[]
    readonly bind: readonly SocketRule[]
    /** Sockets that exist under a grant and are not granted. */
    readonly masked: readonly SocketRule[]
  }
}

/**
 * Policy plus this machine: all that `decide()` and the backends read. No stage after it reads the
 * disk again.
 */
export interface ResolvedPolicy extends Rights {
  readonly name: string
  readonly platform: Platform
  readonly project: AbsolutePath
  readonly home: AbsolutePath
  readonly hops: readonly Hop[]
  readonly stats: readonly StatGrant[]
  readonly network: NetworkPolicy
  readonly features: readonly Sourced<string>[]
  readonly notices: readonly Notice[]
}

/** Operations on a real path that `decide()` answers for (links are walked before it). */
export const OPERATIONS = [
  'stat',
  'read',
  'list',
  'exec',
  'create',
  'write',
  'rename-from',
  'rename-to',
  'unlink',
  'mkdir',
  'symlink',
  'link-from',
  'link-to',
  'chmod',
  'utimes',
  'connect',
  'bind',
] as const
export type Operation = (typeof OPERATIONS)[number]

/**
 * The verdict, the entry that decided, where that entry was written, and a sentence that says why.
 */
export interface Decision {
  readonly allowed: boolean
  readonly rule:
    | Grant
    | Protection
    | LivePattern
    | BarredName
    | Hop
    | StatGrant
    | SocketRule
    | undefined
  readonly origin: Origin | undefined
  readonly because: string
}
