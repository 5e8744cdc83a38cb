import { LauncherError } from '../../errors.ts'
import type { StandardStreams } from '../../launch/descriptors.ts'
import type { Host } from '../../machine/host.ts'
import type { Request } from '../../policy/request.ts'
import type { Backend } from '../../backend/backend.ts'

/** What a start is known by before anything is looked at. */
export interface AskedStart {
  readonly request: Request
  readonly host: Host
  readonly backend: Backend
  /** `--dry-run` and `--print-program`: nothing will be started. */
  readonly inspects: boolean
  readonly wantsJson: boolean
  readonly useExec: boolean
  /** Looked at only where something is to be started. */
  readonly streams: StandardStreams
}

export const nothingToRun = ({ request }: AskedStart): LauncherError | undefined =>
  request.name === undefined && request.words.length === 0
    ? new LauncherError('E_USAGE', 'nothing to run', {
        hint: 'launcher run NAME, or launcher run -- COMMAND',
      })
    : undefined

export const jsonOfARun = ({ wantsJson, inspects }: AskedStart): LauncherError | undefined =>
  wantsJson && !inspects
    ? new LauncherError(
        'E_USAGE',
        '--json goes with --dry-run or --print-program: while the agent runs, standard output is its own',
      )
    : undefined

export const backendOfAnotherSystem = (start: AskedStart): LauncherError | undefined => {
  const { backend, host, inspects } = start
  return backend.platform !== host.platform && !inspects
    ? new LauncherError('E_BACKEND', `${backend.name} does not exist on this system`, {
        hint: 'with --print-program or --dry-run it can be looked at',
      })
    : undefined
}

export const execWithoutWatch = ({ useExec, backend }: AskedStart): LauncherError | undefined =>
  useExec && backend.whyNoExec !== undefined
    ? new LauncherError('E_UNSUPPORTED', `--exec leaves nobody to ${backend.whyNoExec}`, {
        hint: 'leave it out: launcher stays as a thin parent',
      })
    : undefined

/** Without a parent nobody hands a file on, and on macOS the agent may not even ask what it is. */
export const execWithFiles = ({ useExec, streams }: AskedStart): LauncherError | undefined =>
  useExec && streams.relay.includes(true)
    ? new LauncherError(
        'E_STDIO',
        '--exec leaves nobody to hand on a standard stream that is a file, and Node ends without a word where it may not ask about it',
        { hint: 'leave out --exec, or redirect through a pipe: launcher run … | cat > FILE' },
      )
    : undefined

/** A directory or an O_PATH descriptor is a way out (`/proc/self/fd/0/..`, measured). */
export const standardStreams = ({ streams }: AskedStart): LauncherError | undefined =>
  streams.directory === undefined
    ? undefined
    : new LauncherError(
        'E_STDIO',
        `${streams.directory} is a directory: the agent could walk out through it`,
        { hint: 'start launcher without that redirection' },
      )

export const insideAnother = ({ host, inspects }: AskedStart): LauncherError | undefined =>
  !inspects && host.env['LAUNCHER_RUN'] !== undefined
    ? new LauncherError(
        'E_NESTED',
        'this is already inside a launcher sandbox, and a sandbox cannot be started inside another',
        {
          hint: 'start the agent from a terminal outside; what runs here is already enforced',
        },
      )
    : undefined

export const sudoInAnothersHome = ({ host, inspects }: AskedStart): LauncherError | undefined => {
  const sudo = host.env['SUDO_UID']
  if (inspects || host.uid !== 0 || sudo === undefined || sudo === '0') return undefined
  const home = host.stat(host.home)
  return home && home.uid !== 0
    ? new LauncherError(
        'E_PROJECT',
        `this runs as root with the home directory of another user (${host.home}): files there would end up owned by root`,
        { hint: 'run launcher as yourself, without sudo' },
      )
    : undefined
}
