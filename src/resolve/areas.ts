import type { Naming } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import type { LivePattern, Notice, Origin, PolicyProtection } from '../policy/model.ts'
import { type AbsolutePath, depthOf, isWithin, nameOf, parentOf, ROOT } from '../machine/paths.ts'
import { isPattern } from '../policy/pattern.ts'
import { isOwnCache } from './caches.ts'
import type { Candidate } from './candidate.ts'
import type { Covering } from './coverage.ts'
import type { Expander } from './expand.ts'
import { LauncherError } from '../errors.ts'
import { compileNames, isNamePattern, type RootedPattern, withoutTail } from './patterns.ts'
import { type Repository, SCAN_BUDGET, type ScanResult, scanTree } from './scan.ts'
import type { Walker } from '../machine/walk.ts'

export interface AreasInput {
  readonly host: Host
  readonly walk: Walker
  readonly expander: Expander
  readonly project: AbsolutePath
  readonly grants: readonly Covering[]
  readonly protections: readonly PolicyProtection[]
  readonly naming: Naming
  /** Made by launcher and empty. */
  readonly tmp: AbsolutePath
  readonly budget?: number | undefined
}

export interface Areas {
  readonly candidates: readonly Candidate[]
  readonly livePatterns: readonly LivePattern[]
  readonly repositories: readonly Repository[]
  readonly sockets: readonly AbsolutePath[]
  readonly notices: readonly Notice[]
  /** Protected patterns, each where it applies. */
  readonly patterns: readonly RootedPattern<PolicyProtection>[]
  /** Large trees of tools that were not entered. */
  readonly heavy: readonly AbsolutePath[]
  /** The project and writable roots, none within another. */
  readonly roots: readonly AbsolutePath[]
  matches(path: AbsolutePath): boolean
}

/**
 * Walks the project and every writable root once, for names that match patterns, repositories and
 * sockets; one budget for all.
 */
export const findInAreas = (input: AreasInput): Areas => {
  const { host, naming, project, walk } = input
  const patterns = input.protections
    .filter((one) => isNamePattern(one.path))
    .flatMap((one) => rooted(one, input))
  const matcher = compileNames(patterns, naming.fold)
  // What tools keep in the project's own cache names nothing that the host would run, and may be a
  // hundred thousand files.
  const isLive = input.grants.filter(
    (grant) => grant.kind === 'directory' && grant.access !== 'none' && !isOwnCache(grant),
  )
  const writable = isLive
    .filter(
      (grant) =>
        grant.access === 'write' && grant.path !== input.tmp && !grant.path.startsWith('/dev'),
    )
    .map((grant) => grant.path)
  const roots = outermost([
    ...(isLive.some((grant) => isWithin(project, grant.path)) ? [project] : []),
    ...writable,
  ])
  const scans: { readonly root: AbsolutePath; readonly found: ScanResult<PolicyProtection> }[] = []
  let left = input.budget ?? SCAN_BUDGET
  const scan = (root: AbsolutePath, maxDepth = Infinity): void => {
    const found = scanTree(host, root, {
      matcher,
      budget: left,
      maxDepth,
      covers: (rules) => rules.some((rule) => rule.kind === 'hidden'),
    })
    left = Math.max(0, left - found.entries)
    scans.push({ root, found })
  }
  for (const root of roots) scan(root)
  const own = scans.length
  for (const { root, depth } of readAreas(
    patterns,
    isLive.map((grant) => grant.path),
    roots,
  ))
    scan(root, depth)
  return {
    candidates: [
      ...scans.flatMap(({ found }) =>
        found.matches.flatMap(({ path, rules }) => rules.map((rule) => candidateOf(path, rule))),
      ),
      ...scans.slice(0, own).flatMap(({ found }) => found.closed.map(closedCandidate)),
    ],
    livePatterns: host.platform === 'macos' ? livePatterns(patterns, roots) : [],
    repositories: scans.slice(0, own).flatMap(({ found }) => found.repositories),
    sockets: scans.flatMap(({ found }) => found.sockets),
    notices: [
      ...scans.flatMap(({ root, found }) => stopNotice(root, found)),
      ...scans.slice(0, own).flatMap(({ root, found }) => linkCountNotice(host, root, found)),
    ],
    patterns,
    heavy: scans.slice(0, own).flatMap(({ found }) => found.heavy),
    roots,
    matches: (path) => matchesAt(matcher, path, roots, walk),
  }
}

const candidateOf = (
  path: AbsolutePath,
  { kind, path: requested, origin }: PolicyProtection,
): Candidate => ({ path, kind, requested, origin, liftable: true })

/**
 * `**\/.env` applies wherever is walked; `$PROJECT/…`, `~/…` and absolute ones beneath their first
 * plain names, links in those followed. The text decides what is wild: a project may hold brackets
 * in its own name.
 */
