import { type AbsolutePath, isWithin } from '../../../policy/paths.ts'
import type { Case, KeyPath, Need } from '../../model.ts'
import { isLiteralSecret, redacted } from '../../secrets.ts'
import { stringsOf, tableOf, tablesOf, type ConfigFile } from '../config-file.ts'
import type { VibeFacts } from '../facts.ts'
import { defaultsOf } from '../semantics/defaults.ts'
import { hostNeed, hostOf, isKnownKey, isLoopback, isTrue, shown, type VibeRule } from './rule.ts'

interface Server {
  readonly server: Readonly<Record<string, unknown>>
  readonly name: string
  readonly at: (key: string) => { readonly file: string; readonly path: KeyPath; readonly layer: string }
}

/** Servers of every configuration that is in force, each where it is written. */
const serversOf = (facts: VibeFacts): Server[] =>
  facts.configs
    .filter(({ file, layer }) => !layer.startsWith('agent') || file === facts.agent.file)
    .flatMap(({ layer, file }) =>
      tablesOf(file.values['mcp_servers']).map((server, index) => ({ server, name: String(server['name'] ?? index), at: (key: string) => ({ file: file.file, path: ['mcp_servers', index, key], layer }) })),
    )

/** The words of a stdio server's command. */
const wordsOf = (server: Server['server']): readonly string[] => {
  const command = typeof server['command'] === 'string' ? server['command'].trim().split(/\s+/) : stringsOf(server['command'])
  return [...command, ...stringsOf(server['args'])]
}

interface Hook {
  readonly hook: Readonly<Record<string, unknown>>
  readonly file: ConfigFile
  readonly index: number
}

const hooksOf = (facts: VibeFacts): Hook[] => facts.hooks.flatMap((file) => tablesOf(file.values['hooks']).map((hook, index) => ({ hook, file, index })))

const FETCHERS = /^(?:npx|bunx|pnpx|uvx|pipx|docker|podman|pnpm|yarn|deno)$/

/** A package with its version: `pkg@1.2.3`, `pkg==1.2`, an image by digest or a tag that is not `latest`. */
const isPinned = (words: readonly string[]): boolean => words.some((word) => (/.@v?\d|==\d|@sha256:|:v?\d+[.\d]*$/.test(word) && !/@latest$/.test(word)))

const base = (word: string): string => word.slice(word.lastIndexOf('/') + 1)

const write = (path: AbsolutePath): Need => ({ kind: 'path', operation: 'write', path })

