import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { Hop, Notice, Policy, ResolvedPolicy } from '../policy/model.ts'
import { type AbsolutePath, isWithin, parentOf, toAbsolutePath } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { findInAreas } from './areas.ts'
import { isOwnCache, refuseForeignCaches, resolveCaches } from './caches.ts'
import type { Candidate } from './candidate.ts'
import { folder } from './coverage.ts'
import { backendGrants, targetGrants, tmpGrant } from './derived.ts'
import { createExpander, type Expander, placeholderTmp } from './expand.ts'
import { gitProtections } from './git.ts'
import { gitLinkGrants } from './git-link.ts'
import { globFor, type GlobExpander } from './glob.ts'
import { resolveGrants } from './grants.ts'
import { resolveLifts } from './lifts.ts'
import { ownPlaces } from '../machine/places.ts'
import { ownCandidates } from './own.ts'
import { outwardLinks } from './outward-links.ts'
import { pathEntries, type PathEntry, searchPathOf } from './path-env.ts'
import { isNamePattern, withoutTail } from './patterns.ts'
import { resolveProtections } from './protections.ts'
import { resolveSockets } from './sockets.ts'
import type { Resolution, Target } from './types.ts'
import { createWalker, type Walker } from '../machine/walk.ts'

export interface ResolveOptions {
  readonly target?: Target | undefined
  /** As {@link resolveProject} found it. */
  readonly project: AbsolutePath
  readonly isBroad: boolean
  /** The run's private temporary directory, which need not exist yet; absent for `explain`. */
  readonly runTmp?: AbsolutePath | undefined
  readonly glob?: GlobExpander | undefined
  /** To share what was looked at with the search for the target. */
  readonly walk?: Walker | undefined
  /** Entries of the bounded walk. */
  readonly scanBudget?: number | undefined
}

/** A policy on this machine: every path followed, every protection placed. The order of the policy's lists never matters. */
export const resolvePolicy = async (
  policy: Policy,
  request: Request,
  host: Host,
  options: ResolveOptions,
): Promise<Resolution> => {
  const { project, target } = options
  const walk = options.walk ?? createWalker(host)
  const fold = folder(host.platform)
  const tmp = options.runTmp ?? placeholderTmp(host)
  const expander = createExpander(host, { project, tmp: options.runTmp })
  const gitLink = gitLinkGrants(host, walk, project)
  const path = pathEntries(host, walk, project)
  const caches = resolveCaches(policy.caches, host, walk, expander, project)

  const granted = await resolveGrants({
    grants: policy.grants,
    create: policy.create,
    derived: [
      ...targetGrants(target),
      ...gitLink.grants,
      tmpGrant(tmp),
      ...caches.grants,
      ...backendGrants(host),
    ],
    expander,
    walk,
    glob: options.glob ?? globFor(host),
    fold,
  })
  refuseForeignCaches(granted.coverage.grants, host, walk, fold, caches.directory)
  const create = [...granted.create, ...caches.create]
  const isWritable = (directory: AbsolutePath): boolean => {
    const over = granted.coverage.over(directory)
    return over?.access === 'write' && over.kind === 'directory' && over.provider === undefined
  }
  const areas = findInAreas({
    host,
    walk,
    expander,
    project,
    grants: granted.grants,
    protections: policy.protections,
    fold,
    tmp,
    budget: options.scanBudget,
  })
  const configHome = parentOf(ownPlaces(host).configuration)
  const git = gitProtections({
    host,
    walk,
    project,
    repositories: areas.repositories,
    roots: granted.grants
      .filter((grant) => isFilled(grant) && grant.path !== tmp && !isOwnCache(grant))
      .map((grant) => grant.path),
    configHome,
    isWritable,
  })
  const candidates: readonly Candidate[] = [
    ...authored([...policy.protections, ...granted.absentNone], expander),
    ...areas.candidates,
    ...git.candidates,
    ...gitLink.candidates,
    ...outsideCandidates(path.entries, target, project, isWritable),
    ...launcherCandidates(host, project).filter(
      ({ path: own }) => caches.directory === undefined || own !== ownPlaces(host).cache,
    ),
  ]
  const lifts = resolveLifts({
    lifts: policy.lifts,
    candidates,
    expander,
    walk,
    fold,
    platform: host.platform,
    matchesPattern: areas.matches,
    isLookedAt: (one) => areas.roots.some((root) => isWithin(one, root)),
  })
  const made = new Set(create.map((entry) => entry.path))
  const protections = resolveProtections({
    candidates,
    lifts,
    walk,
    fold,
    platform: host.platform,
    isWritable,
    made,
    isClosed: (directory) =>
      !made.has(directory) &&
      host.stat(directory) !== undefined &&
      !host.canAccess(directory, 'write'),
    isOwn: (path) => host.stat(path)?.uid === host.uid,
  })
  const sockets = resolveSockets({
    host,
    walk,
    expander,
    connect: policy.connect,
    bind: policy.bind,
    coverage: granted.coverage,
    found: areas.sockets,
  })

  const first: ResolvedPolicy = {
    name: policy.name,
    platform: host.platform,
    foldsNames: host.platform === 'macos',
    project,
    home: host.home,
    grants: granted.grants,
    protections,
    patterns: areas.livePatterns,
    lifts: lifts.lifts,
    hops: [],
    stats: [],
    sockets: sockets.sockets,
    network: policy.network,
    features: policy.features,
    notices: [],
  }
  // One file of ~/.local/bin is granted by its own name: it is found by that name, and its neighbours are not there.
  const holders = new Set(
    [...granted.grants.filter(({ access }) => access !== 'none'), ...granted.hops].map((one) =>
      parentOf(one.path),
    ),
  )
  const search = searchPathOf(
    path.entries,
    host,
    compilePolicy(first).access,
    isWritable,
    (directory) => holders.has(directory),
  )
  const resolved: ResolvedPolicy = {
    ...first,
    hops: uniqueHops(
      [
        ...granted.hops,
        ...(target?.hops ?? []),
        ...sockets.hops,
        ...search.hops,
        ...spelledHops(host, request, walk, project),
      ],
      walk,
    ),
    stats: search.stats,
    notices: uniqueNotices([
      ...expander.notices,
      ...gitLink.notices,
      ...outwardLinks(host, walk, project, granted.grants, granted.coverage),
      ...granted.notices,
      ...areas.notices,
      ...git.notices,
      ...lifts.notices,
      ...sockets.notices,
      ...path.notices,
      ...search.notices,
      ...(target?.notices ?? []),
    ]),
  }
  return {
    policy,
    resolved,
    target,
    searchPath: search.searchPath,
    create,
    caches,
    isBroadProject: options.isBroad,
    repositories: areas.repositories,
  }
}

