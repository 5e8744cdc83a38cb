import {
  childrenOf,
  hearsSignals,
  isStill,
  mountTableOf,
  signal,
  stateOf,
  treeOf,
} from './process-table.ts'
import type { MountGate } from './types.ts'

/** Milliseconds between looks: the window in which a mount that fell off goes unseen. */
export const WATCH_INTERVAL = 100

/** Milliseconds after which a program that still ignores signals is taken to mean it. */
const PATIENCE = 1_000

/** Looks at a running sandbox: its mounts must stay as released, and a program that stops only itself must stop launcher too. */
export interface Watch {
  /** Why the run was ended, once it was. */
  readonly lost: string | undefined
  /** What the host changed and the agent gained nothing by. */
  readonly changes: readonly string[]
  stop(): void
}

/** What is watched and who is told. */
export interface Watched {
  /** First process of the sandbox, as the host numbers it. */
  readonly init: number
  /** bubblewrap outside of it. */
  readonly monitor: number
  /** Mount table that the agent was released with. */
  readonly released: string
  readonly gate: MountGate
  readonly onAgent: (pid: number) => void
  /** Launcher is about to be stopped, or goes on: a frozen program can be woken by a timer of its own, so somebody else must look meanwhile. */
  readonly onStop: (isStopped: boolean) => void
}

/**
 * Watches a sandbox until it ends. When a mount that is lost, moved or new gives the agent something, the whole tree is killed: from
 * that moment it could read or write what it must not. What gives it nothing is noted.
 */
export const watchSandbox = ({
  init,
  monitor,
  released,
  gate,
  onAgent,
  onStop,
}: Watched): Watch => {
  let before = released
  const changes = new Set<string>()
  const start = Date.now()
  let lost: string | undefined
  let agent: number | undefined
  let stoppedLooks = 0
  const look = (): void => {
    const table = mountTableOf(init)
    if (table !== '' && table !== before) {
      const { gained, harmless } = gate.judge({
        released,
        before,
        now: table,
        host: mountTableOf('self'),
      })
      if (gained.length > 0) {
        signal(init, 'SIGKILL')
        lost = inShort(gained)
        clearInterval(timer)
        return
      }
      for (const change of harmless.slice(0, MAX_CHANGES - changes.size)) changes.add(change)
      before = table
    }
    if (agent === undefined) {
      const [first] = childrenOf(init)
      // Until its wrapper has given it back its signals, one that is passed on would be lost. A program may ignore them for good.
      if (first !== undefined && (hearsSignals(first) || Date.now() - start > PATIENCE)) {
        agent = first
        onAgent(agent)
      }
    }
    // Twice in a row: on `fg` everybody is continued, but not in the same instant.
    stoppedLooks = agent !== undefined && stateOf(agent) === 'T' ? stoppedLooks + 1 : 0
    if (stoppedLooks === 2) {
      stoppedLooks = 0
      const frozen = freeze(init)
      onStop(true)
      process.kill(process.pid, 'SIGSTOP')
      onStop(false)
      // Continued: what happened to the mounts meanwhile comes first.
      look()
      for (const pid of lost === undefined ? [monitor, ...frozen] : []) signal(pid, 'SIGCONT')
    }
  }
  const timer = setInterval(look, WATCH_INTERVAL)
  // The agent appears within a few milliseconds; a signal that waits for it should not wait for the next look.
  const early = [2, 8, 25, 50].map((after) => setTimeout(look, after))
  look()
  return {
    get lost() {
      return lost
    },
    get changes() {
      return [...changes]
    },
    stop: () => {
      clearInterval(timer)
      for (const once of early) clearTimeout(once)
    },
  }
}

/** Changes that are remembered: a host could go on for ever. */
const MAX_CHANGES = 200

const SHOWN = 3

const inShort = (sentences: readonly string[]): string =>
  [
    ...sentences.slice(0, SHOWN),
    ...(sentences.length > SHOWN ? [`and ${sentences.length - SHOWN} more`] : []),
  ].join('; ')

const MAX_ROUNDS = 100

/** Stops everything in the sandbox, so that nothing runs unwatched while launcher is stopped; returns what it stopped. */
const freeze = (init: number): Set<number> => {
  const frozen = new Set<number>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const running = treeOf(init).filter((pid) => !isStill(pid))
    if (running.length === 0) break
    for (const pid of running) {
      signal(pid, 'SIGSTOP')
      frozen.add(pid)
    }
  }
  return frozen
}
