import { LauncherError } from '../errors.ts'
import type { SettingsCopy } from '../launch/settings-copy.ts'
import type { Host } from '../machine/host.ts'
import { join, nameOf, parentOf } from '../machine/paths.ts'
import type { Origin, Policy } from '../policy/model.ts'
import { createExpander } from '../resolve/expand.ts'
import type { Resolution } from '../resolve/types.ts'
import type { RunPlace } from './place.ts'

/** The variable that moves an agent's whole directory, by the format of its settings. */
const VARIABLES: Readonly<Record<string, string>> = { vibe: 'VIBE_HOME' }

/** A copy of the agent's settings for one run, and the variable that leads the agent to it. */
export interface PlannedCopy extends SettingsCopy {
  readonly variable: string
}

const ORIGIN: Origin = { strength: 'builtin', file: 'launcher', key: 'audit.file' }

/**
 * What `--settings-copy` means for this agent. Throws E_USAGE for one whose directory cannot be
 * moved.
 */
export const settingsCopyOf = (
  { audit, name }: Policy,
  { resolved }: Resolution,
  { tmp }: RunPlace,
  host: Host,
): PlannedCopy => {
  const variable = audit && VARIABLES[audit.format]
  if (audit === undefined || variable === undefined)
    throw new LauncherError('E_USAGE', `launcher cannot copy the settings of ${name} for a run`, {
      hint: `leave out --settings-copy; it is for ${Object.keys(VARIABLES).join(', ')}`,
    })
  const file = createExpander(host, { project: resolved.project }).path(audit.file, ORIGIN)
  return { variable, directory: join(tmp, 'settings'), from: parentOf(file), name: nameOf(file) }
}
