import {
  ancestorsOf,
  components,
  nameOf,
  parentOf,
  type AbsolutePath,
} from '../../machine/paths.ts'
import type { Notice } from '../../policy/model.ts'
import type { TargetRole } from '../types.ts'
import {
  findings,
  hopsOf,
  isAgents,
  isInside,
  noticeOf,
  partOf,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'

/** Directories that many programs share: never granted because one of them lives there. */
const SHARED: ReadonlySet<string> = new Set(
  [
    '/',
    '/Applications',
    '/Library',
    '/Library/Frameworks',
    '/System',
    '/System/Volumes',
    '/System/Volumes/Data',
    '/Users',
    '/Volumes',
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/lib',
    '/lib64',
    '/media',
    '/mnt',
    '/nix',
    '/opt',
    '/opt/homebrew',
    '/opt/local',
    '/private',
    '/private/etc',
    '/private/tmp',
    '/private/var',
    '/proc',
    '/root',
    '/run',
    '/run/user',
    '/sbin',
    '/snap',
    '/srv',
    '/sys',
    '/tmp',
    '/usr',
    '/usr/bin',
    '/usr/lib',
    '/usr/local',
    '/usr/local/bin',
    '/usr/local/lib',
    '/usr/share',
    '/var',
    '/var/lib',
    '/var/tmp',
  ].flatMap((path) => [path, path.toLowerCase()]),
)

const SHARED_IN_HOME: ReadonlySet<string> = new Set(
  [
    '.cache',
    '.config',
    '.local',
    '.local/bin',
    '.local/lib',
    '.local/share',
    '.local/state',
    'Applications',
    'Desktop',
    'Documents',
    'Downloads',
    'Library',
    'Library/Application Support',
    'Library/Caches',
    'Library/Preferences',
    'Movies',
    'Music',
    'Pictures',
    'Public',
    'bin',
    'lib',
    'opt',
    'src',
  ].flatMap((path) => [path, path.toLowerCase()]),
)

/**
 * Names that hold credentials, keys or mail wherever they stand. The base profile hides the real
 * list; this one keeps a grant from being derived there.
 */
const SECRET_NAMES: ReadonlySet<string> = new Set([
  '.1password',
  '.aws',
  '.azure',
  '.docker',
  '.gnupg',
  '.kube',
  '.mozilla',
  '.netrc',
  '.oci',
  '.password-store',
  '.pki',
  '.ssh',
  '.thunderbird',
  'keychains',
  'keyrings',
])

/** Why no tree may be granted at `path` (a real path), or undefined when it may. */
export const refusalOf = (context: ResolveContext, path: AbsolutePath): string | undefined => {
  if (isInside(context, context.home, path))
    return isInside(context, path, context.home)
      ? 'it is the home directory'
      : 'it holds the home directory'
  if (isInside(context, context.project, path))
    return isInside(context, path, context.project) ? 'it is the project' : 'it holds the project'
  const place = nameFor(context, path)
  if (SHARED.has(place)) return 'it is shared by many programs'
  const parent = parentOf(path).toLowerCase()
  if (parent === '/home' || parent === '/users') return 'it is a home directory'
  if (
    isInside(context, path, context.home) &&
    SHARED_IN_HOME.has(place.slice(context.home.length + 1))
  )
    return 'it is shared by many programs'
  return secretIn(path)
}

/** Spelt as in the lists above when the file system does not care how it is spelt. */
const nameFor = (context: ResolveContext, path: AbsolutePath): string =>
  context.platform === 'macos' ? path.toLowerCase() : path

/** Why nothing at all may be granted at `path`: a component names a place of secrets. */
export const secretIn = (path: AbsolutePath): string | undefined => {
  const secret = components(path).find((name) => SECRET_NAMES.has(name.toLowerCase()))
  return secret === undefined ? undefined : `it lies in a place of secrets (${secret})`
}

/**
 * The tree at `place` as a part, or a notice with the reason why it is not one. Links on the way
 * are kept in both cases.
 */
export const treePart = (
  context: ResolveContext,
  runtime: string,
  place: Place,
  role: TargetRole = 'tree',
): Findings => {
  const { walked } = place
  if (walked.status !== 'exists') return findings(runtime)
  const refusal = leavesProject(context, place)
    ? PLANTED
    : role === 'tree' && walked.kind === 'directory'
      ? refusalOf(context, walked.real)
      : secretIn(walked.real)
  if (refusal !== undefined) {
    const message = `${show(context, walked.real)} is not granted: ${refusal} (${place.chain.join(', ')})`
    return findings(runtime, {
      hops: hopsOf(place),
      notices: [noticeOf('warning', 'target-tree-refused', message, place.chain)],
    })
  }
  return findings(runtime, {
    reads: [partOf(walked.kind === 'directory' ? 'tree' : role === 'tree' ? 'file' : role, place)],
    hops: hopsOf(place),
    notices: [...writableByOthers(context, place), ...writableByAgent(context, place)],
  })
}

/**
 * A root that anybody may write is code that anybody may replace: said, not refused, because it is
 * the user's machine.
 */
const writableByOthers = (context: ResolveContext, place: Place): Notice[] => {
  const stat = context.host.lstat(place.walked.real)
  if (stat === undefined || stat === 'denied' || (stat.mode & 0o002) === 0) return []
  return [
    noticeOf(
      'warning',
      'target-world-writable',
      `${show(context, place.walked.real)} can be written by every user of this machine`,
      place.chain,
    ),
  ]
}

/**
 * What lies in the project or its cache is the agent's own work: what it starts from there tomorrow
 * is what it wrote today.
 */
const writableByAgent = (context: ResolveContext, place: Place): Notice[] => {
  if (!isAgents(context, place.walked.real)) return []
  const where = isInside(context, place.walked.real, context.project)
    ? 'inside the project'
    : "in the project's own cache"
  return [
    noticeOf(
      'warning',
      'target-in-project',
      `${show(context, place.walked.real)} lies ${where}: it is read-only in this run, but another run could have changed it`,
      place.chain,
    ),
  ]
}

/** The reason that goes with {@link leavesProject}. */
export const PLANTED = 'a link that the agent can change leads there'

/**
 * True when a link that lies where the agent can write leads out of there: an earlier run could
 * have planted it.
 */
export const leavesProject = (context: ResolveContext, place: Place): boolean =>
  !isAgents(context, place.walked.real) &&
  place.walked.hops.some((hop) => isAgents(context, hop.path))

/** The directory of this name nearest to the root on the way to `path`, if there is one. */
export const topmostNamed = (path: AbsolutePath, name: string): AbsolutePath | undefined =>
  ancestorsOf(path).find((ancestor) => nameOf(ancestor) === name)
