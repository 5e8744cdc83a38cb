import type { GateAnswer, Verdict } from '../model.ts'
import type { AuditWorld } from '../dialect.ts'
import { type Anchors, coversPath, isPlain } from './path-patterns.ts'
import { type ListName, matchesCommand, type PermissionRule } from './permission-rules.ts'
import type { StartMode } from './mode.ts'

/** What the gate looks at. */
export interface Gate {
  readonly rules: readonly PermissionRule[]
  readonly start: StartMode
  readonly anchors: Anchors
  /** The working directory and the additional ones: absolute. */
  readonly workDirectories: readonly string[]
  readonly resolve: AuditWorld['resolve']
  /** Claude's own sandbox runs commands. */
  readonly isSandboxed: boolean
}

/**
 * Where writes ask in every mode but one (code.claude.com/docs/en/permissions, modes). The full
 * list is longer.
 */
const PROTECTED =
  /(?:^|\/)(?:\.git|\.config\/git|\.claude|\.vscode|\.idea|\.husky|\.cargo|\.devcontainer|\.yarn|\.mvn)(?:\/|$)/

/** One call of a file tool; undefined where the documentation does not say what happens. */
export const decideFile = (
  gate: Gate,
  use: 'Read' | 'Edit' | 'Write',
  path: string,
): GateAnswer | undefined => {
  const matched = gate.rules.filter(({ tool, specifier }) =>
    specifier === undefined
      ? tool === use || tool === '*'
      : tool === (use === 'Write' ? 'Edit' : use),
  )
  if (matched.some(({ specifier }) => specifier !== undefined && !isPlain(specifier)))
    return undefined
  const spellings = [path, gate.resolve(path)]
  const covers = ({ specifier }: PermissionRule, spelling: string): boolean =>
    specifier === undefined || coversPath(specifier, spelling, gate.anchors)
  const first = (list: ListName): PermissionRule | undefined =>
    matched.find(
      (rule) =>
        rule.list === list &&
        (list === 'allow'
          ? spellings.every((spelling) => covers(rule, spelling))
          : spellings.some((spelling) => covers(rule, spelling))),
    )
  const decided = byRule(first)
  const isInside = spellings.every((spelling) =>
    gate.workDirectories.some(
      (directory) =>
        spelling === directory || spelling.startsWith(`${directory === '/' ? '' : directory}/`),
    ),
  )
  const isWrite = use !== 'Read'
  const isProtected = isWrite && PROTECTED.test(path)
  if (decided && !(decided.verdict === 'RUNS' && isProtected)) return decided
  switch (gate.start.mode) {
    case 'bypassPermissions':
      return { verdict: 'RUNS', because: 'the mode is bypassPermissions' }
    case 'default':
    case 'acceptEdits':
      if (isWrite && decided) return undefined
      if (!isWrite)
        return isInside
          ? { verdict: 'RUNS', because: 'it lies in a working directory' }
          : { verdict: 'ASKS', because: 'it lies outside of the working directories' }
      if (gate.start.mode === 'default' || !isInside || isProtected)
        return {
          verdict: 'ASKS',
          because: isProtected
            ? 'it is a protected path'
            : isInside
              ? 'edits ask'
              : 'it lies outside of the working directories',
        }
      // Whether a dotfile is protected is not documented name by name.
      return /\/\.[^/]+$/.test(path)
        ? undefined
        : { verdict: 'RUNS', because: 'the mode is acceptEdits' }
    case 'dontAsk':
      return !isWrite && isInside
        ? { verdict: 'RUNS', because: 'it lies in a working directory' }
        : { verdict: 'DENIED', because: 'the mode is dontAsk' }
    case 'auto':
    case 'plan':
    case 'unknown':
      return !isWrite && isInside
        ? { verdict: 'RUNS', because: 'it lies in a working directory' }
        : undefined
    default:
      return gate.start.mode satisfies never
  }
}

const byRule = (first: (list: ListName) => PermissionRule | undefined): GateAnswer | undefined => {
  for (const [list, verdict] of [
    ['deny', 'DENIED'],
    ['ask', 'ASKS'],
    ['allow', 'RUNS'],
  ] as const satisfies readonly (readonly [ListName, Verdict])[]) {
    const rule = first(list)
    if (rule)
      return {
        verdict,
        because: `${list} entry ${JSON.stringify(rule.item.text)} matches`,
        entry: { list: `permissions.${list}`, pattern: rule.item.text },
      }
  }
  return undefined
}

/**
 * Commands that run in every mode when their arguments only read
 * (code.claude.com/docs/en/permissions, read-only commands): what they may read is not documented.
 */
const READ_ONLY =
  /^(?:cat|cd|diff|du|echo|file|find|git|grep|head|less|ls|od|pwd|sort|stat|tail|tree|wc|which)$/

/** One command line of the corpus; undefined where only Claude's own parser could tell. */
export const decideCommand = (gate: Gate, command: string): GateAnswer | undefined => {
  const bash = gate.rules.filter(({ tool }) => tool === 'Bash' || tool === '*')
  const every = (list: ListName): PermissionRule | undefined =>
    bash.find((rule) => rule.list === list && rule.specifier === undefined)
  const denied = every('deny')
  if (denied) return byRule((list) => (list === 'deny' ? denied : undefined))
  // Read and Edit denials reach into commands that Claude recognises; which those are is its own
  // knowledge.
  const isUncertain = gate.rules.some(
    ({ list, tool, specifier }) =>
      list !== 'allow' &&
      specifier !== undefined &&
      (tool === 'Read' || tool === 'Edit' || (tool === 'Bash' && touches(specifier, command))),
  )
  if (isUncertain) return undefined
  const asked = every('ask')
  if (asked)
    return gate.isSandboxed ? undefined : byRule((list) => (list === 'ask' ? asked : undefined))
  if (gate.start.mode === 'bypassPermissions')
    return gate.isSandboxed
      ? undefined
      : { verdict: 'RUNS', because: 'the mode is bypassPermissions' }
  if (gate.isSandboxed) return undefined
  const allowed = every('allow')
  if (allowed) return byRule((list) => (list === 'allow' ? allowed : undefined))
  const exact = isSimple(command)
    ? bash.find(
        ({ list, specifier }) =>
          list === 'allow' && specifier !== undefined && matchesCommand(specifier, command),
      )
    : undefined
  if (exact) return byRule((list) => (list === 'allow' ? exact : undefined))
  const isOther = isSimple(command) && !READ_ONLY.test(command.split(' ')[0] ?? '')
  if (!isOther) return undefined
  if (gate.start.mode === 'default') return { verdict: 'ASKS', because: 'no entry allows it' }
  return gate.start.mode === 'dontAsk'
    ? { verdict: 'DENIED', because: 'the mode is dontAsk' }
    : undefined
}

/** One command without anything that the shell would take apart. */
const isSimple = (command: string): boolean => /^[A-Za-z0-9][\w./~@:=+, -]*$/.test(command)

/** True when a rule's first word stands anywhere in a command: then it may match a part of it. */
const touches = (specifier: string, command: string): boolean => {
  const word = /^[^\s*:]+/.exec(specifier)?.[0]
  return word === undefined || command.includes(word)
}
