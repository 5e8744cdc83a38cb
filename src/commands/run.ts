import { mountOptions } from '../backend/bubblewrap/argv.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import {
  checkStandardStreams,
  closeInherited,
  PLAIN_STREAMS,
  type StandardStreams,
} from '../launch/descriptors.ts'
import { type Keychain, openKeychain, withKeychain } from '../launch/environment.ts'
import { newRunId, tmpPathOf } from '../launch/state.ts'
import { terminalName } from '../launch/terminal.ts'
import type { Asker } from '../network/ask.ts'
import { plannedNetwork, type RunNetwork } from '../network/run-network.ts'
import type { Notice } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { contractJson, contractText } from '../report/contract.ts'
import { afterText } from '../report/after.ts'
import { envelope } from '../report/json.ts'
import { programJson, programText } from '../report/program.ts'
import { paletteFor } from '../report/text.ts'
import { gitTraps, newProtectedNames } from '../resolve/after.ts'
import { type Backend, chooseBackend, compileFor } from './backend.ts'
import type { CommandContext } from './context.ts'
import { contractOf } from './contract.ts'
import { auditNotices } from './audit-launch.ts'
import { environmentFor } from './environment.ts'
import { guardStart, type Prepared, prepare } from './prepare.ts'
import type { RunFlags } from './run-flags.ts'
import type { NetworkEvents } from './network.ts'
import { type EndedRun, remember } from './remember.ts'
import { startAgent, stateDirectory, sweepStale } from './start.ts'
import { startStopwatch, type Stopwatch } from './stopwatch.ts'

const STAND_IN = 'STAND-IN' as AbsolutePath

/** `launcher run`: prints the contract, starts the agent under enforcement, returns its exit code. `heard` is told of a run that came to its end. */
export const runCommand = async (
  request: Request,
  flags: RunFlags & { readonly json: boolean },
  context: CommandContext,
  heard: (run: EndedRun) => void = () => undefined,
): Promise<number> => {
  const { host } = context
  const inspects = flags.dryRun === true || flags.printProgram === true
  if (request.name === undefined && request.words.length === 0) {
    throw new LauncherError('E_USAGE', 'nothing to run', {
      hint: 'launcher run NAME, or launcher run -- COMMAND',
    })
  }
  if (flags.json && !inspects) {
    throw new LauncherError(
      'E_USAGE',
      '--json goes with --dry-run or --print-program: while the agent runs, standard output is its own',
    )
  }
  const backend = chooseBackend(flags.backend, host, inspects)
  if (flags.exec && backend.name === 'bubblewrap') {
    throw new LauncherError(
      'E_UNSUPPORTED',
      '--exec leaves nobody to compare and watch the mounts that bubblewrap makes',
      { hint: 'leave it out: launcher stays as a thin parent' },
    )
  }
  const streams = inspects ? PLAIN_STREAMS : checkStandardStreams()
  if (!inspects) {
    closeInherited()
    guardHost(host)
  }
  if (!inspects) sweepStale(context)
  const keychain = openKeychain(host)
  const clock = startStopwatch(performance.now())
  try {
    for (let attempt = 1; ; attempt++) {
      const code = await attemptRun(request, flags, context, {
        backend,
        inspects,
        streams,
        keychain,
        isLast: attempt === ATTEMPTS,
        clock,
        heard,
      })
      if (code !== 'changed') return code
    }
  } finally {
    if (flags.debug) context.err(clock.report())
  }
}

/** Another run that ends takes its held names away, perhaps between our looking and our holding them: then we look again. */
const ATTEMPTS = 3

interface Attempt {
  readonly backend: Backend
  readonly inspects: boolean
  readonly streams: StandardStreams
  /** Asked once, however often this start looks again. */
  readonly keychain: Keychain
  readonly isLast: boolean
  readonly clock: Stopwatch
  readonly heard: (run: EndedRun) => void
}

