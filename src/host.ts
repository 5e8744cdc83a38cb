import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import tty from 'node:tty'
import { LauncherError } from './errors.ts'
import type { Platform } from './policy/model.ts'
import type { AbsolutePath } from './policy/paths.ts'

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

/** The one seam to the machine for everything but launching. All paths are absolute; nothing here writes or runs anything but {@link Host.run}. */
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
  /** Names in a directory with their types (links not followed), unsorted; undefined when it cannot be listed. */
  list(path: string): readonly Entry[] | undefined
  /** Content of a regular file (links followed) of at most `limit` bytes. */
  read(path: string, limit: number): ReadResult
  /** At most `length` bytes of a regular file from `offset`; fewer at its end. */
  readAt(path: string, offset: number, length: number): ReadResult
  /** Names beneath `base` that match `*`, `?`, `**` and `[…]`, relative to it; links are not followed. May stop after `limit`. */
  glob(base: string, pattern: string, limit: number): Promise<readonly string[]>
  /** access(2) with W_OK / X_OK / R_OK for the calling user. */
  canAccess(path: string, mode: 'read' | 'write' | 'execute'): boolean
  /** Runs a helper program by absolute path with no input and an empty environment but PATH and HOME; undefined when it fails or takes longer than `timeoutMs`. */
  run(file: string, args: readonly string[], timeoutMs: number): string | undefined
}

/** UTF-8 text of a file: undefined when absent; invalid UTF-8 or a NUL is reported as such. */
export const decodeText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Text of any bytes: what is no UTF-8 becomes U+FFFD. */
export const decodeLoosely = (bytes: Uint8Array): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

const typeOf = (stat: fs.Stats | fs.Dirent): FileType =>
  stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : stat.isSocket()
          ? 'socket'
          : stat.isFIFO()
            ? 'fifo'
            : 'device'

const toStat = (stat: fs.Stats): Stat => ({
  type: typeOf(stat),
  mode: stat.mode & 0o7777,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  mtimeMs: stat.mtimeMs,
  nlink: stat.nlink,
  dev: stat.dev,
  ino: stat.ino,
})

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN'

const failureOf = (code: string): ReadFailure =>
  code === 'ENOENT' || code === 'ENOTDIR'
    ? 'missing'
    : code === 'EACCES' || code === 'EPERM'
      ? 'denied'
      : 'other'

/** The real machine. `installation` is the directory that holds `dist/`. */
export const realHost = (installation: string): Host => ({
  platform: process.platform === 'darwin' ? 'macos' : 'linux',
  arch: process.arch,
  // An unset or empty PATH would mean the working directory to some and nothing to others.
  env: process.env['PATH'] ? process.env : { ...process.env, PATH: '/usr/local/bin:/usr/bin:/bin' },
  home: realHome(),
  cwd: workingDirectory(),
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  installation: fs.realpathSync(installation) as AbsolutePath,
  lstat: (file) => {
    try {
      const stat = fs.lstatSync(file, { throwIfNoEntry: false })
      return stat && toStat(stat)
    } catch (error) {
      return failureOf(codeOf(error)) === 'denied' ? 'denied' : undefined
    }
  },
  stat: (file) => {
    try {
      const stat = fs.statSync(file, { throwIfNoEntry: false })
      return stat && toStat(stat)
    } catch {
      return undefined
    }
  },
  readlink: (file) => {
    try {
      return fs.readlinkSync(file)
    } catch {
      return undefined
    }
  },
  list: (file) => {
    try {
      return fs
        .readdirSync(file, { withFileTypes: true })
        .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
    } catch {
      return undefined
    }
  },
  read: readBounded,
  readAt: readPiece,
  glob: fastGlob,
  canAccess: (file, mode) => {
    try {
      fs.accessSync(
        file,
        mode === 'read'
          ? fs.constants.R_OK
          : mode === 'write'
            ? fs.constants.W_OK
            : fs.constants.X_OK,
      )
      return true
    } catch {
      return false
    }
  },
  run: (file, args, timeoutMs) => {
    try {
      return execFileSync(file, [...args], {
        encoding: 'utf8',
        timeout: timeoutMs,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', HOME: process.env['HOME'] ?? '/' },
        maxBuffer: 1 << 20,
      })
    } catch {
      return undefined
    }
  },
})

