import type { Case } from '../../model.ts'
import { hostNeed, hostOf, isLoopback } from '../../shared/doors.ts'
import { isLiteralSecret } from '../../secrets.ts'
import { shown, tableOf } from '../../../documents/values.ts'
import { isOfProject, type OpenCodeRule } from './rule.ts'

/** Hosts of the providers that OpenCode knows: another one under their name gets their key. */
const OWN_HOSTS: Readonly<Record<string, RegExp>> = {
  anthropic: /(?:^|\.)anthropic\.com$/,
  google: /(?:^|\.)googleapis\.com$/,
  groq: /(?:^|\.)groq\.com$/,
  mistral: /(?:^|\.)mistral\.ai$/,
  openai: /(?:^|\.)(?:openai\.com|chatgpt\.com)$/,
  opencode: /(?:^|\.)opencode\.ai$/,
  openrouter: /(?:^|\.)openrouter\.ai$/,
  xai: /(?:^|\.)x\.ai$/,
}

/** Secrets, hosts, traces: O301 to O306. */
export const SURROUNDINGS_RULES: readonly OpenCodeRule[] = [
  {
    id: 'O301',
    severity: 'high',
    what: 'every session is published',
    // opencode.ai/docs/share: a page that anyone with the link reads.
    why: 'A shared session is a page on the web with everything that was said and read.',
    fix: 'Set share to manual or disabled.',
    find: ({ config }) => {
      if (config.get('share') === 'auto')
        return [
          {
            message: 'share is auto',
            ...config.mend(['share'], 'manual'),
            exposes: hostNeed('opencode.ai'),
          },
        ]
      return config.get('autoshare') === true && config.get('share') === undefined
        ? [
            {
              message: 'autoshare is true',
              ...config.mend(['autoshare'], false),
              exposes: hostNeed('opencode.ai'),
            },
          ]
        : []
    },
  },
  {
    id: 'O302',
    severity: 'low',
    what: 'it changes itself',
    // autoupdate: on unless set; OPENCODE_DISABLE_AUTOUPDATE turns it off.
    why: 'The next start may be another program.',
    fix: 'Set autoupdate to notify or false.',
    find: ({ config, world }) => {
      const value = config.get('autoupdate')
      return value === false ||
        value === 'notify' ||
        /^(?:1|true)$/i.test(world.env['OPENCODE_DISABLE_AUTOUPDATE'] ?? '')
        ? []
        : [{ message: `autoupdate is ${shown(value)}`, ...config.mend(['autoupdate'], 'notify') }]
    },
  },
  {
    id: 'O303',
    severity: 'medium',
    what: 'a secret in the configuration',
    why: 'Every copy of the file holds it.',
    fix: 'Refer to it: {env:NAME} or {file:path}.',
    find: ({ config }) =>
      config.all('provider').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name) => {
          const options = tableOf(tableOf(tableOf(value)[name])['options'])
          const at = ['provider', name, 'options']
          const own = Object.entries(options)
            .filter(([key, secret]) => isLiteralSecret(key, secret) && !/url$/i.test(key))
            .map(([key]) => [...at, key])
          const headers = Object.entries(tableOf(options['headers']))
            .filter(([key, secret]) => isLiteralSecret(key, secret))
            .map(([key]) => [...at, 'headers', key])
          return [...own, ...headers].map(
            (path): Case => ({
              message: `${path.join('.')} looks like a key`,
              cause: { file: layer.file, path, layer: layer.name },
            }),
          )
        }),
      ),
  },
  {
    id: 'O304',
    severity: 'high',
    what: 'prompts and keys go to another host',
    why: 'Whoever runs it sees every prompt and the key, and decides what the model says.',
    fix: 'Remove it, unless the host is yours.',
    find: ({ config }) =>
      config.all('provider').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value)).flatMap((name): Case[] => {
          const provider = tableOf(tableOf(value)[name])
          const [path, url] =
            typeof provider['api'] === 'string'
              ? [['provider', name, 'api'], provider['api']]
              : [['provider', name, 'options', 'baseURL'], tableOf(provider['options'])['baseURL']]
          const host = hostOf(url)
          if (host === undefined || isLoopback(host)) return []
          const own = Object.hasOwn(OWN_HOSTS, name) ? OWN_HOSTS[name] : undefined
          const isForeign = own !== undefined && !own.test(host)
          const isPlain = typeof url === 'string' && /^http:/i.test(url)
          if (!isForeign && !isPlain && !isOfProject(layer.name)) return []
          return [
            {
              message: `${path.join('.')} leads to ${host}${isForeign ? `, with the key of ${name}` : isPlain ? ', without encryption' : ', which the repository says'}`,
              cause: { file: layer.file, path, layer: layer.name },
              exposes: hostNeed(host),
              ...(isForeign && isOfProject(layer.name) ? { severity: 'critical' as const } : {}),
            },
          ]
        }),
      ),
  },
  {
    id: 'O305',
    severity: 'high',
    what: 'its server listens to the network',
    // server.hostname and server.mdns, for serve and web; the server takes commands.
    why: 'Who reaches the port tells the agent what to do.',
    fix: 'Listen on 127.0.0.1.',
    find: ({ config }) => {
      const name = config.get('server', 'hostname')
      return [
        ...(typeof name === 'string' && (name === '0.0.0.0' || name === '::' || !isLoopback(name))
          ? [
              {
                message: `server.hostname is ${name}`,
                ...config.mend(['server', 'hostname'], '127.0.0.1'),
              },
            ]
          : []),
        ...(config.get('server', 'mdns') === true
          ? [{ message: 'server.mdns is true', ...config.mend(['server', 'mdns'], false) }]
          : []),
      ]
    },
  },
  {
    id: 'O306',
    severity: 'low',
    what: 'traces of calls',
    why: 'They hold prompts and answers, and go where the exporter says.',
    fix: 'Set experimental.openTelemetry to false.',
    find: ({ config }) =>
      config.get('experimental', 'openTelemetry') === true
        ? [
            {
              message: 'experimental.openTelemetry is true',
              ...config.mend(['experimental', 'openTelemetry'], false),
            },
          ]
        : [],
  },
]
