import { LauncherError } from '../errors.ts'
import type { ToldAftermath } from '../explain/aftermath.ts'
import type { RunRecord } from '../explain/record.ts'
import { parseRecord } from '../explain/read-record.ts'
import { lastAfter } from '../launch/aftermaths.ts'
import { readRecord, recordedRuns } from '../launch/records.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { CommandContext } from './context.ts'
import { ownPlaces } from '../machine/places.ts'

/** The record of the newest run; undefined when none was kept. */
export const lastRun = (context: CommandContext): RunRecord | undefined => {
  const state = ownPlaces(context.host).state
  for (const id of recordedRuns(state)) {
    const record = recordOf(state, id)
    if (record) return record
  }
  return undefined
}

/** What the newest run left, where no run after it is remembered. */
export const lastLeft = (
  context: CommandContext,
  newest: string | undefined,
): ToldAftermath | undefined => {
  const kept = lastAfter(ownPlaces(context.host).state)
  // Ids begin with their time.
  return isTold(kept) && (newest === undefined || kept.id >= newest) ? kept : undefined
}

/** Written by this program into a folder of the user's alone. */
const isTold = (value: unknown): value is ToldAftermath =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 1

/** One that cannot be read is passed over: an older one still says something. */
const recordOf = (state: AbsolutePath, id: string): RunRecord | undefined => {
  try {
    const text = readRecord(state, id)
    return text === undefined ? undefined : parseRecord(text)
  } catch (error) {
    if (error instanceof LauncherError) return undefined
    throw error
  }
}

/**
 * The profile of the newest run as a request takes it; nothing where there was none, or it had no
 * name.
 */
export const lastProfile = (context: CommandContext): { readonly name?: string } => {
  const profile = lastRun(context)?.profile
  return profile === undefined || profile === 'default' ? {} : { name: profile }
}
