import { namingOf } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, parentOf } from '../machine/paths.ts'
import { createWalker, type Walker } from '../machine/walk.ts'
import { compileRights } from '../policy/decide.ts'
import type { Grant, Notice, Origin, Policy, ResolvedPolicy, Rights } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import { agentTarget } from './agent.ts'
import { findInAreas } from './areas.ts'
import { isOwnCache, refuseForeignCaches, resolveCaches } from './caches.ts'
import type { Candidate } from './candidate.ts'

import { backendGrants, targetGrants, tmpGrant } from './derived.ts'
import { developerGrants } from './developer.ts'
import { planEnvironment } from './environment.ts'
import { createExpander, placeholderTmp } from './expand.ts'
import { barredNames, headOf } from './git-bare.ts'
import { calledOnEntry } from './git-called.ts'
import { gitProtections } from './git.ts'
import { envFileNotices } from './env-files.ts'
import { gitLinkGrants } from './git-link.ts'
import { globFor, type GlobExpander } from './glob.ts'
import { resolveGrants } from './grants.ts'
import { spelledHops, uniqueHops } from './hops.ts'
import { keyFileNotices } from './key-files.ts'
import { resolveLifts } from './lifts.ts'
import { ownPlaces } from '../machine/places.ts'
import { outwardLinks } from './outward-links.ts'
import { pathEntries, searchPathOf } from './path-env.ts'
import { resolveProtections } from './protections.ts'
import { withRegistries } from './registries.ts'
import { plantSeeds } from './seeds.ts'
import { resolveSockets } from './sockets.ts'
import { listedFolders } from './listed.ts'
import { authored, launcherCandidates, outsideCandidates } from './standing.ts'
import type { Resolution, Target } from './types.ts'
import { isInWorkTree, typeAt } from './work-tree.ts'

export interface ResolveOptions {
  /**
   * The agent's words, command first, whose target is found here; or a target that was found
   * before.
   */
  readonly agent?:
    | { readonly words: readonly string[]; readonly mayBeAbsent: boolean }
    | { readonly target: Target | undefined }
  readonly project: AbsolutePath
  readonly isBroad: boolean
  /** The run's private temporary directory, which need not exist yet; absent for `explain`. */
  readonly runTmp?: AbsolutePath | undefined
  /** What the backend opens to every program by itself. */
  readonly provided?: Pick<ResolvedPolicy, 'grants' | 'stats'> | undefined
  readonly glob?: GlobExpander | undefined
  /** To share what was looked at with the search for the target. */
  readonly walk?: Walker | undefined
  /** Entries of the bounded walk. */
  readonly scanBudget?: number | undefined
}

/**
 * A policy on this machine: every path followed, every protection placed. The order of the policy's
 * lists never matters.
 */
