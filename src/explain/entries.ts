import type { PolicyIndex } from '../policy/index.ts'
import type { Decision, Grant, LivePattern, Origin, Protection } from '../policy/model.ts'
import { strengthOf } from '../policy/precedence.ts'
import { EXACT, FOLDING } from '../machine/naming.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** One entry of the policy that speaks of a path, and what became of it there. */
export interface Runner {
  /** `read`, `write`, `none`, `hidden`, `read only` or `lift`. */
  readonly what: string
  /** Where it stands: the path or an ancestor. */
  readonly path: string
  readonly origin: Origin
  /** Why it did not decide, as a clause. */
  readonly lost: string
}

/** Every entry that covers `path` but the one that decided: nearest first. */
export const runnersUp = (index: PolicyIndex, path: AbsolutePath, decision: Decision): Runner[] => {
  const { policy } = index
  const { isInside } = index.policy.foldsNames ? FOLDING : EXACT
  const covers = (at: AbsolutePath): boolean => isInside(path, at)
  const isNearer = (a: { path: string }, b: { path: string }): number =>
    b.path.length - a.path.length
  const winner = decision.rule
  const grants = policy.grants.filter((grant) => grant !== winner && covers(grant.path))
  const protections = policy.protections.filter(
    (protection) => protection !== winner && covers(protection.path),
  )
  const lifts = policy.lifts.filter((lift) => covers(lift.path))
  return [
    ...protections.sort(isNearer).map((protection) => ({
      what: protection.kind === 'hidden' ? 'hidden' : 'read only',
      path: protection.path,
      origin: protection.origin,
      lost: lostProtection(protection, winner, lifts.length > 0),
    })),
    ...grants.sort(isNearer).map((grant) => ({
      what: grant.access,
      path: grant.path,
      origin: grant.origin,
      lost: lostGrant(grant, path, winner),
    })),
  ]
}

const isProtection = (rule: Decision['rule']): rule is Protection | LivePattern =>
  rule !== undefined && 'kind' in rule && (rule.kind === 'hidden' || rule.kind === 'read_only')

const lostProtection = (
  protection: Protection,
  winner: Decision['rule'],
  isLifted: boolean,
): string => {
  if (isProtection(winner))
    return winner.kind === 'hidden' && protection.kind === 'read_only'
      ? 'hidden is stronger'
      : 'another protection says the same'
  if (isLifted) return 'it is lifted'
  return protection.kind === 'read_only' ? 'it stops writing only' : 'it stands beneath'
}

const lostGrant = (grant: Grant, path: AbsolutePath, winner: Decision['rule']): string => {
  if (isProtection(winner)) return 'protections stand above grants'
  if (grant.kind === 'file' && grant.path !== path) return 'it covers that file alone'
  if (winner !== undefined && 'access' in winner) {
    if (winner.path.length > grant.path.length) return 'a deeper entry decides'
    if (winner.path.length === grant.path.length)
      return strengthOf(winner) > strengthOf(grant)
        ? 'a stronger source decides at the same path'
        : winner.access === grant.access
          ? 'another entry says the same'
          : 'none beats write beats read at the same path'
  }
  return 'another entry decides'
}
