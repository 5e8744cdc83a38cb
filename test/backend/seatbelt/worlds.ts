import fc from 'fast-check'
import type { Feature } from '../../../src/backend/seatbelt/prelude.ts'
import type {
  BarredName,
  Grant,
  Hop,
  Lift,
  LivePattern,
  NetworkMode,
  Origin,
  Protection,
  ResolvedPolicy,
  SocketRule,
  StatGrant,
} from '../../../src/policy/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'

/** A made-up tree and a policy over it. */
export interface World {
  readonly policy: ResolvedPolicy
  /** Every path worth a question, in the spelling the file system stores. */
  readonly paths: readonly AbsolutePath[]
}

export const originAt = (line: number): Origin => ({
  strength: 'user',
  file: 'test.toml',
  line,
  key: 'test',
})

/** A policy with nothing in it but what is given. */
export const policyOf = (
  parts: Partial<Omit<ResolvedPolicy, 'network' | 'features'>> & {
    mode?: NetworkMode
    loopback?: number[]
    listen?: number[]
    features?: (Feature | string)[]
  },
): ResolvedPolicy => ({
  name: 'test',
  platform: 'macos',
  foldsNames: true,
  project: '/p' as AbsolutePath,
  home: '/h' as AbsolutePath,
  grants: [],
  protections: [],
  patterns: [],
  barred: [],
  lifts: [],
  hops: [],
  stats: [],
  sockets: { connect: [], bind: [], masked: [] },
  notices: [],
  ...parts,
  network: {
    mode: { value: parts.mode ?? 'none', origin: originAt(1) },
    hosts: [],
    registries: [],
    loopback: (parts.loopback ?? []).map((value) => ({ value, origin: originAt(2) })),
    listen: (parts.listen ?? []).map((value) => ({ value, origin: originAt(3) })),
  },
  features: (parts.features ?? []).map((value) => ({ value, origin: originAt(4) })),
})

export const grant = (
  path: string,
  access: Grant['access'],
  kind: Grant['kind'] = 'directory',
  line = 10,
): Grant => ({ path: path as AbsolutePath, access, kind, requested: path, origin: originAt(line) })

export const protect = (
  path: string,
  kind: Protection['kind'],
  more: Partial<Protection> = {},
): Protection => ({
  path: path as AbsolutePath,
  kind,
  exists: true,
  entry: 'directory',
  requested: path,
  liftable: true,
  origin: originAt(20),
  ...more,
})

export const lift = (path: string): Lift => ({
  path: path as AbsolutePath,
  requested: path,
  origin: originAt(30),
})

const NAMES = ['a', 'b', '.git', 'hooks', 'k s', 'é'] as const
// `?` takes one character of a folded name and its regex one to four bytes: a name that folds to
// two characters is told apart elsewhere.
const PLAIN_NAMES = NAMES.slice(0, -1)
const HEADS = ['HEAD', 'b/head', '.git/HEAD', '.git/b/HEAD', '.gi/HEAD', 'x.git/Head', 'HEAD/b']
const PATTERNS = [
  '**/.git',
  '*',
  'a/**',
  '**/hooks/*',
  '?',
  '[ab]/b',
  '[!a]',
  '**/b/**/a',
  'k*',
  '**',
] as const

/**
 * Trees four deep over few names, so that entries meet: the same paths are granted, protected,
 * lifted and linked.
 */
export const worlds = (isWithPatterns: boolean): fc.Arbitrary<World> =>
  fc
    .record({
      tree: fc.uniqueArray(
        fc
          .array(fc.constantFrom(...(isWithPatterns ? PLAIN_NAMES : NAMES)), {
            minLength: 1,
            maxLength: 4,
          })
          .map((names) => `/${names.join('/')}`),
        { minLength: 3, maxLength: 12 },
      ),
      picks: fc.array(
        fc.tuple(
          fc.nat(),
          fc.constantFrom(
            'grant',
            'grant',
            'grant',
            'protect',
            'protect',
            'lift',
            'hop',
            'stat',
            'connect',
            'bind',
            'masked',
            'pattern',
            'barred',
          ),
          fc.nat(),
          fc.boolean(),
          fc.boolean(),
        ),
        { minLength: 1, maxLength: 14 },
      ),
      foldsNames: fc.boolean(),
    })
    .map(({ tree, picks, foldsNames }) => worldOf(tree, picks, foldsNames, isWithPatterns))

