import type { RunRecord } from '../record.ts'
import type { Denial } from './model.ts'

/** What was refused during a run, as far as anything told of it. */
export interface Collected {
  readonly kind: RunRecord['collector']
  readonly denials: readonly Denial[]
  /** What could not be told, in words. */
  readonly gaps: readonly string[]
}

/** Where nothing tells of refusals. */
export const NOTHING_COLLECTED: Collected = { kind: 'none', denials: [], gaps: [] }

/** A gap that was counted, in words; none for a count of zero. */
export const counted = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]
