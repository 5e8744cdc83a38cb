import { counted } from '../../explain/denials/collected.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Collector, CollectorOptions } from '../backend.ts'

/** The system's log tells what Seatbelt refuses; a log that cannot be read is a gap. */
export const openLogCollector = async ({
  runId,
  policy,
  facts,
}: CollectorOptions): Promise<Collector> => {
  const { openMacLog } = await import('../../launch/mac-log/collect.ts')
  const { denialsFrom } = await import('../../explain/denials/seatbelt.ts')
  const log = denialsFrom(compilePolicy(policy), facts())
  const stream = openMacLog(`launcher-${runId}`, { onEvent: (event) => log.add(event) })
  const failure = await stream.ready
  return {
    kind: failure === undefined ? 'seatbelt-log' : 'none',
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
