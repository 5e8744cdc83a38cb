import type { Item, Layered } from '../shared/layered.ts'
import { matchesStars } from '../shared/stars.ts'

/**
 * The three lists, in the order that they are asked: the first that matches decides, however
 * specific the others are (code.claude.com/docs/en/permissions).
 */
export const LISTS = ['deny', 'ask', 'allow'] as const
export type ListName = (typeof LISTS)[number]

/** One entry of a list: `Tool` or `Tool(specifier)`. */
export interface PermissionRule {
  readonly list: ListName
  readonly tool: string
  /** Undefined for every use of the tool; `Bash(*)` is the same as `Bash`. */
  readonly specifier: string | undefined
  readonly item: Item
}

/** Longer entries are no rules; keeps matching cheap. */
const MAX_RULE = 2000

/** More entries of one list than anybody has. */
export const MAX_RULES = 2000

/** Entries of all layers, which add up; deny first. What has not the form of a rule is left out. */
export const permissionRules = (config: Layered): PermissionRule[] =>
  LISTS.flatMap((list) =>
    config
      .items('permissions', list)
      .slice(0, MAX_RULES)
      .flatMap((item): PermissionRule[] => {
        const parts =
          item.text.length > MAX_RULE
            ? null
            : /^([^()\s]+)(?:\(([\s\S]*)\))?$/.exec(item.text.trim())
        return parts
          ? [
              {
                list,
                tool: parts[1]!,
                specifier: parts[2] === undefined || parts[2] === '*' ? undefined : parts[2],
                item,
              },
            ]
          : []
      }),
  )

/**
 * A command against the specifier of a Bash rule: `ls *` (and `ls:*`) also matches `ls` alone and
 * ends at a word, `ls*` does not.
 */
export const matchesCommand = (specifier: string, command: string): boolean => {
  const pattern = specifier.endsWith(':*') ? `${specifier.slice(0, -2)} *` : specifier
  return (
    matchesStars(pattern, command) ||
    (pattern.endsWith(' *') && matchesStars(pattern.slice(0, -2), command))
  )
}
