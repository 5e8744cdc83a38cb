import type { Naming } from '../machine/naming.ts'
import { LauncherError } from '../errors.ts'
import type { Platform } from '../machine/host.ts'
import type { Held, Protection } from '../policy/model.ts'
import { type AbsolutePath, join, nameOf, parentOf } from '../machine/paths.ts'
import { shellWord } from '../text/shell-word.ts'
import type { Candidate } from './candidate.ts'
import { isGitDir } from './git-files.ts'
import { heldByName } from './held.ts'
import type { ResolvedLifts } from './lifts.ts'
import type { WalkedHop, WalkedPath, Walker } from '../machine/walk.ts'

export interface ProtectionsInput {
  readonly candidates: readonly Candidate[]
  readonly lifts: ResolvedLifts
  readonly walk: Walker
  readonly naming: Naming
  readonly platform: Platform
  /** True when the agent may make and replace names in this directory as far as grants go. */
  readonly isWritable: (directory: AbsolutePath) => boolean
  /** True for a directory that the calling user could not make a name in now. */
  readonly isClosed: (directory: AbsolutePath) => boolean
  /** True for what belongs to the calling user. */
  readonly isOwn: (path: AbsolutePath) => boolean
  /** Paths that are absent now and made before the start. */
  readonly made: ReadonlySet<AbsolutePath>
  readonly isSocket: (path: AbsolutePath) => boolean
  /** True for a name that git would list as untracked if a file stood there. */
  readonly isTracked: (path: AbsolutePath) => boolean
}

/**
 * Places each protection on real names: the name, its links and its target; an absent one on the
 * first name that is missing.
 */
export const resolveProtections = (input: ProtectionsInput): Protection[] => {
  const placed = input.candidates.map((candidate) => ({
    candidate,
    walked: input.walk(candidate.path),
  }))
  const existing = placed.filter(
    ({ walked, candidate }) => walked.status === 'exists' && !input.lifts.isLifted(candidate),
  )
  const isCovered = coveredBy(
    existing.map(({ walked }) => walked.real),
    input.naming.fold,
  )
  const found: Protection[] = []
  for (const { candidate, walked } of placed) {
    refuseLinks(candidate, walked, input, isCovered)
    if (walked.status === 'exists') found.push(...onNames(candidate, walked, input))
    else if (walked.status !== 'denied' && !input.lifts.isLifted(candidate)) {
      const held = holdAbsent(candidate, walked.real, input)
      if (held && !isCovered(held.path)) found.push(held)
    }
  }
  return withoutRepeats(found, input)
}

/**
 * A name that is a link in a directory the agent can write can be replaced by another on Linux,
 * whatever is mounted on it: nothing pins a link.
 */
const refuseLinks = (
  candidate: Candidate,
  walked: WalkedPath,
  input: ProtectionsInput,
  isCovered: (path: AbsolutePath) => boolean,
): void => {
  if (input.platform !== 'linux' || walked.hops.length === 0 || input.lifts.isLifted(candidate))
    return
  const loose = walked.hops.find(
    (hop) => input.isWritable(parentOf(hop.path)) && !isCovered(hop.path),
  )
  if (!loose) return
  throw new LauncherError(
    'E_UNSUPPORTED',
    `${candidate.requested} is protected, but ${loose.path} is a link (to ${loose.target}) in a directory that the agent can write: it could be replaced`,
    {
      hint: candidate.liftable
        ? `replace the link by what it leads to, or start with --lift ${shellWord(candidate.path)}${grantFor(candidate, walked, input)}`
        : 'replace the link by what it leads to',
    },
  )
}

/**
 * A lift is no grant: a repository that the project's `.git` leads to has to be granted with it. A
 * link to anything else may be a trap.
 */
const grantFor = (candidate: Candidate, { real }: WalkedPath, input: ProtectionsInput): string =>
  nameOf(candidate.path) === '.git' && isGitDir(input.walk, real) && !input.isWritable(real)
    ? ` --write ${shellWord(real)}, if that repository is yours`
    : ''

const onNames = (
  candidate: Candidate,
  walked: WalkedPath,
  input: ProtectionsInput,
): Protection[] => {
  const base = {
    requested: candidate.requested,
    liftable: candidate.liftable,
    origin: candidate.origin,
    exists: true,
  }
  const result: Protection[] = [
    {
      ...base,
      path: walked.real,
      kind: candidate.kind,
      entry: walked.kind ?? 'file',
      ...(input.platform === 'linux' && input.isSocket(walked.real) && unseen(candidate)),
    },
  ]
  // bubblewrap cannot mount on a link; where it stands nobody can write (refused above), and what
  // it leads to is protected.
  if (input.platform === 'linux') return result
  const name =
    candidate.path === '/'
      ? candidate.path
      : join(input.walk(parentOf(candidate.path)).real, nameOf(candidate.path))
  for (const hop of walked.hops) {
    const isName = input.naming.isSame(hop.path, name)
    // A link on the way is passed by others too: it is kept from being replaced, not hidden.
    if (isName || isReplaceable(hop, input))
      result.push({
        ...base,
        path: hop.path,
        kind: isName ? candidate.kind : 'read_only',
        entry: 'file',
      })
  }
  return result
}

