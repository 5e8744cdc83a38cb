import { LauncherError } from '../../errors.ts'
import { type Change, changesFor } from '../../explain/change.ts'
import type { Denial } from '../../explain/denials/model.ts'
import { adviceFor } from '../../explain/messages/fix.ts'
import { screenOf } from '../../machine/real/screen.ts'
import { readNetworkLog } from '../../launch/records.ts'
import { readEvents, summarise } from '../../network/log.ts'
import { OPERATIONS, type Operation } from '../../policy/model.ts'
import { isAbsolutePath } from '../../machine/paths.ts'
import { leftText, runExplanationJson, runExplanationText } from '../../report/explain-run.ts'
import { envelope } from '../../report/json.ts'
import { paletteFor } from '../../report/text.ts'
import type { CommandContext } from '../context.ts'
import { lastLeft, lastRun } from '../last-run.ts'
import { ownPlaces } from '../../machine/places.ts'

/**
 * `launcher explain` alone: what the last run was denied, most likely cause first, and the change
 * that allows each. 1 when something was denied, else 0.
 */
export const explainRun = async (context: CommandContext): Promise<number> => {
  const { host } = context
  const record = lastRun(context)
  const left = lastLeft(context, record?.id)
  if (!record && left) {
    context.out(
      context.json
        ? envelope('explain-run', { left })
        : leftText(left, host.home, paletteFor(screenOf(1).isTerminal, host.env)),
    )
    return 0
  }
  if (!record)
    throw new LauncherError('E_USAGE', 'no run is remembered yet', {
      hint: 'launcher explain NAME, PATH or HOST; launcher --help',
    })
  const denials = record.denials.map((denial) => {
    const change = changeFor(denial, record.policy, context)
    return { denial, change, advice: change && adviceFor(record.profile, change.flags, host.home) }
  })
  const hosts = summarise(
    readEvents(readNetworkLog(ownPlaces(context.host).state, record.id)),
  ).filter(({ decision }) => decision === 'refused')
  const explanation = { record, denials, hosts, left, home: host.home }
  if (context.json) context.out(envelope('explain-run', runExplanationJson(explanation)))
  else context.out(runExplanationText(explanation, paletteFor(screenOf(1).isTerminal, host.env)))
  return denials.length > 0 || hosts.length > 0 ? 1 : 0
}

const changeFor = (
  { kind, operation, path, wouldWork }: Denial,
  policy: Parameters<typeof changesFor>[0],
  { host }: CommandContext,
): Change | undefined => {
  const known: Operation | undefined = OPERATIONS.find((one) => one === operation)
  if (kind !== 'path' || known === undefined || wouldWork === false || !isAbsolutePath(path))
    return undefined
  const stat = host.lstat(path)
  const exists = stat !== undefined && stat !== 'denied'
  return changesFor(policy, known, path, {
    exists,
    kind: !exists ? undefined : stat.type === 'directory' ? 'directory' : 'file',
  })[0]
}
