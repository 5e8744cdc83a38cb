import { type AbsolutePath, isWithin, parentOf } from '../../machine/paths.ts'
import type { Decider } from '../../policy/decide.ts'
import { excessHoldings, type Holding } from './holdings.ts'
import { type Judgement, judge } from './judge.ts'
import { differences, isSealed, type Mount, parseMountinfo } from './mountinfo.ts'
import type { BubblewrapProgram, MountOperation } from './program.ts'

/** Mount tables as the kernel prints them (/proc/PID/mountinfo). */
export interface MountTables {
  /** What the agent was released with, what the last look found, and what is there now. */
  readonly released: string
  readonly before: string
  readonly now: string
  /** Launcher's own. */
  readonly host: string
}

/** The program's word on mount tables and on what processes have, as launching needs it; pure. */
export interface MountGate {
  /** True once the sandbox is fully built. */
  isSealed(table: string): boolean
  /** What differs from the plan, in words; `host` is launcher's own table from before the start. */
  differences(table: string, host: string): string[]
  /** What a table that is not the one of the last look gives the agent, by `decide()`. */
  judge(tables: MountTables): Judgement
  /**
   * Directories of the host in which a mounted name of a writable root stands: what happens there
   * can take a mount away.
   */
  readonly directories: readonly AbsolutePath[]
  /**
   * Those holdings that give more than `decide()` does; `seen` are all tables of the sandbox so
   * far, `lost` the places that gave too much.
   */
  excess(
    holdings: readonly Holding[],
    tables: MountTables & { readonly seen: readonly string[]; readonly lost: readonly string[] },
  ): Holding[]
}

/** The gate of one program. */
export const mountGate = (
  { operations, placeholders }: Pick<BubblewrapProgram, 'operations' | 'placeholders'>,
  decider: Decider,
): MountGate => ({
  isSealed: (table) => isSealed(parseMountinfo(table)),
  directories: directoriesOf(operations),
  differences: (table, host) =>
    differences(operations, parseMountinfo(table), parseMountinfo(host)),
  judge: (tables) => judge({ operations, placeholders, decider, ...parsed(tables) }),
  excess: (holdings, { seen, lost, ...tables }) => {
    const known = new Map(seen.flatMap(parseMountinfo).map((mount) => [mount.id, mount]))
    return excessHoldings(holdings, { operations, decider, known, lost, ...parsed(tables) })
  },
})

const directoriesOf = (operations: readonly MountOperation[]): AbsolutePath[] => {
  const roots = operations.filter(({ type }) => type === 'bind').map(({ dest }) => dest)
  const held = operations.filter(
    ({ type, dest }) =>
      ['ro-bind', 'nothing', 'pin', 'standin-dir', 'standin-file'].includes(type) &&
      roots.some((root) => dest !== root && isWithin(dest, root)),
  )
  return [...new Set(held.map(({ dest }) => parentOf(dest)))]
}

const parsed = ({
  released,
  before,
  now,
  host,
}: MountTables): Record<keyof MountTables, readonly Mount[]> => ({
  released: parseMountinfo(released),
  before: parseMountinfo(before),
  now: parseMountinfo(now),
  host: parseMountinfo(host),
})