const isReplaceable = (hop: WalkedHop, input: ProtectionsInput): boolean =>
  input.isWritable(parentOf(hop.path))

/**
 * A socket at a protected name is how another run holds it, or no reader's business: this run sees
 * nothing there, too.
 */
const unseen = (candidate: Candidate): Pick<Protection, 'placeholder' | 'isUnseen'> => {
  const held = heldOf(candidate)
  return { placeholder: held.entry === 'file' ? held.placeholder : '', isUnseen: true }
}

/**
 * The first missing name on the way: whoever holds it holds all that could be made beneath it.
 * Where nobody can write nothing needs to be held.
 */
const holdAbsent = (
  candidate: Candidate,
  real: AbsolutePath,
  input: ProtectionsInput,
): Protection | undefined => {
  if (candidate.holdsAbsent === false) return undefined
  let first = real
  for (
    let above = parentOf(first);
    above !== '/' && !isThere(above, input);
    above = parentOf(above)
  )
    first = above
  if (!input.isWritable(parentOf(first)) || input.lifts.hasLiftBeneath(first)) return undefined
  const parent = parentOf(first)
  if (input.isClosed(parent)) {
    // Nobody but its owner can make names there. An owner who is the user could open it first: then
    // the directory itself is held as it is.
    if (!input.isOwn(parent)) return undefined
    return {
      path: parent,
      kind: 'read_only',
      exists: true,
      entry: 'directory',
      requested: candidate.requested,
      liftable: candidate.liftable,
      origin: candidate.origin,
    }
  }
  const held = first === real ? heldOf(candidate) : DIRECTORY
  return {
    path: first,
    kind: candidate.kind,
    exists: false,
    entry: held.entry,
    requested: candidate.requested,
    liftable: candidate.liftable,
    origin: candidate.origin,
    ...(held.entry === 'file' && {
      placeholder: held.placeholder,
      // What resolution found itself is git's own, and git must be able to read it on the host,
      // too.
      ...(candidate.origin.strength !== 'derived' && input.isTracked(first) && { isUnseen: true }),
    }),
  }
}

const DIRECTORY: Held = { entry: 'directory' }

/**
 * Resolution says itself where its own names are to be files; a profile's names are known by their
 * spelling.
 */
const heldOf = ({ held, origin, path }: Candidate): Held =>
  held ?? (origin.strength === 'derived' ? DIRECTORY : heldByName(nameOf(path)))

const isThere = (path: AbsolutePath, input: ProtectionsInput): boolean =>
  input.walk(path).status === 'exists' || input.made.has(path)

const coveredBy = (roots: readonly AbsolutePath[], fold: (path: string) => string) => {
  const set = new Set(roots.map(fold))
  return (path: AbsolutePath): boolean => {
    for (let above = path; above !== '/'; ) {
      above = parentOf(above)
      if (set.has(fold(above))) return true
    }
    return false
  }
}

/**
 * One protection for each name and kind; held names beneath something held go. Sorted, so that the
 * order of the lists never matters.
 */
const withoutRepeats = (found: readonly Protection[], input: ProtectionsInput): Protection[] => {
  const keyed = found.map((protection) => ({
    protection,
    key: `${input.naming.fold(protection.path)}\0${protection.kind}`,
  }))
  keyed.sort(({ protection: a, key: x }, { protection: b, key: y }) =>
    x < y
      ? -1
      : x > y
        ? 1
        : Number(a.liftable) - Number(b.liftable) || (sourceKey(a) < sourceKey(b) ? -1 : 1),
  )
  const unique = keyed
    .filter(({ key }, at) => at === 0 || key !== keyed[at - 1]!.key)
    .map(({ protection }) => protection)
  const held = unique.filter((protection) => !protection.exists)
  return unique.filter(
    (protection) =>
      protection.exists ||
      !held.some(
        (other) =>
          other.path !== protection.path && input.naming.isInside(protection.path, other.path),
      ),
  )
}

const sourceKey = ({ origin, requested, placeholder }: Protection): string =>
  `${placeholder === undefined ? 1 : 0}\0${origin.strength}\0${origin.file}\0${String(origin.line ?? 0).padStart(8, '0')}\0${origin.key}\0${requested}`
