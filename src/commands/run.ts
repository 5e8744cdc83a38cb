import { PLAIN_STREAMS, standardStreams } from '../launch/descriptors.ts'
import { plannedNetwork } from '../network/run-network.ts'
import type { Request } from '../policy/request.ts'
import { contractJson, contractText } from '../report/contract.ts'
import { envelope } from '../report/json.ts'
import { programJson, programText } from '../report/program.ts'
import { paletteFor } from '../report/text.ts'
import type { Backend } from '../backend/backend.ts'
import { chooseBackend } from '../backend/backends.ts'
import { contractOf } from '../run/contract.ts'
import { BEFORE_LOOKING, refuse } from '../run/guards.ts'
import { look } from '../run/prepare.ts'
import { readyToStart, type StartWishes } from '../run/ready.ts'
import type { EndedRun } from '../run/record.ts'
import { contractWidth, runAgent } from '../run/run.ts'
import { startStopwatch, type Stopwatch } from '../run/stopwatch.ts'
import type { CommandContext } from './context.ts'
import type { RunFlags } from './run-flags.ts'

/**
 * `launcher run`: prints the contract, starts the agent under enforcement, returns its exit code.
 * `heard` is told of a run that came to its end.
 */
export const runCommand = async (
  request: Request,
  flags: RunFlags & { readonly json: boolean },
  context: CommandContext,
  heard: (run: EndedRun) => void = () => undefined,
): Promise<number> => {
  const { host } = context
  const inspects = flags.dryRun === true || flags.printProgram === true
  const backend = chooseBackend(flags.backend, host)
  const streams = inspects ? PLAIN_STREAMS : standardStreams()
  const wishes = { useExec: flags.exec === true, asks: flags.ask === true }
  refuse(BEFORE_LOOKING, {
    request,
    host,
    backend,
    inspects,
    wantsJson: flags.json,
    useExec: wishes.useExec,
    streams,
  })
  const clock = startStopwatch(performance.now())
  try {
    return inspects
      ? await inspectRun(request, flags, { ...wishes, backend, clock }, context)
      : await runAgent(
          request,
          {
            ...wishes,
            backend,
            streams,
            mapped: flags.mapHost,
            wantsTrace: flags.trace === true,
            isTrial: flags.trial === true,
            isQuiet: flags.quiet === true,
            clock,
            heard,
          },
          context,
        )
  } finally {
    if (flags.debug) context.err(clock.report())
  }
}

/** `--dry-run` and `--print-program`: all that a start would be, and what it would refuse. */
const inspectRun = async (
  request: Request,
  flags: RunFlags & { readonly json: boolean },
  options: StartWishes & { readonly backend: Backend; readonly clock: Stopwatch },
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const { backend, clock } = options
  const prepared = await look(request, context, 'run')
  clock.mark('resolve')
  const notices = await readyToStart(prepared, options, host)
  clock.mark('guard')
  const contract = contractOf(prepared, backend, notices)
  const { resolved } = prepared.resolution
  const program = backend.compile(resolved, {
    runId: prepared.place.id,
    tty: () => undefined,
    proxyPort: plannedNetwork(resolved.network).proxyPort,
  })
  clock.mark('compile')
  if (flags.printProgram)
    context.out(
      flags.json
        ? envelope('program', programJson(program, contract))
        : programText(program, contract),
    )
  else if (flags.json) context.out(envelope('contract', contractJson(contract)))
  else
    context.err(
      contractText(
        contract,
        paletteFor(context.screen.isTerminal, host.env),
        contractWidth(context.screen.columns),
      ),
    )
  return 0
}
