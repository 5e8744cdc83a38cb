import type { AbsolutePath } from '../../machine/paths.ts'
import { pathWord, runCommand } from '../../policy/run-command.ts'
import type { Flag } from './judge.ts'

/** One command that starts the profile with the flags; ready for a shell. */
const commandFor = (profile: string, flags: readonly Flag[], home: AbsolutePath): string =>
  runCommand(
    profile,
    flags.map(({ flag, path }) => `${flag} ${pathWord(path, home)}`),
  )

/**
 * What to type about a denial that the agent, or whoever wrote a log, has chosen: flags that only
 * grant, as a command; a lift never ready to be pasted, but the question that says what it opens.
 */
export const adviceFor = (profile: string, flags: readonly Flag[], home: AbsolutePath): string => {
  const lifted = flags.find(({ flag }) => flag === '--lift')
  if (lifted === undefined) return commandFor(profile, flags, home)
  return `see what a lift would open: launcher explain ${pathWord(lifted.path, home)}${/\/|\.toml$/.test(profile) ? '' : ` --profile ${profile}`}`
}
