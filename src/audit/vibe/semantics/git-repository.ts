import { partition, strip } from './python-text.ts'
import { expandHome, joinPaths } from './python-path.ts'
import type { GateWorld } from './types.ts'

/**
 * True when git's configuration of the repository around `cwd` may make a reading subcommand run a
 * program. Without a way to read it, it counts as harmless.
 */
export const repositoryAsks = (subcommand: string, cwd: string, world: GateWorld): boolean => {
  const command = subcommand.toLowerCase()
  const isActive = ({ value }: Entry): boolean =>
    !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase())
  return configPaths(cwd, world)
    .flatMap((path) => entriesOf(world.readText?.(path) ?? ''))
    .some(
      (entry) =>
        entry.section === 'include' ||
        entry.section === 'includeif' ||
        (isActive(entry) && runs(entry, command)),
    )
}

interface Entry {
  readonly section: string
  readonly key: string
  readonly value: string
}

const runs = ({ section, key }: Entry, command: string): boolean => {
  const isDiffOrStatus = command === 'diff' || command === 'status'
  switch (section) {
    case 'core':
      return key === 'pager' || (isDiffOrStatus && key === 'fsmonitor')
    case 'pager':
      return key === command
    case 'filter':
      return isDiffOrStatus && (key === 'clean' || key === 'process')
    case 'diff':
      return key === 'command' || key === 'external' || key === 'textconv'
    case 'merge':
      return command === 'log' && key === 'driver'
    case 'gpg':
      return command === 'log' && key === 'program'
    default:
      return false
  }
}

/**
 * Where the repository that governs a directory keeps its configuration: its `.git` directory, a
 * bare repository, or what a `.git` file names.
 */
const configPaths = (cwd: string, world: GateWorld): string[] => {
  const { kindOf } = world
  if (kindOf === undefined) return []
  for (const directory of upwards(cwd)) {
    const marker = joinPaths(directory, '.git')
    const kind = kindOf(marker)
    if (kind === 'directory') return configsIn(marker, marker)
    const inside = (name: string): ReturnType<typeof kindOf> => kindOf(joinPaths(directory, name))
    if (
      inside('HEAD') === 'file' &&
      inside('config') === 'file' &&
      inside('objects') === 'directory' &&
      inside('refs') === 'directory'
    )
      return configsIn(directory, directory)
    if (kind === 'file') return linkedConfigs(directory, marker, world)
  }
  return []
}

const configsIn = (common: string, own: string): string[] => [
  joinPaths(common, 'config'),
  joinPaths(own, 'config.worktree'),
]

const upwards = (path: string): string[] => {
  const parts = path.split('/').filter((part) => part !== '')
  return parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`).concat('/')
}

const linkedConfigs = (directory: string, marker: string, world: GateWorld): string[] => {
  const [prefix, isThere, value] = partition(strip(world.readText?.(marker) ?? ''), ':')
  const named =
    isThere && prefix.toLowerCase() === 'gitdir' ? expandHome(strip(value), world) : undefined
  if (named === undefined) return []
  const gitDirectory = joinPaths(directory, named)
  const common = world.readText?.(joinPaths(gitDirectory, 'commondir'))
  return configsIn(
    common === undefined ? gitDirectory : joinPaths(gitDirectory, strip(common)),
    gitDirectory,
  )
}

/**
 * Sections without their names, keys in lower case; continued lines and escapes are not known to
 * Vibe either.
 */
const entriesOf = (text: string): Entry[] => {
  const entries: Entry[] = []
  let section = ''
  for (const raw of text.slice(0, LONGEST).split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/)) {
    const line = strip(raw).replace(/^\ufeff+/, '')
    const header = /^\[([^\]]*)\]/.exec(line)
    if (header)
      section =
        (strip(header[1] ?? '').split(/\s/, 1)[0] ?? '').split('.', 1)[0]?.toLowerCase() ?? ''
    else if (!/^[#;]/.test(line)) {
      const [, key, value] = /^([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$/.exec(line) ?? []
      if (key !== undefined)
        entries.push({
          section,
          key: key.toLowerCase(),
          value: strip(value === undefined || value === '' ? 'true' : value).replace(
            /^"+|"+$/g,
            '',
          ),
        })
    }
  }
  return entries
}

/** A configuration of git is some kilobytes. */
const LONGEST = 1_048_576
