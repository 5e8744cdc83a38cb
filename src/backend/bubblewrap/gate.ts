import type { Decider } from '../../policy/decide.ts'
import { type Judgement, judge } from './judge.ts'
import { differences, isSealed, parseMountinfo } from './mountinfo.ts'
import type { MountOperation } from './program.ts'

/** Mount tables as the kernel prints them (/proc/PID/mountinfo). */
export interface MountTables {
  /** What the agent was released with, what the last look found, and what is there now. */
  readonly released: string
  readonly before: string
  readonly now: string
  /** Launcher's own. */
  readonly host: string
}

/** The program's word on mount tables, as launching needs it. */
export const mountGate = (
  operations: readonly MountOperation[],
  decider: Decider,
): {
  isSealed(table: string): boolean
  differences(table: string, host: string): string[]
  judge(tables: MountTables): Judgement
} => ({
  isSealed: (table) => isSealed(parseMountinfo(table)),
  differences: (table, host) =>
    differences(operations, parseMountinfo(table), parseMountinfo(host)),
  judge: ({ released, before, now, host }) =>
    judge({
      operations,
      decider,
      released: parseMountinfo(released),
      before: parseMountinfo(before),
      now: parseMountinfo(now),
      host: parseMountinfo(host),
    }),
})
