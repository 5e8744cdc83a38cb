import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { childrenOf, isStill, isWaiting, signal, treeOf } from './process-table.ts'

/**
 * Halts everything in a sandbox, so that nothing runs while its mounts are not as they should be.
 */
export interface Freezer {
  /**
   * Resolves when nothing runs any more, or is to go on again. Throws when that cannot be brought
   * about, or not be seen.
   */
  freeze(): Promise<void>
  /** True when nothing has run since. Throws when it cannot be seen. */
  isFrozen(): boolean
  /** Lets go on what was halted here. */
  thaw(): void
}

/** Longest time that halting may take. */
const TIMEOUT = 3_000

/**
 * By signals: a scan can miss what is forked meanwhile, so nothing counts before two scans in a row
 * have found all of them stopped. Parents are stopped first and continued last, so that no shell
 * inside takes a halted child for a stopped job. Who waits for a child that was made by vfork(2)
 * cannot stop before that has gone on to another program: it is let run until then.
 */
export const signalFreezer = (init: number): Freezer => {
  const stopped = new Set<number>()
  let isWanted = false
  const running = (): number[] => treeOf(init).filter((pid) => !isStill(pid))
  const halt = (pid: number): void => {
    signal(pid, 'SIGSTOP')
    stopped.add(pid)
  }
  const letRun = (pid: number): void => {
    if (stopped.delete(pid)) signal(pid, 'SIGCONT')
  }
  return {
    freeze: async () => {
      const end = Date.now() + TIMEOUT
      isWanted = true
      for (let clean = 0; isWanted && clean < 2; ) {
        const found = running()
        clean = found.length === 0 ? clean + 1 : 0
        const spared = new Set(found.filter(isWaiting).flatMap(childrenOf))
        for (const pid of spared) letRun(pid)
        for (const pid of found) if (!spared.has(pid)) halt(pid)
        if (Date.now() > end) throw new Error('what runs in the sandbox does not stop')
        if (clean === 0) await delay(1)
      }
    },
    isFrozen: () => running().length === 0,
    thaw: () => {
      isWanted = false
      for (const pid of [...stopped].reverse()) signal(pid, 'SIGCONT')
      stopped.clear()
    },
  }
}

/** A control group of the run's own. */
export interface ControlGroup {
  readonly directory: string
  /** Puts a process and all that it will start into it. False when that is refused. */
  take(pid: number): boolean
  readonly freezer: Freezer
}

/**
 * Makes a control group beneath launcher's own (cgroups(7), version 2), where the user may: what is
 * frozen by it misses no fork and cannot be undone from inside. `record` is called with the
 * directory before it is made. Undefined where it cannot be had.
 */
export const openControlGroup = (
  name: string,
  record: (directory: string) => void,
): ControlGroup | undefined => {
  const own = ownControlGroup()
  if (own === undefined || !mayWrite(path.join(own, 'cgroup.procs'))) return undefined
  const directory = path.join(own, name)
  try {
    record(directory)
    fs.mkdirSync(directory)
    const state = fs.openSync(path.join(directory, 'cgroup.freeze'), 'w')
    const events = fs.openSync(path.join(directory, 'cgroup.events'), 'r')
    return {
      directory,
      take: (pid) => write(path.join(directory, 'cgroup.procs'), String(pid)),
      freezer: groupFreezer(state, events),
    }
  } catch {
    return undefined
  }
}

/** The descriptors are held open: freezing must not need new ones. */
const groupFreezer = (state: number, events: number): Freezer => {
  let isWanted = false
  const isFrozen = (): boolean => {
    const bytes = Buffer.alloc(256)
    return /^frozen 1$/m.test(bytes.toString('latin1', 0, fs.readSync(events, bytes, 0, 256, 0)))
  }
  return {
    freeze: async () => {
      const end = Date.now() + TIMEOUT
      isWanted = true
      fs.writeSync(state, '1')
      while (isWanted && !isFrozen()) {
        if (Date.now() > end) throw new Error('what runs in the sandbox does not freeze')
        await delay(1)
      }
    },
    isFrozen,
    thaw: () => {
      isWanted = false
      fs.writeSync(state, '0')
    },
  }
}

/** Where launcher's own group is mounted. */
const ownControlGroup = (): string | undefined => {
  try {
    const name = /^0::(\/.*)$/m.exec(fs.readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
    const mount = fs
      .readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.includes(' - cgroup2 '))
    const [, , , root, point] = mount?.split(' ') ?? []
    if (name === undefined || root !== '/' || point === undefined) return undefined
    return path.join(point, name)
  } catch {
    return undefined
  }
}

const mayWrite = (file: string): boolean => {
  try {
    fs.accessSync(file, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

const write = (file: string, text: string): boolean => {
  try {
    fs.writeFileSync(file, text)
    return true
  } catch {
    return false
  }
}
