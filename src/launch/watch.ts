import fs from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { culpritOf } from './culprit.ts'
import type { Freezer } from './freeze.ts'
import type { Keeper, Loss } from './keeper.ts'
import {
  childrenOf,
  type Glance,
  hearsSignals,
  isGone,
  openGlance,
  saysStopped,
  signal,
} from './process-table.ts'

/** Milliseconds between looks: the window in which a mount that fell off goes unseen. */
const WATCH_INTERVAL = 100

/**
 * Milliseconds between looks that an event asks for: an agent that makes many files must not keep
 * launcher busy.
 */
const WAKE_INTERVAL = 3
const MAX_DIRECTORIES = 200

/** Milliseconds after which a program that still ignores signals is taken to mean it. */
const PATIENCE = 1_000

/** Milliseconds that the agent of a run that must end has for its last words. */
const LAST_WORDS = 500

/**
 * Looks at a running sandbox: its mounts must stay as released, and a program that stops only
 * itself must stop launcher too.
 */
export interface Watch {
  /** Why the run was ended, once it was. */
  readonly lost: Loss | undefined
  /** Resolves when nothing is looked at any more. */
  stop(): Promise<void>
}

/** What is watched and who is told. */
export interface Watched {
  /** First process of the sandbox, as the host numbers it. */
  readonly init: number
  /** bubblewrap outside of it. */
  readonly monitor: number
  readonly keeper: Keeper
  readonly freezer: Freezer
  /** What happens in these directories is looked at when it happens. */
  readonly directories: readonly string[]
  readonly onAgent: (pid: number) => void
  /**
   * Launcher is about to be stopped, or goes on: a frozen program can be woken by a timer of its
   * own, so somebody else must look meanwhile.
   */
  readonly onStop: (isStopped: boolean) => void
}

/**
 * Watches a sandbox until it ends. What changes beneath its mounts is mended or noted by the
 * keeper; when that cannot be, or nobody can look, the run ends: from that moment the agent could
 * read or write what it must not.
 */
export const watchSandbox = ({
  init,
  monitor,
  keeper,
  freezer,
  directories,
  onAgent,
  onStop,
}: Watched): Watch => {
  const start = Date.now()
  let lost: Loss | undefined
  let agent: { readonly pid: number; readonly stat: Glance } | undefined
  let stoppedLooks = 0
  let looking: Promise<void> | undefined
  let isOver = false

  const findAgent = (): void => {
    const [first] = childrenOf(init)
    // Until its wrapper has given it back its signals, one that is passed on would be lost. A
    // program may ignore them for good.
    if (first === undefined || !(hearsSignals(first) || Date.now() - start > PATIENCE)) return
    agent = { pid: first, stat: openGlance(`/proc/${first}/stat`) }
    onAgent(first)
  }
  const look = async (): Promise<void> => {
    lost = await keeper.attend()
    if (lost || isOver) return
    if (agent === undefined) findAgent()
    // Twice in a row: on `fg` everybody is continued, but not in the same instant.
    stoppedLooks = saysStopped(agent?.stat.read()) ? stoppedLooks + 1 : 0
    if (stoppedLooks < 2) return
    stoppedLooks = 0
    await freezer.freeze()
    onStop(true)
    process.kill(process.pid, 'SIGSTOP')
    onStop(false)
    // Continued: what happened to the mounts meanwhile comes first.
    lost = await keeper.attend()
    if (lost) return
    freezer.thaw()
    signal(monitor, 'SIGCONT')
  }
  let isWanted = false
  const lookOnce = (): void => {
    if (isOver) return
    if (looking) {
      isWanted = true
      return
    }
    isWanted = false
    looking = look()
      .catch((error: unknown) => {
        if (!isGone(init)) lost = unseen(error)
      })
      .then(async () => {
        looking = undefined
        if (isWanted) soon()
        if (!lost || isOver) return
        isOver = true
        clearInterval(timer)
        lost = { ...lost, culprit: culpritOf(lost.places, init) }
        // Before anything else: whoever holds too much has no last words.
        for (const pid of lost.holders) signal(pid, 'SIGKILL')
        thawQuietly(freezer)
        for (const pid of agent ? [agent.pid] : firstIn(init)) await lastWords(pid)
        signal(init, 'SIGKILL')
      })
  }
  let next: NodeJS.Timeout | undefined
  const soon = (): void => {
    next ??= setTimeout(() => {
      next = undefined
      lookOnce()
    }, WAKE_INTERVAL)
  }
  const timer = setInterval(lookOnce, WATCH_INTERVAL)
  const watchers = directories.slice(0, MAX_DIRECTORIES).flatMap((place) => hear(place, soon))
  // The agent appears within a few milliseconds; a signal that waits for it should not wait for the
  // next look.
  const early = [2, 8, 25, 50].map((after) => setTimeout(lookOnce, after))
  lookOnce()
  return {
    get lost() {
      return lost
    },
    stop: async () => {
      isOver = true
      clearInterval(timer)
      for (const once of [...early, next]) clearTimeout(once)
      for (const watcher of watchers) watcher.close()
      await looking
      agent?.stat.close()
      agent = undefined
    },
  }
}

/**
 * Events only shorten the window: where the kernel gives none (a limit of inotify), the timer looks
 * all the same.
 */
const hear = (directory: string, listener: () => void): fs.FSWatcher[] => {
  try {
    return [fs.watch(directory, { persistent: false }, listener).on('error', () => undefined)]
  } catch {
    return []
  }
}

/** The agent of a run that ends before it was seen. */
const firstIn = (init: number): number[] => {
  try {
    return childrenOf(init).slice(0, 1)
  } catch {
    return []
  }
}

/** The agent may save what it has and put the terminal back. */
const lastWords = async (agent: number): Promise<void> => {
  signal(agent, 'SIGTERM')
  signal(agent, 'SIGCONT')
  const end = Date.now() + LAST_WORDS
  while (!isGone(agent) && Date.now() < end) await delay(5)
}

/** Nobody can look: whatever may be there to see is taken to be there. */
const unseen = (error: unknown): Loss => ({
  reason: `the sandbox could not be looked at: ${error instanceof Error ? error.message : 'unknown'}`,
  places: [],
  moved: [],
  holders: [],
})

const thawQuietly = (freezer: Freezer): void => {
  try {
    freezer.thaw()
  } catch {
    // Then it is killed as it is.
  }
}
