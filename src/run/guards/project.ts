import { LauncherError } from '../../errors.ts'
import type { Host } from '../../machine/host.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import { namingOf } from '../../machine/naming.ts'
import { ownPlaces } from '../../machine/places.ts'
import type { Walker } from '../../machine/walk.ts'
import type { Request } from '../../policy/request.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { Breadth } from '../project.ts'

/** What is known of a project before anything in it is looked at. */
export interface ProjectStart {
  readonly request: Request
  readonly host: Host
  readonly project: AbsolutePath
  readonly breadth: Breadth
  readonly walk: Walker
  /** `explain` says that a project is broad or closed instead of refusing it. */
  readonly isTolerant: boolean
}

const CHANGE_OWNER = 'change its owner, or start as the user that it belongs to'

/**
 * Inside, root has no capabilities: what belongs to another user is closed to it by the ordinary
 * bits.
 */
export const foreignProject = (start: ProjectStart): LauncherError | undefined => {
  const { host, project, isTolerant } = start
  if (isTolerant) return undefined
  const stat = host.lstat(project)
  if (stat === undefined || stat === 'denied')
    return new LauncherError('E_PROJECT', `${project} cannot be looked at`)
  return host.platform === 'linux' && host.uid === 0 && stat.uid !== 0 && (stat.mode & 0o002) === 0
    ? new LauncherError(
        'E_PROJECT',
        `${project} belongs to user ${stat.uid}: inside the sandbox root has no rights over the files of others`,
        { hint: CHANGE_OWNER },
      )
    : undefined
}

export const readOnlyProject = (start: ProjectStart): LauncherError | undefined => {
  const { host, project, isTolerant } = start
  if (isTolerant || host.canAccess(project, 'write')) return undefined
  const stat = host.stat(project)
  const reason =
    stat?.uid !== host.uid
      ? `it belongs to user ${stat?.uid ?? 'unknown'}`
      : (stat.mode & 0o200) === 0
        ? 'its permissions say read-only'
        : 'the file system says no'
  return new LauncherError('E_PROJECT', `${project} cannot be written: ${reason}`, {
    hint: CHANGE_OWNER,
  })
}

/** What launcher stands on must not be the agent's work; also `explain` has no answer there. */
export const ownPlace = (start: ProjectStart): LauncherError | undefined => {
  const { request, host, project, walk } = start
  const { isInside } = namingOf(host.platform)
  const { installation, state, configuration, cache } = ownPlaces(host)
  if (isInside(project, installation) && request.project === undefined)
    return new LauncherError('E_PROJECT', `${project} is launcher's own installation`, {
      hint: `if you mean to work on launcher itself: --project ${project}`,
    })
  for (const [place, what, variable] of [
    [state, 'state', 'XDG_STATE_HOME'],
    [configuration, 'configuration', 'XDG_CONFIG_HOME'],
    [cache, 'cache folder', 'XDG_CACHE_HOME'],
  ] as const) {
    // In a project that holds the home directory they cannot but lie inside: that is what is broad
    // about it, and they stay protected.
    const places = [place, walk(place).real]
    const isAtHome = isInside(host.home, project) && places.every((one) => isInside(one, host.home))
    if (!isAtHome && places.some((one) => isInside(one, project) || isInside(project, one)))
      return new LauncherError(
        'E_PROJECT',
        `launcher's ${what} (${place}) and the project ${project} must not lie in each other`,
        { hint: `set ${variable} to a directory outside the project` },
      )
  }
  return undefined
}

export const hiddenProject = (start: ProjectStart): LauncherError | undefined => {
  const { project, breadth, isTolerant } = start
  return isTolerant || breadth.liesIn === undefined
    ? undefined
    : new LauncherError(
        'E_PROJECT',
        `${project} lies in ${breadth.liesIn}, which is hidden from the agent`,
        { hint: `--lift ${shellWord(breadth.liesIn)}, if that is meant` },
      )
}

export const broadProject = (start: ProjectStart): LauncherError | undefined => {
  const { request, project, breadth, isTolerant } = start
  return isTolerant || breadth.because === undefined || request.allowBroadProject
    ? undefined
    : new LauncherError('E_PROJECT', `${project} is too broad for a project: ${breadth.because}`, {
        hint: 'start in the directory you work on, or add --allow-broad-project',
      })
}
