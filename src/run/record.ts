import { rankDenials } from '../explain/denials/fold.ts'
import { recordText } from '../explain/record.ts'
import { withoutSecrets } from '../explain/redact.ts'
import { writeRecord } from '../launch/records.ts'
import { ownPlaces } from '../machine/places.ts'
import { afterRunText } from '../report/after-run.ts'
import type { Backend } from '../backend/backend.ts'
import type { RunContext } from './context.ts'
import type { NetworkEvents } from './network.ts'
import type { Prepared } from './prepare.ts'
import type { Ended } from './start.ts'

/** A run that has ended, and what is known of it. */
export interface EndedRun {
  readonly prepared: Prepared
  readonly backend: Backend
  readonly ended: Ended
  /** Milliseconds since the epoch. */
  readonly started: number
  readonly events: NetworkEvents | undefined
}

/**
 * Writes the run's record for `explain`, and tells in at most four lines what was refused and can
 * have mattered.
 */
export const recordRun = (
  { prepared, backend, ended, started, events }: EndedRun,
  context: RunContext,
): void => {
  const { resolved } = prepared.resolution
  const { id } = prepared.place
  const denials = rankDenials(ended.denials)
  const crowd = events?.crowd()
  writeRecord(
    ownPlaces(context.host).state,
    id,
    recordText({
      version: 1,
      id,
      profile: prepared.profile,
      project: resolved.project,
      backend: backend.label,
      argv: withoutSecrets(prepared.argv),
      started,
      ended: Date.now(),
      exit: ended.code,
      collector: ended.kind,
      gaps: ended.gaps,
      changes: [
        ...(ended.lost ? [`it was ended: ${ended.lost.reason}`] : []),
        ...(crowd === undefined ? [] : [crowd]),
        ...ended.changes,
      ],
      exposed: ended.exposed,
      denials,
      policy: resolved,
    }),
  )
  context.err(
    afterRunText({
      code: ended.code,
      denials,
      crowd,
      refused: events?.refused() ?? [],
      home: resolved.home,
    }),
  )
}
