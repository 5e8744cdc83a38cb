import { compilePolicy } from '../policy/decide.ts'
import type { Decision, Operation, ResolvedPolicy } from '../policy/model.ts'
import type { EntryKind } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { type Change, changesFor } from './change.ts'
import type { Followed as FollowedPath } from './denials/facts.ts'
import { type Runner, runnersUp } from './entries.ts'

/** A path as the machine has it: every link followed. */
export interface Followed extends FollowedPath {
  readonly kind: EntryKind | undefined
}

/** The answer for one operation. */
export interface PathAnswer {
  readonly operation: Operation
  readonly decision: Decision
  /** Entries that speak of the path and did not decide, nearest first. */
  readonly lost: readonly Runner[]
  /** What would turn the decision round, smallest first; none when no flag does. */
  readonly changes: readonly Change[]
}

/** Everything said about one path under one policy. */
export interface PathExplanation {
  readonly profile: string
  readonly home: AbsolutePath
  readonly path: Followed
  readonly answers: readonly PathAnswer[]
}

/**
 * The decision on one operation at a path, what lost, and what would change it. Writing what is not
 * there means making it.
 */
export const answerFor = (
  policy: ResolvedPolicy,
  asked: Operation,
  { real, status, kind }: Followed,
): PathAnswer => {
  const operation = asked === 'write' && status !== 'exists' ? 'create' : asked
  const decider = compilePolicy(policy)
  const decision = decider.decide(operation, real)
  return {
    operation,
    decision,
    lost: runnersUp(decider.index, real, decision),
    changes: changesFor(policy, operation, real, { exists: status === 'exists', kind }),
  }
}
