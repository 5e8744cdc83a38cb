import type { Naming } from '../machine/naming.ts'
import type {
  Grant,
  Hop,
  Notice,
  Origin,
  PolicyGrant,
  PolicyProtection,
  Seed,
  Sourced,
} from '../policy/model.ts'
import { type AbsolutePath, components, depthOf, parentOf } from '../machine/paths.ts'
import { strengthOf } from '../policy/precedence.ts'
import { coverage, type Coverage } from './coverage.ts'
import { absentCreates, creationOrder, type Made } from './create.ts'
import type { DerivedGrant, Draft } from './draft.ts'
import type { Expander } from './expand.ts'
import { expandGlob, type GlobExpander, isGlob } from './glob.ts'
import { acceptLinks } from './links.ts'
import type { Resolution } from './types.ts'
import type { WalkedPath, Walker } from '../machine/walk.ts'

export interface GrantsInput {
  readonly grants: readonly PolicyGrant[]
  readonly create: readonly Sourced<string>[]
  readonly seeds: readonly Seed[]
  readonly derived: readonly DerivedGrant[]
  readonly expander: Expander
  readonly walk: Walker
  readonly glob: GlobExpander
  readonly naming: Naming
}

export interface ResolvedGrants {
  readonly grants: readonly Grant[]
  readonly hops: readonly Hop[]
  readonly notices: readonly Notice[]
  readonly create: Resolution['create']
  /** What covers what, before redundant grants were dropped: the question `is this writable?`. */
  readonly coverage: Coverage<Draft>
  /** Absent paths of `none`: held where the agent could make them. */
  readonly absentNone: readonly PolicyProtection[]
}

/**
 * Follows every grant, refuses those that a planted link leads, and drops what adds nothing. The
 * order of the lists never matters.
 */
export const resolveGrants = async (input: GrantsInput): Promise<ResolvedGrants> => {
  const { expander, walk, naming } = input
  const { fold } = naming
  const { made, notices: createNotices } = absentCreates(input.create, input.seeds, expander, walk)
  const notices: Notice[] = [...createNotices]
  const absentNone: PolicyProtection[] = []
  const drafts: Draft[] = []
  for (const grant of input.grants) {
    for (const path of await pathsOf(grant, input, notices)) {
      const walked = walk(path)
      const kind =
        walked.status === 'exists'
          ? walked.kind
          : walked.status === 'missing'
            ? kindMade(made, walked.real)
            : undefined
      if (kind)
        drafts.push({
          path: walked.real,
          access: grant.access,
          kind,
          requested: grant.path,
          origin: grant.origin,
          walked,
        })
      else if (grant.access === 'none')
        absentNone.push({ path: grant.path, kind: 'hidden', origin: grant.origin })
      else notices.push(absentNotice(grant, walked))
    }
  }
  for (const grant of input.derived) {
    const kind = grant.kind ?? grant.walked.kind
    if (kind) drafts.push({ ...grant, kind, path: grant.walked.real })
  }

  const accepted = acceptLinks(drafts, naming)
  notices.push(...accepted.notices)
  const authored = coverage(
    accepted.drafts.filter((draft) => draft.origin.strength !== 'derived'),
    fold,
  )
  const live = accepted.drafts.filter((draft) => {
    const over =
      draft.origin.strength === 'derived' && !draft.provider ? authored.over(draft.path) : undefined
    if (over?.access !== 'none') return true
    notices.push(blockedNotice(draft, over))
    return false
  })
  const all = coverage(live, fold)
  const grants = dropRedundant(all, fold)
  for (const grant of grants)
    if (grant.access === 'write' && grant.kind === 'file' && !grant.provider)
      notices.push(inPlaceNotice(grant))
  return {
    grants,
    hops: hopsOf(live),
    notices,
    create: creationOrder(grantedOnly(made, all, notices), walk),
    coverage: all,
    absentNone,
  }
}

/**
 * Real paths a grant's text means now; a name that exists with its brackets is itself, not a glob.
 */
const pathsOf = async (
  grant: PolicyGrant,
  input: GrantsInput,
  notices: Notice[],
): Promise<readonly AbsolutePath[]> => {
  const places = input.expander.all(grant.path, grant.origin)
  if (!isGlob(grant.path)) return places
  const found: AbsolutePath[] = []
  for (const place of places) {
    if (!components(place).some(isGlob) || input.walk(place).status === 'exists') found.push(place)
    else found.push(...(await expandGlob(place, grant.origin, input.glob)))
  }
  if (found.length === 0)
    notices.push({
      level: 'info',
      code: 'absent',
      message: `${grant.path} matches nothing`,
      origin: grant.origin,
    })
  return found
}