const workingDirectory = (): AbsolutePath => {
  try {
    return process.cwd() as AbsolutePath
  } catch (cause) {
    throw new LauncherError('E_PROJECT', 'the working directory is gone', {
      cause,
      hint: 'change to a directory that exists',
    })
  }
}

/** HOME as the user set it if it is an absolute directory, else the account's. Links in it are resolved: rules name real paths. */
const realHome = (): AbsolutePath => {
  const wanted = process.env['HOME']
  const home = wanted && path.isAbsolute(wanted) ? wanted : accountHome()
  try {
    return fs.realpathSync(home) as AbsolutePath
  } catch {
    return path.resolve(home) as AbsolutePath
  }
}

const accountHome = (): string => {
  try {
    return os.userInfo().homedir
  } catch (cause) {
    throw new LauncherError(
      'E_CONFIG',
      'HOME is not set, and this user has no account that would name a home directory',
      { cause, hint: 'set HOME to a directory of yours' },
    )
  }
}

/** O_NONBLOCK so that a FIFO planted at the name cannot hang the start; size is checked on the open descriptor. */
const readBounded = (file: string, limit: number): ReadResult => {
  let fd: number | undefined
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const stat = fs.fstatSync(fd)
    if (!stat.isFile()) return { ok: false, failure: 'not-a-file', code: 'ENOTSUP' }
    if (stat.size > limit) return { ok: false, failure: 'too-large', code: 'EFBIG' }
    const bytes = new Uint8Array(Math.min(limit, stat.size + 65_536) + 1)
    let length = 0
    for (;;) {
      const count = fs.readSync(fd, bytes, length, bytes.length - length, null)
      length += count
      if (count === 0) break
      if (length >= bytes.length) return { ok: false, failure: 'too-large', code: 'EFBIG' }
    }
    return { ok: true, bytes: bytes.slice(0, length) }
  } catch (error) {
    const code = codeOf(error)
    return { ok: false, failure: failureOf(code), code }
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

const readPiece = (file: string, offset: number, length: number): ReadResult => {
  let fd: number | undefined
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    if (!fs.fstatSync(fd).isFile()) return { ok: false, failure: 'not-a-file', code: 'ENOTSUP' }
    const bytes = new Uint8Array(length)
    return { ok: true, bytes: bytes.slice(0, fs.readSync(fd, bytes, 0, length, offset)) }
  } catch (error) {
    const code = codeOf(error)
    return { ok: false, failure: failureOf(code), code }
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

/** Writes all of a text, also into a pipe that is slow: an exit must not cut a report short. A reader that is gone is nobody to tell. */
export const writeAll = (fd: 1 | 2, text: string | Uint8Array): void => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') continue
      return
    }
  }
}

/** What a report is written for: a terminal of so many columns, or something else. */
export interface Screen {
  readonly isTerminal: boolean
  readonly columns: number
}

/** The screen behind a standard stream; 100 columns where it has none. */
export const screenOf = (fd: 1 | 2): Screen => {
  const isTerminal = tty.isatty(fd)
  return { isTerminal, columns: (isTerminal && process.stderr.columns) || 100 }
}

/** fast-glob, loaded only when it is needed. Only `*`, `?`, `**` and `[…]` mean something; all else stands for itself. */
const fastGlob = async (
  base: string,
  pattern: string,
  limit: number,
): Promise<readonly string[]> => {
  const { default: glob } = await import('fast-glob')
  const stream = glob.stream(escapeRest(pattern), {
    cwd: base,
    onlyFiles: false,
    dot: true,
    followSymbolicLinks: false,
    braceExpansion: false,
    extglob: false,
    suppressErrors: true,
  })
  const found: string[] = []
  for await (const name of stream) {
    found.push(String(name))
    if (found.length >= limit) break
  }
  return found
}

/** `!` negates only at the start of a pattern, the others anywhere. */
const escapeRest = (pattern: string): string =>
  pattern.replaceAll(/[\\(){}|]/g, '\\$&').replace(/^!/, '\\!')
