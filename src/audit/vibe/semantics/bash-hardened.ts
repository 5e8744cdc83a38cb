import type { GateAnswer } from '../../model.ts'
import { analyzeShell } from './bash-analysis.ts'
import { guard } from './bash-guard.ts'
import { isAllowed, isSensitive } from './bash-lists.ts'
import type { ShellQuestion } from './bash-old.ts'
import { outsidePaths } from './bash-outside.ts'
import type { HardenedSemantics } from './bash-versions.ts'

/** The shell gate from 2.25.4 on; undefined where the tool's permission decides. */
export const decideHardened = (
  question: ShellQuestion & { readonly hardened: HardenedSemantics },
): GateAnswer | undefined => {
  const { table, semantics, hardened, command, parse, world } = question
  const { bash } = semantics
  const { commands, reasons } = analyzeShell(command, bash, parse)
  if (commands.length === 0 && reasons.length === 0) return undefined
  const guarded = guard(commands, question)
  if (guarded !== 'fails' && guarded?.verdict === 'DENIED') return guarded
  const outside = outsidePaths(commands, table, semantics, world)
  if (guarded === 'fails' || outside === 'fails')
    return {
      verdict: semantics.harness === 'unified' ? 'ASKS' : 'DENIED',
      because: 'Vibe fails to read a path',
    }
  if (outside[0] !== undefined && table.isOutsideDenied)
    return {
      verdict: 'DENIED',
      because: `${outside[0]} is outside the working directory, and outside_workdir is "deny"`,
    }
  const isAlways = table.permission === 'always'
  const because =
    guarded?.because ??
    (reasons.length > 0 ? `${reasons.join(', ')} in it` : undefined) ??
    found(commands, (part) => isSensitive(part, table, bash), 'starts with a sensitive command') ??
    (isAlways
      ? undefined
      : found(commands, (part) => !isAllowed(part, table, bash), 'is not on the allowlist')) ??
    (outside[0] !== undefined && (!isAlways || hardened.followsLinks)
      ? `${outside[0]} is outside the working directory`
      : undefined)
  if (because !== undefined) return { verdict: 'ASKS', because }
  return {
    verdict: 'RUNS',
    because: isAlways ? 'permission is "always"' : 'every command is on the allowlist',
  }
}

const found = (
  commands: readonly string[],
  test: (command: string) => boolean,
  clause: string,
): string | undefined => {
  const command = commands.find(test)
  return command === undefined ? undefined : `${JSON.stringify(command)} ${clause}`
}
