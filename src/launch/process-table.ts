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
