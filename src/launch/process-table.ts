import fs from 'node:fs'

/**
 * True for an error that says that a process is gone. Any other means that it could not be looked
 * at, which is something else.
 */
const saysGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')

/**
 * What `look` finds, or `otherwise` where the process is gone meanwhile. Throws when it cannot be
 * looked at.
 */
const unlessGone = <T>(look: () => T, otherwise: T): T => {
  try {
    return look()
  } catch (error) {
    if (saysGone(error)) return otherwise
    throw error
  }
}

/**
 * Children of a process, whichever thread made them; none when it is gone. Throws when it cannot be
 * looked at.
 */
export const childrenOf = (pid: number): number[] =>
  threadsOf(pid).flatMap((thread) => {
    const file = `/proc/${pid}/task/${thread}/children`
    const list = unlessGone(() => fs.readFileSync(file, 'utf8').trim(), '')
    return list === '' ? [] : list.split(' ').map(Number)
  })

/** The threads of a process; none when it is gone. Throws when it cannot be looked at. */
export const threadsOf = (pid: number): string[] =>
  unlessGone(() => fs.readdirSync(`/proc/${pid}/task`), [])

/**
 * A process and everything beneath it. What loses its parent in a pid namespace becomes a child of
 * its first process, so nothing is missed.
 */
export const treeOf = (pid: number): number[] => {
  const found = [pid]
  for (const one of found) found.push(...childrenOf(one))
  return found
}

/** SIGINT in the mask of ignored signals of /proc/PID/status. */
const IGNORES_SIGINT = 1n << 1n

/**
 * True once a process no longer ignores SIGINT: the agent has been started, not only its wrapper.
 * True where it cannot be told.
 */
export const hearsSignals = (pid: number): boolean => {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(
      fs.readFileSync(`/proc/${pid}/status`, 'latin1'),
    )?.[1]
    return mask === undefined || (BigInt(`0x${mask}`) & IGNORES_SIGINT) === 0n
  } catch {
    return true
  }
}

/**
 * Field 22 of /proc/PID/stat: tells a process from a later one with the same number. Empty where
 * there is no /proc.
 */
export const startTimeOf = (pid: number): string => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/**
 * State letter of a process or thread (proc(5)): `T` is stopped; undefined when it is gone. Throws
 * when it cannot be looked at.
 */
const stateIn = (file: string): string | undefined => {
  const stat = unlessGone(() => fs.readFileSync(file, 'utf8'), undefined)
  return stat === undefined ? undefined : stateLetter(stat)
}

const stateLetter = (stat: string): string =>
  stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)

/**
 * States of all threads of a process; empty when it is gone. The process's own state is that of its
 * first thread, which may have ended alone.
 */
const threadStates = (pid: number): string[] => {
  const states = threadsOf(pid).map((thread) => stateIn(`/proc/${pid}/task/${thread}/stat`) ?? 'X')
  // Where /proc hides processes (hidepid), one that is there looks gone.
  return states.length === 0 && takesSignals(pid) ? ['?'] : states
}

const takesSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !saysGone(error)
  }
}

const areAll = (pid: number, letters: string): boolean => {
  try {
    return threadStates(pid).every((state) => letters.includes(state))
  } catch {
    // It cannot be seen: then it is not known to be so.
    return false
  }
}

/**
 * True when nothing of a process can run any more; a first thread that ended while others go on
 * looks dead and is not.
 */
export const isGone = (pid: number): boolean => areAll(pid, 'ZX')

/** True when no thread of a process runs: stopped, traced or ended. */
export const isStill = (pid: number): boolean => areAll(pid, 'TtZX')

/** True when a thread of a process waits and takes no signal before what it waits for has come. */
export const isWaiting = (pid: number): boolean => threadStates(pid).includes('D')

/** A file of /proc that is held open, so that looking needs no new descriptor. */
export interface Glance {
  /** What is in it now; undefined when the process is gone. Throws when it cannot be read. */
  read(): string | undefined
  close(): void
}

/** Opens a file of /proc for many looks; throws when that fails. */
export const openGlance = (file: string): Glance => {
  const fd = fs.openSync(file, 'r')
  let buffer = Buffer.alloc(32_768)
  const read = (): string => {
    let length = 0
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)])
      const count = fs.readSync(fd, buffer, length, buffer.length - length, length)
      if (count === 0) return buffer.toString('utf8', 0, length)
      length += count
    }
  }
  return { read: () => unlessGone(read, undefined), close: () => fs.closeSync(fd) }
}

/** True where /proc/PID/stat says that the process is stopped. */
export const saysStopped = (stat: string | undefined): boolean =>
  stat !== undefined && stateLetter(stat) === 'T'

/**
 * Processes that have a file open for reading only, as far as this user may look; slow, because all
 * are looked at.
 */
export const readersOf = (file: string): number[] =>
  namesIn('/proc')
    .filter(
      (name) =>
        /^\d+$/.test(name) &&
        namesIn(`/proc/${name}/fd`).some((fd) => isReader(`/proc/${name}/fd/${fd}`, file)),
    )
    .map(Number)

/** The mode of such a link tells how its file was opened (proc(5)). */
const isReader = (link: string, file: string): boolean => {
  try {
    return fs.readlinkSync(link) === file && (fs.lstatSync(link).mode & 0o200) === 0
  } catch {
    return false
  }
}

const namesIn = (directory: string): string[] => {
  try {
    return fs.readdirSync(directory)
  } catch {
    return []
  }
}

/** A process's mount table; empty when it is gone. Throws when it cannot be read. */
export const mountTableOf = (pid: number | 'self'): string =>
  unlessGone(() => fs.readFileSync(`/proc/${pid}/mountinfo`, 'utf8'), '')

/** Sends a signal; a process that is gone is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // Gone.
  }
}
