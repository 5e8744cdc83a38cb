import type { Protection, ResolvedPolicy } from '../policy/model.ts'

/**
 * Protections that hold in this run: one whose very path is lifted is shown as lifted, and as
 * nothing else.
 */
export const protectionsInForce = ({
  protections,
  lifts,
}: Pick<ResolvedPolicy, 'protections' | 'lifts'>): readonly Protection[] => {
  const lifted = new Set(lifts.map(({ path }) => path))
  return protections.filter(({ path }) => !lifted.has(path))
}
