import fs from 'node:fs'

/** Children of a process (the first thread's); empty where the kernel does not say. */
export const childrenOf = (pid: number): number[] => {
  try {
    const list = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return list === '' ? [] : list.split(' ').map(Number)
  } catch {
    return []
  }
}

/** State letter of a process (proc(5)): `T` is stopped; undefined when it is gone. */
export const stateOf = (pid: number): string | undefined => {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
  } catch {
    return undefined
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
