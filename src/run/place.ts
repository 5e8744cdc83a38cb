import { newRunId, tmpPathOf } from '../launch/state.ts'
import type { Host } from '../machine/host.ts'
import { absolute, type AbsolutePath, toAbsolutePath } from '../machine/paths.ts'
import { placeholderTmp } from '../resolve/expand.ts'

/** What one run is called, and where its private temporary directory will be. */
export interface RunPlace {
  readonly id: string
  readonly tmp: AbsolutePath
}

/** For a run that is about to start. */
export const newPlace = (host: Host): RunPlace => {
  const id = newRunId()
  return { id, tmp: tmpPathOf(id, systemTmp(host)) }
}

/** For a look that starts nothing: a place of the form that a run's has. */
export const lookPlace = (host: Host): RunPlace => ({ id: 'r-look', tmp: placeholderTmp(host) })

/**
 * Where the run's private directory goes: the user's own TMPDIR if it is one, else /tmp. On macOS
 * always /tmp: its per-user directories have long names, which leave sockets no room.
 */
const systemTmp = (host: Host): AbsolutePath => {
  const wanted = toAbsolutePath((host.platform === 'linux' && host.env['TMPDIR']) || '')
  return wanted !== undefined &&
    host.stat(wanted)?.type === 'directory' &&
    host.canAccess(wanted, 'write')
    ? wanted
    : absolute('/tmp')
}
