import type { Host, Stat, EntryKind } from './host.ts'
import { foldName } from './fold.ts'
import {
  type AbsolutePath,
  components,
  fromComponents,
  join,
  nameOf,
  parentOf,
  ROOT,
} from './paths.ts'

/** One link that was followed: its own (real) place and what is stored in it. */
export interface WalkedHop {
  readonly path: AbsolutePath
  readonly target: string
}

/** A path followed link by link, a component at a time, as the kernel does. */
export interface WalkedPath {
  /** As asked for, absolute and normalised. */
  readonly requested: AbsolutePath
  /**
   * Every link passed, in order; each `path` is real but for its last component, which is the link.
   */
  readonly hops: readonly WalkedHop[]
  /**
   * Where it ends. For an absent path: the real path of the deepest existing ancestor plus the
   * rest.
   */
  readonly real: AbsolutePath
  /**
   * `missing`: nothing at `real`; `dangling`: a link on the way points to nothing; `cycle`: more
   * than 40 links; `denied`: the kernel would not say.
   */
  readonly status: 'exists' | 'missing' | 'dangling' | 'cycle' | 'denied'
  /** Type at `real` when it exists; anything that is not a directory is `file`. */
  readonly kind: EntryKind | undefined
}

/** Follows one path; see {@link createWalker} for many. */
export const walkPath = (host: Host, path: AbsolutePath): WalkedPath => createWalker(host)(path)

/**
 * Follows paths and remembers what it saw, so that a thousand paths under one home cost a few
 * hundred lstat calls.
 */
export type Walker = (path: AbsolutePath) => WalkedPath

/**
 * As many links as Linux follows in one path; macOS stops at 32, which only makes the answer there
 * later, never wider.
 */
const MAX_LINKS = 40

/** A walker over one moment of the machine: nothing is asked twice. */
export const createWalker = (host: Host): Walker => {
  const stats = new Map<string, Stat | 'denied' | undefined>()
  const targets = new Map<string, string | undefined>()
  const walks = new Map<string, WalkedPath>()
  const names = new Map<string, ReadonlySet<string> | undefined>()
  const ask: Ask = {
    lstat: (path) => remember(stats, path, host.lstat),
    readlink: (path) => remember(targets, path, host.readlink),
    spell: (parent, name) =>
      host.platform === 'macos'
        ? storedName(
            remember(names, parent, () => namesIn(host, parent)),
            name,
          )
        : name,
  }
  // From where the parent ended: paths under one home share almost all of their way.
  const walker: Walker = (path) => {
    const known = walks.get(path)
    if (known) return known
    const short = host.platform === 'macos' ? withoutFirmlink(path) : path
    const walked =
      path === '/'
        ? AT_ROOT
        : short !== path
          ? { ...walker(short), requested: path }
          : step(ask, path, walker(parentOf(path)))
    walks.set(path, walked)
    return walked
  }
  return walker
}

interface Ask {
  lstat(path: AbsolutePath): Stat | 'denied' | undefined
  readlink(path: AbsolutePath): string | undefined
  /** An existing name as the directory stores it. */
  spell(parent: AbsolutePath, name: string): string
}

const DATA_VOLUME = '/System/Volumes/Data/'

/**
 * The kernel reports what lies on the data volume by its short name (`/Users/…`), whatever name was
 * used to get there: rules on the long one are dead.
 */
const withoutFirmlink = (path: AbsolutePath): AbsolutePath =>
  path.startsWith(DATA_VOLUME) ? join(ROOT, path.slice(DATA_VOLUME.length)) : path

/**
 * Larger directories (32 bytes an entry on APFS: `/nix/store`) are not listed for the spelling of
 * one name.
 */
const MAX_LISTED_SIZE = 1 << 20

const namesIn = (host: Host, parent: AbsolutePath): ReadonlySet<string> | undefined => {
  const stat = host.lstat(parent)
  if (stat === undefined || stat === 'denied' || stat.size > MAX_LISTED_SIZE) return undefined
  return new Set(host.list(parent)?.map((entry) => entry.name))
}

/**
 * Seatbelt compares with the stored name (case and Unicode form), whatever spelling was used to get
 * there.
 */
const storedName = (names: ReadonlySet<string> | undefined, name: string): string => {
  if (!names || names.has(name)) return name
  const folded = foldName(name)
  for (const stored of names) if (foldName(stored) === folded) return stored
  return name
}

