import type { Decider } from '../../policy/decide.ts'
import { type Operation, OPERATIONS } from '../../policy/model.ts'
import { toAbsolutePath } from '../../machine/paths.ts'
import type { Facts } from './facts.ts'
import type { Denial } from './model.ts'

/** A refusal as the kernel's log tells it. */
interface LoggedRefusal {
  readonly operation: Operation | string
  readonly kind: Denial['kind']
  /** Empty where the kernel names nothing. */
  readonly target: string
  readonly program: string
  readonly pid: number | undefined
  readonly count: number
  readonly at: number
  /** A refusal of the system's own (SIP, TCC), which no profile lifts. */
  readonly isSystemPolicy: boolean
}

/** Denials of a run under Seatbelt, gathered while it lasts. */
export interface SeatbeltDenials {
  add(refusal: LoggedRefusal): void
  /** In the order in which they were first seen. */
  denials(): readonly Denial[]
}

const MAX_DENIALS = 10_000
const KNOWN: ReadonlySet<string> = new Set(OPERATIONS)

/**
 * A log of what the kernel reports, each refusal joined with the entry that decided. The kernel
 * names real paths, so no link is walked.
 */
export const denialsFrom = (decider: Decider, facts: Facts): SeatbeltDenials => {
  const kept = new Map<string, Denial>()
  return {
    add: (refusal) => {
      const key = `${refusal.operation}\0${refusal.target}`
      const known = kept.get(key)
      if (known)
        kept.set(key, {
          ...known,
          count: known.count + refusal.count,
          last: Math.max(known.last, refusal.at),
          program: refusal.program,
        })
      else if (kept.size < MAX_DENIALS) kept.set(key, denialOf(refusal, decider, facts))
    },
    denials: () => [...kept.values()],
  }
}

const denialOf = (
  { operation, kind, target, program, pid, count, at, isSystemPolicy }: LoggedRefusal,
  decider: Decider,
  facts: Facts,
): Denial => {
  const about = {
    operation,
    kind,
    path: target,
    program,
    count,
    first: at,
    last: at,
    source: 'seatbelt-log' as const,
    ...(pid === undefined ? {} : { pid }),
  }
  if (isSystemPolicy)
    return {
      ...about,
      wouldWork: false,
      because: 'macOS itself refuses it (SIP or privacy settings), with or without a sandbox',
    }
  const { mode } = decider.index.policy.network
  if (kind === 'address')
    return {
      ...about,
      because: `the network mode is ${mode.value}: there is no direct way out`,
      origin: mode.origin,
    }
  const path = kind === 'path' && KNOWN.has(operation) ? toAbsolutePath(target) : undefined
  if (path === undefined) return about
  const { allowed, because, origin } = decider.decide(operation as Operation, path)
  // Granted and refused: a rule of another granularity, or a policy that changed. Nothing is made
  // up.
  if (allowed) return about
  return {
    ...about,
    because,
    wouldWork: facts.lstat(path) !== undefined,
    ...(origin ? { origin } : {}),
  }
}
