import { modeText, otherHand } from '../machine/ownership.ts'
import type { Naming } from '../machine/naming.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { CacheRedirect, Origin } from '../policy/model.ts'
import { type AbsolutePath, ancestorsOf, join, nameOf, parentOf } from '../machine/paths.ts'
import { shellWord } from '../text/shell-word.ts'
import type { Covering } from './coverage.ts'
import type { DerivedGrant } from './draft.ts'
import { atOf, type Expander } from './expand.ts'
import { ownPlaces } from '../machine/places.ts'
import { projectCache } from './own.ts'
import type { Creation, ResolvedCache, ResolvedCaches } from './types.ts'
import type { WalkedPath, Walker } from '../machine/walk.ts'

/** The caches of a policy on this machine, and what they add to it. */
export interface CacheResolution extends ResolvedCaches {
  readonly grants: readonly DerivedGrant[]
  readonly create: readonly Creation[]
}

/**
 * Places the redirects of `[caches]`. The project's own cache is the one folder of launcher's cache
 * folder that is open: what runs of one project leave there is never used by the host, nor by runs
 * of another project. Later runs of the same project use it as they use the project's files,
 * inside: a poisoned cache acts with the rights that such a run has anyway and gains none. Throws
 * E_STATE when a folder is not what launcher makes.
 */
export const resolveCaches = (
  redirects: readonly CacheRedirect[],
  host: Host,
  walk: Walker,
  expander: Expander,
  project: AbsolutePath,
): CacheResolution => {
  const placed = redirects.map(
    ({ variable, place, origin }): ResolvedCache => ({
      variable,
      path: expander.path(place, origin),
      use: useOf(place),
      origin,
    }),
  )
  if (!placed.some(({ use }) => use === 'project'))
    return { entries: placed, grants: [], create: [] }
  const requested = projectCache(host, project)
  const parent = walk(parentOf(ownPlaces(host).cache))
  refuseParent(parent, host)
  const root = rootOf(host, walk)
  const own = [root, join(root, 'projects'), join(root, `projects/${nameOf(requested)}`)]
  for (const level of own) refuseStrange(level, host)
  const above = ancestorsOf(root).filter((path) => walk(path).status === 'missing')
  const directory = own[2]!
  refuseClosed([...above, ...own], host)
  return {
    directory,
    entries: placed.map((entry) =>
      entry.use === 'project'
        ? { ...entry, path: join(directory, entry.path.slice(requested.length + 1)) }
        : entry,
    ),
    grants: [
      closed(root),
      {
        walked: {
          requested,
          hops: parent.hops,
          real: directory,
          status: 'exists',
          kind: 'directory',
        },
        access: 'write',
        kind: 'directory',
        requested: '$CACHE',
        origin: originOf("this project's own, used by its sandboxed runs alone"),
      },
    ],
    create: [
      ...above.map((path): Creation => ({ path, kind: 'directory' })),
      ...own.map((path): Creation => ({ path, kind: 'directory', isOwn: true })),
    ],
  }
}

/**
 * Nobody opens what lies in launcher's cache folder, not by a flag either: the folder of another
 * project is for its runs alone. Throws E_PATH.
 */
export const refuseForeignCaches = (
  grants: readonly (Covering & { readonly requested: string })[],
  host: Host,
  walk: Walker,
  { isInside }: Naming,
  own: AbsolutePath | undefined,
): void => {
  const root = rootOf(host, walk)
  const reached = grants.find(
    ({ path, access }) =>
      access !== 'none' && isInside(path, root) && !(own !== undefined && isInside(path, own)),
  )
  if (!reached) return
  throw new LauncherError(
    'E_PATH',
    `${reached.requested} is not granted: it lies in ${root}, where launcher keeps the caches of each project for itself`,
    {
      ...atOf(reached.origin),
      hint: 'take that entry away; copy what is needed into the project',
    },
  )
}

/** True for the grant of the project's own cache. */
export const isOwnCache = ({ origin, access }: Covering): boolean =>
  origin.strength === 'derived' && origin.key === 'caches' && access === 'write'

const useOf = (place: string): ResolvedCache['use'] =>
  /^\$CACHE(\/|$)/.test(place) ? 'project' : /^\$TMPDIR(\/|$)/.test(place) ? 'run' : 'shared'

/**
 * Links above launcher's cache folder are the user's own (a large disk); it and what lies in it are
 * never links.
 */
const rootOf = (host: Host, walk: Walker): AbsolutePath => {
  const { cache } = ownPlaces(host)
  return join(walk(parentOf(cache)).real, nameOf(cache))
}

const refuseParent = ({ requested, real, status, kind }: WalkedPath, host: Host): void => {
  if (status === 'missing') return
  if (status === 'exists' && kind === 'directory') {
    const { mode } = host.stat(real) ?? { mode: 0 }
    if ((mode & 0o1002) === 0o002)
      throw strange(
        requested,
        `can be written by every user of this machine (mode ${modeText(mode)})`,
      )
    return
  }
  throw strange(
    requested,
    status === 'exists'
      ? 'is not a directory'
      : status === 'dangling'
        ? 'is a link to nothing'
        : 'cannot be entered',
  )
}

/** Somebody who can write here chooses what the tools of this project run. */
const refuseStrange = (path: AbsolutePath, host: Host): void => {
  const stat = host.lstat(path)
  if (stat === undefined) return
  if (stat === 'denied') throw strange(path, 'cannot be looked at')
  if (stat.type !== 'directory')
    throw strange(
      path,
      stat.type === 'symlink'
        ? `is a link (to ${host.readlink(path) ?? 'somewhere'})`
        : 'is not a directory',
    )
  const other = otherHand(stat, [host.uid])
  if (other !== undefined) throw strange(path, other)
}

/**
 * What `sudo` left behind: a folder of the user's that belongs to root. Said before the start,
 * where looking and explaining say it, too.
 */
const refuseClosed = (levels: readonly AbsolutePath[], host: Host): void => {
  const first = levels.find((path) => host.lstat(path) === undefined)
  const above = first === undefined ? undefined : parentOf(first)
  if (above === undefined || host.canAccess(above, 'write')) return
  throw new LauncherError(
    'E_STATE',
    `${first} cannot be made to hold the caches of this project: you may not write to ${above}, which belongs to user ${host.stat(above)?.uid ?? 'unknown'}`,
    {
      hint: `make it yours (sudo chown "$USER" ${shellWord(above)}), or set XDG_CACHE_HOME to another directory of yours`,
    },
  )
}

const strange = (path: AbsolutePath, why: string): LauncherError =>
  new LauncherError('E_STATE', `${path} ${why}, so it cannot hold the caches of this project`, {
    hint: 'move it away: launcher makes a new one; or set XDG_CACHE_HOME to another directory of yours',
  })

const closed = (root: AbsolutePath): DerivedGrant => ({
  walked: { requested: root, hops: [], real: root, status: 'exists', kind: 'directory' },
  access: 'none',
  kind: 'directory',
  requested: root,
  origin: originOf("launcher's caches, each for one project"),
})

const originOf = (because: string): Origin => ({
  strength: 'derived',
  file: 'resolution',
  key: 'caches',
  because,
})
