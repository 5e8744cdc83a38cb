import type { Host } from '../../machine/host.ts'
import { LauncherError } from '../../errors.ts'
import { counted } from '../../explain/denials/collected.ts'
import { createDenialLog } from '../../explain/denials/log.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { CollectorOptions } from '../backend.ts'
import type { TraceCollector } from './backend.ts'

/**
 * Under `--trace` strace tells what the kernel refuses; bubblewrap itself tells nobody. Throws
 * E_UNSUPPORTED where there is no strace.
 */
export const openTraceCollector = async (
  { policy, facts, cwd, directory, wantsTrace }: CollectorOptions,
  host: Host,
): Promise<TraceCollector | undefined> => {
  if (!wantsTrace) return undefined
  const [{ findStrace }, { openTrace }] = await Promise.all([
    import('../../launch/trace/command.ts'),
    import('../../launch/trace/collect.ts'),
  ])
  const strace = findStrace(host)
  if (!strace.ok)
    throw new LauncherError('E_UNSUPPORTED', `--trace: ${strace.reason}`, { hint: strace.hint })
  const log = createDenialLog(compilePolicy(policy), facts())
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
