import type { AbsolutePath } from '../../../machine/paths.ts'
import type { PythonMinor } from './purepath-match.ts'

/** Where a value of the effective configuration comes from, weakest first. */
export const LAYERS = ['defaults', 'user', 'project', 'environment', 'agent-profile'] as const
export type LayerName = (typeof LAYERS)[number]

/**
 * One source of configuration: parsed values as TOML has them, and the file it was read from
 * (absent for defaults and the environment).
 */
export interface Layer {
  readonly name: LayerName
  readonly file?: string
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * The tools whose permission Vibe asks its file rules about, by their meaning; the name in a
 * configuration depends on the version.
 */
export const FILE_TOOLS = ['read', 'grep', 'write', 'edit'] as const
export type FileTool = (typeof FILE_TOOLS)[number]

/**
 * One call that the gate is asked about. `path` is as the model would write it (`~` and relative
 * allowed).
 */
export interface FileProbe {
  readonly tool: FileTool
  readonly path: string
}

/** What the gate needs to know of the machine. No function of these touches the disk by itself. */
export interface GateWorld {
  readonly home: AbsolutePath
  readonly cwd: AbsolutePath
  /**
   * Path.resolve() of Python on this machine: links followed, non-strict; the answer is absolute.
   */
  resolve(path: string): string
  /**
   * Home directory of a user by name, for `~name`; where it is absent or knows nobody Vibe fails at
   * such a path.
   */
  homeOf?(user: string): string | undefined
  /**
   * Text of a small file, for git's configuration of a repository (shell gate from 2.25.7); absent,
   * every repository counts as harmless.
   */
  readText?(path: string): string | undefined
  /** What stands at a path, links followed: for the same. */
  kindOf?(path: string): 'file' | 'directory' | undefined
  /** The Python of the installation; 3.13 when it is not known. */
  readonly python?: PythonMinor
  readonly isMacOS?: boolean
}