const kindMade = (
  made: ReadonlyMap<AbsolutePath, Made>,
  real: AbsolutePath,
): Made['kind'] | undefined =>
  made.get(real)?.kind ??
  ([...made.keys()].some((path) => path.startsWith(`${real}/`)) ? 'directory' : undefined)

/** A path is made only where the policy grants something: `create` is no right of its own. */
const grantedOnly = (
  made: ReadonlyMap<AbsolutePath, Made>,
  all: Coverage<Draft>,
  notices: Notice[],
): Made[] =>
  [...made.values()].filter((entry) => {
    const over = all.over(entry.walked.real)
    const isLed = entry.walked.hops.some((hop) => all.over(parentOf(hop.path))?.access === 'write')
    if (over && over.access !== 'none' && !isLed) return true
    const reason = isLed
      ? 'a link inside a directory that the agent can write leads there'
      : 'nothing grants it'
    notices.push({
      level: 'warning',
      code: 'create-skipped',
      message: `${entry.requested} is not made: ${reason}`,
      origin: entry.origin,
    })
    return false
  })

/**
 * Shallow to deep: what says the same as the nearest grant above it, and no louder, is left out (a
 * needless bind breaks atomic saves).
 */
const dropRedundant = (all: Coverage<Draft>, fold: (path: string) => string): Grant[] => {
  const kept: Draft[] = []
  let known = coverage(kept, fold)
  const byDepth = [...all.grants].sort(
    (a, b) => depthOf(a.path) - depthOf(b.path) || (a.path < b.path ? -1 : 1),
  )
  let depth = -1
  for (const draft of byDepth) {
    if (depthOf(draft.path) !== depth) {
      depth = depthOf(draft.path)
      known = coverage(kept, fold)
    }
    const over = draft.path === '/' ? undefined : known.over(parentOf(draft.path))
    if (
      over &&
      over.kind === 'directory' &&
      over.access === draft.access &&
      strengthOf(draft) <= strengthOf(over) &&
      !over.provider
    )
      continue
    kept.push(draft)
  }
  return kept.map(({ path, access, kind, requested, origin, provider }) => ({
    path,
    access,
    kind,
    requested,
    origin,
    ...(provider && { provider }),
  }))
}

const hopsOf = (drafts: readonly Draft[]): Hop[] => {
  const hops = new Map<AbsolutePath, Hop>()
  for (const { walked, requested, origin, access } of drafts) {
    if (access === 'none') continue
    for (const { path, target } of walked.hops) {
      const because = `a link on the way to ${requested}${origin.because === undefined ? '' : `: ${origin.because}`}`
      const hop: Hop = { path, target, origin: { ...origin, because } }
      const other = hops.get(path)
      if (
        !other ||
        strengthOf(hop) > strengthOf(other) ||
        (strengthOf(hop) === strengthOf(other) && because < (other.origin.because ?? ''))
      )
        hops.set(path, hop)
    }
  }
  return [...hops.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

const absentNotice = (grant: PolicyGrant, walked: WalkedPath): Notice => {
  const because =
    walked.status === 'missing'
      ? 'is not there'
      : walked.status === 'denied'
        ? 'cannot be looked at'
        : walked.status === 'cycle'
          ? 'is a circle of links'
          : 'is a link to nothing'
  return {
    level: walked.status === 'missing' && grant.origin.strength !== 'flag' ? 'info' : 'warning',
    code: 'absent',
    message: `${grant.path} ${because} and is not granted`,
    origin: grant.origin,
  }
}

const blockedNotice = (
  draft: Draft,
  over: { readonly path: AbsolutePath; readonly origin: Origin },
): Notice => ({
  level: 'warning',
  code: 'target-blocked',
  message: `${draft.path} is not granted: ${over.path} is \`none\` (${over.origin.file}${over.origin.line === undefined ? '' : `:${over.origin.line}`}); needed because ${draft.origin.because ?? draft.requested}`,
  origin: draft.origin,
})

const inPlaceNotice = (grant: Grant): Notice => ({
  level: 'info',
  code: 'in-place-only',
  message: `${grant.requested} is a file: it can be written in place, not replaced`,
  origin: grant.origin,
})
