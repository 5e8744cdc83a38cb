import type { AbsolutePath } from './paths.ts'

export type Platform = 'macos' | 'linux'

/** What a path is granted or held as: a directory, or anything else. */
export type EntryKind = 'file' | 'directory'

export type FileType = 'file' | 'directory' | 'symlink' | 'socket' | 'fifo' | 'device'

/** What lstat tells, without following the last link. */
export interface Stat {
  readonly type: FileType
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number
  /** When the inode last changed, which no program can set. */
  readonly ctimeMs: number
  readonly nlink: number
  readonly dev: number
  readonly ino: number
}

export interface Entry {
  readonly name: string
  readonly type: FileType
}

/** Why something could not be read; `missing` covers ENOENT and ENOTDIR. */
export type ReadFailure = 'missing' | 'denied' | 'too-large' | 'not-a-file' | 'other'

export type ReadResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly failure: ReadFailure; readonly code: string }

/**
 * The one seam to the machine for everything but launching. All paths are absolute; nothing here
 * writes or runs anything but {@link Host.run}.
 */
export interface Host {
  readonly platform: Platform
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: AbsolutePath
  /** Working directory as the kernel names it (no symlinks). */
  readonly cwd: AbsolutePath
  readonly uid: number
  readonly gid: number
  /** Directory of launcher's own installation (holds `dist/`, `profiles/`, `shell/`), real path. */
  readonly installation: AbsolutePath
  /** Undefined when the name is not there; `'denied'` when the kernel would not say. */
  lstat(path: string): Stat | 'denied' | undefined
  /** Like lstat, following links; undefined when the chain ends nowhere or cannot be followed. */
  stat(path: string): Stat | undefined
  /** Stored target of a link, undefined when it is not one or cannot be read. */
  readlink(path: string): string | undefined
  /**
   * Names in a directory with their types (links not followed), unsorted; undefined when it cannot
   * be listed.
   */
  list(path: string): readonly Entry[] | undefined
  /** Content of a regular file (links followed) of at most `limit` bytes. */
  read(path: string, limit: number): ReadResult
  /** At most `length` bytes of a regular file from `offset`; fewer at its end. */
  readAt(path: string, offset: number, length: number): ReadResult
  /**
   * Names beneath `base` that match `*`, `?`, `**` and `[…]`, relative to it; links are not
   * followed. May stop after `limit`.
   */
  glob(base: string, pattern: string, limit: number): Promise<readonly string[]>
  /** access(2) with W_OK / X_OK / R_OK for the calling user. */
  canAccess(path: string, mode: 'read' | 'write' | 'execute'): boolean
  /**
   * Runs a helper program by absolute path with no input and an empty environment but PATH and
   * HOME; undefined when it fails or takes longer than `timeoutMs`.
   */
  run(file: string, args: readonly string[], timeoutMs: number): string | undefined
}
