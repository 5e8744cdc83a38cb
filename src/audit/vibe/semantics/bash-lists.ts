import type { GateAnswer } from '../../model.ts'
import type { BashSemantics } from './bash-versions.ts'
import { splitBlanks } from './python-text.ts'
import { pureParts } from './python-path.ts'
import type { ToolConfig } from './tool-config.ts'

/**
 * Entries of the lists as this version compares them with an extracted command: its first letters,
 * or its first words.
 */
const entryMatches = (command: string, pattern: string, { entries }: BashSemantics): boolean =>
  entries === 'letters'
    ? command.startsWith(pattern)
    : command === pattern || command.startsWith(`${pattern} `)

/** The denylist's answer to one command, or none. */
export const denialOf = (
  command: string,
  table: ToolConfig,
  semantics: BashSemantics,
): GateAnswer | undefined => {
  const denied = table.denylist.find((pattern) => entryMatches(command, pattern, semantics))
  if (denied !== undefined)
    return {
      verdict: 'DENIED',
      because: `denylist entry ${JSON.stringify(denied)} matches ${JSON.stringify(command)}`,
      entry: { list: 'denylist', pattern: denied },
    }
  const [word, ...rest] = splitBlanks(command)
  if (word === undefined || rest.length > 0) return undefined
  const names = [
    semantics.hardened ? (pureParts(word).at(-1) ?? '') : word.slice(word.lastIndexOf('/') + 1),
    word,
  ]
  const standalone = names.find((name) => table.standalone.includes(name))
  return standalone === undefined
    ? undefined
    : {
        verdict: 'DENIED',
        because: `denylist_standalone has ${JSON.stringify(standalone)}, and it stands alone`,
        entry: { list: 'denylist_standalone', pattern: standalone },
      }
}

/** True when the first word of a command is a sensitive one. */
export const isSensitive = (
  command: string,
  { sensitive }: ToolConfig,
  { hasSensitive }: BashSemantics,
): boolean => hasSensitive && sensitive.includes(splitBlanks(command)[0] ?? '')

/** True when an entry of the allowlist covers the command. */
export const isAllowed = (
  command: string,
  { allowlist }: ToolConfig,
  semantics: BashSemantics,
): boolean => allowlist.some((pattern) => entryMatches(command, pattern, semantics))
