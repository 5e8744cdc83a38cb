import type { Case } from '../../model.ts'
import { hostNeed, isLoopback, hostOf } from '../../shared/doors.ts'
import { isFetched } from '../../shared/servers.ts'
import { shown, tableOf } from '../../../documents/values.ts'
import { isOfProject } from '../facts.ts'
import { projectState } from '../load.ts'
import type { ClaudeRule } from './rule.ts'

/** Keys that hold a command which Claude Code runs by itself (settings-reference). */
const HELPERS: readonly (readonly string[])[] = [
  ['apiKeyHelper'],
  ['awsAuthRefresh'],
  ['awsCredentialExport'],
  ['fileSuggestion', 'command'],
  ['gcpAuthRefresh'],
  ['otelHeadersHelper'],
  ['policyHelper', 'path'],
  ['statusLine', 'command'],
  ['subagentStatusLine', 'command'],
]

/** What runs beside the agent’s own tools, and is not asked about: C401 to C408. */
export const EXECUTION_RULES: readonly ClaudeRule[] = [
  {
    id: 'C401',
    severity: 'high',
    what: 'a hook of the repository',
    // docs: hooks: commands with the rights of the user, outside of permissions and sandbox.
    why: 'Hooks are commands that no entry and no question stands before; whoever wrote the repository wrote this one.',
    fix: 'Read it; keep hooks in your own settings.',
    find: ({ hooks }) =>
      hooks.flatMap(({ event, values, cause }): Case[] =>
        isOfProject(cause.layer) && typeof values['command'] === 'string'
          ? [{ message: `at ${event} it runs ${shown(values['command'])}`, cause }]
          : [],
      ),
  },
  {
    id: 'C402',
    severity: 'info',
    what: 'a hook of your own',
    why: 'It runs without a question, with what the agent gives it.',
    fix: 'Keep its program where the agent cannot write.',
    find: ({ hooks, world }) =>
      hooks.flatMap(({ event, values, cause }): Case[] => {
        const command = values['command']
        if (isOfProject(cause.layer) || typeof command !== 'string') return []
        const isInProject =
          command.includes('CLAUDE_PROJECT_DIR') ||
          command.includes(`${world.project}/`) ||
          command.startsWith('./')
        return [
          {
            message: `at ${event} it runs ${shown(command)}${isInProject ? ', which lies in the project' : ''}`,
            cause,
            ...(isInProject ? { severity: 'high' as const } : {}),
          },
        ]
      }),
  },
  {
    id: 'C403',
    severity: 'medium',
    what: 'a hook that sends what it sees',
    // docs: hooks, HTTP hooks.
    why: 'It posts the input of tools to a server.',
    fix: 'Make sure that the host is yours, and use https.',
    find: ({ hooks }) =>
      hooks.flatMap(({ event, values, cause }): Case[] => {
        const url = values['url']
        const host = hostOf(url)
        return typeof url === 'string' && !isLoopback(host)
          ? [
              {
                message: `at ${event} it posts to ${shown(host ?? url)}`,
                cause,
                exposes: hostNeed(host),
                ...(isOfProject(cause.layer) || url.startsWith('http:')
                  ? { severity: 'high' as const }
                  : {}),
              },
            ]
          : []
      }),
  },
  {
    id: 'C404',
    severity: 'high',
    what: 'a command of the repository that runs at start',
    why: 'Nothing asks before it, and whoever wrote the repository wrote it.',
    fix: 'Remove it, or set it in your own settings.',
    find: ({ config }) =>
      HELPERS.flatMap((path) =>
        config.all(...path).flatMap(({ layer, value }): Case[] =>
          isOfProject(layer.name) && typeof value === 'string'
            ? [
                {
                  message: `${path.join('.')} is ${shown(value)}`,
                  cause: { file: layer.file, path, layer: layer.name },
                  edits: [{ op: 'remove', path }],
                },
              ]
            : [],
        ),
      ),
  },
  {
    id: 'C405',
    severity: 'high',
    what: 'every server of every project starts',
    // docs: mcp, project server approvals.
    why: 'A cloned repository brings its own commands in .mcp.json, and nothing asks before they run.',
    fix: 'Approve servers one by one.',
    find: ({ config }) =>
      config.get('enableAllProjectMcpServers') === true
        ? [
            {
              message: 'enableAllProjectMcpServers is true',
              ...config.mend(['enableAllProjectMcpServers'], false),
            },
          ]
        : [],
  },
  {
    id: 'C406',
    severity: 'medium',
    what: 'a server that is approved by its name',
    // docs: settings-reference, enabledMcpjsonServers.
    why: 'The approval is for the name: what it runs can change with the next pull.',
    fix: 'Pin what it runs, or approve it anew when .mcp.json changes.',
    find: (facts) =>
      [
        ...facts.config.items('enabledMcpjsonServers').map(({ text, cause }) => ({ text, cause })),
        ...stateApprovals(facts),
      ].flatMap(({ text, cause }): Case[] => {
        const server = facts.servers.find(
          ({ name, at }) => name === text && at().layer === '.mcp.json',
        )
        return server && isFetched(server.words)
          ? [{ message: `${shown(text)} runs ${server.words.slice(0, 4).join(' ')}`, cause }]
          : []
      }),
  },
  {
    id: 'C407',
    severity: 'medium',
    what: 'a repository that brings plugins',
    // docs: settings-reference, extraKnownMarketplaces and enabledPlugins: plugins hold hooks,
    // servers and commands.
    why: 'Plugins are hooks, servers and commands from somewhere else.',
    fix: 'Read what it enables before trusting the folder.',
    find: ({ config }) =>
      ['enabledPlugins', 'extraKnownMarketplaces'].flatMap((key) =>
        config.all(key).flatMap(({ layer, value }): Case[] => {
          const names = Object.keys(tableOf(value))
          return isOfProject(layer.name) && names.length > 0
            ? [
                {
                  message: `${key} names ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`,
                  cause: { file: layer.file, path: [key], layer: layer.name },
                },
              ]
            : []
        }),
      ),
  },
  {
    id: 'C408',
    severity: 'medium',
    what: 'a repository that allows itself something',
    // docs: permissions, project allow rules and workspace trust: in force once the folder is
    // trusted.
    why: 'Once the folder is trusted its own entries of allow are in force.',
    fix: 'Read them before trusting the folder.',
    find: ({ config, rules }) => {
      const own = rules.filter(
        ({ list, item }) => list === 'allow' && item.cause.layer === 'project',
      )
      const first = own[0]
      const directories = config
        .items('permissions', 'additionalDirectories')
        .filter(({ cause }) => cause.layer === 'project')
      return [
        ...(first
          ? [
              {
                message: `the project allows ${own
                  .slice(0, 3)
                  .map(({ item }) => item.text)
                  .join(', ')}${own.length > 3 ? ` and ${own.length - 3} more` : ''}`,
                cause: first.item.cause,
              },
            ]
          : []),
        ...directories.map(
          ({ text, cause }): Case => ({ message: `the project adds the directory ${text}`, cause }),
        ),
      ]
    },
  },
]

/** Approvals that `~/.claude.json` keeps for the project. */
const stateApprovals = (
  facts: Parameters<ClaudeRule['find']>[0],
): { readonly text: string; readonly cause: Case['cause'] }[] => {
  const approved = projectState(facts, facts.world.project)['enabledMcpjsonServers']
  return (Array.isArray(approved) ? approved : []).flatMap((text: unknown, index) =>
    typeof text === 'string'
      ? [
          {
            text,
            cause: {
              file: facts.state.file,
              path: ['projects', facts.world.project, 'enabledMcpjsonServers', index],
              layer: 'state',
            },
          },
        ]
      : [],
  )
}
