import fs from 'node:fs'

/** O_CLOEXEC and O_PATH as /proc/self/fdinfo prints them (octal; fcntl.h on Linux). */
const CLOSE_ON_EXEC = 0o2000000
const PATH_ONLY = 0o10000000

/**
 * Closes every descriptor that was inherited and would reach the agent. Node closes only up to the first gap, so descriptors
 * past one leak (measured: 20, 40, 100, 200). Node's own are close-on-exec, which is how they are told apart.
 * macOS needs none of it: there libuv spawns with POSIX_SPAWN_CLOEXEC_DEFAULT (libuv, src/unix/process.c).
 */
export const closeInherited = (): void => {
  let names: string[]
  try {
    names = fs.readdirSync('/proc/self/fd')
  } catch {
    return
  }
  for (const name of names) {
    const fd = Number(name)
    if (fd < 3) continue
    const flags = flagsOf(fd)
    if (flags === undefined || (flags & CLOSE_ON_EXEC) !== 0) continue
    try {
      fs.closeSync(fd)
    } catch {
      // The descriptor of the listing itself is gone by now.
    }
  }
}

/** Which standard streams must not be handed in as they are. */
export interface StandardStreams {
  /**
   * A regular file is handed on through a pipe: through /proc/self/fd the agent could open it again and write what it may only read,
   * or read and empty what it may only append to. On macOS a program may not even ask about a file that was opened for it where
   * the path is not granted, and Node then ends with SIGABRT and no word (measured).
   */
  readonly relay: readonly [input: boolean, output: boolean, error: boolean]
  /** Standard output and error are one file: one pipe keeps the order of what is written. */
  readonly isMerged: boolean
  /** The first that is a directory or an O_PATH descriptor, which is a way out (`/proc/self/fd/0/..`, measured). */
  readonly directory?: string
}

/** Everything handed on as it is. */
export const PLAIN_STREAMS: StandardStreams = { relay: [false, false, false], isMerged: false }

/** Looks at the standard streams of this process. */
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
    const flags = flagsOf(fd) ?? 0
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

const flagsOf = (fd: number): number | undefined => {
  try {
    const match = /^flags:\s*([0-7]+)/m.exec(fs.readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))
    return match ? Number.parseInt(match[1]!, 8) : undefined
  } catch {
    return undefined
  }
}
