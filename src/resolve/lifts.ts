import type { Naming } from '../machine/naming.ts'
import { LauncherError } from '../errors.ts'
import type { Lift, Notice, Origin, Sourced } from '../policy/model.ts'
import type { Platform } from '../machine/host.ts'
import { type AbsolutePath, join, nameOf, parentOf } from '../machine/paths.ts'
import type { Candidate } from './candidate.ts'
import { atOf, type Expander } from './expand.ts'
import { closest } from '../text/closest.ts'
import type { Walker } from '../machine/walk.ts'

export interface LiftInput {
  readonly lifts: readonly Sourced<string>[]
  readonly candidates: readonly Candidate[]
  readonly expander: Expander
  readonly walk: Walker
  readonly naming: Naming
  readonly platform: Platform
  /** True when a protected pattern would match the path or something above it. */
  readonly matchesPattern: (path: AbsolutePath) => boolean
  /**
   * True when the path lies where this run looks for protections: the project and writable roots.
   */
  readonly isLookedAt: (path: AbsolutePath) => boolean
}

export interface ResolvedLifts {
  readonly lifts: readonly Lift[]
  readonly notices: readonly Notice[]
  /** True when the candidate itself is lifted, by its own name, its target or a link on the way. */
  isLifted(candidate: Candidate): boolean
  /** True when a lift stands somewhere beneath the path. */
  hasLiftBeneath(path: AbsolutePath): boolean
}

/**
 * Checks each lift against what is protected: a lift that names nothing is a mistake, and one of
 * launcher's own places is refused.
 */
export const resolveLifts = (input: LiftInput): ResolvedLifts => {
  const { candidates, walk, naming } = input
  const lifts: Lift[] = []
  const notices: Notice[] = []
  const whole = new Set<Candidate>()
  for (const { value, origin } of input.lifts) {
    const wanted = new Set(
      input.expander.every(value, origin).flatMap((path) => namesOf(path, walk)),
    )
    const same: Candidate[] = []
    const above: Candidate[] = []
    for (const candidate of candidates) {
      const names = namesOf(candidate.path, walk)
      const isSame = names.some((name) => [...wanted].some((path) => naming.isSame(path, name)))
      const isAbove =
        !isSame && names.some((name) => [...wanted].some((path) => naming.isInside(path, name)))
      if (isSame) same.push(candidate)
      else if (isAbove) above.push(candidate)
    }
    const fixed = [...same, ...above].find((candidate) => !candidate.liftable)
    if (fixed) {
      throw new LauncherError(
        'E_USAGE',
        `${value} cannot be lifted: ${fixed.requested} is launcher's own`,
        { ...atOf(origin), hint: 'nothing that launcher stands on can be opened to an agent' },
      )
    }
    if (same.length === 0 && above.length === 0 && ![...wanted].some(input.matchesPattern)) {
      notices.push(namesNothing(value, origin, [...wanted], input))
      continue
    }
    const first = [...wanted][0]!
    if (
      same.length === 0 &&
      input.platform === 'linux' &&
      ![...wanted].some((path) => walk(path).status === 'exists')
    ) {
      const existing = above.find((candidate) => walk(candidate.path).status === 'exists')
      if (existing) {
        throw new LauncherError(
          'E_UNSUPPORTED',
          `${value} does not exist, and on Linux a hole in ${existing.requested} needs something to stand on`,
          {
            ...atOf(origin),
            hint: `make it first, or lift ${existing.requested}`,
          },
        )
      }
      // What would be held whole cannot have a hole either: the lift frees the held name.
      for (const candidate of above) whole.add(candidate)
    }
    for (const candidate of same) {
      whole.add(candidate)
      for (const name of namesOf(candidate.path, walk)) wanted.add(name)
    }
    for (const path of wanted.size > 0 ? wanted : [first])
      lifts.push({ path, requested: value, origin })
  }
  return {
    lifts: [...new Map(lifts.map((lift) => [lift.path, lift])).values()].sort((a, b) =>
      a.path < b.path ? -1 : 1,
    ),
    notices,
    isLifted: (candidate) => whole.has(candidate),
    hasLiftBeneath: (path) => lifts.some((lift) => naming.isInside(lift.path, path)),
  }
}

/** The names a path goes by: as its directory really is, and where it ends. */
const namesOf = (path: AbsolutePath, walk: Walker): AbsolutePath[] => {
  const name = path === '/' ? path : join(walk(parentOf(path)).real, nameOf(path))
  const real = walk(path).real
  return real === name ? [name] : [name, real]
}

/** A lasting lift in the user's files may name a place of another project: said, not refused. */
const namesNothing = (
  value: string,
  origin: Origin,
  paths: readonly AbsolutePath[],
  input: LiftInput,
): Notice => {
  const first = paths[0]!
  const beneath = input.candidates.find(
    (candidate) => candidate.path !== first && input.naming.isInside(candidate.path, first),
  )
  const close =
    beneath?.path ??
    closest(
      first,
      input.candidates.map((candidate) => candidate.path),
    )
  const message = `${value} is not protected: there is nothing to lift`
  if (origin.strength !== 'flag' && !paths.some(input.isLookedAt))
    return { level: 'info', code: 'lift-unused', message, origin }
  throw new LauncherError('E_USAGE', message, {
    ...atOf(origin),
    hint: close ? `the nearest protection is ${close}` : 'explain lists what is protected',
  })
}
