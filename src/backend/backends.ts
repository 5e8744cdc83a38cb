import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { Backend, BackendName } from './backend.ts'
import { BUBBLEWRAP } from './bubblewrap/backend.ts'
import { SEATBELT } from './seatbelt/backend.ts'

const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  bubblewrap: BUBBLEWRAP,
  seatbelt: SEATBELT,
}

/** The names that `--backend` takes. */
export const BACKEND_NAMES = Object.keys(BACKENDS) as readonly BackendName[]

/** This machine's backend, or the one asked for. */
export const chooseBackend = (wanted: string | undefined, host: Host): Backend => {
  const all = Object.values(BACKENDS)
  const found =
    wanted === undefined
      ? all.find(({ platform }) => platform === host.platform)
      : all.find(({ name }) => name === wanted)
  if (!found)
    throw new LauncherError('E_USAGE', `${wanted ?? host.platform} is not a backend`, {
      hint: 'seatbelt or bubblewrap',
    })
  return found
}
