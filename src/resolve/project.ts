import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { Policy } from '../policy/model.ts'
import { type AbsolutePath, isWithin, join, nameOf, parentOf } from '../machine/paths.ts'
import { shellWord } from '../text/shell-word.ts'
import type { Request } from '../policy/request.ts'
import { folder } from './coverage.ts'
import { createExpander } from './expand.ts'
import { ownPlaces } from '../machine/places.ts'
import { isNamePattern, withoutTail } from './patterns.ts'
import { physical } from '../machine/physical.ts'
import { createWalker, type Walker } from '../machine/walk.ts'

export interface Project {
  readonly project: AbsolutePath
  /** True when it is allowed only because of `--allow-broad-project`. */
  readonly isBroad: boolean
  /** Why `run` would refuse it without that flag. */
  readonly because?: string
}

/** The directory the agent works in. `tolerant` is for `explain`, which says that a project is broad instead of refusing it, and answers from a directory that nobody could work in. */
export const resolveProject = (
  request: Request,
  host: Host,
  policy: Policy,
  options: { readonly tolerant?: boolean; readonly walk?: Walker } = {},
): Project => {
  const walk = options.walk ?? createWalker(host)
  const project = directoryOf(request, host, walk)
  const isInside = insideOf(host)
  if (options.tolerant !== true) refuseForeign(host, project)
  refuseOwn(request, host, project, isInside, walk)
  const because = breadthOf(host, policy, project, isInside, walk, options.tolerant === true)
  if (because === undefined) return { project, isBroad: false }
  if (!request.allowBroadProject && options.tolerant !== true) {
    throw new LauncherError('E_PROJECT', `${project} is too broad for a project: ${because}`, {
      hint: 'start in the directory you work on, or add --allow-broad-project',
    })
  }
  return { project, isBroad: true, because }
}

type Inside = (path: AbsolutePath, root: AbsolutePath) => boolean

const insideOf = (host: Host): Inside => {
  const fold = folder(host.platform)
  return (path, root) => isWithin(fold(path) as AbsolutePath, fold(root) as AbsolutePath)
}

const directoryOf = (request: Request, host: Host, walk: Walker): AbsolutePath => {
  const text = request.project ?? host.cwd
  const asked = text === '~' || text.startsWith('~/') ? `${host.home}${text.slice(1)}` : text
  const path = physical(walk, host.cwd, asked)
  const walked = path === undefined ? undefined : walk(path)
  if (walked?.status === 'exists' && walked.kind === 'directory') return walked.real
  const reason =
    walked?.status === 'exists'
      ? 'is not a directory'
      : walked?.status === 'denied'
        ? 'cannot be entered'
        : 'does not exist'
  throw new LauncherError('E_PROJECT', `the project ${JSON.stringify(text)} ${reason}`, {
    hint:
      request.project === undefined
        ? 'change to a directory that exists'
        : '--project names an existing directory',
  })
}

const refuseForeign = (host: Host, project: AbsolutePath): void => {
  const stat = host.lstat(project)
  if (stat === undefined || stat === 'denied')
    throw new LauncherError('E_PROJECT', `${project} cannot be looked at`)
  const hint = 'change its owner, or start as the user that it belongs to'
  // Inside, root has no capabilities: what belongs to another user is closed to it by the ordinary bits.
  if (host.platform === 'linux' && host.uid === 0 && stat.uid !== 0 && (stat.mode & 0o002) === 0) {
    throw new LauncherError(
      'E_PROJECT',
      `${project} belongs to user ${stat.uid}: inside the sandbox root has no rights over the files of others`,
      { hint },
    )
  }
  if (!host.canAccess(project, 'write')) {
    const reason =
      stat.uid !== host.uid
        ? `it belongs to user ${stat.uid}`
        : (stat.mode & 0o200) === 0
          ? 'its permissions say read-only'
          : 'the file system says no'
    throw new LauncherError('E_PROJECT', `${project} cannot be written: ${reason}`, { hint })
  }
}

