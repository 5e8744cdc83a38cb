import type { Host, Platform } from '../machine/host.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import { physical } from '../machine/physical.ts'
import type { Walker } from '../machine/walk.ts'
import type { Candidate } from './candidate.ts'
import type { BarredName } from '../policy/model.ts'
import { readLine } from './git-files.ts'

const BECAUSE =
  'with HEAD, objects and refs git takes a folder for a repository, and runs what its configuration names'

/**
 * HEAD, where a rule can see names as they are made (macOS): a folder below the project's root
 * cannot be made a repository by making its files one by one. A folder that was prepared within
 * `.git` or elsewhere can still be moved there; like all repositories made during a run, it is told
 * afterwards. Bare stores of package managers and agents lie outside the project.
 */
export const barredNames = (
  platform: Platform,
  project: AbsolutePath,
  isLifted: (path: AbsolutePath) => boolean,
): BarredName[] =>
  platform === 'macos' && !isLifted(headOf(project))
    ? [
        {
          root: project,
          name: 'HEAD',
          except: '.git',
          origin: { strength: 'derived', file: 'resolution', key: 'git-bare', because: BECAUSE },
        },
      ]
    : []

/** The name by which {@link barredNames} is lifted. */
export const headOf = (project: AbsolutePath): AbsolutePath => join(project, 'HEAD')

/** A name to keep from being made or changed, and with what it is held where it is absent. */
interface BareHold {
  readonly path: AbsolutePath
  readonly because: string
  readonly held: Candidate['held']
}

/**
 * What is to be done about a directory that is no repository: names to hold, or a git directory to
 * protect as such.
 */
export interface BareGuard {
  readonly holds: readonly BareHold[]
  /**
   * What is a git directory but for HEAD, which cannot be held (`git log HEAD` would become
   * ambiguous).
   */
  readonly gitDir: AbsolutePath | undefined
}

/**
 * Keeps a directory from being made a bare repository, which git finds in every working directory
 * beneath it. git wants HEAD, `refs` and `objects`, the last two perhaps where `commondir` leads
 * (git 2.39, `is_git_directory` in its setup.c). `commondir` and one of the two are held as empty
 * directories, which git shows nowhere: the first makes git give up during the run (it cannot read
 * it), the second is missing when the run is over. So the first must be there whenever the second
 * is: it is made before it, and removed after it.
 */
export const guardAgainstBare = (host: Host, walk: Walker, place: AbsolutePath): BareGuard => {
  const commondir = join(place, 'commondir')
  const common = stateOf(host, commondir)
  const hasHead = ['leaf', 'link'].includes(stateOf(host, join(place, 'HEAD')))
  if (common === 'empty' || (common === 'absent' && !hasHead))
    return guardOf(place, holdOf(commondir), storesOf(host, place, common === 'empty'))
  // Where a HEAD lies about or a common directory is named, git outside must go on as it does now:
  // files that change nothing.
  const named =
    common === 'leaf' ? physical(walk, place, readLine(host, commondir) ?? '') : undefined
  const target = named === undefined ? place : walk(named).real
  return guardOf(target, holdOf(commondir, '.\n'), storesOf(host, target, false), '')
}

const guardOf = (
  gitDir: AbsolutePath,
  first: BareHold,
  stores: readonly AbsolutePath[],
  content?: string,
): BareGuard => ({
  holds: [first, ...stores.map((path) => holdOf(path, content))],
  gitDir: stores.length > 0 ? undefined : gitDir,
})

type NameState = 'absent' | 'leaf' | 'empty' | 'directory' | 'link'

const stateOf = (host: Host, path: AbsolutePath): NameState => {
  const stat = host.lstat(path)
  if (stat === undefined || stat === 'denied') return 'absent'
  if (stat.type === 'symlink') return 'link'
  if (stat.type !== 'directory') return 'leaf'
  return host.list(path)?.length === 0 ? 'empty' : 'directory'
}

/**
 * What of an object store can be held: what is absent, or a file already. Builds make `objects`
 * more often than `refs`. An empty directory may be another run's hold, and is one only beside a
 * held `commondir`.
 */
const storesOf = (host: Host, directory: AbsolutePath, isShared: boolean): AbsolutePath[] => {
  const stores = ['refs', 'objects'].map((name) => {
    const path = join(directory, name)
    return { path, state: stateOf(host, path) }
  })
  const shared = isShared ? stores.filter(({ state }) => state === 'empty') : []
  const own = stores.find(({ state }) => state === 'absent' || state === 'leaf')
  return (shared.length > 0 ? shared : own ? [own] : []).map(({ path }) => path)
}

const holdOf = (path: AbsolutePath, content?: string): BareHold => ({
  path,
  because: BECAUSE,
  held: content === undefined ? undefined : { entry: 'file', placeholder: content },
})
