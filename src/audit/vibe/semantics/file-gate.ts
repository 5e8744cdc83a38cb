import type { GateAnswer, Verdict } from '../../model.ts'
import type { EffectiveConfig } from './layers.ts'
import { expandHome, isRelativeTo, joinPaths, pureText } from './python-path.ts'
import { patternMatcher } from './path-patterns.ts'
import { purePathMatch } from './purepath-match.ts'
import { strip } from './python-text.ts'
import {
  isBypassing,
  type Permission,
  refusalOf,
  type ToolConfig,
  toolConfigOf,
} from './tool-config.ts'
import type { FileProbe, FileTool, GateWorld } from './types.ts'
import type { VibeSemantics } from './versions.ts'

/**
 * What the gate does with one call of a file tool. A call that Vibe itself fails at, because of a
 * broken table or pattern, counts as denied.
 */
export const decideFile = (
  config: EffectiveConfig,
  semantics: VibeSemantics,
  probe: FileProbe,
  world: GateWorld,
): GateAnswer => {
  const tool = semantics.toolNames[probe.tool]
  if (!semantics.offers.includes(probe.tool))
    return { verdict: 'DENIED', because: `this version offers its agent no ${tool}` }
  const refused = refusalOf(config, semantics, tool)
  if (refused) return refused
  const table = toolConfigOf(config, semantics, tool)
  if ('invalid' in table)
    return { verdict: 'DENIED', because: `Vibe cannot use the table of ${tool}: ${table.invalid}` }
  if (isBypassing(config, semantics))
    return { verdict: 'RUNS', because: `${semantics.bypassKey} is on` }
  if (
    semantics.harness === 'unified' &&
    table.permission === 'never' &&
    table.allowlist.length === 0
  )
    return { verdict: 'DENIED', because: 'permission is "never"' }
  const byRules = hasLists(probe.tool, semantics)
    ? decideByRules(table, semantics, probe.path, world)
    : undefined
  return (
    byRules ?? {
      verdict: VERDICTS[table.permission],
      because: `permission is "${table.permission}"`,
    }
  )
}

const hasLists = (tool: FileTool, semantics: VibeSemantics): boolean =>
  tool === 'edit' ? semantics.editHasLists : tool === 'grep' ? semantics.grepHasLists : true

const VERDICTS: Readonly<Record<Permission, Verdict>> = {
  always: 'RUNS',
  ask: 'ASKS',
  never: 'DENIED',
}

const decideByRules = (
  table: ToolConfig,
  semantics: VibeSemantics,
  path: string,
  world: GateWorld,
): GateAnswer | undefined => {
  const cwd = world.resolve(world.cwd)
  const absolute = absolutePath(semantics.isPathStripped ? strip(path) : path, cwd, world)
  if (absolute === undefined)
    return {
      verdict: semantics.harness === 'unified' ? 'ASKS' : 'DENIED',
      because: 'Vibe fails at a user that it does not know',
    }
  if (absolute.includes('\0') && semantics.matching === 'resolved')
    return failing(table, semantics, 'Vibe fails at a NUL')
  const file = semantics.matching === 'resolved' ? world.resolve(absolute) : absolute
  const { denies, allows } = patternMatcher(semantics, world, cwd)
  const denied = table.denylist.find((pattern) => denies(file, pattern))
  if (denied !== undefined)
    return {
      verdict: 'DENIED',
      because: `denylist entry ${JSON.stringify(denied)} matches`,
      entry: { list: 'denylist', pattern: denied },
    }
  const allowed = table.allowlist.find((pattern) => allows(file, pattern))
  if (allowed !== undefined)
    return {
      verdict: 'RUNS',
      because: `allowlist entry ${JSON.stringify(allowed)} matches`,
      entry: { list: 'allowlist', pattern: allowed },
    }
  if (semantics.matching === 'unresolved') return undefined
  return decideByPlace(table, semantics, file, cwd, world)
}

const decideByPlace = (
  table: ToolConfig,
  semantics: VibeSemantics,
  file: string,
  cwd: string,
  world: GateWorld,
): GateAnswer | undefined => {
  const sensitive = sensitiveEntry(table.sensitive, semantics, file, world)
  if (sensitive === 'invalid')
    return failing(table, semantics, 'sensitive_patterns has an empty entry, and Vibe fails at it')
  if (!isRelativeTo(file, cwd)) {
    if (table.permission === 'never') return { verdict: 'DENIED', because: 'permission is "never"' }
    return table.isOutsideDenied
      ? {
          verdict: 'DENIED',
          because: 'it is outside the working directory, and outside_workdir is "deny"',
        }
      : { verdict: 'ASKS', because: 'it is outside the working directory' }
  }
  // The Unified harness keeps `never` over a question.
  if (sensitive === undefined || (semantics.harness === 'unified' && table.permission === 'never'))
    return undefined
  return {
    verdict: 'ASKS',
    because: `sensitive pattern ${JSON.stringify(sensitive)} matches`,
    entry: { list: 'sensitive_patterns', pattern: sensitive },
  }
}

/**
 * Where Vibe's rules fail the call fails with them; the Unified harness asks then, unless the tool
 * is never to run.
 */
const failing = (
  { permission }: ToolConfig,
  { harness }: VibeSemantics,
  because: string,
): GateAnswer => ({
  verdict: harness === 'unified' && permission !== 'never' ? 'ASKS' : 'DENIED',
  because,
})

const sensitiveEntry = (
  patterns: readonly string[],
  { sensitive }: VibeSemantics,
  file: string,
  { python }: GateWorld,
): string | 'invalid' | undefined => {
  if (sensitive === 'none') return undefined
  const fold = (text: string): string => (sensitive === 'folded' ? text.toLowerCase() : text)
  const found = patterns
    .map((pattern) => ({ pattern, match: purePathMatch(fold(file), fold(pattern), python) }))
    .find(({ match }) => match !== false)
  return found?.match === 'invalid' ? 'invalid' : found?.pattern
}

/**
 * Vibe's own reading of a path: `~` expanded, made absolute; undefined where Python fails at a user
 * whom nobody knows.
 */
const absolutePath = (path: string, cwd: string, world: GateWorld): string | undefined => {
  const expanded = expandHome(pureText(path), world)
  return expanded === undefined ? undefined : joinPaths(cwd, expanded)
}
