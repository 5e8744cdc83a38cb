import { shown } from '../../../documents/values.ts'
import type { Case, RuleInfo } from '../../model.ts'
import { CLAUDE_TOOLS } from '../keys.ts'
import { looksAbsolute } from '../path-patterns.ts'
import { LISTS, MAX_RULES, matchesCommand, type PermissionRule } from '../permission-rules.ts'
import type { ClaudeFacts } from '../facts.ts'
import type { ClaudeRule } from './rule.ts'

/**
 * Tools that take the patterns of Read or Edit: a pattern behind their own name is accepted and
 * never asked (docs: permissions, Read and Edit).
 */
const PATTERNS_OF: Readonly<Record<string, 'Read' | 'Edit'>> = {
  Glob: 'Read',
  Grep: 'Read',
  LS: 'Read',
  MultiEdit: 'Edit',
  NotebookEdit: 'Edit',
  NotebookRead: 'Read',
  Write: 'Edit',
}

/**
 * Fields that tools match in their own way; `Tool(field:value)` is ignored for them (docs:
 * permissions, match by input parameter).
 */
const OWN_FIELDS = /^\s*(?:command|file_path|notebook_path|path|url)\s*:/

/** An entry that does nothing weighs more in deny than in allow. */
const weight = (
  { list }: PermissionRule,
  info: { readonly severity: RuleInfo['severity'] },
): { readonly severity?: RuleInfo['severity'] } => (list === 'allow' ? { severity: 'low' } : info)

const entry = (rule: PermissionRule, why: string, instead?: string): Case => ({
  message: `${rule.list} entry ${rule.item.text} ${why}`,
  cause: rule.item.cause,
  ...(instead === undefined ? {} : { edits: rule.item.replace([instead]) }),
})

const each = (facts: ClaudeFacts, find: (rule: PermissionRule) => Case | undefined): Case[] =>
  facts.rules.flatMap((rule) => find(rule) ?? [])

/**
 * Entries of each side that are compared with each other, and their length: a list of thousands
 * must not take its square.
 */
const MAX_COMPARED = 200
const MAX_COMPARED_LENGTH = 200

