import { LauncherError } from '../../errors.ts'
import { effectsOf } from '../../explain/effects.ts'
import { plannedNetwork } from '../../network/run-network.ts'
import type { Request } from '../../policy/request.ts'
import { type Contract, contractJson } from '../../report/contract.ts'
import { explainText } from '../../report/explain.ts'
import { envelope } from '../../report/json.ts'
import { programJson, programText } from '../../report/program.ts'
import { paletteFor } from '../../report/text.ts'
import type { Backend } from '../../backend/backend.ts'
import { chooseBackend } from '../../backend/backends.ts'
import type { CommandContext } from '../context.ts'
import { contractOf } from '../../run/contract.ts'
import { look } from '../../run/prepare.ts'

/**
 * `launcher explain NAME`: everything the profile lets its agent touch here, with the origin of
 * each line. Refuses nothing that `run` would refuse only for safety.
 */
export const explainName = async (
  request: Request,
  wantsProgram: boolean,
  context: CommandContext,
): Promise<number> => {
  if (request.name === undefined && request.words.length === 0) {
    throw new LauncherError('E_USAGE', 'nothing to explain', {
      hint: 'launcher explain NAME; launcher profiles lists the names',
    })
  }
  const { host } = context
  const prepared = await look(request, context)
  const backend = chooseBackend(undefined, host)
  const contract = contractOf(prepared, backend, prepared.resolution.resolved.notices)
  if (wantsProgram) return printProgram(contract, backend, prepared.place.id, context)
  const effects = effectsOf(prepared.resolution.resolved.protections)
  if (context.json) context.out(envelope('explain', { ...contractJson(contract), effects }))
  else context.out(explainText(contract, effects, paletteFor(false, host.env)))
  return 0
}

/** `--program`: what the kernel would be given, each part with its origin. */
const printProgram = (
  contract: Contract,
  backend: Backend,
  id: string,
  context: CommandContext,
): number => {
  const program = backend.compile(contract.resolution.resolved, {
    runId: id,
    tty: () => undefined,
    proxyPort: plannedNetwork(contract.resolution.resolved.network).proxyPort,
  })
  context.out(
    context.json
      ? envelope('program', programJson(program, contract))
      : programText(program, contract),
  )
  return 0
}
