import type { Case } from '../../model.ts'
import { stringsOf, shown, tableOf } from '../../../documents/values.ts'
import type { CodexFacts } from '../facts.ts'
import type { CodexRule } from './rule.ts'

/** Keys by which a project's configuration loosens what the user decided. */
const LOOSENS = [
  'approval_policy',
  'approvals_reviewer',
  'default_permissions',
  'hooks',
  'mcp_servers',
  'model_providers',
  'notify',
  'openai_base_url',
  'permissions',
  'plugins',
  'sandbox_mode',
  'sandbox_workspace_write',
  'shell_environment_policy',
] as const

/** Features that give the agent more than a shell and an editor (features in the schema). */
const FEATURES: Readonly<Record<string, string>> = {
  browser_use: 'drives a browser',
  browser_use_external: 'drives your own browser, logged in as you are',
  computer_use: 'drives the whole desktop',
  plugin_hooks: 'lets plugins bring hooks',
  remote_control: 'lets this machine be told what to do from elsewhere',
}

const isOfProject = (layer: string | undefined): boolean => layer?.startsWith('project') === true

/** What runs beside the agent’s own tools: X201 to X207. */
export const EXECUTION_RULES: readonly CodexRule[] = [
  {
    id: 'X201',
    severity: 'medium',
    what: 'a command at the end of each turn',
    // notify: gets the turn as JSON, runs outside of the sandbox.
    why: 'It runs without a question and outside of the sandbox, and gets what was said.',
    fix: 'Keep its program where the agent cannot write.',
    find: ({ config }) =>
      config.all('notify').flatMap(({ layer, value }): Case[] => {
        const words = stringsOf(value)
        return words.length === 0
          ? []
          : [
              {
                message: `notify runs ${words.slice(0, 3).join(' ')}`,
                cause: { file: layer.file, path: ['notify'], layer: layer.name },
                ...(isOfProject(layer.name) ? { severity: 'high' as const } : {}),
              },
            ]
      }),
  },
  {
    id: 'X202',
    severity: 'medium',
    what: 'a hook',
    why: 'Hooks are commands that no question and no sandbox stands before.',
    fix: 'Keep its program where the agent cannot write; read those of a repository before trusting it.',
    find: (facts) =>
      hookTables(facts).flatMap(({ file, layer, path, table }) =>
        commandsIn(table, path).map(
          ({ command, at }): Case => ({
            message: `a hook runs ${shown(command)}`,
            cause: { file, path: at, layer },
            ...(isOfProject(layer) ? { severity: 'high' as const } : {}),
          }),
        ),
      ),
  },
  {
    id: 'X203',
    severity: 'medium',
    what: 'commands that leave the sandbox',
    // developers.openai.com/codex/rules: what prefix_rule(pattern = […]) allows runs outside of the
    // sandbox; allow is the default of decision (codex-execpolicy).
    why: 'What a rule allows runs unasked and outside of the sandbox.',
    fix: 'Allow whole commands, not programs.',
    find: ({ ruleFiles }) =>
      ruleFiles.flatMap(({ file, layer, text }): Case[] => {
        const allowed = text
          .split('prefix_rule(')
          .slice(1, MAX_HOOKS)
          .filter((rule) => !/decision\s*=\s*["'](?:prompt|forbidden)["']/.test(rule))
        const patterns = allowed.map((rule) =>
          (/pattern\s*=\s*\[([^\n]{0,200})\]/.exec(rule)?.[1] ?? '')
            .replace(/["',\s]+/g, ' ')
            .trim(),
        )
        return allowed.length === 0
          ? []
          : [
              {
                message: `${file} allows ${patterns.slice(0, 3).join('; ')}${patterns.length > 3 ? ' …' : ''}`,
                cause: { file, layer },
                ...(isOfProject(layer) ? { severity: 'high' as const } : {}),
              },
            ]
      }),
  },
  {
    id: 'X204',
    severity: 'high',
    what: 'a repository that changes what is allowed',
    why: 'Whoever wrote the repository wrote it, and a trusted project’s configuration comes before yours.',
    fix: 'Read it; distrust the project, or remove the keys.',
    find: ({ projects, trust }) =>
      projects.flatMap(({ file, layer, values }): Case[] => {
        const keys = LOOSENS.filter((key) => values[key] !== undefined)
        const [first] = keys
        return first === undefined
          ? []
          : [
              {
                message: `${file} sets ${keys.join(', ')}${trust === 'trusted' ? '' : ' (not in force: the project is not trusted)'}`,
                cause: { file, path: [first], layer },
                ...(trust === 'trusted' ? {} : { severity: 'low' as const }),
              },
            ]
      }),
  },
  {
    id: 'X205',
    severity: 'medium',
    what: 'tools of a server run without a question',
    why: 'A server’s tools do what the server wants, outside of the sandbox.',
    fix: 'Set it to prompt.',
    find: ({ config }) =>
      config.all('mcp_servers').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name) => {
          const server = tableOf(tableOf(value)[name])
          const approved = Object.keys(tableOf(server['tools'])).filter(
            (tool) => tableOf(tableOf(server['tools'])[tool])['approval_mode'] === 'approve',
          )
          const paths = [
            ...(server['default_tools_approval_mode'] === 'approve'
              ? [['mcp_servers', name, 'default_tools_approval_mode']]
              : []),
            ...approved.map((tool) => ['mcp_servers', name, 'tools', tool, 'approval_mode']),
          ]
          return paths.map(
            (path): Case => ({
              message: `${path.slice(1).join('.')} is approve`,
              cause: { file: layer.file, path, layer: layer.name },
              edits: [{ op: 'set', path, value: 'prompt' }],
            }),
          )
        }),
      ),
  },
  {
    id: 'X206',
    severity: 'medium',
    what: 'a feature that reaches further than a shell',
    why: 'Neither the sandbox nor the approval of commands covers it.',
    fix: 'Set it to false.',
    find: ({ config }) =>
      Object.entries(FEATURES).flatMap(([name, what]): Case[] =>
        config.get('features', name) === true
          ? [{ message: `features.${name} ${what}`, ...config.mend(['features', name], false) }]
          : [],
      ),
  },
  {
    id: 'X207',
    severity: 'medium',
    what: 'plugins from elsewhere',
    why: 'Plugins are servers, hooks and instructions that somebody else changes.',
    fix: 'Read what they bring, and turn off what is not needed.',
    find: ({ config }) =>
      config.all('plugins').flatMap(({ layer, value }): Case[] => {
        const names = Object.keys(tableOf(value)).filter(
          (name) => tableOf(tableOf(value)[name])['enabled'] !== false,
        )
        return names.length === 0
          ? []
          : [
              {
                message: `${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`,
                cause: { file: layer.file, path: ['plugins', names[0]!], layer: layer.name },
              },
            ]
      }),
  },
]

interface HookTable {
  readonly file: string
  readonly layer: string
  readonly path: readonly (string | number)[]
  readonly table: unknown
}

const hookTables = ({ config, hooks }: CodexFacts): HookTable[] => [
  ...config.all('hooks').map(({ layer, value }) => ({
    file: layer.file,
    layer: layer.name,
    path: ['hooks'],
    table: value,
  })),
  ...hooks.map(({ file, layer, values }) => ({
    file,
    layer,
    path: values['hooks'] === undefined ? [] : ['hooks'],
    table: values['hooks'] ?? values,
  })),
]

/** More hooks than anybody has. */
const MAX_HOOKS = 100

/** Every `command` beneath a table of hooks, whatever the events are called. */
const commandsIn = (
  value: unknown,
  path: readonly (string | number)[],
  depth = 0,
): { readonly command: string; readonly at: readonly (string | number)[] }[] => {
  if (depth > 6 || typeof value !== 'object' || value === null) return []
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value)
  return entries
    .flatMap(([key, inner]) =>
      key === 'command' && typeof inner === 'string'
        ? [{ command: inner, at: [...path, key] }]
        : commandsIn(inner, [...path, key], depth + 1),
    )
    .slice(0, MAX_HOOKS)
}