const refuseOwn = (
  request: Request,
  host: Host,
  project: AbsolutePath,
  isInside: Inside,
  walk: Walker,
): void => {
  const { installation, state, configuration, cache } = ownPlaces(host)
  if (isInside(project, installation) && request.project === undefined) {
    throw new LauncherError('E_PROJECT', `${project} is launcher's own installation`, {
      hint: `if you mean to work on launcher itself: --project ${project}`,
    })
  }
  for (const [place, what, variable] of [
    [state, 'state', 'XDG_STATE_HOME'],
    [configuration, 'configuration', 'XDG_CONFIG_HOME'],
    [cache, 'cache folder', 'XDG_CACHE_HOME'],
  ] as const) {
    // In a project that holds the home directory they cannot but lie inside: that is what is broad about it, and they stay protected.
    const places = [place, walk(place).real]
    const isAtHome = isInside(host.home, project) && places.every((one) => isInside(one, host.home))
    if (!isAtHome && places.some((one) => isInside(one, project) || isInside(project, one))) {
      throw new LauncherError(
        'E_PROJECT',
        `launcher's ${what} (${place}) and the project ${project} must not lie in each other`,
        { hint: `set ${variable} to a directory outside the project` },
      )
    }
  }
}

/** Why a project is broad; patterns are for what lies in projects and never make one broad. */
const SYSTEM: ReadonlySet<string> = new Set([
  '/Applications',
  '/Library',
  '/System',
  '/Users',
  '/Volumes',
  '/bin',
  '/boot',
  '/cores',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/lib64',
  '/media',
  '/mnt',
  '/nix',
  '/opt',
  '/private',
  '/private/etc',
  '/private/tmp',
  '/private/var',
  '/private/var/tmp',
  '/proc',
  '/run',
  '/sbin',
  '/srv',
  '/sys',
  '/tmp',
  '/usr',
  '/usr/local',
  '/var',
  '/var/tmp',
])

const breadthOf = (
  host: Host,
  policy: Policy,
  project: AbsolutePath,
  isInside: Inside,
  walk: Walker,
  tolerant: boolean,
): string | undefined => {
  if (project === '/') return 'it is the whole machine'
  if (SYSTEM.has(project)) return 'it is a directory of the system, shared by everybody'
  if (isInside(host.home, project))
    return isInside(project, host.home)
      ? 'it is your home directory'
      : 'it holds your home directory'
  const expander = createExpander(host, { project })
  const lifts = policy.lifts.flatMap((lift) => expander.every(lift.value, lift.origin))
  for (const { path, kind, origin } of policy.protections) {
    if (
      kind !== 'hidden' ||
      (path[0] === '$' && /^\$(PROJECT|\{PROJECT\}|TMPDIR|\{TMPDIR\})(\/|$)/.test(path)) ||
      isNamePattern(path)
    )
      continue
    for (const place of expander.every(withoutTail(path), origin)) {
      const walked = walk(place)
      const name = place === '/' ? place : join(walk(parentOf(place)).real, nameOf(place))
      const isLifted = lifts.some((lift) => isInside(project, lift) && isInside(lift, place))
      if (!tolerant && !isLifted && [name, walked.real].some((one) => isInside(project, one))) {
        throw new LauncherError(
          'E_PROJECT',
          `${project} lies in ${path}, which is hidden from the agent`,
          { hint: `--lift ${shellWord(path)}, if that is meant` },
        )
      }
      const held = [name, walked.real].find((one) => isInside(one, project))
      if (origin.strength !== 'builtin' || held === undefined) continue
      // Where CARGO_HOME or a link puts `~/.cargo` into the project, its name alone would not say so.
      const isWhereNamed = isInside(
        createExpander({ ...host, env: {} }, { project }).path(withoutTail(path), origin),
        project,
      )
      return `it holds ${isWhereNamed ? path : `${held} (${path})`}, which is hidden from every agent`
    }
  }
  return undefined
}