const isFilled = ({ access, kind, provider }: ResolvedPolicy['grants'][number]): boolean =>
  access === 'write' && kind === 'directory' && provider === undefined

/** Plain paths of `[protect]`; patterns are found by the walk. */
const authored = (protections: Policy['protections'], expander: Expander): Candidate[] =>
  protections
    .filter((one) => !isNamePattern(one.path))
    .flatMap(({ path, kind, origin }) =>
      expander
        .every(withoutTail(path), origin)
        .map((place) => ({ path: place, kind, requested: path, origin, liftable: true })),
    )

/** What the host runs later: directories of PATH and the target's own trees, where a write grant would reach them. */
const outsideCandidates = (
  entries: readonly PathEntry[],
  target: Target | undefined,
  project: AbsolutePath,
  isWritable: (directory: AbsolutePath) => boolean,
): Candidate[] => {
  const places = [
    ...entries.map(({ walked }) => ({
      path: walked.requested,
      real: walked.real,
      because: 'a directory of your PATH: the host runs what lies here',
    })),
    ...[...(target?.executables ?? []), ...(target?.reads ?? [])].map((part) => ({
      path: part.path.requested,
      real: part.path.real,
      because: part.chain.join(', '),
    })),
  ]
  return places
    .filter(
      ({ real }) => !isWithin(real, project) && (isWritable(real) || isWritable(parentOf(real))),
    )
    .map(({ path, because }) => ({
      path,
      kind: 'read_only',
      requested: path,
      liftable: true,
      origin: { strength: 'derived', file: 'resolution', key: 'outside', because },
    }))
}

/** Work on launcher's own checkout (named by --project) keeps only what runs from it. */
const launcherCandidates = (host: Host, project: AbsolutePath): Candidate[] =>
  ownCandidates(host).flatMap((candidate) =>
    candidate.path === host.installation && isWithin(project, host.installation)
      ? ['dist', 'profiles', 'shell'].map((name) => ({
          ...candidate,
          path: `${host.installation}/${name}` as AbsolutePath,
          requested: `${host.installation}/${name}`,
        }))
      : [candidate],
  )

/** The agent sees HOME and the working directory as the user spells them: links in those spellings are passed. */
const spelledHops = (host: Host, request: Request, walk: Walker, project: AbsolutePath): Hop[] => {
  const spelled = [
    { name: 'HOME', text: host.env['HOME'], real: host.home },
    {
      name: 'PWD',
      text: request.project === undefined ? host.env['PWD'] : undefined,
      real: project,
    },
  ]
  return spelled.flatMap(({ name, text, real }) => {
    const path = text === undefined ? undefined : toAbsolutePath(text)
    const walked = path === undefined ? undefined : walk(path)
    if (walked?.real !== real) return []
    return walked.hops.map(
      (hop): Hop => ({
        ...hop,
        origin: {
          strength: 'derived',
          file: 'resolution',
          key: name,
          because: `a link on the way to $${name} as you spell it`,
        },
      }),
    )
  })
}

/** One hop for each link, outermost first; a link that moved during resolution is caught here. */
const uniqueHops = (hops: readonly Hop[], walk: Walker): Hop[] => {
  const byPath = new Map<AbsolutePath, Hop>()
  for (const hop of hops) {
    const other = byPath.get(hop.path)
    if (other && other.target !== hop.target) {
      throw new LauncherError(
        'E_PATH',
        `${hop.path} changed while it was looked at (${other.target}, then ${hop.target})`,
        { hint: 'start again when nothing is changing it' },
      )
    }
    if (!other && walk(parentOf(hop.path)).real === parentOf(hop.path)) byPath.set(hop.path, hop)
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

const uniqueNotices = (notices: readonly Notice[]): Notice[] => {
  const key = (notice: Notice): string =>
    `${notice.level === 'warning' ? 0 : 1}\0${notice.code}\0${notice.message}`
  return [...new Map(notices.map((notice) => [key(notice), notice])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, notice]) => notice)
}