/** Code execution surfaces: V401 to V415. */
export const EXECUTION: readonly VibeRule[] = [
  {
    id: 'V401',
    severity: 'high',
    what: 'a server that is fetched at each start',
    why: 'Without a version the newest package of that name runs, whoever published it.',
    fix: 'Pin the version, or install it and name its absolute path.',
    find: (facts) =>
      serversOf(facts).flatMap(({ server, name, at }): Case[] => {
        const words = wordsOf(server)
        const fetches = words[0] !== undefined && FETCHERS.test(base(words[0]))
        return fetches && !isPinned(words.slice(1)) ? [{ message: `${shown(name)} runs ${redacted(words.slice(0, 4).join(' '))}`, cause: at('command') }] : []
      }),
  },
  {
    id: 'V402',
    severity: 'medium',
    what: 'a server whose program is looked up',
    why: 'Whoever can write to a directory of PATH decides what runs.',
    fix: 'Name its absolute path.',
    find: (facts) =>
      serversOf(facts).flatMap(({ server, name, at }): Case[] => {
        const [word] = wordsOf(server)
        if (word === undefined || word.startsWith('/')) return []
        const writable = word.includes('/') ? undefined : writableOnPath(facts, word)
        return [{ message: `${shown(name)} runs ${word}${writable === undefined ? ' by name' : `, looked for in ${writable} first, which the agent can write`}`, cause: at('command') }]
      }),
  },
  {
    id: 'V403',
    severity: 'high',
    what: 'a secret in a configuration file',
    why: 'It is there for every program and for read_file.',
    fix: 'Name a variable instead (`api_key_env`, `env`).',
    find: (facts) => [
      ...serversOf(facts).flatMap(({ server, name, at }): Case[] =>
        (['env', 'headers', 'auth'] as const).flatMap((key) => {
          const table = key === 'auth' ? tableOf(tableOf(server['auth'])['headers']) : tableOf(server[key])
          const found = Object.entries(table).find(([field, value]) => isLiteralSecret(field, value))
          const place = at(key)
          return found ? [{ message: `${shown(name)} has a literal value for ${found[0]}`, cause: { ...place, path: [...place.path, ...(key === 'auth' ? ['headers'] : []), found[0]] }, exposes: [{ kind: 'path', operation: 'read', path: facts.world.walk(place.file as AbsolutePath).real } satisfies Need] }] : []
        }),
      ),
      ...facts.configs.flatMap(({ file, layer }): Case[] =>
        tablesOf(file.values['providers']).flatMap((provider, index) => {
          const found = Object.entries(tableOf(provider['extra_headers'])).find(([field, value]) => isLiteralSecret(field, value))
          return found ? [{ message: `provider ${shown(provider['name'])} has a literal value for ${found[0]}`, cause: { file: file.file, path: ['providers', index, 'extra_headers', found[0]], layer } }] : []
        }),
      ),
    ],
  },
  {
    id: 'V404',
    severity: 'high',
    what: 'a server without encryption',
    why: 'Whoever is on the way changes the tools and what they answer.',
    fix: 'Use https.',
    find: (facts) =>
      serversOf(facts).flatMap(({ server, name, at }): Case[] => {
        const host = hostOf(server['url'])
        return typeof server['url'] === 'string' && server['url'].startsWith('http://') && !isLoopback(host) ? [{ message: `${shown(name)} is reached at http://${host ?? ''}`, cause: at('url'), exposes: hostNeed(host) }] : []
      }),
  },
  {
    id: 'V405',
    severity: 'medium',
    what: 'a server may use your model',
    why: 'With sampling it sends prompts of its own, at your cost and with your context.',
    fix: 'Set `sampling_enabled = false`.',
    find: (facts) => serversOf(facts).flatMap(({ server, name, at }): Case[] => (server['sampling_enabled'] === false || isTrue(server['disabled']) ? [] : [{ message: `${shown(name)} may ask your model`, cause: at('sampling_enabled'), edits: [{ op: 'set', path: at('sampling_enabled').path, value: false }] }])),
  },
  {
    id: 'V406',
    severity: 'high',
    what: 'a tool of a server runs unasked',
    why: 'Its arguments are never looked at.',
    fix: 'Set the permission to ask.',
    find: (facts) =>
      Object.entries(tableOf(facts.get('tools'))).flatMap(([tool, table]): Case[] => {
        const isForeign = tool.startsWith('connector_') || serversOf(facts).some(({ name }) => tool.startsWith(`${name}_`))
        return isForeign && tableOf(table)['permission'] === 'always' ? [{ message: `${tool} runs unasked`, ...facts.mend(['tools', tool, 'permission'], 'ask') }] : []
      }),
  },
  {
    id: 'V407',
    severity: 'info',
    what: 'servers are configured',
    why: 'Denylists do not apply to them; under launcher they run inside the same sandbox.',
    fix: 'Know which they are.',
    find: (facts) => {
      const servers = serversOf(facts).filter(({ server }) => !isTrue(server['disabled']))
      return servers.length === 0 ? [] : [{ message: `${servers.map(({ name }) => name).join(', ')}`, cause: servers[0]!.at('name') }]
    },
  },
  {
    id: 'V409',
    severity: 'high',
    what: 'tools, skills or agents from a place that the agent writes',
    why: 'It edits what it is given the next time.',
    fix: 'Move them out of the project.',
    find: (facts) =>
      ['tool_paths', 'skill_paths', 'agent_paths'].flatMap((key) =>
        stringsOf(facts.get(key)).flatMap((path, index): Case[] => {
          const { host, project, walk } = facts.world
          const place = path.startsWith('/') ? path : path.startsWith('~') ? `${host.home}${path.slice(1)}` : `${project}/${path}`
          const { real } = walk(place as AbsolutePath)
          const isOpen = isWithin(real, project) || ((host.stat(real)?.mode ?? 0) & 0o002) !== 0
          return isOpen ? [{ message: `${path} in ${key} ${isWithin(real, project) ? 'lies in the project' : 'can be written by everybody'}`, cause: facts.causeOf([key, index]), exposes: [write(real)] }] : []
        }),
      ),
  },
  {
    id: 'V410',
    severity: 'high',
    what: 'hooks',
    why: 'Shell commands that no gate sees; pre_tool runs before the permission is asked for and may change the arguments.',
    fix: 'Review each of them.',
    find: (facts) => facts.hooks.filter(({ values }) => tablesOf(values['hooks']).length > 0).map((file): Case => ({ message: tablesOf(file.values['hooks']).slice(0, 4).map(({ type, command }) => `${String(type)}: ${redacted(String(command)).slice(0, 80)}`).join('; '), cause: { file: file.file, path: ['hooks', 0], layer: file.source.layer } })),
  },
  {
    id: 'V411',
    severity: 'medium',
    what: 'a guard that fails open',
    why: 'Without `strict = true` a hook that fails or takes too long lets the call through.',
    fix: 'Set `strict = true`.',
    find: (facts) => hooksOf(facts).flatMap(({ hook, file, index }): Case[] => (/^(?:pre_tool|before_tool)$/.test(String(hook['type'])) && hook['strict'] !== true ? [{ message: `${shown(hook['name'] ?? index)} is not strict`, cause: { file: file.file, path: ['hooks', index, 'strict'], layer: file.source.layer }, edits: [{ op: 'set', path: ['hooks', index, 'strict'], value: true }] }] : [])),
  },
  {
    id: 'V412',
    severity: 'medium',
    what: 'a hook whose program is looked up',
    why: 'Whoever can write to a directory of PATH, or to the project, decides what runs.',
    fix: 'Name its absolute path.',
    find: (facts) => hooksOf(facts).flatMap(({ hook, file, index }): Case[] => (typeof hook['command'] === 'string' && !/^\s*["']?\//.test(hook['command']) ? [{ message: `${shown(hook['name'] ?? index)} runs ${hook['command'].split(/\s+/)[0] ?? ''} by name`, cause: { file: file.file, path: ['hooks', index, 'command'], layer: file.source.layer } }] : [])),
  },
  {
    id: 'V413',
    severity: 'medium',
    what: 'a prompt from a file',
    why: 'Who can write the file gives the agent its instructions.',
    fix: 'Keep it where the agent cannot write.',
    find: (facts) =>
      ['system_prompt_id', 'compaction_prompt_id', 'title_prompt_id'].flatMap((key): Case[] => {
        const value = facts.get(key)
        const usual = defaultsOf(facts.version.semantics)[key]
        if (!facts.isSet(key) || typeof value !== 'string' || value === usual || BUILT_IN.has(value)) return []
        const file = `${facts.folder}/prompts/${value.replaceAll('/', '')}.md` as AbsolutePath
        return [{ message: `${key} is ${shown(value)}`, cause: facts.causeOf([key]), exposes: [write(facts.world.walk(file).real)] }]
      }),
  },
  {
    id: 'V414',
    severity: 'medium',
    what: 'instructions that the agent could write for its next run',
    why: 'AGENTS.md, skills and prompts are read at the next start.',
    fix: 'Let the kernel keep them read-only: `[protect] read_only`.',
    find: (facts) =>
      facts.files.files.flatMap(({ role, path, walked, stat }): Case[] => (['AGENTS.md', 'skills', 'prompts', 'agents'].includes(role) && stat !== undefined ? [{ message: `${path} is read at every start`, cause: { file: path, layer: 'user' }, exposes: [write(walked.real)] }] : [])),
  },
  {
    id: 'V415',
    severity: 'low',
    what: 'agents that start agents',
    why: 'A subagent works under a profile of its own.',
    fix: 'Trim tools.task.allowlist to explore.',
    find: (facts) => {
      const list = stringsOf(facts.get('tools', 'task', 'allowlist'))
      const more = list.filter((name) => name !== 'explore')
      return more.length > 0 && isKnownKey(facts, 'tools') ? [{ message: `${more.map(shown).join(', ')} may be started unasked`, ...facts.mend(['tools', 'task', 'allowlist'], list.filter((name) => name === 'explore')) }] : []
    },
  },
]

const BUILT_IN: ReadonlySet<string> = new Set(['cli', 'tests', 'lean', 'explore', 'minimal', 'compact', 'title', ''])

/** The first directory of PATH that would be asked for a program before the one that has it, and that the agent could write. */
const writableOnPath = ({ world }: VibeFacts, word: string): string | undefined => {
  for (const folder of (world.env['PATH'] ?? '').split(':').filter((one) => one.startsWith('/'))) {
    if (world.mayWrite?.(world.walk(folder as AbsolutePath).real)) return folder
    if (world.host.stat(`${folder}/${word}`) !== undefined) return undefined
  }
  return undefined
}
