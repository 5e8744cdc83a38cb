import type { Backend } from '../backend/backend.ts'
import { type Keychain, openKeychain } from '../credentials/keychain.ts'
import { LauncherError } from '../errors.ts'
import { closeInherited, type StandardStreams } from '../launch/descriptors.ts'
import type { Loss } from '../launch/keeper.ts'
import { terminalName } from '../launch/terminal.ts'
import type { Asker } from '../network/ask.ts'
import { plannedNetwork, type RunNetwork } from '../network/run-network.ts'
import type { Notice } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import { exposedText } from '../report/after.ts'
import { contractText } from '../report/contract.ts'
import { paletteFor } from '../report/text.ts'
import { withKeychain, withOwn } from '../resolve/environment.ts'
import { ownPlaces } from '../machine/places.ts'
import { tellUntold, watchNames } from './after.ts'
import type { RunContext } from './context.ts'
import { contractOf } from './contract.ts'
import type { NetworkEvents } from './network.ts'
import { newPlace } from './place.ts'
import { type Prepared, prepare } from './prepare.ts'
import { readyToStart, type StartWishes } from './ready.ts'
import { type EndedRun, recordRun } from './record.ts'
import { startAgent, sweepStale } from './start.ts'
import type { Stopwatch } from './stopwatch.ts'

/** How a request is to be run, once nothing speaks against its words. */
export interface RunOptions extends StartWishes {
  readonly backend: Backend
  readonly streams: StandardStreams
  /** `--map-host`. */
  readonly mapped: string | undefined
  readonly wantsTrace: boolean
  /** A run that `verify` starts: the user's own last run stays the last. */
  readonly isTrial: boolean
  /** Prints no contract. */
  readonly isQuiet: boolean
  readonly clock: Stopwatch
  /** Told of a run that came to its end. */
  readonly heard: (run: EndedRun) => void
}

/** Runs an agent under enforcement; gives its exit code. */
export const runAgent = async (
  request: Request,
  options: RunOptions,
  context: RunContext,
): Promise<number> => {
  closeInherited()
  sweepStale(context)
  tellUntold(context)
  const keychain = openKeychain(context.host)
  for (let attempt = 1; ; attempt++) {
    const code = await attemptRun(
      request,
      { ...options, keychain, isLast: attempt === ATTEMPTS },
      context,
    )
    if (code !== 'changed') return code
  }
}

/**
 * Another run that ends takes its held names away, perhaps between our looking and our holding
 * them: then we look again.
 */
const ATTEMPTS = 3

interface Attempt extends RunOptions {
  /** Asked once, however often this start looks again. */
  readonly keychain: Keychain
  readonly isLast: boolean
}

const attemptRun = async (
  request: Request,
  attempt: Attempt,
  context: RunContext,
): Promise<number | 'changed'> => {
  const { host } = context
  const prepared = await prepare(request, context, newPlace(host))
  attempt.clock.mark('resolve')
  const notices = await readyToStart(prepared, attempt, host)
  attempt.clock.mark('guard')
  const { network: wanted, project } = prepared.resolution.resolved
  const { state } = ownPlaces(host)
  const asker = attempt.asks ? (await import('./network.ts')).askerFor(project, state) : undefined
  const events =
    plannedNetwork(wanted).proxyPort === undefined || attempt.isTrial
      ? undefined
      : (await import('./network.ts')).networkEvents(state, prepared.place.id)
  let network: RunNetwork | undefined
  let hasRun = false
  try {
    network = await (await import('./network.ts')).networkForRun(
      {
        policy: wanted,
        backend: attempt.backend,
        log: (event) => events?.add(event),
        mapped: attempt.mapped,
        asker,
      },
      context,
    )
    const code = await runReady({ prepared, notices, network, asker, events }, attempt, context)
    hasRun = code !== 'changed'
    return code
  } finally {
    asker?.close()
    network?.close()
    if (hasRun) events?.close()
    else events?.discard()
  }
}

/** A run that nothing speaks against. */
interface ReadyRun {
  readonly prepared: Prepared
  readonly notices: readonly Notice[]
  readonly network: RunNetwork
  readonly asker: Asker | undefined
  readonly events: NetworkEvents | undefined
}

const runReady = async (
  { prepared, notices, network, asker, events }: ReadyRun,
  attempt: Attempt,
  context: RunContext,
): Promise<number | 'changed'> => {
  const { backend, isQuiet, clock } = attempt
  const environment = withKeychain(
    withOwn(prepared.environment, network.variables),
    attempt.keychain,
  )
  const program = backend.compile(prepared.resolution.resolved, {
    runId: prepared.place.id,
    tty: terminalName,
    proxyPort: network.proxyPort,
  })
  clock.mark('compile')
  if (!isQuiet) sayContract(prepared, attempt, notices, environment, context)
  if (asker && !isQuiet)
    context.err(
      'launcher: a new host is held and you are asked; answer in a second terminal: launcher net approve\n',
    )
  const names = watchNames(prepared, !attempt.isTrial, context)
  const started = Date.now()
  const starting = startAgent(
    {
      prepared,
      program,
      backend,
      environment,
      network,
      asker,
      useExec: attempt.useExec,
      wantsTrace: attempt.wantsTrace,
      streams: attempt.streams,
      isLast: attempt.isLast,
      clock,
    },
    context.host,
  )
  const ended = await starting.catch((error: unknown) => {
    names.tell()
    throw error
  })
  if (ended === 'changed') {
    names.forget()
    return ended
  }
  context.err(exposedText(ended.exposed, context.host.home))
  names.tell()
  const whole: EndedRun = { prepared, backend, ended, started, events }
  if (!attempt.isTrial) recordRun(whole, context)
  attempt.heard(whole)
  clock.mark('after')
  if (ended.lost) throw enforcementLost(ended.lost)
  return ended.code
}

/** Told last, so that it stands beneath everything else. */
const enforcementLost = ({ reason, culprit }: Loss): LauncherError =>
  new LauncherError(
    'E_ENFORCEMENT_LOST',
    `the run was ended because enforcement was lost: ${reason}`,
    {
      hint: `${culprit ?? 'Something on the host (git, an editor, a package manager)'} changed names that the run stands on. Start again.`,
    },
  )

const sayContract = (
  prepared: Prepared,
  { backend }: Attempt,
  notices: readonly Notice[],
  environment: Prepared['environment'],
  { screen, host, err }: RunContext,
): void =>
  err(
    contractText(
      contractOf(prepared, backend, notices, environment),
      paletteFor(screen.isTerminal, host.env),
      contractWidth(screen.columns),
    ),
  )

/** Columns that a contract is laid out in on a screen. */
export const contractWidth = (columns: number): number => Math.min(Math.max(columns, 60), 120)
