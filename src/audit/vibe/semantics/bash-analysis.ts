import { type BashNode, type BashTree, nodesOf } from './bash-parse.ts'
import type { BashSemantics, HardenedSemantics } from './bash-versions.ts'
import { strip } from './python-text.ts'

/**
 * What the gate sees of a command line: the commands it can name, and from 2.25.4 what in it makes
 * it ask whatever they are.
 */
export interface ShellAnalysis {
  readonly commands: readonly string[]
  readonly reasons: readonly string[]
}

/**
 * Takes a command line apart as this version does; `parse` is not called where Vibe did not parse.
 */
export const analyzeShell = (
  command: string,
  semantics: BashSemantics,
  parse: (command: string) => BashTree,
): ShellAnalysis => {
  if (semantics.splitting === 'text')
    return {
      commands: command
        .split(/&&|\|\||;|\|/)
        .map(strip)
        .filter((part) => part !== ''),
      reasons: [],
    }
  const tree = parse(command)
  const nodes = nodesOf(tree.root)
  const { hardened } = semantics
  const commands = nodes
    .filter(({ type }) => type === 'command')
    .flatMap((node) => commandText(node, semantics) ?? [])
  return {
    commands,
    reasons: hardened
      ? [
          ...new Set([
            ...textReasons(command, tree, hardened),
            ...nodes.flatMap((node) => nodeReasons(node, hardened)),
          ]),
        ].sort()
      : [],
  }
}

const PARTS = ['command_name', 'word', 'string', 'raw_string', 'concatenation']
const HARDENED_PARTS = [...PARTS, 'number']
const REDIRECTED = '<redirect>'

const commandText = (
  node: BashNode,
  { hardened, marksRedirects }: BashSemantics,
): string | undefined => {
  const parts = node.children
    .filter((child) =>
      hardened ? isReadable(child) || child.type === 'ansi_c_string' : PARTS.includes(child.type),
    )
    .map(({ text }) => text)
  // A command that the grammar misses has an empty name; the old gate takes it for a command.
  if (parts.length === 0 || (hardened && parts.join(' ') === '')) return undefined
  return [
    ...parts,
    ...(marksRedirects && node.parent?.type === 'redirected_statement' ? [REDIRECTED] : []),
  ].join(' ')
}

const isReadable = (node: BashNode): boolean =>
  HARDENED_PARTS.includes(node.type) && zshReason(node) === undefined

const textReasons = (
  command: string,
  { hasError }: BashTree,
  { asksLineContinuations }: HardenedSemantics,
): string[] => [
  ...(asksLineContinuations && command.includes('\\\n') ? ['line continuation'] : []),
  ...(hasError ? ['a syntax error'] : []),
]

const nodeReasons = (node: BashNode, hardened: HardenedSemantics): string[] => {
  const own = ownReason(node, hardened)
  return [
    ...(own === undefined ? [] : [own]),
    ...(node.type === 'command' ? node.children.flatMap(unsupported) : []),
  ]
}

const unsupported = (node: BashNode): string[] =>
  isReadable(node) ||
  node.type === 'ansi_c_string' ||
  Object.hasOwn(DYNAMIC, node.type) ||
  zshReason(node) !== undefined
    ? []
    : [`unsupported syntax (${node.type})`]

const DYNAMIC: Readonly<Record<string, string>> = {
  ansi_c_string: 'ANSI-C quoted arguments',
  arithmetic_expansion: 'arithmetic expansion',
  brace_expression: 'brace expansion',
  command_substitution: 'command substitution',
  expansion: 'parameter expansion',
  process_substitution: 'process substitution',
  simple_expansion: 'variable expansion',
  variable_assignment: 'environment assignments',
}

const FIXED: ReadonlyMap<string, string> = new Map([
  ...Object.entries(DYNAMIC),
  ['&', 'background execution'],
  ['c_style_for_statement', 'for loop'],
  ['case_statement', 'case statement'],
  ['compound_statement', 'command group'],
  ['for_statement', 'for loop'],
  ['function_definition', 'function definition'],
  ['heredoc_redirect', 'redirection'],
  ['herestring_redirect', 'redirection'],
  ['if_statement', 'if statement'],
  ['subshell', 'subshell'],
  ['test_command', 'test expression'],
  ['while_statement', 'while loop'],
])

const ownReason = (node: BashNode, { asksAllRedirects }: HardenedSemantics): string | undefined => {
  if (asksAllRedirects && (node.type === 'file_redirect' || node.type === 'redirected_statement'))
    return 'redirection'
  if (node.type === 'file_redirect') return opensFile(node) ? 'redirection' : undefined
  const fixed = FIXED.get(node.type) ?? zshReason(node)
  if (fixed !== undefined) return fixed
  return node.type === 'concatenation' &&
    node.children.some(({ type, text }) => type === 'word' && (text === '{' || text === '}'))
    ? 'brace expansion'
    : undefined
}

const TARGETS = ['word', 'number', 'string', 'raw_string', 'concatenation']

/**
 * `2>&1` renumbers a descriptor and `> /dev/null` discards; every other redirection opens a file.
 */
const opensFile = (node: BashNode): boolean => {
  const target = node.children.findLast(({ type }) => TARGETS.includes(type))
  if (target === undefined) return true
  const operators = node.children.filter(
    ({ type }) => !TARGETS.includes(type) && type !== 'file_descriptor',
  )
  const isRenumbering =
    target.type === 'number' && operators.every(({ type }) => type === '>&' || type === '<&')
  return !isRenumbering && target.text !== '/dev/null'
}

/** Words that zsh expands and bash does not. */
const zshReason = ({ type, text }: BashNode): string | undefined => {
  if (type !== 'command_name' && type !== 'word') return undefined
  if (text.startsWith('=')) return 'Zsh equals expansion'
  if (text.includes('==')) return 'Zsh magic-equals expansion'
  if (text.startsWith('~') && text !== '~' && !text.startsWith('~/'))
    return 'shell-specific named-directory expansion'
  return text.includes('***') ? 'Zsh symlink-following glob' : undefined
}
