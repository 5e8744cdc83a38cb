import type { AbsolutePath } from '../../policy/paths.ts'
import type { Flag } from './judge.ts'

/** One command that starts the profile with the flags; ready for a shell. */
export const commandFor = (profile: string, flags: readonly Flag[], home: AbsolutePath): string =>
  ['launcher', 'run', profile, ...flags.flatMap(({ flag, path }) => [flag, quoted(path, home)])].join(' ')

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A plain path below home begins with `~`; any other with odd characters is quoted, where a shell expands nothing. */
const quoted = (path: string, home: string): string => {
  if (!PLAIN.test(path)) return `'${path.replaceAll("'", `'\\''`)}'`
  return home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}
