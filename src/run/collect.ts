import { LauncherError } from '../errors.ts'
import { type Facts, factsOf } from '../explain/denials/facts.ts'
import { createDenialLog } from '../explain/denials/log.ts'
import type { Denial } from '../explain/denials/model.ts'
import type { RunRecord } from '../explain/record.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy } from '../policy/decide.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Trace } from '../launch/trace/collect.ts'
import type { Resolution } from '../resolve/types.ts'
import { resolveTarget } from '../resolve/target.ts'
import { createWalker } from '../machine/walk.ts'
import type { BackendName } from './backend.ts'

/** What collects the denials of one run, if anything does. */
export interface Collector {
  readonly kind: RunRecord['collector']
  /** Under bubblewrap: what the sandbox is started with. */
  readonly trace: Trace | undefined
  /** Waits for what has not been told yet. */
  finish(): Promise<Collected>
}

/** What came of it. */
export interface Collected {
  readonly kind: RunRecord['collector']
  readonly denials: readonly Denial[]
  readonly gaps: readonly string[]
}

/** What a collector is opened for. */
export interface CollectOptions {
  readonly id: string
  readonly backend: BackendName
  readonly resolution: Resolution
  readonly cwd: AbsolutePath
  /** `--trace`: on Linux nothing is collected without it. */
  readonly wantsTrace: boolean
  /** A directory that only the user can enter. */
  readonly directory: AbsolutePath
}

const NONE: Collector = {
  kind: 'none',
  trace: undefined,
  finish: () => Promise.resolve({ kind: 'none', denials: [], gaps: [] }),
}

/** Opens the backend's collector. On macOS it is ready when this resolves; a failure there is a gap, under `--trace` on Linux an error. */
export const openCollector = async (options: CollectOptions, host: Host): Promise<Collector> =>
  options.backend === 'seatbelt'
    ? openLog(options, host)
    : options.wantsTrace
      ? openStrace(options, host)
      : NONE

/** The host as the joining of denials sees it. */
export const factsFor = ({ resolved, searchPath }: Resolution, host: Host): Facts => {
  const walk = createWalker(host)
  return factsOf(host, walk, (file) => {
    try {
      const target = resolveTarget(host, file, {
        searchPath,
        project: resolved.project,
        cwd: host.cwd,
        platform: host.platform,
        walk,
      })
      return [...target.executables, ...target.reads].map(({ role, path, chain }) => ({
        role,
        path,
        chain,
      }))
    } catch (error) {
      if (error instanceof LauncherError) return []
      throw error
    }
  })
}

const openStrace = async (
  { resolution, cwd, directory }: CollectOptions,
  host: Host,
): Promise<Collector> => {
  const [{ findStrace }, { openTrace }] = await Promise.all([
    import('../launch/trace/command.ts'),
    import('../launch/trace/collect.ts'),
  ])
  const strace = findStrace()
  if (!strace.ok)
    throw new LauncherError('E_UNSUPPORTED', `--trace: ${strace.reason}`, { hint: strace.hint })
  const log = createDenialLog(compilePolicy(resolution.resolved), factsFor(resolution, host))
  let unreadable = 0
  const trace = openTrace(
    { file: strace.file, directory, cwd, hasSandbox: true },
    {
      onRefused: (call) => log.add(call),
      onEnded: (end) => log.end(end),
      onUnreadable: () => void (unreadable += 1),
    },
  )
  return {
    kind: 'strace',
    trace,
    finish: async () => {
      const { dropped, isComplete } = await trace.finished()
      return {
        kind: 'strace',
        denials: log.denials(),
        gaps: [
          ...(isComplete
            ? []
            : ['strace did not come to its end: what it had still to say is lost']),
          ...counted(dropped, 'line was too long to be read', 'lines were too long to be read'),
          ...counted(
            unreadable,
            'refused call had a path that could not be told',
            'refused calls had paths that could not be told',
          ),
          ...counted(log.lost, 'denial more than is kept', 'denials more than are kept'),
        ],
      }
    },
  }
}

const counted = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`]

const openLog = async ({ id, resolution }: CollectOptions, host: Host): Promise<Collector> => {
  const { openMacLog } = await import('../launch/mac-log/collect.ts')
  const { denialsFrom } = await import('../explain/denials/seatbelt.ts')
  const log = denialsFrom(compilePolicy(resolution.resolved), factsFor(resolution, host))
  const stream = openMacLog(`launcher-${id}`, { onEvent: (event) => log.add(event) })
  const failure = await stream.ready
  return {
    kind: failure === undefined ? 'seatbelt-log' : 'none',
    trace: undefined,
    finish: async () => {
      const { lost, unreadable, unattributed, withheld } = await stream.stop()
      return {
        kind: failure === undefined ? 'seatbelt-log' : 'none',
        denials: log.denials(),
        gaps: [
          ...(failure === undefined ? [] : [`${failure.reason}: ${failure.hint}`]),
          ...counted(
            lost,
            'record was lost by the log itself',
            'records were lost by the log itself',
          ),
          ...counted(unreadable, 'line was no record', 'lines were no records'),
          ...counted(
            unattributed,
            'refusal could not be attributed to a run',
            'refusals could not be attributed to a run',
          ),
          ...counted(withheld, 'path was withheld by the log', 'paths were withheld by the log'),
        ],
      }
    },
  }
}
