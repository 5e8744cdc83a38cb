import type { GateAnswer } from '../../model.ts'
import { analyzeShell } from './bash-analysis.ts'
import { denialOf, isAllowed, isSensitive } from './bash-lists.ts'
import { outsidePaths } from './bash-outside.ts'
import type { BashParser } from './bash-parse.ts'
import { splitBlanks } from './python-text.ts'
import type { ToolConfig } from './tool-config.ts'
import type { GateWorld } from './types.ts'
import type { VibeSemantics } from './versions.ts'

/** One question to the shell gate. */
export interface ShellQuestion {
  readonly table: ToolConfig
  readonly semantics: VibeSemantics
  readonly command: string
  readonly parse: BashParser
  readonly world: GateWorld
}

/** The shell gate before 2.25.4; undefined where the tool's permission decides. */
export const decideOld = ({
  table,
  semantics,
  command,
  parse,
  world,
}: ShellQuestion): GateAnswer | undefined => {
  const { bash } = semantics
  const { commands } = analyzeShell(command, bash, parse)
  if (commands.length === 0) return undefined
  for (const part of commands) {
    const denied = denialOf(part, table, bash)
    if (denied) return denied
  }
  const isAlways = table.permission === 'always' && bash.hasSensitive
  if (isAlways && bash.isAlwaysFirst) return { verdict: 'RUNS', because: 'permission is "always"' }
  const guarded = bash.hasFindGuard ? commands.find(executesByFind) : undefined
  const sensitive = commands.find((part) => isSensitive(part, table, bash))
  const unknown = commands.find((part) => !isAllowed(part, table, bash))
  if (bash.pathCommands.length === 0)
    return unknown === undefined
      ? { verdict: 'RUNS', because: 'every command is on the allowlist' }
      : undefined
  const outside = outsidePaths(commands, table, semantics, world)
  if (outside === 'fails') return { verdict: 'DENIED', because: 'Vibe fails to read a path' }
  if (guarded !== undefined) return asks(`${JSON.stringify(guarded)} executes programs`)
  if (sensitive !== undefined)
    return asks(`${JSON.stringify(sensitive)} starts with a sensitive command`)
  if (isAlways) return { verdict: 'RUNS', because: 'permission is "always"' }
  const named = commands.find(
    (part) => splitBlanks(part).length > 0 && !isAllowed(part, table, bash),
  )
  if (named !== undefined) return asks(`${JSON.stringify(named)} is not on the allowlist`)
  if (unknown !== undefined && outside[0] === undefined) return undefined
  return outside[0] === undefined
    ? { verdict: 'RUNS', because: 'every command is on the allowlist' }
    : asks(`${outside[0]} is outside the working directory`)
}

const asks = (because: string): GateAnswer => ({ verdict: 'ASKS', because })

const executesByFind = (command: string): boolean =>
  (command === 'find' || command.startsWith('find ')) &&
  ['-exec', '-execdir', '-ok', '-okdir'].some((predicate) => command.includes(predicate))
