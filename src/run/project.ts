import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { namingOf } from '../machine/naming.ts'
import { type AbsolutePath, join, nameOf, parentOf } from '../machine/paths.ts'
import { written } from '../machine/physical.ts'
import type { Walker } from '../machine/walk.ts'
import type { Policy } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import { createExpander } from '../resolve/expand.ts'
import { isNamePattern, withoutTail } from '../resolve/patterns.ts'

/**
 * The directory the agent works in: `--project`, else the working directory. Throws E_PROJECT when
 * it is none.
 */
export const findProject = (request: Request, host: Host, walk: Walker): AbsolutePath => {
  const text = request.project ?? host.cwd
  const path = written(walk, host, text)
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

/** What a policy says of a project as a whole. */
export interface Breadth {
  /** Why it is broad: only `--allow-broad-project` starts an agent there. */
  readonly because?: string
  /** The hidden place that it lies in, as the policy writes it. */
  readonly liesIn?: string
}

/**
 * Whether a project is as wide as the machine or the home directory, or holds or lies in what is
 * hidden from the agent.
 */
export const breadthOf = (
  host: Host,
  policy: Policy,
  project: AbsolutePath,
  walk: Walker,
): Breadth => {
  const { isInside } = namingOf(host.platform)
  if (project === '/') return { because: 'it is the whole machine' }
  if (SYSTEM.has(project))
    return { because: 'it is a directory of the system, shared by everybody' }
  if (isInside(host.home, project))
    return isInside(project, host.home)
      ? { because: 'it is your home directory' }
      : { because: 'it holds your home directory' }
  return hiddenBreadth(host, policy, project, walk)
}

const hiddenBreadth = (
  host: Host,
  policy: Policy,
  project: AbsolutePath,
  walk: Walker,
): Breadth => {
  const { isInside } = namingOf(host.platform)
  const expander = createExpander(host, { project })
  const lifts = policy.lifts.flatMap((lift) => expander.every(lift.value, lift.origin))
  let broad: Breadth | undefined
  for (const { path, kind, origin } of policy.protections) {
    // Patterns are for what lies in projects and never make one broad.
    if (kind !== 'hidden' || OF_THE_RUN.test(path) || isNamePattern(path)) continue
    for (const place of expander.every(withoutTail(path), origin)) {
      const walked = walk(place)
      const name = place === '/' ? place : join(walk(parentOf(place)).real, nameOf(place))
      const isLifted = lifts.some((lift) => isInside(project, lift) && isInside(lift, place))
      if (!isLifted && [name, walked.real].some((one) => isInside(project, one)))
        return { ...broad, liesIn: path }
      const held = [name, walked.real].find((one) => isInside(one, project))
      if (broad || origin.strength !== 'builtin' || held === undefined) continue
      // Where CARGO_HOME or a link puts `~/.cargo` into the project, its name alone would not say
      // so.
      const isWhereNamed = isInside(
        createExpander({ ...host, env: {} }, { project }).path(withoutTail(path), origin),
        project,
      )
      const shown = isWhereNamed ? path : `${held} (${path})`
      broad = { because: `it holds ${shown}, which is hidden from every agent` }
    }
  }
  return broad ?? {}
}

/** Places that lie in the project or in the run's own directory, wherever that is. */
const OF_THE_RUN = /^\$(?:PROJECT|\{PROJECT\}|TMPDIR|\{TMPDIR\})(?:\/|$)/

/** Directories of the system: none of them is anybody's work. */
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
