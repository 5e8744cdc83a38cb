import fs from 'node:fs'
import { LauncherError } from '../errors.ts'

/** O_CLOEXEC and O_PATH as /proc/self/fdinfo prints them (octal; fcntl.h on Linux). */
const CLOSE_ON_EXEC = 0o2000000
const PATH_ONLY = 0o10000000

/**
 * Closes every descriptor that was inherited and would reach the agent. Node closes only up to the
 * first gap, so descriptors past one leak (measured: 20, 40, 100, 200). Node's own are
 * close-on-exec, which is how they are told apart. macOS needs none of it: there libuv spawns with
 * POSIX_SPAWN_CLOEXEC_DEFAULT (libuv, src/unix/process.c). Throws `E_STDIO` when they cannot be
 * looked at: what nobody sees would be handed on.
 */
export const closeInherited = (): void => {
  if (process.platform === 'darwin') return
  for (const name of openDescriptors()) {
    const fd = Number(name)
    if (fd < 3 || !isOpen(fd) || (flagsOf(fd) & CLOSE_ON_EXEC) !== 0) continue
    fs.closeSync(fd)
  }
}

/** Which standard streams must not be handed in as they are. */
export interface StandardStreams {
  /**
   * A regular file is handed on through a pipe: through /proc/self/fd the agent could open it again
   * and write what it may only read, or read and empty what it may only append to. On macOS a
   * program may not even ask about a file that was opened for it where the path is not granted, and
   * Node then ends with SIGABRT and no word (measured).
   */
  readonly relay: readonly [input: boolean, output: boolean, error: boolean]
  /** Standard output and error are one file: one pipe keeps the order of what is written. */
  readonly isMerged: boolean
  /**
   * The first that is a directory or an O_PATH descriptor, which is a way out
   * (`/proc/self/fd/0/..`, measured).
   */
  readonly directory?: string
}

/** Everything handed on as it is. */
export const PLAIN_STREAMS: StandardStreams = { relay: [false, false, false], isMerged: false }

/**
 * Looks at the standard streams of this process. Throws `E_STDIO` when it cannot be seen how one
 * was opened.
 */
export const standardStreams = (): StandardStreams => {
  const relay: [boolean, boolean, boolean] = [false, false, false]
  const files: (fs.Stats | undefined)[] = []
  for (const fd of [0, 1, 2] as const) {
    let stat: fs.Stats
    try {
      stat = fs.fstatSync(fd)
    } catch {
      continue
    }
    const flags = process.platform === 'darwin' ? 0 : flagsOf(fd)
    if (stat.isDirectory() || (flags & PATH_ONLY) !== 0) {
      const directory = ['standard input', 'standard output', 'standard error'][fd]!
      return { ...PLAIN_STREAMS, directory }
    }
    if (!stat.isFile()) continue
    relay[fd] = true
    files[fd] = stat
  }
  const isMerged =
    files[1] !== undefined && files[1].ino === files[2]?.ino && files[1].dev === files[2].dev
  return { relay, isMerged }
}

const openDescriptors = (): string[] => {
  try {
    return fs.readdirSync('/proc/self/fd')
  } catch (cause) {
    throw unseen('/proc/self/fd', cause)
  }
}

/** False for the descriptor of the listing itself, which is gone by now. */
const isOpen = (fd: number): boolean => {
  try {
    fs.fstatSync(fd)
    return true
  } catch (error) {
    // Any other failure says that it is there.
    return !(error instanceof Error && 'code' in error && error.code === 'EBADF')
  }
}

/** How an open descriptor was opened: nothing is assumed where the kernel does not say it. */
const flagsOf = (fd: number): number => {
  const file = `/proc/self/fdinfo/${fd}`
  let flags: string | undefined
  try {
    flags = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(file, 'utf8'))?.[1]
  } catch (cause) {
    throw unseen(file, cause)
  }
  if (flags === undefined) throw unseen(file, undefined)
  return Number.parseInt(flags, 8)
}

const unseen = (file: string, cause: unknown): LauncherError =>
  new LauncherError(
    'E_STDIO',
    `what the agent would inherit cannot be seen: ${file} ${cause instanceof Error ? `cannot be read (${cause.message})` : 'does not say how it was opened'}`,
    { cause, hint: 'mount /proc, or raise the limit on open files (ulimit -n)' },
  )