/** Entries that do nothing, or not what they say: C301 to C311. */
export const PERMISSION_RULES: readonly ClaudeRule[] = [
  {
    id: 'C301',
    severity: 'high',
    what: 'a path that is not where it seems',
    // docs: permissions, Read and Edit: one slash in front stands for the root of the project.
    why: 'A pattern with one slash in front is relative to the project; from the root it begins with two.',
    fix: 'Write // in front.',
    find: (facts) =>
      each(facts, (rule) =>
        (rule.tool === 'Read' || rule.tool === 'Edit') &&
        rule.specifier !== undefined &&
        looksAbsolute(rule.specifier, facts.world)
          ? {
              ...entry(
                rule,
                `stands for ${facts.world.project}${rule.specifier}`,
                `${rule.tool}(/${rule.specifier})`,
              ),
              ...weight(rule, { severity: 'high' }),
            }
          : undefined,
      ),
  },
  {
    id: 'C302',
    severity: 'high',
    what: 'a pattern that is never asked',
    // docs: permissions; measured by several people in 2.1.2xx: Write(…), Glob(…) and their kin are
    // accepted and not consulted.
    why: 'Paths are matched against the entries of Read and Edit only.',
    fix: 'Write Read(…) or Edit(…) instead.',
    find: (facts) =>
      each(facts, (rule) => {
        const tool = PATTERNS_OF[rule.tool]
        return tool !== undefined &&
          rule.specifier !== undefined &&
          !OWN_FIELDS.test(rule.specifier)
          ? {
              ...entry(rule, 'does nothing', `${tool}(${rule.specifier})`),
              ...weight(rule, { severity: 'high' }),
            }
          : undefined
      }),
  },
  {
    id: 'C303',
    severity: 'high',
    what: 'a colon in the middle of a command',
    // docs: permissions, wildcard patterns: `:*` means something at the end only.
    why: 'Only at the end does `:*` stand for arguments; elsewhere the colon is a character, and the entry matches no command.',
    fix: 'Write a space and a star.',
    find: (facts) =>
      each(facts, (rule) =>
        rule.tool === 'Bash' && rule.specifier !== undefined && /:\*./.test(rule.specifier)
          ? {
              ...entry(
                rule,
                'matches no command',
                `Bash(${rule.specifier.replace(/:\*(?=.)/g, ' *')})`,
              ),
              ...weight(rule, { severity: 'high' }),
            }
          : undefined,
      ),
  },
  {
    id: 'C304',
    severity: 'high',
    what: 'a field that cannot be matched',
    // docs: permissions, match by input parameter.
    why: 'Claude Code ignores entries for fields that tools match in their own way.',
    fix: 'Name the command, path or domain itself.',
    find: (facts) =>
      each(facts, (rule) =>
        rule.specifier !== undefined &&
        /^(?:Bash|Edit|Glob|Grep|NotebookEdit|PowerShell|Read|WebFetch|Write)$/.test(rule.tool) &&
        OWN_FIELDS.test(rule.specifier)
          ? { ...entry(rule, 'is ignored'), ...weight(rule, { severity: 'high' }) }
          : undefined,
      ),
  },
  {
    id: 'C305',
    severity: 'high',
    what: 'a tool that does not exist',
    // docs: permissions, tool name wildcards: names with _ or * are not checked.
    why: 'The entry matches nothing.',
    fix: 'Use the name that the documentation of tools has.',
    find: (facts) =>
      each(facts, (rule) => {
        if (/[_*]/.test(rule.tool) || CLAUDE_TOOLS.includes(rule.tool)) return undefined
        const near = facts.world.closest(rule.tool, CLAUDE_TOOLS)
        const instead =
          near === undefined
            ? undefined
            : `${near}${rule.specifier === undefined ? '' : `(${rule.specifier})`}`
        return {
          ...entry(
            rule,
            `names no tool${near === undefined ? '' : `: did you mean ${near}?`}`,
            rule.list === 'allow' ? undefined : instead,
          ),
          ...weight(rule, { severity: 'high' }),
        }
      }),
  },
  {
    id: 'C306',
    severity: 'low',
    what: 'a star for the name of a tool in allow',
    // docs: permissions, tool name wildcards: in allow only behind mcp__SERVER__.
    why: 'In allow Claude Code skips it.',
    fix: 'Name the tools.',
    find: (facts) =>
      each(facts, (rule) =>
        rule.list === 'allow' && rule.tool.includes('*') && !/^mcp__[^*]+__/.test(rule.tool)
          ? entry(rule, 'allows nothing')
          : undefined,
      ),
  },
  {
    id: 'C307',
    severity: 'high',
    what: 'a host without domain:',
    // docs: permissions, WebFetch.
    why: 'WebFetch entries match by domain: only, so that this one matches nothing.',
    fix: 'Write WebFetch(domain:…).',
    find: (facts) =>
      each(facts, (rule) => {
        if (
          rule.tool !== 'WebFetch' ||
          rule.specifier === undefined ||
          rule.specifier.startsWith('domain:') ||
          OWN_FIELDS.test(rule.specifier)
        )
          return undefined
        const host = /^(?:https?:\/\/)?([\w.*-]+)/.exec(rule.specifier)?.[1]
        return {
          ...entry(
            rule,
            'matches nothing',
            host === undefined ? undefined : `WebFetch(domain:${host})`,
          ),
          ...weight(rule, { severity: 'high' }),
        }
      }),
  },
  {
    id: 'C308',
    severity: 'low',
    what: 'an exception that is none',
    // docs: permissions, manage permissions: deny, then ask, then allow, however specific.
    why: 'Deny comes first, then ask, then allow: a narrower entry of allow takes nothing back.',
    fix: 'Narrow the entry of deny or ask, or remove this one.',
    find: ({ rules }) => {
      const first = rules.filter(({ list }) => list !== 'allow').slice(0, MAX_COMPARED)
      return rules
        .filter(({ list }) => list === 'allow')
        .slice(0, MAX_COMPARED)
        .flatMap((rule): Case[] => {
          const other = first.find((one) => covers(one, rule))
          return other
            ? [entry(rule, `does nothing: ${other.list} entry ${other.item.text} comes first`)]
            : []
        })
    },
  },
  {
    id: 'C309',
    severity: 'low',
    what: 'a command that is denied by its text',
    // docs: permissions, Bash; settings-reference, permissions.deny: /usr/bin/curl and sh -c 'curl
    // …' pass.
    why: 'The same program under another path, behind another one or in a script is another text: such an entry stops slips, not attacks.',
    fix: 'Keep it, and do not rely on it: the kernel’s policy is the gate.',
    find: ({ rules }) => {
      const denied = rules.filter(
        ({ list, tool, specifier }) =>
          list === 'deny' && tool === 'Bash' && specifier !== undefined,
      )
      const first = denied[0]
      return first
        ? [
            {
              message: `${denied.length === 1 ? 'one entry denies' : `${denied.length} entries deny`} commands by their text: ${denied
                .slice(0, 3)
                .map(({ item }) => item.text)
                .join(', ')}${denied.length > 3 ? ' …' : ''}`,
              cause: first.item.cause,
            },
          ]
        : []
    },
  },
  {
    id: 'C310',
    severity: 'low',
    what: 'a star that takes in other programs',
    // docs: permissions, wildcard patterns: `ls*` matches lsof, `ls *` does not.
    why: 'Without a blank before the star the entry also matches programs whose names begin like this one.',
    fix: 'Put a blank before the star.',
    find: (facts) =>
      each(facts, (rule) =>
        rule.list === 'allow' &&
        rule.tool === 'Bash' &&
        rule.specifier !== undefined &&
        /^[\w.-]+\*$/.test(rule.specifier)
          ? entry(
              rule,
              'matches programs with longer names',
              `Bash(${rule.specifier.slice(0, -1)} *)`,
            )
          : undefined,
      ),
  },
  {
    id: 'C311',
    severity: 'medium',
    what: 'an entry that is no rule',
    why: 'It is skipped, or the whole file is.',
    fix: 'Write Tool or Tool(specifier).',
    find: ({ config, rules }) =>
      LISTS.flatMap((list) =>
        config.all('permissions', list).flatMap(({ layer, value }): Case[] => {
          if (!Array.isArray(value))
            return [
              {
                message: `permissions.${list} is no list`,
                cause: { file: layer.file, path: ['permissions', list], layer: layer.name },
              },
            ]
          if (value.length > MAX_RULES)
            return [
              {
                message: `permissions.${list} holds more than ${MAX_RULES} entries: the rest was not looked at`,
                cause: { file: layer.file, path: ['permissions', list], layer: layer.name },
              },
            ]
          const known = new Set(
            rules
              .filter((rule) => rule.list === list && rule.item.cause.file === layer.file)
              .map(({ item }) => item.text),
          )
          return value.flatMap((item: unknown, index): Case[] =>
            typeof item === 'string' && known.has(item)
              ? []
              : [
                  {
                    message: `entry ${index + 1} of permissions.${list} is no rule: ${shown(item)}`,
                    cause: {
                      file: layer.file,
                      path: ['permissions', list, index],
                      layer: layer.name,
                    },
                  },
                ],
          )
        }),
      ),
  },
]

/** True when every use that `rule` allows is one that `other` matches, as far as the text shows. */
const covers = (other: PermissionRule, rule: PermissionRule): boolean => {
  if (other.tool !== rule.tool) return other.tool === '*'
  if (other.specifier === undefined) return true
  return (
    rule.tool === 'Bash' &&
    rule.specifier !== undefined &&
    rule.specifier.length < MAX_COMPARED_LENGTH &&
    matchesCommand(other.specifier, rule.specifier)
  )
}
