import {
  type Grant,
  type GrantAccess,
  type Origin,
  type Protection,
  STRENGTHS,
  type Strength,
} from './model.ts'

/** What decides over a place: enough of a grant to say which of two holds. */
export type Deciding = Pick<Grant, 'access' | 'kind' | 'origin'>

/** Rank of a source, weakest 0. */
export const strengthOf = ({
  origin,
}: {
  readonly origin: { readonly strength: Strength }
}): number => STRENGTHS.indexOf(origin.strength)

const ACCESS_ORDER: readonly GrantAccess[] = ['read', 'write', 'none']

/**
 * Positive when `a` decides over `b` at one path: the stronger source, then `none`, `write`,
 * `read`, then a directory; then what is written first, so that no tie is left and order never
 * matters.
 */
export const compareGrants = (a: Deciding, b: Deciding): number =>
  strengthOf(a) - strengthOf(b) ||
  ACCESS_ORDER.indexOf(a.access) - ACCESS_ORDER.indexOf(b.access) ||
  (a.kind === b.kind ? 0 : a.kind === 'directory' ? 1 : -1) ||
  compareOrigins(a.origin, b.origin)

/** Protections only accumulate: hidden covers read_only, and what cannot be lifted stays so. */
export const strongerProtection = (a: Protection, b: Protection): Protection => {
  const winner = compareProtections(a, b) > 0 ? a : b
  return winner.liftable && !(a.liftable && b.liftable) ? { ...winner, liftable: false } : winner
}

const compareProtections = (a: Protection, b: Protection): number =>
  Number(a.kind === 'hidden') - Number(b.kind === 'hidden') ||
  Number(b.liftable) - Number(a.liftable) ||
  compareOrigins(a.origin, b.origin)

/** Positive when `a` is written before `b`; a fixed order where that means nothing. */
export const compareOrigins = (a: Origin, b: Origin): number => {
  const [x, y] = [originKey(a), originKey(b)]
  return x === y ? 0 : x < y ? 1 : -1
}

/** Of two entries that say the same, the one that is written first. */
export const writtenFirst = <T extends { readonly origin: Origin }>(a: T | undefined, b: T): T =>
  a === undefined || compareOrigins(b.origin, a.origin) > 0 ? b : a

const originKey = ({ file, line, key, because }: Origin): string =>
  `${file}\0${String(line ?? 0).padStart(8, '0')}\0${key}\0${because ?? ''}`
