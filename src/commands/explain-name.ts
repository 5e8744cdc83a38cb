import { LauncherError } from '../errors.ts'
import { effectsOf } from '../explain/effects.ts'
import { newRunId, tmpPathOf } from '../launch/state.ts'
import type { Request } from '../policy/request.ts'
import { type Contract, contractJson } from '../report/contract.ts'
import { explainText } from '../report/explain.ts'
import { envelope } from '../report/json.ts'
import { paletteFor } from '../report/text.ts'
import { chooseBackend } from './backend.ts'
import type { CommandContext } from './context.ts'
import { environmentFor } from './environment.ts'
import { prepare } from './prepare.ts'

/** `launcher explain NAME`: everything the profile lets its agent touch here, with the origin of each line. Refuses nothing that `run` would refuse only for safety. */
export const explainCommand = async (request: Request, context: CommandContext): Promise<number> => {
  if (request.name === undefined && request.words.length === 0) {
    throw new LauncherError('E_USAGE', 'nothing to explain', { hint: 'launcher explain NAME; launcher profiles lists the names' })
  }
  const { host } = context
  const id = newRunId()
  const prepared = await prepare(request, context, tmpPathOf(id, '/tmp'), 'explain')
  const backend = chooseBackend(undefined, host, true)
  const contract: Contract = {
    profile: prepared.profile,
    reason: prepared.reason,
    backend: backend.label,
    isForInspection: false,
    resolution: prepared.resolution,
    environment: environmentFor(prepared, host, id),
    argv: prepared.argv,
    notices: prepared.resolution.resolved.notices,
  }
  const effects = effectsOf(prepared.resolution.resolved.protections)
  if (context.json) context.out(envelope('explain', { ...contractJson(contract), effects }))
  else context.out(explainText(contract, effects, paletteFor(false, host.env)))
  return 0
}
