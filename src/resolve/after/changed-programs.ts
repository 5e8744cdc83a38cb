import type { Host } from '../../machine/host.ts'
import { type AbsolutePath, join, nameOf } from '../../machine/paths.ts'
import type { NewName } from './new-name.ts'

/** Where to look for programs that the user may run by habit, and since when. */
export interface ProgramsInput {
  readonly host: Host
  /** Virtual environments of Python. */
  readonly environments: readonly AbsolutePath[]
  /** Other directories of programs. */
  readonly directories: readonly AbsolutePath[]
  /** Milliseconds since the epoch. */
  readonly since: number
}

const SHOWN = 3

/**
 * Virtual environments and `bin` directories in the project whose programs changed during the run:
 * they stay the agent's to write, and the user runs them by name. A file's change time tells, which
 * no program can set back.
 */
export const changedPrograms = ({
  host,
  environments,
  directories,
  since,
}: ProgramsInput): NewName[] => {
  const changedIn = (directory: AbsolutePath, wanted: (name: string) => boolean = () => true) =>
    (host.list(directory) ?? [])
      .filter(({ name, type }) => type !== 'directory' && wanted(name))
      .map(({ name }) => join(directory, name))
      .filter((path) => changedSince(host, path, since))
  return [
    ...environments.flatMap((venv) => {
      const lib = join(venv, 'lib')
      const startup = (host.list(lib) ?? [])
        .filter(({ name, type }) => type === 'directory' && name.startsWith('python'))
        .flatMap(({ name }) => changedIn(join(lib, `${name}/site-packages`), runsAtStart))
      return told(venv, [...changedIn(join(venv, 'bin')), ...startup])
    }),
    ...[...new Set(directories)].flatMap((bin) => told(bin, changedIn(bin))),
  ]
}

/** True for what changed since a moment, in milliseconds since the epoch. */
export const changedSince = (host: Host, path: AbsolutePath, since: number): boolean => {
  const stat = host.lstat(path)
  return stat !== undefined && stat !== 'denied' && stat.ctimeMs >= since
}

/** Python runs these whenever it starts (site.py). */
const runsAtStart = (name: string): boolean =>
  name.endsWith('.pth') || /^(?:site|user)customize\.py$/.test(name)

const told = (place: AbsolutePath, changed: readonly AbsolutePath[]): NewName[] => {
  if (changed.length === 0) return []
  const names = changed.slice(0, SHOWN).map(nameOf).join(', ')
  const more = changed.length > SHOWN ? ` and ${changed.length - SHOWN} more` : ''
  return [
    {
      path: place,
      kind: 'program',
      because: `changed: ${names}${more}; what you run from it is the agent's`,
    },
  ]
}
