import type { ResolvedPolicy } from '../policy/model.ts'
import type { Denial } from './denials/model.ts'

/** What is remembered of a run. */
export interface RunRecord {
  readonly version: 1
  readonly id: string
  readonly profile: string
  readonly project: string
  readonly backend: string
  /** Without what looks like a secret. */
  readonly argv: readonly string[]
  /** Milliseconds since the epoch. */
  readonly started: number
  readonly ended: number
  readonly exit: number
  /** How denials were collected; `none`: nothing could see them. */
  readonly collector: 'none' | 'strace' | 'seatbelt-log'
  /** What the collector did not see, as sentences. */
  readonly gaps: readonly string[]
  /** What the host changed meanwhile and the agent gained nothing by, as sentences. */
  readonly changes?: readonly string[]
  /** Protected files that changed while their protection was off. */
  readonly exposed?: readonly { readonly path: string; readonly because: string }[]
  readonly denials: readonly Denial[]
  readonly policy: ResolvedPolicy
}

/** Denials that are kept in a record. */
const MAX_DENIALS = 2_000

/** A record as text. */
export const recordText = (record: RunRecord): string =>
  JSON.stringify({ ...record, denials: record.denials.slice(0, MAX_DENIALS) })
