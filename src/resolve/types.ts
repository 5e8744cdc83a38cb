import type { Areas } from './areas.ts'
import type { CalledFile } from './git-called.ts'
import type { BuiltEnvironment } from './environment.ts'
import type { EntryKind } from '../machine/host.ts'
import type { Hop, Notice, Origin, ResolvedPolicy } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { WalkedPath } from '../machine/walk.ts'

/** What a part of a target is needed for. */
export type TargetRole = 'executable' | 'interpreter' | 'tree' | 'library' | 'file'

/** One thing that must be readable for the target to start. */
export interface TargetPart {
  readonly role: TargetRole
  readonly path: WalkedPath
  /**
   * The chain that leads here, outermost first, each a clause: `vibe is a link to …`,
   * `its first line names …`.
   */
  readonly chain: readonly string[]
}

/**
 * The agent's executable and all that it needs to start, found without running anything. The type
 * is the same for every runtime.
 */
export interface Target {
  /** As typed. */
  readonly command: string
  /**
   * What is executed: the path as found on PATH or given, not resolved, so that argv[0]-based
   * lookups (pyvenv.cfg) work.
   */
  readonly file: AbsolutePath
  /** Runtime that recognised it: `native`, `script`, `uv-tool`, `venv`, `node`, … */
  readonly runtime: string
  /** Files that are executed, in order: the command, its interpreters. */
  readonly executables: readonly TargetPart[]
  /** Trees and files that are read: the venv, the base prefix, packages. Never writable. */
  readonly reads: readonly TargetPart[]
  readonly hops: readonly Hop[]
  readonly notices: readonly Notice[]
}

/** A tool's cache, and whose runs use it: this project's, this run alone, or the host's too. */
export interface ResolvedCache {
  readonly variable: string
  readonly path: AbsolutePath
  readonly use: 'project' | 'run' | 'shared'
  readonly origin: Origin
}

/** Where the caches of the tools are during a run. */
export interface ResolvedCaches {
  /** The project's own cache; absent when no profile puts anything there. */
  readonly directory?: AbsolutePath
  readonly entries: readonly ResolvedCache[]
}

/**
 * Something to make before the start: a directory (0700) or a file. `isOwn`: a directory of
 * launcher's own, to be checked also when it is there.
 */
export interface Creation {
  readonly path: AbsolutePath
  readonly kind: EntryKind
  readonly isOwn?: true
  /** What stands in a file; nothing by default. */
  readonly content?: string
}

/** What lies in the project and in writable roots before a run. */
export interface Surroundings extends Pick<Areas, 'heavy' | 'patterns' | 'repositories' | 'roots'> {
  /** Files that something protected runs. */
  readonly called: readonly CalledFile[]
}

/**
 * All that a launch needs to know: the policy on this machine, the target, and what resolution
 * found out on the way.
 */
export interface Resolution {
  readonly resolved: ResolvedPolicy
  readonly target: Target | undefined
  /** PATH inside: readable directories outside the project, in the user's order. */
  readonly searchPath: readonly AbsolutePath[]
  /** The agent's variables, as far as they are known before it is started. */
  readonly environment: BuiltEnvironment
  /** Outermost first. */
  readonly create: readonly Creation[]
  readonly caches: ResolvedCaches
  /** True when `--allow-broad-project` was needed. */
  readonly isBroadProject: boolean
  /**
   * What was found in the project and in writable roots; what has come since is told after the run.
   */
  readonly surroundings: Surroundings
}