const rooted = (
  protection: PolicyProtection,
  { expander, walk }: AreasInput,
): RootedPattern<PolicyProtection>[] => {
  const names = withoutTail(protection.path).split('/')
  const wild = names.findIndex((name) => isPattern(name))
  const pattern = names
    .slice(wild)
    .filter((name) => name !== '' && name !== '.')
    .join('/')
  if (wild === 0) return [{ root: undefined, pattern, rule: protection }]
  const base = names.slice(0, wild).join('/') || '/'
  return expander
    .every(base, protection.origin)
    .map((path) => ({ root: walk(path).real, pattern, rule: protection }))
}

/**
 * Where a pattern outside the writable roots meets something readable: walked too, as deep as the
 * pattern reaches.
 */
const readAreas = (
  patterns: readonly RootedPattern<PolicyProtection>[],
  grants: readonly AbsolutePath[],
  roots: readonly AbsolutePath[],
) => {
  const areas = new Map<AbsolutePath, number>()
  for (const { root, pattern, rule } of patterns) {
    if (root === undefined || rule.kind !== 'hidden') continue
    for (const grant of grants) {
      const area = isWithin(grant, root) ? grant : isWithin(root, grant) ? root : undefined
      if (area === undefined || roots.some((one) => isWithin(area, one))) continue
      const depth = pattern.includes('**')
        ? Infinity
        : pattern.split('/').length - (depthOf(area) - depthOf(root))
      if (depth > 0) areas.set(area, Math.max(areas.get(area) ?? 0, depth))
    }
  }
  return [...areas]
    .map(([root, depth]) => ({ root, depth }))
    .sort((a, b) => (a.root < b.root ? -1 : 1))
}

const livePatterns = (
  patterns: readonly RootedPattern<PolicyProtection>[],
  roots: readonly AbsolutePath[],
): LivePattern[] =>
  patterns
    .filter(({ rule }) => rule.kind === 'hidden')
    .flatMap(({ root, pattern, rule }) =>
      (root === undefined ? roots : [root]).map((one) => ({
        root: one,
        pattern,
        kind: rule.kind,
        origin: rule.origin,
      })),
    )
    .sort((a, b) => (`${a.root}\0${a.pattern}` < `${b.root}\0${b.pattern}` ? -1 : 1))

const outermost = (paths: readonly AbsolutePath[]): AbsolutePath[] => {
  const sorted = [...new Set(paths)].sort()
  return sorted.filter((path) => !sorted.some((other) => other !== path && isWithin(path, other)))
}

const matchesAt = (
  matcher: ReturnType<typeof compileNames<PolicyProtection>>,
  path: AbsolutePath,
  roots: readonly AbsolutePath[],
  walk: Walker,
): boolean => {
  const walkRoot = roots.find((root) => isWithin(path, root)) ?? ROOT
  for (let here = path; here !== '/'; here = parentOf(here)) {
    const directory = walk(parentOf(here)).real
    if (matcher.match(nameOf(here), directory, walkRoot).length > 0) return true
  }
  return false
}

const originOf = (because: string): Origin => ({
  strength: 'derived',
  file: 'resolution',
  key: 'scan',
  because,
})

/**
 * What cannot be looked into may hold anything, and the agent, being the same user, could open it:
 * it is hidden whole.
 */
const closedCandidate = (path: AbsolutePath): Candidate => {
  if (path.includes('\ufffd')) {
    throw new LauncherError(
      'E_PROJECT',
      `${path} has a name that is not text (UTF-8): what lies in it cannot be protected`,
      { hint: 'rename it, or take it out of the project' },
    )
  }
  return {
    path,
    kind: 'hidden',
    requested: path,
    origin: originOf('it cannot be looked into, so what lies in it cannot be told'),
    liftable: true,
  }
}

const stopNotice = (
  root: AbsolutePath,
  { stoppedAt, entries }: ScanResult<PolicyProtection>,
): Notice[] =>
  stoppedAt === undefined
    ? []
    : [
        {
          level: 'warning',
          code: 'scan-budget',
          message: `${root} is large: after ${entries} entries the search for protected names stopped at ${stoppedAt}; what lies there and deeper is not covered by patterns`,
          origin: originOf('a bounded walk of what the agent can write'),
        },
      ]

/** A second name of a file elsewhere would be changed with it. */
const linkCountNotice = (
  host: Host,
  root: AbsolutePath,
  { files }: ScanResult<PolicyProtection>,
): Notice[] => {
  let count = 0
  for (const file of files ?? []) {
    const stat = host.lstat(file)
    if (stat !== undefined && stat !== 'denied' && stat.nlink > 1) count += 1
  }
  return count === 0
    ? []
    : [
        {
          level: 'info',
          code: 'hard-links',
          message: `${count} ${count === 1 ? 'file' : 'files'} in ${root} have further names (hard links): writing to them changes those too`,
          origin: originOf('link counts of the files found'),
        },
      ]
}
