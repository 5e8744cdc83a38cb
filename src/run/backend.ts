import { mountGate } from '../backend/bubblewrap/gate.ts'
import { type BubblewrapProgram, compileBubblewrap } from '../backend/bubblewrap/program.ts'
import { compileSeatbelt, type SeatbeltProgram } from '../backend/seatbelt/program.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { ResolvedPolicy } from '../policy/model.ts'

export type BackendName = 'seatbelt' | 'bubblewrap'

export interface Backend {
  readonly name: BackendName
  /** As shown: the kernel that enforces it. */
  readonly label: string
  /** True for the other system's backend: its program can be looked at, not started. */
  readonly isForInspection: boolean
}

export type Program =
  | ({ readonly backend: 'bubblewrap' } & BubblewrapProgram)
  | ({ readonly backend: 'seatbelt' } & SeatbeltProgram)

const LABELS: Readonly<Record<BackendName, string>> = {
  seatbelt: 'Seatbelt (macOS kernel)',
  bubblewrap: 'bubblewrap (Linux kernel)',
}

/** This machine's backend, or the one asked for. */
export const chooseBackend = (wanted: string | undefined, host: Host): Backend => {
  const own: BackendName = host.platform === 'macos' ? 'seatbelt' : 'bubblewrap'
  if (wanted !== undefined && wanted !== 'seatbelt' && wanted !== 'bubblewrap') {
    throw new LauncherError('E_USAGE', `${wanted} is not a backend`, {
      hint: 'seatbelt or bubblewrap',
    })
  }
  const name = wanted ?? own
  return { name, label: LABELS[name], isForInspection: name !== own }
}

export interface CompileOptions {
  readonly runId: string
  /** The inherited terminal's device. */
  readonly tty: string | undefined
  /** The proxy's port on the host's loopback. */
  readonly proxyPort: number | undefined
}

/** What the chosen backend will enforce. */
export const compileFor = (
  backend: Backend,
  policy: ResolvedPolicy,
  { runId, tty, proxyPort }: CompileOptions,
): Program =>
  backend.name === 'bubblewrap'
    ? { backend: 'bubblewrap', ...compileBubblewrap(policy) }
    : {
        backend: 'seatbelt',
        ...compileSeatbelt(policy, {
          runId,
          ...(tty === undefined ? {} : { tty }),
          ...(proxyPort === undefined ? {} : { proxyPort }),
        }),
      }

export { mountGate }
