import type { Case } from '../../model.ts'
import { shown, stringsOf, tableOf } from '../../../documents/values.ts'
import type { OpenCodeFacts } from '../facts.ts'
import { isOfProject, type OpenCodeRule } from './rule.ts'

/** Keys by which a project's configuration runs or opens something. */
const LOOSENS = [
  'agent',
  'command',
  'formatter',
  'instructions',
  'lsp',
  'mcp',
  'mode',
  'permission',
  'plugin',
  'provider',
  'share',
  'tools',
] as const

/** Folders of code and of instructions that are loaded from .opencode. */
const CODE = ['plugin', 'plugins', 'tool', 'tools'] as const

/** What runs beside the agent’s own tools, and is not asked about: O201 to O206. */
export const EXECUTION_RULES: readonly OpenCodeRule[] = [
  {
    id: 'O201',
    severity: 'high',
    what: 'a repository that changes what is allowed',
    // config.ts: project files are merged over the user's, whatever folder it is.
    why: 'OpenCode asks for no trust: what a repository brings is in force at once, and comes before yours.',
    fix: 'Read it before starting OpenCode there.',
    find: ({ files }) =>
      files.flatMap(({ file, layer, values }): Case[] => {
        const keys = LOOSENS.filter((key) => values[key] !== undefined)
        const [first] = keys
        return isOfProject(layer) && first !== undefined
          ? [{ message: `${file} sets ${keys.join(', ')}`, cause: { file, path: [first], layer } }]
          : []
      }),
  },
  {
    id: 'O202',
    severity: 'high',
    what: 'a plugin that is fetched at start',
    // config.ts and plugin loading: packages are installed with their newest version and imported,
    // with all rights.
    why: 'A plugin is code that runs in OpenCode itself; without a version the newest one runs, whoever published it.',
    fix: 'Pin the version.',
    find: ({ config }) =>
      config.items('plugin').flatMap(({ text, cause }): Case[] => {
        if (/^(?:file:|\.{0,2}\/)/.test(text))
          return isOfProject(cause.layer)
            ? [{ message: `the repository’s plugin ${text}`, cause }]
            : []
        const isPinned = /.@v?\d/.test(text)
        if (isPinned && !isOfProject(cause.layer)) return []
        return [
          {
            message: `plugin ${text}${isPinned ? ', which the repository names' : ' has no version'}`,
            cause,
          },
        ]
      }),
  },
  {
    id: 'O203',
    severity: 'high',
    what: 'code of the repository that runs at start',
    why: 'Files in .opencode/plugin and .opencode/tool are imported before anything is asked.',
    fix: 'Read them before starting OpenCode there.',
    find: ({ folders, world: { host } }) =>
      folders.flatMap(({ folder, layer }) =>
        isOfProject(layer)
          ? CODE.flatMap((name) => {
              const found = (host.list(`${folder}/${name}`) ?? []).filter((entry) =>
                /\.[jt]s$/.test(entry.name),
              )
              return found.slice(0, 5).map(
                (entry): Case => ({
                  message: `${folder}/${name}/${entry.name}`,
                  cause: { file: `${folder}/${name}/${entry.name}`, layer },
                }),
              )
            })
          : [],
      ),
  },
  {
    id: 'O204',
    severity: 'info',
    what: 'a command that runs by itself',
    // formatter: after each edit; lsp: when a file is opened; experimental.hook: at events.
    why: 'Formatters, language servers and hooks run without a question.',
    fix: 'Keep their programs where the agent cannot write.',
    find: (facts) =>
      commandsOf(facts).map(
        ({ path, words, file, layer }): Case => ({
          message: `${path.slice(0, 3).join('.')} runs ${words.slice(0, 3).join(' ')}`,
          cause: { file, path, layer },
          ...(isOfProject(layer)
            ? { severity: 'high' as const }
            : /^\.{1,2}\/|^[\w.-]+\//.test(words[0] ?? '')
              ? { severity: 'medium' as const }
              : {}),
        }),
      ),
  },
  {
    id: 'O205',
    severity: 'high',
    what: 'a repository that reads your secrets',
    // config.ts: {env:NAME} and {file:path} are replaced in the text of every file, before it is
    // parsed.
    why: 'References to variables and files are filled in from your machine, and may end in an address, a header or a prompt.',
    fix: 'Remove it.',
    find: ({ files }) =>
      files.flatMap(({ file, layer, values }) =>
        isOfProject(layer)
          ? references(values, []).map(
              ({ path, text }): Case => ({
                message: `${path.join('.')} holds ${shown(text)}`,
                cause: { file, path, layer },
              }),
            )
          : [],
      ),
  },
  {
    id: 'O206',
    severity: 'medium',
    what: 'instructions from elsewhere',
    // opencode.ai/docs/rules: addresses are fetched at start.
    why: 'Whoever has that host tells the agent what to do, anew at each start.',
    fix: 'Copy them into a file.',
    find: ({ config }) =>
      config.items('instructions').flatMap(({ text, cause, replace }): Case[] =>
        /^https?:\/\//i.test(text)
          ? [
              {
                message: `instructions are fetched from ${text}`,
                cause,
                edits: replace([]),
                ...(/^http:/i.test(text) ? { severity: 'high' as const } : {}),
              },
            ]
          : [],
      ),
  },
]

interface Command {
  readonly path: readonly (string | number)[]
  readonly words: readonly string[]
  readonly file: string
  readonly layer: string
}

/** More commands than anybody has. */
const MAX_COMMANDS = 100

const commandsOf = ({ config }: OpenCodeFacts): Command[] => {
  const of = (key: string): Command[] =>
    config
      .all(key)
      .flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name): Command[] =>
          commandAt(tableOf(tableOf(value)[name])['command'], [key, name, 'command'], layer),
        ),
      )
  const hooks = config.all('experimental', 'hook').flatMap(({ layer, value }) => {
    const { file_edited: edited, session_completed: completed } = tableOf(value)
    const list = (items: unknown, path: readonly (string | number)[]): Command[] =>
      Array.isArray(items)
        ? items.flatMap((item: unknown, index) =>
            commandAt(tableOf(item)['command'], [...path, index, 'command'], layer),
          )
        : []
    return [
      ...Object.keys(tableOf(edited)).flatMap((pattern) =>
        list(tableOf(edited)[pattern], ['experimental', 'hook', 'file_edited', pattern]),
      ),
      ...list(completed, ['experimental', 'hook', 'session_completed']),
    ]
  })
  return [...of('formatter'), ...of('lsp'), ...hooks].slice(0, MAX_COMMANDS)
}

const commandAt = (
  value: unknown,
  path: readonly (string | number)[],
  { file, name }: { readonly file: string; readonly name: string },
): Command[] =>
  stringsOf(value).length === 0 ? [] : [{ path, words: stringsOf(value), file, layer: name }]

/** Strings with a reference, wherever they stand. */
const references = (
  value: unknown,
  path: readonly (string | number)[],
): { readonly path: readonly (string | number)[]; readonly text: string }[] => {
  if (typeof value === 'string') return /\{(?:env|file):/.test(value) ? [{ path, text: value }] : []
  if (typeof value !== 'object' || value === null) return []
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value)
  return entries.flatMap(([key, inner]) => references(inner, [...path, key])).slice(0, MAX_COMMANDS)
}
