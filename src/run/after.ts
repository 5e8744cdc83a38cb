import { discardBefore, untoldRuns, writeAfter, writeBefore } from '../launch/aftermaths.ts'
import { namesHeldNow } from '../launch/held-names.ts'
import { ownPlaces } from '../machine/places.ts'
import { afterText } from '../report/after.ts'
import { type Baseline, takeBaseline } from '../resolve/after/baseline.ts'
import { type Aftermath, lookAfter } from '../resolve/after/look.ts'
import type { RunContext } from './context.ts'
import type { Prepared } from './prepare.ts'

/** What is owed to a run that begins: its list, or nothing where none came of it. */
export interface Watched {
  /**
   * Looks at what has come since, tells it and keeps it for `explain`. Never throws: the agent's
   * exit code is worth more.
   */
  tell(): void
  /** No agent was started. */
  forget(): void
}

/**
 * Takes down what is there before a run, also for the case that launcher does not live to tell what
 * came of it.
 */
export const watchNames = (
  { profile, resolution, place }: Prepared,
  isKept: boolean,
  context: RunContext,
): Watched => {
  const { host } = context
  const { state } = ownPlaces(host)
  const { resolved, surroundings } = resolution
  const baseline = takeBaseline(host, resolved, surroundings, Date.now())
  if (isKept) writeBefore(state, place.id, { ...baseline, profile })
  return {
    tell: () => {
      tell(place.id, { ...baseline, profile }, 'ended', isKept, context)
      discardBefore(state, place.id)
    },
    forget: () => discardBefore(state, place.id),
  }
}

/**
 * Tells what runs left whose launcher did not live to tell it; to be called when what they held is
 * gone.
 */
export const tellUntold = (context: RunContext): void => {
  const { state } = ownPlaces(context.host)
  for (const { id, baseline } of untoldRuns(state)) {
    if (isKeptBaseline(baseline)) tell(id, baseline, 'killed', true, context)
    discardBefore(state, id)
  }
}

interface KeptBaseline extends Baseline {
  readonly profile: string
}

/**
 * Written by this program into a folder of the user's alone; only another version's is passed over.
 */
const isKeptBaseline = (value: unknown): value is KeptBaseline =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 2

const tell = (
  id: string,
  baseline: KeptBaseline,
  ending: 'ended' | 'killed',
  isKept: boolean,
  context: RunContext,
): void => {
  const { host } = context
  const { state } = ownPlaces(host)
  const { profile, project, started } = baseline
  const { names, gaps } = aftermathOf(baseline, context)
  if (names.length === 0 && gaps.length === 0) return
  if (isKept)
    writeAfter(state, id, { version: 1, id, profile, project, started, ending, names, gaps })
  context.err(afterText({ project, ending, names, gaps }, host.home))
}

const aftermathOf = (baseline: Baseline, { host }: RunContext): Aftermath => {
  try {
    return lookAfter(baseline, host, namesHeldNow(ownPlaces(host).state))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { names: [], gaps: [`the search for what is new failed: ${why}`] }
  }
}
