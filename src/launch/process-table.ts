import fs from 'node:fs'

/** Children of a process, whichever thread made them; empty where the kernel does not say. */
export const childrenOf = (pid: number): number[] => {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const list = fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim()
      return list === '' ? [] : list.split(' ').map(Number)
    })
  } catch {
    return []
  }
}

/** A process and everything beneath it. What loses its parent in a pid namespace becomes a child of its first process, so nothing is missed. */
export const treeOf = (pid: number): number[] => {
  const found = [pid]
  for (const one of found) found.push(...childrenOf(one))
  return found
}

/** SIGINT in the mask of ignored signals of /proc/PID/status. */
const IGNORES_SIGINT = 1n << 1n

/** True once a process no longer ignores SIGINT: the agent has been started, not only its wrapper. True where it cannot be told. */
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

/** Field 22 of /proc/PID/stat: tells a process from a later one with the same number. Empty where there is no /proc. */
export const startTimeOf = (pid: number): string => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** State letter of a process (proc(5)): `T` is stopped; undefined when it is gone. */
export const stateOf = (pid: number): string | undefined => {
  return stateIn(`/proc/${pid}/stat`)
}

const stateIn = (file: string): string | undefined => {
  try {
    const stat = fs.readFileSync(file, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  } catch {
    return undefined
  }
}

/** States of all threads of a process; empty when it is gone. The process's own state is that of its first thread, which may have ended alone. */
const threadStates = (pid: number): string[] => {
  try {
    return fs
      .readdirSync(`/proc/${pid}/task`)
      .map((thread) => stateIn(`/proc/${pid}/task/${thread}/stat`) ?? 'X')
  } catch {
    return []
  }
}

/** True when nothing of a process can run any more; a first thread that ended while others go on looks dead and is not. */
export const isGone = (pid: number): boolean =>
  threadStates(pid).every((state) => state === 'Z' || state === 'X')

/** True when no thread of a process runs: stopped, traced or ended. */
export const isStill = (pid: number): boolean =>
  threadStates(pid).every((state) => 'TtZX'.includes(state))

/** Processes that have a file open for reading only, as far as this user may look; slow, because all are looked at. */
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

/** A process's mount table; empty when it is gone. */
export const mountTableOf = (pid: number | 'self'): string => {
  try {
    return fs.readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
  } catch {
    return ''
  }
}

/** Sends a signal; a process that is gone is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {
    // Gone.
  }
}
