import { type AbsolutePath, isAbsolutePath } from '../../machine/paths.ts'
import type { Decider } from '../../policy/decide.ts'
import { isMore, mountAccess, providedBy } from './judge.ts'
import { isBelow, type Mount } from './mountinfo.ts'
import type { MountOperation } from './program.ts'

/**
 * Something that a process of the sandbox has: it stays its own whatever is mounted over the name
 * later.
 */
export interface Holding {
  readonly pid: number
  /** The program's name, as the process gives it. */
  readonly program: string
  readonly what: 'a descriptor' | 'a working directory' | 'a root' | 'a mapping'
  /** As the kernel names it (proc(5)); not always a path. */
  readonly path: string
  /**
   * Number of the mount it was reached through; undefined for mappings, of which the kernel does
   * not say.
   */
  readonly mount: number | undefined
  /** A file or a directory that has a name still. */
  readonly isNamed: boolean
  /** For a mapping: what is written there is written into the file. */
  readonly isWritten: boolean
}

/** What the holdings are judged by. */
export interface HoldingsContext {
  readonly operations: readonly MountOperation[]
  readonly decider: Decider
  readonly released: readonly Mount[]
  readonly now: readonly Mount[]
  /** Every mount of the sandbox that any look found, by number; also those that are gone. */
  readonly known: ReadonlyMap<number, Mount>
  readonly host: readonly Mount[]
  /** Places that gave more than they should. */
  readonly lost: readonly string[]
}

/**
 * Those holdings that give more than `decide()` does. What was had through a mount that fell off
 * later was given rightly.
 */
export const excessHoldings = (
  holdings: readonly Holding[],
  context: HoldingsContext,
): Holding[] => {
  const accessOf = mountAccess(context)
  const isProvided = providedBy(context.decider)
  const attached = new Map(context.now.map((mount) => [mount.id, mount]))
  const isFromHost = new Set(context.host.map(({ id }) => id))
  return holdings.filter((holding) => {
    const path = holding.path.replace(/ \(deleted\)$/, '')
    if (!isAbsolutePath(path) || isProvided(path)) return false
    if (holding.mount === undefined) return isExposed(holding, path, context)
    const mount = attached.get(holding.mount)
    if (mount) return isMore(accessOf(mount), context.decider.access(path))
    const was = context.known.get(holding.mount)
    // A file that lost its name here may have another one.
    if (was)
      return !was.isReadOnly && holding.isNamed && was.root !== '/' && isFileMount(was, context)
    // Through a mount that came and went between two looks; the standard streams are the host's, a
    // memory file is nobody's.
    return holding.isNamed && !isFromHost.has(holding.mount)
  })
}

const isFileMount = ({ point }: Mount, { operations }: HoldingsContext): boolean =>
  operations.some(({ type, dest }) => type === 'bind' && dest === point)

const isExposed = (
  { isWritten }: Holding,
  path: AbsolutePath,
  { decider, lost }: HoldingsContext,
): boolean =>
  lost.some((place) => isBelow(path, place)) &&
  isMore(isWritten ? 'write' : 'read', decider.access(path))