const attemptRun = async (
  request: Request,
  flags: RunFlags & { readonly json: boolean },
  context: CommandContext,
  attempt: Attempt,
): Promise<number | 'changed'> => {
  const { host } = context
  const { backend } = attempt
  const id = newRunId()
  const prepared = await prepare(request, context, tmpPathOf(id, systemTmp(host)))
  attempt.clock.mark('resolve')
  const notices = guardStart(prepared, host, await auditNotices(prepared, host, id))
  attempt.clock.mark('guard')
  const { network: wanted } = prepared.resolution.resolved
  if (flags.exec && (wanted.mode.value === 'allowlist' || wanted.mode.value === 'any')) {
    throw new LauncherError(
      'E_UNSUPPORTED',
      `--exec leaves nobody to run the proxy that the network mode ${wanted.mode.value} needs`,
      { hint: 'leave it out, or add --network none' },
    )
  }
  const asker =
    flags.ask === true
      ? (await import('./network.ts')).askerFor(
          wanted,
          prepared.resolution.resolved.project,
          stateDirectory(context, prepared.resolution.resolved.project),
        )
      : undefined
  const events =
    attempt.inspects || plannedNetwork(wanted).proxyPort === undefined || flags.trial === true
      ? undefined
      : (await import('./network.ts')).networkEvents(
          stateDirectory(context, prepared.resolution.resolved.project),
          id,
        )
  let network: RunNetwork | undefined
  let hasRun = false
  try {
    network = attempt.inspects
      ? plannedNetwork(wanted)
      : await (await import('./network.ts')).networkForRun(
          {
            policy: wanted,
            backend,
            log: (event) => events?.add(event),
            mapped: flags.mapHost,
            asker,
          },
          context,
        )
    const code = await runReady(
      { id, prepared, notices, network, asker, events },
      flags,
      context,
      attempt,
    )
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
  readonly id: string
  readonly prepared: Prepared
  readonly notices: readonly Notice[]
  readonly network: RunNetwork
  readonly asker: Asker | undefined
  readonly events: NetworkEvents | undefined
}

const runReady = async (
  run: ReadyRun,
  flags: RunFlags & { readonly json: boolean },
  context: CommandContext,
  attempt: Attempt,
): Promise<number | 'changed'> => {
  const { host } = context
  const { id, prepared, network } = run
  const { backend } = attempt
  const planned = environmentFor(prepared, host, id, network.variables)
  const environment = attempt.inspects ? planned : withKeychain(planned, attempt.keychain)
  const tty = backend.name === 'seatbelt' && !attempt.inspects ? terminalName() : undefined
  const program = compileFor(backend, prepared.resolution.resolved, {
    runId: id,
    tty,
    proxyPort: network.proxyPort,
  })
  attempt.clock.mark('compile')
  const contract = contractOf(prepared, backend, environment, run.notices)
  if (flags.printProgram) {
    context.out(
      flags.json
        ? envelope('program', programJson(program, contract))
        : programText(program, contract, (operation) => mountOptions(operation, STAND_IN)),
    )
    return 0
  }
  if (flags.dryRun && flags.json) {
    context.out(envelope('contract', contractJson(contract)))
    return 0
  }
  if (!flags.quiet || flags.dryRun)
    context.err(
      contractText(
        contract,
        paletteFor(context.screen.isTerminal, host.env),
        Math.min(Math.max(context.screen.columns, 60), 120),
      ),
    )
  if (flags.dryRun) return 0
  if (run.asker && !flags.quiet)
    context.err(
      'launcher: a new host is held and you are asked; answer in a second terminal: launcher net approve\n',
    )
  const trapsBefore = new Set(gitTraps(prepared.resolution, host).map(({ path }) => path))
  const started = Date.now()
  const ended = await startAgent(
    {
      id,
      prepared,
      program,
      backend,
      environment,
      network,
      asker: run.asker,
      useExec: flags.exec === true,
      wantsTrace: flags.trace === true,
      streams: attempt.streams,
      isLast: attempt.isLast,
      clock: attempt.clock,
    },
    context,
  )
  if (ended === 'changed') return ended
  const traps = gitTraps(prepared.resolution, host).filter(({ path }) => !trapsBefore.has(path))
  context.err(
    afterText(
      [...traps, ...newProtectedNames(prepared.policy, prepared.resolution, host, prepared.runTmp)],
      host.home,
    ),
  )
  const whole: EndedRun = { id, prepared, backend, ended, started, events: run.events }
  if (flags.trial !== true) remember(whole, context)
  attempt.heard(whole)
  attempt.clock.mark('after')
  return ended.code
}

/** Where the run's private directory goes: the user's own TMPDIR if it is one, else /tmp. */
const systemTmp = (host: Host): AbsolutePath => {
  const wanted = host.env['TMPDIR']
  return (
    wanted !== undefined &&
    wanted.startsWith('/') &&
    host.stat(wanted)?.type === 'directory' &&
    host.canAccess(wanted, 'write')
      ? wanted
      : '/tmp'
  ) as AbsolutePath
}

const guardHost = (host: Host): void => {
  if (host.env['LAUNCHER_RUN'] !== undefined) {
    throw new LauncherError(
      'E_NESTED',
      'this is already inside a launcher sandbox, and a sandbox cannot be started inside another',
      {
        hint: 'start the agent from a terminal outside; what runs here is already enforced',
      },
    )
  }
  if (host.uid === 0 && host.env['SUDO_UID'] !== undefined && host.env['SUDO_UID'] !== '0') {
    const home = host.stat(host.home)
    if (home && home.uid !== 0) {
      throw new LauncherError(
        'E_PROJECT',
        `this runs as root with the home directory of another user (${host.home}): files there would end up owned by root`,
        {
          hint: 'run launcher as yourself, without sudo',
        },
      )
    }
  }
}
