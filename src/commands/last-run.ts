import { LauncherError } from '../errors.ts'
import type { RunRecord } from '../explain/record.ts'
import { parseRecord } from '../explain/read-record.ts'
import { readRecord, recordedRuns } from '../launch/records.ts'
import type { CommandContext } from './context.ts'
import { stateDirectory } from './start.ts'

/** The record of the newest run; undefined when none was kept. */
export const lastRun = (context: CommandContext): RunRecord | undefined => {
  const state = stateDirectory(context, context.host.cwd)
  for (const id of recordedRuns(state)) {
    const text = readRecord(state, id)
    const record = text === undefined ? undefined : parseRecord(text)
    if (record) return record
  }
  return undefined
}

/** The profile of the newest run as a request takes it; nothing where there was none, or it had no name. */
export const lastProfile = (context: CommandContext): { readonly name?: string } => {
  try {
    const profile = lastRun(context)?.profile
    return profile === undefined || profile === 'default' ? {} : { name: profile }
  } catch (error) {
    if (error instanceof LauncherError) return {}
    throw error
  }
}