type Pick = readonly [number, string, number, boolean, boolean]

const worldOf = (
  tree: readonly string[],
  picks: readonly Pick[],
  foldsNames: boolean,
  isWithPatterns: boolean,
): World => {
  const all = [
    ...new Set(
      tree.flatMap((path) =>
        path
          .split('/')
          .slice(1)
          .map((_, i, names) => `/${names.slice(0, i + 1).join('/')}`),
      ),
    ),
  ].sort()
  const isLeaf = (path: string): boolean => !all.some((other) => other.startsWith(`${path}/`))
  const leaves = all.filter(isLeaf)
  const grants: Grant[] = []
  const protections: Protection[] = []
  const lifts: Lift[] = []
  const hops: Hop[] = []
  const stats: StatGrant[] = []
  const patterns: LivePattern[] = []
  const sockets = {
    connect: [] as SocketRule[],
    bind: [] as SocketRule[],
    masked: [] as SocketRule[],
  }
  const barred: BarredName[] = []
  const files = new Set<string>()
  for (const [at, what, choice, one, two] of picks) {
    const path = all[at % all.length]! as AbsolutePath
    const leaf = leaves[at % leaves.length]! as AbsolutePath
    const origin = originAt(100 + (at % 900))
    // A leaf that an entry needs to be a file, socket or link has nothing beneath it.
    if (what === 'grant' && one && isLeaf(path)) files.add(path)
    if (['hop', 'connect', 'bind', 'masked'].includes(what)) files.add(leaf)
    switch (what) {
      case 'grant':
        grants.push(
          grant(
            path,
            (['none', 'read', 'write', 'write'] as const)[choice % 4]!,
            one && isLeaf(path) ? 'file' : 'directory',
            100 + (at % 900),
          ),
        )
        break
      case 'protect':
        protections.push(
          protect(two && !isLeaf(path) ? `${path}/hooks` : path, one ? 'hidden' : 'read_only', {
            exists: !two,
            liftable: choice % 4 !== 0,
          }),
        )
        break
      case 'lift':
        lifts.push(lift(path))
        break
      case 'hop':
        hops.push({ path: leaf, target: 'elsewhere', origin })
        break
      case 'stat':
        stats.push({ path, origin })
        break
      case 'pattern':
        if (isWithPatterns)
          patterns.push({
            root: (two ? '/' : path) as AbsolutePath,
            pattern: PATTERNS[choice % PATTERNS.length]!,
            kind: one ? 'hidden' : 'read_only',
            origin,
          })
        break
      case 'barred':
        if (foldsNames) barred.push({ root: path, name: 'HEAD', except: '.git', origin })
        break
      default:
        sockets[what as 'connect'].push({ path: leaf, origin })
    }
  }
  // decide() takes the first pattern that matches, so a read_only one listed first would hide a
  // hidden one: listed so that both agree.
  patterns.sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'hidden' ? -1 : 1))
  const isBeneathFile = (path: string): boolean =>
    [...files].some((file) => path.startsWith(`${file}/`))
  const paths = [
    ...all,
    ...all.flatMap((path) => [`${path}/new`, `${path}/hooks`, `${path}/new/deep`]),
    ...barred.flatMap(({ root }) =>
      all
        .filter((path) => path.startsWith(root))
        .flatMap((path) => HEADS.map((name) => `${path}/${name}`)),
    ),
  ].filter((path) => !isBeneathFile(path))
  return {
    policy: policyOf({
      foldsNames,
      grants: grants.filter(({ path }) => !isBeneathFile(path)),
      protections: protections.filter(({ path }) => !isBeneathFile(path)),
      lifts,
      hops,
      stats,
      patterns,
      barred,
      sockets,
    }),
    paths: [...new Set(paths)] as AbsolutePath[],
  }
}