/**
 * A name still to be passed; `linked` when it was read from a link, so that its absence makes that
 * link dangling.
 */
interface Step {
  readonly name: string
  readonly linked: boolean
}

const remember = <T>(
  cache: Map<string, T>,
  path: AbsolutePath,
  find: (path: AbsolutePath) => T,
): T => {
  if (cache.has(path)) return cache.get(path) as T
  const found = find(path)
  cache.set(path, found)
  return found
}

const AT_ROOT: WalkedPath = {
  requested: ROOT,
  hops: [],
  real: ROOT,
  status: 'exists',
  kind: 'directory',
}

/**
 * One name further. Almost every name is a file, a directory or absent, and leaves nothing more to
 * be followed.
 */
const step = (ask: Ask, requested: AbsolutePath, parent: WalkedPath): WalkedPath => {
  if (parent.status !== 'exists' || parent.kind !== 'directory') return walk(ask, requested, parent)
  const name = nameOf(requested)
  const asked = parent.real === parent.requested ? requested : join(parent.real, name)
  const stat = ask.lstat(asked)
  if (stat === 'denied' || stat?.type === 'symlink') return walk(ask, requested, parent)
  const { hops } = parent
  if (stat === undefined)
    return { requested, hops, real: asked, status: 'missing', kind: undefined }
  const spelled = ask.spell(parent.real, name)
  const real = spelled === name ? asked : join(parent.real, spelled)
  return {
    requested,
    hops,
    real,
    status: 'exists',
    kind: stat.type === 'directory' ? 'directory' : 'file',
  }
}

const walk = (ask: Ask, requested: AbsolutePath, parent: WalkedPath): WalkedPath => {
  const name = nameOf(requested)
  if (parent.status !== 'exists') return { ...parent, requested, real: join(parent.real, name) }
  const hops: WalkedHop[] = [...parent.hops]
  // The next name is last, so that a link's names can be pushed on top.
  const steps: Step[] = [{ name, linked: false }]
  let real = parent.real
  let kind: EntryKind = parent.kind ?? 'file'
  const end = (status: WalkedPath['status'], rest?: Step): WalkedPath => ({
    requested,
    hops,
    real: status === 'exists' ? real : appendLexically(real, rest, steps),
    status,
    kind: status === 'exists' ? kind : undefined,
  })

  for (let step = steps.pop(); step; step = steps.pop()) {
    // The kernel enters nothing through a file: not even `.` or `..`.
    if (kind === 'file') return end(step.linked ? 'dangling' : 'missing', step)
    if (step.name === '.') continue
    if (step.name === '..') {
      real = parentOf(real)
      continue
    }
    const asked = join(real, step.name)
    const stat = ask.lstat(asked)
    if (stat === undefined) return end(step.linked ? 'dangling' : 'missing', step)
    if (stat === 'denied') return end('denied', step)
    const place = join(real, ask.spell(real, step.name))
    if (stat.type !== 'symlink') {
      real = place
      kind = stat.type === 'directory' ? 'directory' : 'file'
      continue
    }
    const target = ask.readlink(place)
    if (target === undefined) return end('denied', step)
    hops.push({ path: place, target })
    if (hops.length > MAX_LINKS) return end('cycle', step)
    if (target === '') return end('dangling', step)
    if (target.startsWith('/')) real = ROOT
    steps.push(...stepsOf(namesOf(target), true))
  }
  return end('exists')
}

const stepsOf = (names: readonly string[], linked: boolean): Step[] =>
  names.map((name) => ({ name, linked })).reverse()

/** Names of a link's target; a trailing slash demands a directory, as `.` does. */
const namesOf = (target: string): string[] => {
  const names = target.split('/').filter((name) => name !== '')
  return target.endsWith('/') ? [...names, '.'] : names
}

/**
 * Where an absent path would be: nothing can be a link beyond the first absent name, so `..` may be
 * taken by the letter.
 */
const appendLexically = (
  real: AbsolutePath,
  rest: Step | undefined,
  steps: readonly Step[],
): AbsolutePath => {
  const names = components(real)
  for (const { name } of [...(rest ? [rest] : []), ...[...steps].reverse()]) {
    if (name === '..') names.pop()
    else if (name !== '.') names.push(name)
  }
  return fromComponents(names)
}
