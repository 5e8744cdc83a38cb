import type { Host } from '../machine/host.ts'
import { type AbsolutePath, isWithin, join, nameOf } from '../machine/paths.ts'
import type { Lift, Notice, Protection } from '../policy/model.ts'
import { compilePattern } from '../policy/pattern.ts'
import { decodeText } from '../text/decode.ts'
import { shellWord } from '../text/shell-word.ts'
import { indexOf } from './git-index-file.ts'
import { parseGitIndex } from './git-index.ts'
import type { Repository } from './scan.ts'

export interface EnvFilesInput {
  readonly host: Host
  readonly repositories: readonly Repository[]
  readonly protections: readonly Protection[]
  readonly lifts: readonly Lift[]
  /** `$XDG_CONFIG_HOME`. */
  readonly configHome: AbsolutePath
}

/**
 * A hidden `.env` that git knows is not hidden: whoever reads the repository reads what was
 * committed. One that git does not ignore is committed by the next `git add -A` outside, and stops
 * it inside.
 */
export const envFileNotices = ({ protections, lifts, ...input }: EnvFilesInput): Notice[] => {
  const lifted = new Set(lifts.map(({ path }) => path))
  const files = protections.filter(
    ({ path, kind, exists }) =>
      exists && kind === 'hidden' && !lifted.has(path) && /^\.env(?:\.|$)/.test(nameOf(path)),
  )
  return input.repositories.flatMap((repository) => {
    const { place, type } = repository
    if (type === 'bare' || type === 'symlink') return []
    const own = files.filter(({ path }) => deepest(input.repositories, path) === place)
    if (own.length === 0) return []
    const names = new Set(own.map(({ path }) => path.slice(place.length + 1)))
    const bytes = indexOf(input.host, place)
    const index = bytes && parseGitIndex(bytes, (path) => names.has(path))
    // Nothing is said of an index that cannot be read.
    if (!index) return []
    const tracked = new Set(index.map(({ path }) => path))
    return own.flatMap(({ path, origin }) => {
      const name = path.slice(place.length + 1)
      if (tracked.has(name)) return [{ ...notice(path, TRACKED(place, name)), origin }]
      return type === 'file' || mayBeIgnored(input, place, name)
        ? []
        : [{ ...notice(path, UNIGNORED), origin }]
    })
  })
}

const TRACKED = (place: AbsolutePath, name: string): string =>
  `is tracked by git: the file is hidden, what was committed is not (git show HEAD:${name}); change these secrets, and take it out yourself: git -C ${shellWord(place)} rm --cached -- ${shellWord(name)}`

const UNIGNORED =
  'is not ignored by git: `git add -A` stops at it inside and would commit it outside; add it to .gitignore'

const notice = (path: AbsolutePath, what: string): Omit<Notice, 'origin'> => ({
  level: 'warning',
  code: 'env-file',
  message: `${path} ${what}`,
})

const deepest = (repositories: readonly Repository[], path: AbsolutePath): string | undefined =>
  repositories
    .map(({ place }) => place)
    .filter((place) => isWithin(path, place))
    .sort((a, b) => b.length - a.length)[0]

const LIMIT = 1 << 18

/**
 * Whether any line that git takes ignore rules from could mean the file. In doubt yes: a notice
 * that is wrong is read once.
 */
const mayBeIgnored = (
  { host, configHome }: Pick<EnvFilesInput, 'host' | 'configHome'>,
  place: AbsolutePath,
  name: string,
): boolean => {
  const textOf = (file: string): string => {
    const read = host.read(file, LIMIT)
    if (read.ok) return decodeText(read.bytes) ?? '*'
    // What cannot be read may say anything.
    return read.failure === 'missing' ? '' : '*'
  }
  const dotGit = join(place, '.git')
  const configurations = ['/etc/gitconfig', `${host.home}/.gitconfig`, `${configHome}/git/config`]
  if (
    [...configurations, join(dotGit, 'config')].some((file) =>
      /excludesfile|include/i.test(textOf(file)),
    )
  )
    return true
  const parts = name.split('/')
  const files = [
    ...parts.map((_, depth) => join(place, [...parts.slice(0, depth), '.gitignore'].join('/'))),
    join(dotGit, 'info/exclude'),
    join(configHome, 'git/ignore'),
  ]
  return files
    .flatMap((file) => textOf(file).split(/\r?\n/))
    .some((line) => meansOneOf(line, parts))
}

/** By the last name of a rule alone, whatever stands before it. */
const meansOneOf = (line: string, parts: readonly string[]): boolean => {
  const rule = line.replace(/^\ufeff/, '').trim()
  if (rule === '' || rule.startsWith('#') || rule.startsWith('!')) return false
  const last = rule.split('/').filter(Boolean).at(-1) ?? '*'
  if (last.includes('\\') || last === '**') return true
  const { matches } = compilePattern(last, (text) => text)
  return parts.some((part) => matches([part]))
}
