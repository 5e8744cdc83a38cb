import fs from 'node:fs'

/**
 * One side of the connections that an agent can bring about: those to launcher, or those that
 * launcher makes for it.
 */
interface Side {
  /**
   * Takes a seat until what it gives is called (once or more often); undefined when none is free.
   */
  take(): (() => void) | undefined
  /**
   * The same, waiting for a seat until the deadline (milliseconds since the epoch); undefined when
   * none came free.
   */
  wait(deadline: number): Promise<(() => void) | undefined>
}

/**
 * How many connections an agent may have open at once, so that launcher keeps descriptors of its
 * own.
 */
export interface Seats {
  /** On each side. */
  readonly most: number
  /** The limit on open files that it follows from. */
  readonly limit: number
  readonly clients: Side
  readonly hosts: Side
}

/**
 * Descriptors that connections never get: watching, freezing and mending a sandbox, looking a name
 * up, writing the record.
 */
const RESERVE = 18
/** Below this an agent could not fetch anything while it holds one connection open. */
const LEAST = 2
/** Far beyond what clients need. */
const MOST = 16_384

/** Seats under a limit on open files, of which `open` are in use. */
export const seatsUnder = (limit: number, open: number): Seats => {
  const most = Math.min(MOST, Math.max(LEAST, Math.floor((limit - open - RESERVE) / 2)))
  return { most, limit, clients: sideOf(most), hosts: sideOf(most) }
}

/** Seats of this process as it is now: to be called when what it keeps open is open. */
export const openSeats = (): Seats => seatsUnder(limitInForce(), openDescriptors())

const sideOf = (most: number): Side => {
  let taken = 0
  const waiting = new Set<() => void>()
  const take = (): (() => void) | undefined => {
    if (taken >= most) return undefined
    taken += 1
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      taken -= 1
      const [next] = waiting
      next?.()
    }
  }
  const wait = (deadline: number): Promise<(() => void) | undefined> =>
    new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer)
        waiting.delete(settle)
        resolve(take())
      }
      const timer = setTimeout(settle, Math.max(0, deadline - Date.now()))
      waiting.add(settle)
    })
  return { take, wait: (deadline) => settled(take()) ?? wait(deadline) }
}

const settled = <T>(value: T | undefined): Promise<T> | undefined =>
  value === undefined ? undefined : Promise.resolve(value)

/** The least that POSIX knows where nobody says what is in force. */
const UNKNOWN = 64

const limitInForce = (): number => {
  try {
    if (process.platform !== 'linux') return limitReported()
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(
      fs.readFileSync('/proc/self/limits', 'utf8'),
    )?.[1]
    return soft === undefined ? UNKNOWN : soft === 'unlimited' ? 2 * MOST : Number(soft)
  } catch {
    return UNKNOWN
  }
}

/** Node's own report: a number, or `unlimited`. */
const limitReported = (): number => {
  const report: unknown = process.report.getReport()
  const soft = /"open_files":\{"soft":"?(\d+|unlimited)/.exec(JSON.stringify(report))?.[1]
  return soft === undefined ? UNKNOWN : soft === 'unlimited' ? 2 * MOST : Number(soft)
}

/** Node without anything of ours has about 20; when nobody can look, many are in use. */
const openDescriptors = (): number => {
  try {
    return fs.readdirSync('/dev/fd').length
  } catch {
    return UNKNOWN
  }
}
