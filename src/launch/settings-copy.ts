import fs from 'node:fs'
import path from 'node:path'
import { LauncherError } from '../errors.ts'
import { absolute, type AbsolutePath } from '../machine/paths.ts'

/**
 * An agent's directory as one run sees it: its settings a copy, all else links to what is there.
 */
export interface SettingsCopy {
  /** Where it is made, in the run's private directory. */
  readonly directory: AbsolutePath
  /** The agent's own directory. */
  readonly from: AbsolutePath
  /** Name of the settings in both. */
  readonly name: string
}

/**
 * Makes it. Only names that `isOpen` are linked: what the agent may not read would stop it. Throws
 * E_AGENT_CONFIG when the settings cannot be copied.
 */
export const makeSettingsCopy = (
  { directory, from, name }: SettingsCopy,
  isOpen: (path: AbsolutePath) => boolean,
): void => {
  try {
    fs.mkdirSync(directory, { mode: 0o700 })
    for (const entry of fs.readdirSync(from)) {
      const there = path.join(from, entry)
      const real = realOf(there)
      if (entry !== name && real !== undefined && isOpen(real))
        fs.symlinkSync(there, path.join(directory, entry))
    }
    fs.writeFileSync(path.join(directory, name), fs.readFileSync(path.join(from, name)), {
      mode: 0o600,
      flag: 'wx',
    })
  } catch (error) {
    throw new LauncherError(
      'E_AGENT_CONFIG',
      `${path.join(from, name)} cannot be copied for this run (${error instanceof Error ? error.message : String(error)})`,
      { cause: error },
    )
  }
}

const realOf = (file: string): AbsolutePath | undefined => {
  try {
    return absolute(fs.realpathSync(file))
  } catch {
    return undefined
  }
}
