import { setTimeout as delay } from 'node:timers/promises'
import type { MountGate, MountTables } from '../backend/bubblewrap/gate.ts'
import type { Finding, Repair } from '../backend/bubblewrap/judge.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { exposedFiles, isNameless } from './exposed.ts'
import type { Freezer } from './freeze.ts'
import { holdingsOf } from './holdings.ts'
import type { Mender } from './mend.ts'
import type { Glance } from './process-table.ts'
import type { Exposed } from './types.ts'

/** Why a run must end. */
export interface Loss {
  readonly reason: string
  /** Names whose protection was lost, where the reason is one. */
  readonly places: readonly string[]
  /** Directories that the host moved, with what launcher put into them. */
  readonly moved: readonly { readonly from: string; readonly to: AbsolutePath }[]
  /** What on the host probably did it, as the beginning of a sentence. */
  readonly culprit?: string | undefined
  /** Processes that hold more than they may. */
  readonly holders: readonly number[]
}

/** What keeps a sandbox's mounts as the policy wants them. */
export interface Keeper {
  /**
   * Looks, and mends what changed. Resolves with why the run must end; the sandbox is then halted,
   * if that was possible.
   */
  attend(): Promise<Loss | undefined>
  /** What changed, as sentences. */
  readonly changes: readonly string[]
  readonly exposed: readonly Exposed[]
}

export interface KeeperOptions {
  /** First process of the sandbox. */
  readonly init: number
  readonly gate: MountGate
  /** Mount table that the agent was released with. */
  readonly released: string
  /** The sandbox's table, and launcher's own. */
  readonly table: Glance
  readonly host: Glance
  readonly freezer: Freezer
  /** Undefined where nothing can be mended: then a loss ends the run. */
  readonly mender: Mender | undefined
}

/** Longest time that a sandbox is halted for: the host may go on and on. */
const PATIENCE = 20_000
/**
 * Attempts that fail, because the host goes on in the middle of them or because it cannot be done.
 */
const ATTEMPTS = 20
/** Milliseconds between two attempts. */
const PAUSE = 15
/**
 * Milliseconds without a change after which a name that is gone is taken to stay so: git and rm are
 * not to find a name that they just removed.
 */
const QUIET = 150
/** Looks at which it is tried to show the agent what stands in the place of what it had. */
const TRIES = 20
/** Changes that are remembered: a host could go on for ever. */
const MAX_CHANGES = 200
const SHOWN = 3

