import { physical } from '../../../machine/physical.ts'
import { ROOT, toAbsolutePath } from '../../../machine/paths.ts'
import type { Case, Need } from '../../model.ts'
import type { KeyPath } from '../../../documents/document.ts'
import { isLiteralSecret, redacted } from '../../secrets.ts'
import { hostNeed, hostOf, isLoopback } from '../../shared/doors.ts'
import { isFetched } from '../../shared/servers.ts'
import { shown, stringsOf, tableOf, tablesOf } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { isTrue, type VibeRule } from './rule.ts'

interface Server {
  readonly server: Readonly<Record<string, unknown>>
  readonly name: string
  readonly at: (key: string) => {
    readonly file: string
    readonly path: KeyPath
    readonly layer: string
  }
}

/** Servers of every configuration that is in force, each where it is written. */
const serversOf = (facts: VibeFacts): Server[] =>
  facts.configs
    .filter(({ file, layer }) => !layer.startsWith('agent') || file === facts.agent.file)
    .flatMap(({ layer, file }) =>
      tablesOf(file.values['mcp_servers']).map((server, index) => ({
        server,
        name: String(server['name'] ?? index),
        at: (key: string) => ({ file: file.file, path: ['mcp_servers', index, key], layer }),
      })),
    )

/** The words of a stdio server's command. */
const wordsOf = (server: Server['server']): readonly string[] => {
  const command =
    typeof server['command'] === 'string'
      ? server['command'].trim().split(/\s+/)
      : stringsOf(server['command'])
  return [...command, ...stringsOf(server['args'])]
}

/** Servers: V401 to V407. */
export const SERVERS: readonly VibeRule[] = [
  {
    id: 'V401',
    severity: 'high',
    what: 'a server that is fetched at each start',
    why: 'Without a version the newest package of that name runs, whoever published it.',
    fix: 'Pin the version, or install it and name its absolute path.',
    find: (facts) =>
      serversOf(facts).flatMap(({ server, name, at }): Case[] => {
        const words = wordsOf(server)
        return isFetched(words)
          ? [
              {
                message: `${shown(name)} runs ${redacted(words.slice(0, 4).join(' '))}`,
                cause: at('command'),
              },
            ]
          : []
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
        return [
          {
            message: `${shown(name)} runs ${word}${writable === undefined ? ' by name' : `, looked for in ${writable} first, which the agent can write`}`,
            cause: at('command'),
          },
        ]
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
          const table =
            key === 'auth' ? tableOf(tableOf(server['auth'])['headers']) : tableOf(server[key])
          const found = Object.entries(table).find(([field, value]) =>
            isLiteralSecret(field, value),
          )
          const place = at(key)
          const file = toAbsolutePath(place.file)
          return found
            ? [
                {
                  message: `${shown(name)} has a literal value for ${found[0]}`,
                  cause: {
                    ...place,
                    path: [...place.path, ...(key === 'auth' ? ['headers'] : []), found[0]],
                  },
                  ...(file && {
                    exposes: [
                      {
                        kind: 'path',
                        operation: 'read',
                        path: facts.world.walk(file).real,
                      } satisfies Need,
                    ],
                  }),
                },
              ]
            : []
        }),
      ),
      ...facts.configs.flatMap(({ file, layer }): Case[] =>
        tablesOf(file.values['providers']).flatMap((provider, index) => {
          const found = Object.entries(tableOf(provider['extra_headers'])).find(([field, value]) =>
            isLiteralSecret(field, value),
          )
          return found
            ? [
                {
                  message: `provider ${shown(provider['name'])} has a literal value for ${found[0]}`,
                  cause: {
                    file: file.file,
                    path: ['providers', index, 'extra_headers', found[0]],
                    layer,
                  },
                },
              ]
            : []
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
        return typeof server['url'] === 'string' &&
          server['url'].startsWith('http://') &&
          !isLoopback(host)
          ? [
              {
                message: `${shown(name)} is reached at http://${host ?? ''}`,
                cause: at('url'),
                exposes: hostNeed(host),
              },
            ]
          : []
      }),
  },
  {
    id: 'V405',
    severity: 'medium',
    what: 'a server may use your model',
    why: 'With sampling it sends prompts of its own, at your cost and with your context.',
    fix: 'Set `sampling_enabled = false`.',
    find: (facts) =>
      serversOf(facts).flatMap(({ server, name, at }): Case[] =>
        server['sampling_enabled'] === false || isTrue(server['disabled'])
          ? []
          : [
              {
                message: `${shown(name)} may ask your model`,
                cause: at('sampling_enabled'),
                edits: [{ op: 'set', path: at('sampling_enabled').path, value: false }],
              },
            ],
      ),
  },
  {
    id: 'V406',
    severity: 'high',
    what: 'a tool of a server runs unasked',
    why: 'Its arguments are never looked at.',
    fix: 'Set the permission to ask.',
    find: (facts) =>
      Object.entries(tableOf(facts.get('tools'))).flatMap(([tool, table]): Case[] => {
        const isForeign =
          tool.startsWith('connector_') ||
          serversOf(facts).some(({ name }) => tool.startsWith(`${name}_`))
        return isForeign && tableOf(table)['permission'] === 'always'
          ? [
              {
                message: `${tool} runs unasked`,
                ...facts.mend(['tools', tool, 'permission'], 'ask'),
              },
            ]
          : []
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
      return servers.length === 0
        ? []
        : [
            {
              message: `${servers.map(({ name }) => name).join(', ')}`,
              cause: servers[0]!.at('name'),
            },
          ]
    },
  },
]

/**
 * The first directory of PATH that would be asked for a program before the one that has it, and
 * that the agent could write.
 */
const writableOnPath = ({ world }: VibeFacts, word: string): string | undefined => {
  for (const folder of (world.env['PATH'] ?? '').split(':').filter((one) => one.startsWith('/'))) {
    const place = physical(world.walk, ROOT, folder)
    if (place && world.mayWrite?.(world.walk(place).real)) return folder
    if (world.host.stat(`${folder}/${word}`) !== undefined) return undefined
  }
  return undefined
}
