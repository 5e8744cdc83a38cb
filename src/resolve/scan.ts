import type { FileType, Host } from '../machine/host.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import type { NameMatcher } from './patterns.ts'

/** What one bounded walk of a tree found. */
export interface ScanResult<T> {
  readonly matches: readonly {
    readonly path: AbsolutePath
    readonly type: FileType
    readonly rules: readonly T[]
  }[]
  readonly repositories: readonly Repository[]
  readonly sockets: readonly AbsolutePath[]
  /** Regular files, when the tree is small enough to look at each. */
  readonly files: readonly AbsolutePath[] | undefined
  /** Entries seen. */
  readonly entries: number
  /**
   * Directories that could not be looked into: not listable, too deep for a path, or named in bytes
   * that are no text.
   */
  readonly closed: readonly AbsolutePath[]
  /** Large trees made by tools, which were not entered. */
  readonly heavy: readonly AbsolutePath[]
  /** First directory that was not entered because the budget was spent. */
  readonly stoppedAt: AbsolutePath | undefined
}

/** A git repository: a `.git` of this type in `place`, or (`bare`) `place` itself. */
export interface Repository {
  readonly place: AbsolutePath
  readonly type: 'directory' | 'file' | 'symlink' | 'bare'
}

export interface ScanOptions<T> {
  readonly matcher: NameMatcher<T>
  readonly budget?: number
  /** True when nothing beneath a match needs to be looked at: it is hidden whole. */
  readonly covers?: (rules: readonly T[]) => boolean
  /** True to enter the large trees of tools as well. */
  readonly entersHeavy?: boolean
  /** Levels below the root; all by default. */
  readonly maxDepth?: number
}

/** Entries one walk looks at. */
export const SCAN_BUDGET = 250_000

/**
 * Paths end at 4,096 bytes (PATH_MAX); beyond this nothing can be mounted, so the tree is closed
 * here.
 */
const LONGEST_PATH = 3_000

/** A tree up to this size has its files listed, so that their link counts can be read. */
const SMALL_TREE = 2_000

/**
 * Trees made by tools: large, rebuilt at will, no place for what a protection names. `.git` is
 * looked at by the git stage.
 */
const HEAVY: ReadonlySet<string> = new Set([
  '.mypy_cache',
  '.tox',
  '.venv',
  '__pycache__',
  'node_modules',
  'target',
  'venv',
])

/**
 * Walks a tree breadth first, so that a spent budget leaves the deep names uncovered, not the last
 * of the alphabet. Links are not followed.
 */
export const scanTree = <T>(
  host: Host,
  root: AbsolutePath,
  options: ScanOptions<T>,
): ScanResult<T> => {
  const {
    matcher,
    covers,
    budget = SCAN_BUDGET,
    entersHeavy = false,
    maxDepth = Infinity,
  } = options
  const matches: { path: AbsolutePath; type: FileType; rules: readonly T[] }[] = []
  const repositories: Repository[] = []
  const sockets: AbsolutePath[] = []
  let files: AbsolutePath[] | undefined = []
  let entries = 0
  const closed: AbsolutePath[] = []
  const heavy: AbsolutePath[] = []
  let stoppedAt: AbsolutePath | undefined
  const isGit =
    host.platform === 'macos'
      ? (name: string): boolean => name.length === 4 && name.toLowerCase() === '.git'
      : (name: string): boolean => name === '.git'
  const bareSign = signReader(host.platform === 'macos')
  let level: AbsolutePath[] = [root]
  for (let depth = 0; level.length > 0 && depth < maxDepth && stoppedAt === undefined; depth++) {
    const next: AbsolutePath[] = []
    for (const directory of level) {
      if (entries >= budget) {
        stoppedAt = directory
        break
      }
      const list = directory.length > LONGEST_PATH ? undefined : host.list(directory)
      if (list === undefined) {
        if (depth > 0) closed.push(directory)
        continue
      }
      entries += list.length
      if (entries > SMALL_TREE) files = undefined
      let bare = 0
      for (let i = 0; i < list.length; i++) {
        const { name, type } = list[i]!
        const rules = matcher.match(name, directory, root)
        bare |= bareSign(name, type)
        if (rules.length > 0) matches.push({ path: join(directory, name), type, rules })
        if (type === 'directory') {
          if (isGit(name)) repositories.push({ place: directory, type: 'directory' })
          if (!entersHeavy && HEAVY.has(name)) heavy.push(join(directory, name))
          else if (!isGit(name) && !(covers && rules.length > 0 && covers(rules)))
            next.push(join(directory, name))
        } else if (type === 'file') {
          if (isGit(name)) repositories.push({ place: directory, type: 'file' })
          files?.push(join(directory, name))
        } else if (type === 'socket') sockets.push(join(directory, name))
        else if (type === 'symlink' && isGit(name))
          repositories.push({ place: directory, type: 'symlink' })
      }
      if (bare === BARE) repositories.push({ place: directory, type: 'bare' })
    }
    level = next
  }
  return { matches, repositories, sockets, files, entries, closed, heavy, stoppedAt }
}

/**
 * git takes a directory for a repository when HEAD is there with `objects` and `refs`, or with a
 * `commondir` that says where those are; links included. A directory in the place of `commondir`
 * makes it give up: that is how a run keeps a folder from being one.
 */
const HEAD = 4
const COMMONDIR = 3
const SIGNS = [
  ['HEAD', HEAD],
  ['commondir', COMMONDIR],
  ['objects', 1],
  ['refs', 2],
] as const
const BARE = 7
const NO_REPOSITORY = 8

const signReader = (foldsNames: boolean) => {
  const fold = (name: string): string => (foldsNames ? name.toLowerCase() : name)
  const signs = new Map<string, number>(SIGNS.map(([name, sign]) => [fold(name), sign]))
  const lengths = new Set(SIGNS.map(([name]) => name.length))
  return (name: string, type: FileType): number => {
    // Almost every name ends here.
    if (!lengths.has(name.length)) return 0
    const sign = signs.get(fold(name)) ?? 0
    if (type !== 'directory' || sign < COMMONDIR) return sign
    return sign === COMMONDIR ? NO_REPOSITORY : 0
  }
}
