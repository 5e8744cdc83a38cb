import type { GateAnswer } from '../../model.ts'
import type { BashParser } from './bash-parse.ts'
import { decideHardened } from './bash-hardened.ts'
import { decideOld } from './bash-old.ts'
import { fnmatch } from './fnmatch.ts'
import type { EffectiveConfig } from './layers.ts'
import { isBypassing, refusalOf, type ToolConfig, toolConfigOf } from './tool-config.ts'
import type { GateWorld } from './types.ts'
import type { VibeSemantics } from './versions.ts'

/**
 * What the gate does with one command line given to the bash tool. A call that Vibe itself fails at
 * counts as denied.
 */
export const decideBash = (
  config: EffectiveConfig,
  semantics: VibeSemantics,
  command: string,
  parse: BashParser,
  world: GateWorld,
): GateAnswer => {
  const refused = refusalOf(config, semantics, 'bash')
  if (refused) return refused
  const table = toolConfigOf(config, semantics, 'bash')
  if ('invalid' in table)
    return { verdict: 'DENIED', because: `Vibe cannot use the table of bash: ${table.invalid}` }
  if (isBypassing(config, semantics))
    return { verdict: 'RUNS', because: `${semantics.bypassKey} is on` }
  if (semantics.harness === 'unified' && table.permission === 'never')
    return { verdict: 'DENIED', because: 'permission is "never"' }
  const { hardened } = semantics.bash
  const byRules = hardened
    ? decideHardened({ table, semantics, hardened, command, parse, world })
    : decideOld({ table, semantics, command, parse, world })
  return byRules ?? byPermission(table, semantics, command)
}

/**
 * A line without a command in it. The Unified harness compares all of it with the allowlist then,
 * as a glob.
 */
const byPermission = (
  { permission, allowlist }: ToolConfig,
  { harness }: VibeSemantics,
  command: string,
): GateAnswer => {
  if (permission === 'always') return { verdict: 'RUNS', because: 'permission is "always"' }
  if (permission === 'never') return { verdict: 'DENIED', because: 'permission is "never"' }
  const allowed =
    harness === 'unified'
      ? allowlist.find(
          (pattern) =>
            fnmatch(command, pattern) ||
            (pattern.endsWith(' *') && fnmatch(command, pattern.slice(0, -2))),
        )
      : undefined
  if (allowed !== undefined)
    return {
      verdict: 'RUNS',
      because: `allowlist entry ${JSON.stringify(allowed)} matches`,
      entry: { list: 'allowlist', pattern: allowed },
    }
  return { verdict: 'ASKS', because: 'permission is "ask"' }
}