/** Keeps one sandbox. To be asked again only when the last answer is there. */
export const createKeeper = (options: KeeperOptions): Keeper => {
  const { init, gate, released, freezer, mender } = options
  let before = released
  let lastGood = Date.now()
  const seen = new Set<string>()
  const changes = new Set<string>()
  const exposed = new Map<string, Exposed>()

  const read = (): string | undefined => {
    const table = options.table.read()
    for (const line of table === before ? [] : (table ?? '').split('\n')) seen.add(line)
    return table
  }
  const tables = (now: string): MountTables => ({
    released,
    before,
    now,
    host: options.host.read() ?? '',
  })
  const note = (words: string): void => {
    if (changes.size < MAX_CHANGES) changes.add(words)
  }

  /**
   * What gives the agent nothing, until it is shown what is there now or has to keep what it had.
   */
  const waiting = new Map<string, { readonly finding: Finding; tries: number }>()
  const accept = (now: string, harmless: readonly Finding[]): void => {
    before = now
    for (const finding of harmless) {
      if (mender && finding.repair) waiting.set(finding.at, { finding, tries: 0 })
      else note(`${finding.words}; the agent keeps what it had`)
    }
  }
  /**
   * Each alone: the host may go on with one of them in the middle of it, and then there is a next
   * time.
   */
  const refresh = async (): Promise<void> => {
    const shown = new Set<string>()
    for (const [at, known] of waiting) {
      const { repair, words } = known.finding
      known.tries += 1
      if (!mender || !repair || known.tries > TRIES) {
        note(`${words}; the agent keeps what it had`)
        waiting.delete(at)
      } else if (!mender.needsNames([repair]) && (await mender.mend([repair])) === undefined) {
        note(`${words}; the agent sees the new one`)
        waiting.delete(at)
        shown.add(at)
      }
    }
    const now = read()
    if (now === undefined || now === before) return
    const { gained, harmless } = gate.judge(tables(now))
    // Our own mounts are no news, unless the host has replaced what they show already.
    if (gained.length === 0)
      accept(
        now,
        harmless.filter(({ at, repair }) => !shown.has(at) || isStale(repair)),
      )
  }

  /** Something was gained: all is halted, mended and looked through before it goes on. */
  const restore = async (): Promise<Loss | undefined> => {
    const found = nothingFound()
    const halting = freezer.freeze()
    // Whoever awaits it hears of it.
    halting.catch(() => undefined)
    const end = Date.now() + PATIENCE
    const stable = { table: '', since: 0 }
    let failures = 0
    let failure = 'the host changes it again and again'
    for (let isHalted = false; failures < ATTEMPTS && Date.now() < end; ) {
      const now = read()
      if (now === undefined) return undefined
      const gained = gate.judge(tables(now)).gained.filter((one) => !isNameless(init, one))
      for (const finding of gained) found.add(finding)
      const repairs = repairsFor(gained)
      if (!repairs || (gained.length > 0 && !mender)) return lossOf(found, [whyNot(mender)])
      if (repairs.length === 0 && isHalted) {
        const held = await lookThrough(now, found.places)
        if (held === 'woken') continue
        return held.length > 0 ? lossOf(found, held) : goOn(now, found)
      }
      // No name is made on the host while something inside could lead it astray, or while the host
      // is about to make it itself.
      if (repairs.length === 0 || mender?.needsNames(repairs)) {
        await halting
        if (now !== stable.table) Object.assign(stable, { table: now, since: Date.now() })
        const isQuiet = Date.now() - stable.since >= QUIET
        if (!isHalted || (repairs.length > 0 && !isQuiet)) {
          isHalted = true
          if (repairs.length > 0) await delay(PAUSE)
          continue
        }
      }
      const failed = await mender?.mend(repairs)
      if (failed === undefined) continue
      failures += 1
      failure = failed
      await delay(PAUSE)
    }
    return lossOf(found, [{ words: `it could not be mended: ${failure}` }])
  }

  /** All is as it should be again. */
  const goOn = (now: string, found: Found): Loss | undefined => {
    before = now
    for (const file of exposedFiles(found.places, lastGood)) exposed.set(file.path, file)
    const linked = [...exposed.values()].find(({ hasOtherName }) => hasOtherName)
    if (linked) return lossOf(found, [{ words: `${linked.path} ${linked.because}` }])
    freezer.thaw()
    for (const words of found.words) note(`${words}; it was put back`)
    return undefined
  }

  /** What the processes hold beyond the policy; `woken` when one of them ran meanwhile. */
  const lookThrough = async (
    now: string,
    lost: readonly string[],
  ): Promise<'woken' | readonly Reason[]> => {
    if (lost.length === 0) return []
    const excess = gate.excess(holdingsOf(init), {
      ...tables(now),
      seen: [released, [...seen].join('\n')],
      lost,
    })
    if (!freezer.isFrozen()) {
      await freezer.freeze()
      return 'woken'
    }
    return excess.map(({ pid, program, what, path }) => ({
      pid,
      words: `${program} (${pid}) got hold of ${path} meanwhile (${what})`,
    }))
  }

  return {
    attend: async () => {
      const now = read()
      if (now === undefined) return undefined
      if (now !== before) {
        const { gained, harmless } = gate.judge(tables(now))
        if (gained.length > 0) return restore()
        accept(now, harmless)
      }
      lastGood = Date.now()
      if (waiting.size > 0) await refresh()
      return undefined
    },
    get changes() {
      return [...changes]
    },
    get exposed() {
      return [...exposed.values()]
    },
  }
}

/** What a restoration has to do with. */
interface Found {
  add(finding: Finding): void
  readonly places: readonly string[]
  readonly words: readonly string[]
  readonly moved: Loss['moved']
}

const nothingFound = (): Found => {
  const lost = new Map<string, Finding>()
  return {
    add: (finding) => void lost.set(finding.at, finding),
    get places() {
      return [...lost.keys()]
    },
    get words() {
      return [...lost.values()].map(({ words }) => words)
    },
    get moved() {
      return [...lost.values()].flatMap(({ at, movedTo }) =>
        movedTo === undefined ? [] : [{ from: at, to: movedTo }],
      )
    },
  }
}

/** One reason to end, and the process that is the reason. */
interface Reason {
  readonly words: string
  readonly pid?: number
}

const lossOf = (found: Found, reasons: readonly (Reason | undefined)[]): Loss => {
  const known = reasons.filter((reason) => reason !== undefined)
  return {
    reason: [found.words, known.map(({ words }) => words)].map(inShort).filter(Boolean).join('; '),
    places: found.places,
    moved: found.moved,
    holders: known.flatMap(({ pid }) => pid ?? []),
  }
}

const whyNot = (mender: Mender | undefined): Reason | undefined =>
  mender ? undefined : { words: 'nothing is there to mend it with' }

/**
 * What to do next; undefined when something cannot be mended. A name above a protection comes
 * first: its mount would cover what is beneath.
 */
const repairsFor = (gained: readonly Finding[]): readonly Repair[] | undefined => {
  const repairs = gained.map(({ repair }) => repair)
  if (repairs.includes(undefined)) return undefined
  const pins = repairs.filter((repair) => repair?.kind === 'pin')
  return (pins.length > 0 ? pins : repairs).flatMap((repair) => repair ?? [])
}

const isStale = (repair: Repair | undefined): boolean =>
  repair?.kind === 'place' && repair.place.isStale

const inShort = (sentences: readonly string[]): string =>
  [
    ...sentences.slice(0, SHOWN),
    ...(sentences.length > SHOWN ? [`and ${sentences.length - SHOWN} more`] : []),
  ].join('; ')
