import type { Case } from '../../model.ts'
import { shown, stringsOf, tableOf, tablesOf } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { keysEver } from '../semantics/keys.ts'
import { nameMatches } from '../semantics/tool-names.ts'
import type { VibeRule } from './rule.ts'

/** Keys that exist in some version only, or in documentation only, with the right name. */
const RENAMED: Readonly<Record<string, string>> = {
  disable_telemetry: 'enable_telemetry = false',
  log_interactions: 'session_logging.enabled',
  auto_update: 'enable_auto_update',
  telemetry: 'enable_telemetry',
  permissions: 'tools.NAME.permission',
}

const KEY_LIKE =
  /^(?:sk-[\w-]{16,}|ghp_\w{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|[A-Za-z0-9]{32})$/

/**
 * Names of tools that a pattern of `enabled_tools` may mean: those of this version, of servers and
 * connectors, and custom ones.
 */
const toolNames = (facts: VibeFacts): string[] => [
  ...facts.version.semantics.tools,
  ...facts.files.toolFiles.map(({ path }) => path.replace(/^.*\/|\.py$/g, '')),
]

/** Every string in a value, with its path; bounded by the size of the file. */
const stringsIn = (
  value: unknown,
  path: readonly (string | number)[],
): { readonly path: readonly (string | number)[]; readonly text: string }[] =>
  typeof value === 'string'
    ? [{ path, text: value }]
    : Array.isArray(value)
      ? value.flatMap((item: unknown, index) => stringsIn(item, [...path, index]))
      : Object.entries(tableOf(value)).flatMap(([key, inner]) => stringsIn(inner, [...path, key]))

/** Keys and values that mean nothing, or what they should not: V504, V506 to V510, V513. */
export const KEYS: readonly VibeRule[] = [
  {
    id: 'V504',
    severity: 'high',
    what: 'a key in the configuration',
    why: 'Every program reads it there, read_file included.',
    fix: 'Move it into a variable.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }) =>
        stringsIn(file.values, []).flatMap(({ path, text }): Case[] => {
          const name = String(path.at(-1))
          if (
            path[0] === 'mcp_servers' ||
            path.includes('extra_headers') ||
            !(
              KEY_LIKE.test(text) ||
              (/^(?:api_key|apikey|token|secret|password)$/i.test(name) &&
                text.length >= 8 &&
                !text.startsWith('$'))
            )
          )
            return []
          return [
            {
              message: `${path.join('.')} looks like a key`,
              cause: { file: file.file, path, layer },
              exposes: [
                { kind: 'path', operation: 'read', path: facts.world.walk(file.file).real },
              ],
            },
          ]
        }),
      ),
  },
  {
    id: 'V506',
    severity: 'medium',
    what: 'an unknown key',
    why: 'Vibe ignores it without a word.',
    fix: 'Correct the name, or remove it.',
    find: (facts) =>
      facts.configs
        .filter(({ layer }) => !layer.startsWith('agent'))
        .flatMap(({ layer, file }) => {
          const { keys } = facts.version.semantics
          const unknown = Object.keys(file.values).filter(
            (key) => !keys.includes(key) && !Object.hasOwn(RENAMED, key) && !EVER.has(key),
          )
          const named = unknown.slice(0, MAX_UNKNOWN).map((key): Case => {
            const near = facts.world.closest(key, keys)
            return {
              message: `${key} means nothing${near === undefined ? '' : `; did you mean ${near}?`}`,
              cause: { file: file.file, path: [key], layer },
            }
          })
          const rest = unknown.length - named.length
          return rest > 0
            ? [
                ...named,
                {
                  message: `${rest} more keys mean nothing`,
                  cause: { file: file.file, path: [unknown[MAX_UNKNOWN]!], layer },
                },
              ]
            : named
        }),
  },
  {
    id: 'V507',
    severity: 'medium',
    what: 'a name of another version',
    why: 'The setting is ignored: what it was meant to deny is open.',
    fix: 'Use the name of this version.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }) => {
        const { renamedTools, tools } = facts.version.semantics
        const names = Object.keys(tableOf(file.values['tools'])).flatMap((name): Case[] => {
          // What Vibe migrates as it reads a configuration works; profiles of agents are not
          // migrated.
          const isMigrated = Object.hasOwn(renamedTools, name) && !layer.startsWith('agent')
          const right = isMigrated
            ? undefined
            : OTHER_NAMES.get(name)?.find((other) => tools.includes(other))
          return right === undefined || tools.includes(name)
            ? []
            : [
                {
                  message: `[tools.${name}] is ignored: the tool is called ${right}`,
                  cause: { file: file.file, path: ['tools', name], layer },
                },
              ]
        })
        const keys = Object.keys(file.values).flatMap((key): Case[] =>
          (Object.hasOwn(RENAMED, key) || (EVER.has(key) && key !== 'auto_approve')) &&
          !facts.version.semantics.keys.includes(key)
            ? [
                {
                  message: `${key} is ignored: ${RENAMED[key] ?? 'this version does not read it'}`,
                  cause: { file: file.file, path: [key], layer },
                },
              ]
            : [],
        )
        return [...names, ...keys]
      }),
  },
  {
    id: 'V508',
    severity: 'medium',
    what: 'a permission that is none',
    why: 'Vibe knows always, ask and never in lower case; a tool that is no table is taken for its defaults.',
    fix: 'Write one of the three, in a table of the tool.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }) =>
        Object.entries(tableOf(file.values['tools'])).flatMap(([name, table]): Case[] => {
          const cause = { file: file.file, path: ['tools', name], layer }
          if (typeof table !== 'object' || table === null || Array.isArray(table))
            return [
              { message: `tools.${name} = ${shown(table)} is no table: the defaults count`, cause },
            ]
          const permission = tableOf(table)['permission']
          if (permission === undefined || ['always', 'ask', 'never'].includes(String(permission)))
            return []
          const lower = String(permission).toLowerCase()
          const path = [...cause.path, 'permission']
          return [
            {
              message: `tools.${name}.permission = ${shown(permission)} is an error at the first use of the tool`,
              cause: { ...cause, path },
              ...(['always', 'ask', 'never'].includes(lower)
                ? { edits: [{ op: 'set', path, value: lower === 'always' ? 'ask' : lower }] }
                : {}),
            },
          ]
        }),
      ),
  },
  {
    id: 'V509',
    severity: 'medium',
    what: '`disabled_tools` beside `enabled_tools`',
    why: 'Where the second is set the first is ignored.',
    fix: 'Leave the tools out of enabled_tools.',
    versions: '≤ 2.18',
    find: (facts) =>
      !facts.version.semantics.isDisabledFinal &&
      stringsOf(facts.get('enabled_tools')).length > 0 &&
      stringsOf(facts.get('disabled_tools')).length > 0
        ? [
            {
              message: 'disabled_tools is ignored because enabled_tools is set',
              cause: facts.causeOf(['disabled_tools']),
            },
          ]
        : [],
  },
  {
    id: 'V510',
    severity: 'low',
    what: 'a pattern that names no tool',
    why: 'It enables or disables nothing.',
    fix: 'Correct the name.',
    find: (facts) =>
      ['enabled_tools', 'disabled_tools'].flatMap((key) =>
        stringsOf(facts.get(key)).flatMap((pattern, index): Case[] => {
          const names = toolNames(facts)
          const servers = facts.configs.flatMap(({ file }) =>
            tablesOf(file.values['mcp_servers']).map(({ name }) => String(name)),
          )
          if (
            pattern.startsWith('connector_') ||
            servers.some((name) => pattern.toLowerCase().startsWith(name.toLowerCase())) ||
            names.some((name) => nameMatches(name, [pattern]))
          )
            return []
          const near = facts.world.closest(pattern, names)
          return [
            {
              message: `${shown(pattern)} in ${key} is no tool of this version${near === undefined ? '' : `; did you mean ${near}?`}`,
              cause: facts.causeOf([key, index]),
            },
          ]
        }),
      ),
  },
  {
    id: 'V513',
    severity: 'low',
    what: 'a name that stands twice',
    why: 'Loading fails, or one of the two is lost.',
    fix: 'Rename one.',
    find: (facts) =>
      facts.configs.flatMap(({ layer, file }) =>
        (
          [
            ['providers', 'name'],
            ['models', 'alias'],
            ['mcp_servers', 'name'],
          ] as const
        ).flatMap(([list, key]) => {
          const names = tablesOf(file.values[list]).map((table) => table[key])
          return names.flatMap((name, index): Case[] =>
            name !== undefined && names.indexOf(name) < index
              ? [
                  {
                    message: `${list} has ${shown(name)} twice`,
                    cause: { file: file.file, path: [list, index, key], layer },
                  },
                ]
              : [],
          )
        }),
      ),
  },
]

const EVER: ReadonlySet<string> = new Set(keysEver())

/** Names that the file tools had or have. */
const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['read', ['read_file']],
  ['read_file', ['read']],
  ['search_replace', ['edit']],
  ['edit', ['search_replace']],
])

/** More unknown keys are no slips; each costs a comparison with every known one. */
const MAX_UNKNOWN = 50
