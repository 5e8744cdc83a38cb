import { LauncherError } from '../../errors.ts'
import { screenOf } from '../../machine/real/screen.ts'
import type { BuiltEnvironment } from '../../resolve/environment.ts'
import { sourceOf } from '../../policy/decide.ts'
import type { Request } from '../../policy/request.ts'
import { isLoaderVariable } from '../../policy/loader-variables.ts'
import { envelope } from '../../report/json.ts'
import { type Palette, paletteFor } from '../../report/text.ts'
import { printable } from '../../text/unsafe-text.ts'
import type { CommandContext } from '../context.ts'
import { look } from '../../run/prepare.ts'

/** What becomes of one variable, as a verdict and a clause. */
interface Verdict {
  /** Null where only the keychain knows, which is not asked before an agent is started. */
  readonly set: boolean | null
  readonly source: string | null
  readonly because: string
  readonly change: string | null
}

/**
 * `launcher explain env NAME`: whether the agent gets the variable, from where, or what kept it
 * out. 0 when it is set inside, 1 when not, 2 when only the keychain knows. Never shows a value.
 */
export const explainEnv = async (
  name: string,
  request: Request,
  context: CommandContext,
): Promise<number> => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw new LauncherError('E_USAGE', `${name} is not a variable`, {
      hint: 'launcher explain env NAME',
    })
  const { host } = context
  const prepared = await look(request, context)
  const verdict = verdictOn(name, prepared.environment, host.env[name] !== undefined)
  if (context.json)
    context.out(envelope('explain-env', { name, profile: prepared.profile, ...verdict }))
  else {
    const palette = paletteFor(screenOf(1).isTerminal, host.env)
    const lines = [
      `${palette.bold(name)} under the profile ${printable(prepared.profile)}`,
      `  ${wordFor(verdict.set, palette)}: ${printable(verdict.because)}`,
    ]
    context.out(
      `${[...lines, ...(verdict.change === null ? [] : [`  to pass it  ${verdict.change}`])].join('\n')}\n`,
    )
  }
  return verdict.set === null ? 2 : verdict.set ? 0 : 1
}

const wordFor = (set: boolean | null, palette: Palette): string =>
  set === null
    ? palette.yellow('not known yet')
    : set
      ? palette.green('set')
      : palette.red('not set')

const verdictOn = (
  name: string,
  { variables, unset, waiting }: BuiltEnvironment,
  isPresent: boolean,
): Verdict => {
  const waits = waiting.find((variable) => variable.name === name)
  if (waits)
    return {
      set: null,
      source: null,
      because: `it is asked for (${sourceOf(waits.origin)}), and ${waits.items.map((item) => `keychain:${item}`).join(', ')} is read at the start of a run only, since that may bring up a question`,
      change: null,
    }
  const found = variables.find((variable) => variable.name === name)
  if (found)
    return {
      set: true,
      source: found.source,
      because: `${SOURCES[found.source] ?? `from ${found.source}`} (${sourceOf(found.origin)})`,
      change: null,
    }
  const wanted = unset.find((variable) => variable.name === name)
  if (wanted)
    return {
      set: false,
      source: null,
      because: `asked for (${sourceOf(wanted.origin)}) and found in none of ${wanted.tried.join(', ')}`,
      change: null,
    }
  if (isLoaderVariable(name))
    return {
      set: false,
      source: null,
      because: 'a loader or interpreter takes code from it: it is never passed',
      change: null,
    }
  return isPresent
    ? {
        set: false,
        source: null,
        because: 'it is set outside and no profile passes it',
        change: `launcher run … --env ${name}`,
      }
    : {
        set: false,
        source: null,
        because: 'it is not set outside, and no profile sets it',
        change: `launcher run … --env ${name}=VALUE`,
      }
}

const SOURCES: Readonly<Record<string, string>> = {
  env: 'passed on from outside',
  set: 'set by the profile',
  launcher: 'set by launcher itself',
}