export const resolvePolicy = async (
  policy: Policy,
  request: Request,
  host: Host,
  options: ResolveOptions,
): Promise<Resolution> => {
  const { project } = options
  const walk = options.walk ?? createWalker(host)
  const naming = namingOf(host.platform)
  const tmp = options.runTmp ?? placeholderTmp(host)
  const expander = createExpander(host, { project, tmp })
  const agent = options.agent ?? { target: undefined }
  const target =
    'target' in agent
      ? agent.target
      : agentTarget({ ...agent, policy, host, project, walk, expander })
  const gitLink = gitLinkGrants(host, walk, project)
  const path = pathEntries(host, walk, project)
  const caches = resolveCaches(policy.caches, host, walk, expander, project)

  const granted = await resolveGrants({
    grants: policy.grants,
    create: policy.create,
    seeds: policy.seeds,
    derived: [
      ...targetGrants(target),
      ...gitLink.grants,
      tmpGrant(tmp),
      ...developerGrants(policy, host, walk, project),
      ...caches.grants,
      ...backendGrants(host),
    ],
    expander,
    walk,
    glob: options.glob ?? globFor(host),
    naming,
  })
  refuseForeignCaches(granted.coverage.grants, host, walk, naming, caches.directory)
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
    naming,
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
    ...launcherCandidates(host, project, caches),
  ]
  const lifts = resolveLifts({
    lifts: policy.lifts,
    candidates,
    expander,
    walk,
    naming,
    platform: host.platform,
    matchesPattern: (one) =>
      areas.matches(one) || (host.platform === 'macos' && naming.isSame(one, headOf(project))),
    isLookedAt: (one) => areas.roots.some((root) => naming.isInside(one, root)),
  })
  const made = new Set(create.map((entry) => entry.path))
  const placed = resolveProtections({
    candidates,
    lifts,
    walk,
    naming,
    platform: host.platform,
    isWritable,
    made,
    isClosed: (directory) =>
      !made.has(directory) &&
      host.stat(directory) !== undefined &&
      !host.canAccess(directory, 'write'),
    isOwn: (path) => host.stat(path)?.uid === host.uid,
    isSocket: (path) => typeAt(host, path) === 'socket',
    isTracked: (path) => isInWorkTree(host, path),
  })
  const planted = plantSeeds({
    seeds: policy.seeds,
    create,
    protections: placed,
    expander,
    walk,
    isEmpty: (directory) => host.list(directory)?.length === 0,
    isWritable,
  })
  const { protections } = planted
  const sockets = resolveSockets({
    host,
    walk,
    expander,
    connect: policy.connect,
    bind: policy.bind,
    coverage: granted.coverage,
    found: areas.sockets.filter((path) => !protections.some((one) => one.path === path)),
  })

  const rights: Rights = {
    foldsNames: host.platform === 'macos',
    grants: granted.grants,
    protections,
    patterns: areas.livePatterns,
    barred: isWritable(project)
      ? barredNames(host.platform, project, (path) =>
          lifts.lifts.some((lift) => naming.isSame(lift.path, path)),
        )
      : [],
    lifts: lifts.lifts,
    sockets: sockets.sockets,
  }
  const access = compileRights(rights)
  // One file of ~/.local/bin is granted by its own name: it is found by that name, and its
  // neighbours are not there.
  const holders = new Set(
    [...granted.grants.filter((grant) => grant.access !== 'none'), ...granted.hops].map((one) =>
      parentOf(one.path),
    ),
  )
  const search = searchPathOf(path.entries, host, access, isWritable, (directory) =>
    holders.has(directory),
  )
  const { network, environment, notices } = await withRegistries({
    network: policy.network,
    environment: policy.environment,
    host,
    project,
    searchPath: search.searchPath,
    access,
  })
  return {
    resolved: {
      ...rights,
      grants: [...rights.grants, ...(options.provided?.grants ?? [])],
      name: policy.name,
      platform: host.platform,
      project,
      home: host.home,
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
      stats: [
        ...search.stats,
        ...listedFolders(policy, project, host),
        ...(options.provided?.stats ?? []),
      ],
      network,
      features: policy.features,
      notices: [
        ...uniqueNotices([
          ...expander.notices,
          ...gitLink.notices,
          ...outwardLinks(host, walk, project, granted.grants, granted.coverage),
          ...granted.notices,
          ...areas.notices,
          ...git.notices,
          ...envFileNotices({
            host,
            repositories: areas.repositories,
            protections: rights.protections,
            lifts: rights.lifts,
            configHome,
          }),
          ...lifts.notices,
          ...sockets.notices,
          ...path.notices,
          ...search.notices,
          ...keyFileNotices(environment.from, expander, walk, (one) => access(one) !== 'none'),
          ...(target?.notices ?? []),
        ]),
        ...notices,
      ],
    },
    target,
    searchPath: search.searchPath,
    environment: planEnvironment(
      environment,
      host,
      { PATH: search.searchPath.join(':'), TMPDIR: tmp },
      (text) => (/^[$~]/.test(text) ? expander.path(text, SET) : text),
    ),
    create: planted.create,
    caches,
    isBroadProject: options.isBroad,
    surroundings: {
      ...areas,
      called: [...git.called, ...calledOnEntry(areas.candidates, host, walk)],
    },
  }
}

const SET: Origin = { strength: 'builtin', file: 'environment', key: 'set' }

const isFilled = ({ access, kind, provider }: Grant): boolean =>
  access === 'write' && kind === 'directory' && provider === undefined

const uniqueNotices = (notices: readonly Notice[]): Notice[] => {
  const key = (notice: Notice): string =>
    `${notice.level === 'warning' ? 0 : 1}\0${notice.code}\0${notice.message}`
  return [...new Map(notices.map((notice) => [key(notice), notice])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, notice]) => notice)
}
