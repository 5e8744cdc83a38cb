import type { Case, Need } from '../../model.ts'
import { hostNeed, hostOf, isLoopback } from '../../shared/doors.ts'
import { isLiteralSecret } from '../../secrets.ts'
import { shown, tableOf } from '../../../documents/values.ts'
import type { CodexRule } from './rule.ts'

const OWN_HOST = /(?:^|\.)(?:openai\.com|chatgpt\.com|openai\.azure\.com)$/

/**
 * Names that the default excludes are about (shell_environment_policy: *KEY*, *SECRET*, *TOKEN*).
 */
const SECRET_NAME = /KEY|SECRET|TOKEN/i

/** Secrets, hosts, traces: X301 to X308. */
export const SURROUNDINGS_RULES: readonly CodexRule[] = [
  {
    id: 'X301',
    severity: 'medium',
    what: 'commands get the keys of the environment',
    // ShellEnvironmentPolicy in codex-protocol: inherit is all, ignore_default_excludes is true,
    // when nothing is set.
    why: 'Variables named KEY, SECRET or TOKEN are handed to every command.',
    fix: 'Set ignore_default_excludes to false, or inherit to core.',
    find: ({ config, world }) => {
      const of = (key: string): unknown => config.get('shell_environment_policy', key)
      const isNarrow =
        of('inherit') === 'core' ||
        of('inherit') === 'none' ||
        of('ignore_default_excludes') === false ||
        of('include_only') !== undefined
      const names = Object.keys(world.env).filter(
        (name) => world.env[name] && SECRET_NAME.test(name),
      )
      if (isNarrow) return []
      return [
        {
          message: `the whole environment is inherited${names.length === 0 ? '' : `, with ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`}`,
          ...config.mend(['shell_environment_policy', 'ignore_default_excludes'], false),
          exposes: names.slice(0, 50).map((name): Need => ({ kind: 'variable', name })),
        },
      ]
    },
  },
  {
    id: 'X302',
    severity: 'medium',
    what: 'a secret in the configuration',
    why: 'Every copy of the file holds it.',
    fix: 'Name a variable instead: env_key, bearer_token_env_var, env_http_headers.',
    find: ({ config }) => [
      ...secretsIn(config.all('shell_environment_policy', 'set'), [
        'shell_environment_policy',
        'set',
      ]),
      ...config.all('model_providers').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name) => {
          const provider = tableOf(tableOf(value)[name])
          const path = ['model_providers', name]
          const token = provider['experimental_bearer_token']
          return [
            ...(typeof token === 'string'
              ? [
                  {
                    message: `${path.join('.')}.experimental_bearer_token is in the file`,
                    cause: {
                      file: layer.file,
                      path: [...path, 'experimental_bearer_token'],
                      layer: layer.name,
                    },
                  },
                ]
              : []),
            ...['http_headers', 'query_params'].flatMap((key) =>
              secretsIn([{ layer, value: provider[key] }], [...path, key]),
            ),
          ]
        }),
      ),
    ],
  },
  {
    id: 'X303',
    severity: 'high',
    what: 'prompts and keys go to another host',
    why: 'Whoever runs it sees every prompt and the key, and decides what the model says.',
    fix: 'Remove it, unless the host is yours.',
    find: ({ config }) =>
      [
        ...['openai_base_url', 'chatgpt_base_url'].flatMap((key) =>
          config.all(key).map(({ layer, value }) => ({
            layer,
            url: value,
            path: [key] as string[],
            key: 'OPENAI_API_KEY' as unknown,
          })),
        ),
        ...config.all('model_providers').flatMap(({ layer, value }) =>
          Object.keys(tableOf(value)).map((name) => ({
            layer,
            url: tableOf(tableOf(value)[name])['base_url'],
            path: ['model_providers', name, 'base_url'],
            key: tableOf(tableOf(value)[name])['env_key'],
          })),
        ),
      ].flatMap(({ layer, url, path, key }): Case[] => {
        const host = hostOf(url)
        if (host === undefined || isLoopback(host)) return []
        const isPlain = typeof url === 'string' && url.startsWith('http:')
        const isForeign = key === 'OPENAI_API_KEY' && !OWN_HOST.test(host)
        if (!isPlain && !isForeign) return []
        return [
          {
            message: `${path.join('.')} is ${shown(url)}${isForeign ? ', with the key of OpenAI' : ', without encryption'}`,
            cause: { file: layer.file, path, layer: layer.name },
            exposes: hostNeed(host),
          },
        ]
      }),
  },
  {
    id: 'X304',
    severity: 'low',
    what: 'prompts are kept',
    // history.persistence: save-all unless set.
    why: 'history.jsonl holds every prompt, in the clear.',
    fix: 'Set history.persistence to none.',
    find: ({ config }) =>
      config.get('history', 'persistence') === 'none'
        ? []
        : [
            {
              message: `history.persistence is ${shown(config.get('history', 'persistence'))}`,
              ...config.mend(['history', 'persistence'], 'none'),
            },
          ],
  },
  {
    id: 'X305',
    severity: 'info',
    what: 'the login lies in a file',
    // cli_auth_credentials_store: file unless set.
    why: 'auth.json holds tokens that renew themselves; every program of the user can read it.',
    fix: 'Set cli_auth_credentials_store to keyring.',
    find: ({ config }) => {
      const store = config.get('cli_auth_credentials_store')
      return store === undefined || store === 'file'
        ? [
            {
              message: `cli_auth_credentials_store is ${shown(store)}`,
              ...config.mend(['cli_auth_credentials_store'], 'keyring'),
            },
          ]
        : []
    },
  },
  {
    id: 'X306',
    severity: 'medium',
    what: 'pages are fetched as they are',
    // web_search: cached, live or disabled; older versions: tools.web_search,
    // features.web_search_request.
    why: 'A page can tell the agent what to do, and a query can carry data out.',
    fix: 'Set web_search to cached or disabled.',
    find: ({ config }) => {
      if (config.get('web_search') === 'live')
        return [{ message: 'web_search is live', ...config.mend(['web_search'], 'cached') }]
      const old = [
        ['tools', 'web_search'],
        ['features', 'web_search_request'],
      ].find((path) => config.get(...path) === true)
      return old && config.get('web_search') === undefined
        ? [{ message: `${old.join('.')} is true`, ...config.mend(old, false) }]
        : []
    },
  },
  {
    id: 'X307',
    severity: 'medium',
    what: 'what was said is exported',
    why: 'Prompts go to a collector of traces.',
    fix: 'Set otel.log_user_prompt to false.',
    find: ({ config }) =>
      config.get('otel', 'log_user_prompt') === true
        ? [
            {
              message: 'otel.log_user_prompt is true',
              ...config.mend(['otel', 'log_user_prompt'], false),
            },
          ]
        : [],
  },
  {
    id: 'X308',
    severity: 'info',
    what: 'usage is reported',
    // analytics.enabled: true unless set.
    why: 'What is used, and how, is sent to OpenAI.',
    fix: 'Set analytics.enabled to false.',
    find: ({ config }) =>
      config.get('analytics', 'enabled') === false
        ? []
        : [
            {
              message: `analytics.enabled is ${shown(config.get('analytics', 'enabled'))}`,
              ...config.mend(['analytics', 'enabled'], false),
            },
          ],
  },
]

const secretsIn = (
  written: readonly {
    readonly layer: { readonly file: string; readonly name: string }
    readonly value: unknown
  }[],
  path: readonly string[],
): Case[] =>
  written.flatMap(({ layer, value }) =>
    Object.entries(tableOf(value)).flatMap(([name, secret]): Case[] =>
      isLiteralSecret(name, secret)
        ? [
            {
              message: `${path.join('.')}.${name} looks like a key`,
              cause: { file: layer.file, path: [...path, name], layer: layer.name },
            },
          ]
        : [],
    ),
  )
