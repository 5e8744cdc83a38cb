import type { Decider } from '../../policy/decide.ts'
import type { Facts } from './facts.ts'
import { addressDenial, judgeRefusal, type RefusedCall, type Verdict } from './join.ts'
import type { Denial } from './model.ts'

/** Denials of a run, gathered while it lasts. */
export interface DenialLog {
  add(call: RefusedCall): void
  /** A process ended; what was refused just before an exit that is not 0 is the likelier cause. */
  end(ended: { readonly pid: number; readonly status: number }): void
  /** In the order in which they were first seen. */
  denials(): readonly Denial[]
  /** Denials that were not kept because there were too many. */
  readonly lost: number
}

/** A run with more different denials than this is not read line by line by anybody. */
const MAX_DENIALS = 10_000
/** Judged calls that are remembered: programs look for the same absent names again and again. */
const MAX_JUDGED = 50_000
/** Refusals before a failed exit that are marked. */
const LAST = 3

interface Counted {
  denial: Denial
}

/**
 * A log that keeps only what the policy refused, judged against the host as it is at that moment.
 */
export const createDenialLog = (decider: Decider, facts: Facts): DenialLog => {
  const kept = new Map<string, Counted>()
  const judged = new Map<string, Verdict | undefined>()
  const recent = new Map<number, Counted[]>()
  let lost = 0

  const judge = (call: RefusedCall, key: string): Verdict | undefined => {
    if (judged.has(key)) return judged.get(key)
    if (judged.size >= MAX_JUDGED) judged.clear()
    const verdict = judgeRefusal(call, decider, facts)
    judged.set(key, verdict)
    return verdict
  }

  const denialOf = (call: RefusedCall, key: string): Denial | undefined => {
    const about = {
      program: call.program,
      pid: call.pid,
      error: call.error,
      count: 1,
      first: call.at,
      last: call.at,
      source: 'strace' as const,
    }
    if (call.kind === 'address') {
      const reason = addressDenial(call, decider.index.policy.network.mode.value)
      return (
        reason && {
          ...about,
          ...reason,
          operation: call.operation,
          kind: 'address',
          path: call.path,
          origin: decider.index.policy.network.mode.origin,
        }
      )
    }
    const verdict = judge(call, key)
    if (!verdict) return undefined
    const { operation, path, decision, wouldWork, because } = verdict
    return {
      ...about,
      operation,
      kind: 'path',
      path,
      wouldWork,
      because,
      ...(path === call.path ? {} : { requested: call.path }),
      ...(decision.origin ? { origin: decision.origin } : {}),
    }
  }

  return {
    get lost() {
      return lost
    },
    add: (call) => {
      const key = `${call.operation}\0${call.path}\0${call.error}`
      const denial = denialOf(call, key)
      if (!denial) return
      const id = `${denial.operation}\0${denial.path}`
      let counted = kept.get(id)
      if (counted)
        counted.denial = {
          ...counted.denial,
          count: counted.denial.count + 1,
          last: call.at,
          pid: call.pid,
          program: call.program,
        }
      else if (kept.size >= MAX_DENIALS) {
        lost += 1
        return
      } else {
        counted = { denial }
        kept.set(id, counted)
      }
      const before = recent.get(call.pid) ?? []
      recent.set(call.pid, [counted, ...before.filter((one) => one !== counted)].slice(0, LAST))
    },
    end: ({ pid, status }) => {
      const last = recent.get(pid) ?? []
      recent.delete(pid)
      if (status === 0) return
      for (const [index, counted] of last.entries()) {
        counted.denial = {
          ...counted.denial,
          beforeExit: Math.min(index + 1, counted.denial.beforeExit ?? LAST),
        }
      }
    },
    denials: () => [...kept.values()].map(({ denial }) => denial),
  }
}

/** The denials among calls that were already collected. */
export const joinDenials = (
  calls: readonly RefusedCall[],
  decider: Decider,
  facts: Facts,
): readonly Denial[] => {
  const log = createDenialLog(decider, facts)
  for (const call of calls) log.add(call)
  return log.denials()
}
