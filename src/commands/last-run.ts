import { LauncherError } from '../errors.ts'
import type { RunRecord } from '../explain/record.ts'
import { parseRecord } from '../explain/read-record.ts'
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

/** The profile of the newest run as a request takes it; nothing where there was none, or it had no name. */
export const lastProfile = (context: CommandContext): { readonly name?: string } => {
  const profile = lastRun(context)?.profile
  return profile === undefined || profile === 'default' ? {} : { name: profile }
}
