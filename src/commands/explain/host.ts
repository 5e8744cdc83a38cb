import { LauncherError } from '../../errors.ts'
import { screenOf } from '../../machine/real/screen.ts'
import { readAuthority } from '../../policy/host-authority.ts'
import { bracketed } from '../../policy/host-name.ts'
import type { HostDecision } from '../../network/hosts/rules.ts'
import { join } from '../../machine/paths.ts'
import type { Request } from '../../policy/request.ts'
import { shellWord } from '../../text/shell-word.ts'
import { envelope } from '../../report/json.ts'
import { paletteFor } from '../../report/text.ts'
import { printable } from '../../text/unsafe-text.ts'
import type { CommandContext } from '../context.ts'
import { hostRules } from '../../run/network.ts'
import { look } from '../../run/prepare.ts'

/**
 * `launcher explain HOST[:PORT]` and `net check`: what the proxy would answer, by the function it
 * asks itself. 0 allowed, 1 refused.
 */
export const explainHost = async (
  text: string,
  request: Request,
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const reading = readAuthority(text)
  if (!reading.ok)
    throw new LauncherError('E_USAGE', `${printable(text)} ${reading.reason}`, {
      hint: 'launcher explain HOST[:PORT]',
    })
  const prepared = await look(request, context)
  const { network } = prepared.resolution.resolved
  const port = reading.port ?? 443
  const way = port === 80 ? 'http' : 'tunnel'
  const decision = verdictOn(network.mode.value, () =>
    hostRules(network).decide(reading.host, port, way),
  )
  const name = `${bracketed(reading.host)}:${port}`
  if (context.json) {
    const { allowed, because, rule, origin, hint } = decision
    context.out(
      envelope('explain-host', {
        host: reading.host.text,
        port,
        profile: prepared.profile,
        mode: network.mode.value,
        allowed,
        because,
        rule: rule ?? null,
        origin: origin ?? null,
        change: hint ?? null,
      }),
    )
  } else {
    const palette = paletteFor(screenOf(1).isTerminal, host.env)
    const verdict = decision.allowed ? palette.green('allowed') : palette.red('refused')
    const isFile = host.lstat(join(host.cwd, text)) !== undefined
    const notes = [
      ...(isFile
        ? [`  a file of that name is here: launcher explain ${printable(shellWord(`./${text}`))}`]
        : []),
      ...(decision.allowed && network.mode.value !== 'host'
        ? [
            '  its addresses are judged too when it is dialled: private ones need an entry of their own',
            '  programs that ignore HTTPS_PROXY reach nothing',
          ]
        : []),
    ]
    context.out(
      `${[`${palette.bold(name)} under the profile ${printable(prepared.profile)}`, `  ${verdict}: ${printable(decision.because)}`, ...(decision.hint ? [`  ${printable(decision.hint)}`] : []), ...notes.map(palette.dim)].join('\n')}\n`,
    )
  }
  return decision.allowed ? 0 : 1
}

/** Without isolation nobody asks the rules. */
const verdictOn = (mode: string, ask: () => HostDecision): HostDecision =>
  mode === 'host'
    ? {
        allowed: true,
        because: 'the network mode is host: nothing is isolated',
        rule: undefined,
        origin: undefined,
        hint: undefined,
      }
    : ask()
