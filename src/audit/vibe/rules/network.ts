import type { Case } from '../../model.ts'
import type { KeyPath } from '../../../documents/document.ts'
import { redacted } from '../../secrets.ts'
import { hostNeed, hostOf, isLoopback } from '../../shared/doors.ts'
import { shown, tablesOf, valueAt } from '../../../documents/values.ts'
import type { VibeFacts } from '../facts.ts'
import { defaultsOf } from '../semantics/defaults.ts'
import { isFrom, isKnownKey, isTrue, type VibeRule, whenSetting } from './rule.ts'

/** Hosts that a provider is known by. */
const KNOWN_HOSTS =
  /(?:^|\.)(?:mistral\.ai|mistral\.services|openai\.com|anthropic\.com|googleapis\.com|openrouter\.ai|azure\.com|amazonaws\.com|groq\.com|together\.xyz|deepseek\.com|x\.ai)$/

const providersOf = (facts: VibeFacts) =>
  tablesOf(facts.get('providers')).map((provider, index) => ({
    provider,
    path: ['providers', index] as KeyPath,
  }))

/** Providers that somebody wrote; the defaults are the vendor's own. */
const ownProviders = (facts: VibeFacts) => (facts.isSet('providers') ? providersOf(facts) : [])

/**
 * Place of a provider's key in the file that names the provider: layers merge providers by name, so
 * that indexes differ.
 */
const causeIn = (facts: VibeFacts, name: unknown, key: string, fallback: KeyPath) => {
  for (const { layer, file } of [...facts.configs].reverse()) {
    const index = tablesOf(file.values['providers']).findIndex(
      (provider) => provider['name'] === name,
    )
    if (index >= 0) return { file: file.file, path: ['providers', index, key], layer }
  }
  return facts.causeOf([...fallback, key])
}

const off = (
  id: string,
  severity: VibeRule['severity'],
  what: string,
  why: string,
  key: KeyPath,
  host?: string,
  since?: string,
): VibeRule => ({
  id,
  severity,
  what,
  why,
  fix: 'Set it to false.',
  ...(since === undefined ? {} : { versions: `≥ ${since}` }),
  find: (facts) =>
    whenSetting(facts, key, isTrue, false, host === undefined ? {} : { exposes: hostNeed(host) }),
})

/** Network, telemetry, updates: V301 to V314. */
export const NETWORK: readonly VibeRule[] = [
  off(
    'V301',
    'medium',
    'telemetry is on',
    'Events are sent with your key, and crash reports with them.',
    ['enable_telemetry'],
    'api.mistral.ai',
    '2.2.0',
  ),
  off(
    'V302',
    'medium',
    'remote experiments are on',
    'Flags fetched from a server change what the agent does, tools that it is offered included.',
    ['experiments', 'enable'],
    'experiments.mistral.services',
    '2.10.0',
  ),
  off(
    'V303',
    'low',
    'update checks are on',
    'Each start asks the package index, and the prompt upgrades the program that was audited.',
    ['enable_update_checks'],
  ),
  {
    id: 'V304',
    severity: 'medium',
    what: 'automatic updates are on',
    why: 'Until 2.14.0 Vibe replaces itself unasked; the setting is read by nobody since 2.14.1.',
    fix: 'Set it to false.',
    find: (facts) =>
      whenSetting(
        facts,
        ['enable_auto_update'],
        isTrue,
        false,
        isFrom(facts, '2.14.1') ? { severity: 'info' } : {},
      ).filter(() => !isFrom(facts, '2.14.1') || facts.isSet('enable_auto_update')),
  },
  {
    id: 'V305',
    severity: 'high',
    what: 'traces leave the machine',
    why: 'They hold what was said and read; `otel_redaction = "none"` leaves nothing out.',
    fix: 'Set `enable_otel = false`.',
    versions: '≥ 2.5',
    find: (facts) => {
      if (!isTrue(facts.get('enable_otel'))) return []
      const host = hostOf(facts.get('otel_endpoint'))
      const isUnredacted = facts.get('otel_redaction') === 'none'
      if (!isUnredacted && (host === undefined || isLoopback(host))) return []
      return [
        {
          message: `traces go to ${host ?? 'the default endpoint'}${isUnredacted ? ' unredacted' : ''}`,
          ...facts.mend(['enable_otel'], false),
          exposes: hostNeed(host),
        },
      ]
    },
  },
  {
    id: 'V306',
    severity: 'medium',
    what: 'tools and instructions from the network are on',
    why: 'Connectors, registry skills and document libraries bring in what others wrote.',
    fix: 'Set it to false.',
    find: (facts) =>
      [
        'enable_connectors',
        'experimental_enable_registry_skills',
        'experimental_enable_document_library_connector',
      ].flatMap((key) =>
        whenSetting(facts, [key], isTrue, false, { exposes: hostNeed('api.mistral.ai') }),
      ),
  },
  {
    id: 'V307',
    severity: 'high',
    what: 'web_fetch runs unasked',
    why: 'Any URL carries out what was read, and reaches services of this machine and its network.',
    fix: 'Set the permission to ask.',
    versions: '≥ 2.3.0',
    find: (facts) =>
      whenSetting(
        facts,
        ['tools', 'web_fetch', 'permission'],
        (value) => value === 'always',
        'ask',
        { exposes: [{ kind: 'host', host: 'attacker.example' }] },
      ),
  },
  {
    id: 'V308',
    severity: 'medium',
    what: 'web_search runs unasked',
    why: 'What is searched for leaves the machine.',
    fix: 'Set the permission to ask.',
    versions: '≥ 2.3.0',
    find: (facts) =>
      whenSetting(
        facts,
        ['tools', 'web_search', 'permission'],
        (value) => value === 'always',
        'ask',
        { exposes: hostNeed('api.mistral.ai') },
      ),
  },
  {
    id: 'V309',
    severity: 'high',
    what: 'a provider without encryption',
    why: 'Key and code cross the network in clear.',
    fix: 'Use https.',
    find: (facts) =>
      providersOf(facts).flatMap(({ provider, path }): Case[] => {
        const base = provider['api_base']
        const host = hostOf(base)
        return typeof base === 'string' && base.startsWith('http://') && !isLoopback(host)
          ? [
              {
                message: `${shown(provider['name'])} is reached at ${redacted(base)}`,
                cause: causeIn(facts, provider['name'], 'api_base', path),
                exposes: hostNeed(host),
              },
            ]
          : []
      }),
  },
  {
    id: 'V310',
    severity: 'medium',
    what: 'an address that is not the vendor’s',
    why: 'Who answers there gets the key and the code.',
    fix: 'Check that you meant it.',
    find: (facts) => [
      ...ownProviders(facts).flatMap(({ provider, path }): Case[] => {
        const name = provider['name']
        const odd = ['api_base', 'browser_auth_base_url', 'browser_auth_api_base_url'].flatMap(
          (key): Case[] => {
            const host = hostOf(provider[key])
            return host === undefined || isLoopback(host) || KNOWN_HOSTS.test(host)
              ? []
              : [
                  {
                    message: `${key} of ${shown(name)} is ${host}`,
                    cause: causeIn(facts, name, key, path),
                    exposes: hostNeed(host),
                  },
                ]
          },
        )
        const rewrite = isTrue(provider['browser_auth_allow_origin_rewrite'])
          ? [
              {
                message: `${shown(name)} allows the sign-in to be redirected`,
                cause: causeIn(facts, name, 'browser_auth_allow_origin_rewrite', path),
              },
            ]
          : []
        return [...odd, ...rewrite]
      }),
      ...[
        ['vibe_base_url'],
        ['console_base_url'],
        ['vibe_code_sessions_base_url'],
        ['experiments', 'api_host'],
      ].flatMap((path): Case[] => {
        const host = hostOf(facts.get(...path))
        const usual = hostOf(valueAt(defaultsOf(facts.version.semantics), path))
        return isKnownKey(facts, path[0]!) &&
          facts.isSet(...path) &&
          host !== undefined &&
          host !== usual
          ? [
              {
                message: `${path.join('.')} is ${host}`,
                cause: facts.causeOf(path),
                exposes: hostNeed(host),
              },
            ]
          : []
      }),
    ],
  },
  {
    id: 'V311',
    severity: 'medium',
    what: 'a provider that is sent another one’s key',
    why: 'MISTRAL_API_KEY goes to a host that is not Mistral’s.',
    fix: 'Give it a variable of its own.',
    find: (facts) =>
      ownProviders(facts).flatMap(({ provider, path }): Case[] => {
        const host = hostOf(provider['api_base'])
        return provider['api_key_env_var'] === 'MISTRAL_API_KEY' &&
          host !== undefined &&
          !/(?:^|\.)mistral\.ai$/.test(host) &&
          !isLoopback(host)
          ? [
              {
                message: `${shown(provider['name'])} at ${host} is sent MISTRAL_API_KEY`,
                cause: causeIn(facts, provider['name'], 'api_key_env_var', path),
                exposes: hostNeed(host),
              },
            ]
          : []
      }),
  },
  {
    id: 'V312',
    severity: 'low',
    what: 'other certificate authorities or a proxy',
    why: 'Who holds one of these roots reads and changes the traffic.',
    fix: 'Confirm that they are yours.',
    find: (facts) => [
      ...whenSetting(facts, ['enable_system_trust_store'], isTrue, false),
      ...[
        'SSL_CERT_FILE',
        'SSL_CERT_DIR',
        'HTTPS_PROXY',
        'https_proxy',
        'ALL_PROXY',
        'all_proxy',
      ].flatMap((name): Case[] =>
        facts.env[name] !== undefined || facts.dotenv.names.includes(name)
          ? [
              {
                message: `${name} is set`,
                cause: {
                  file: facts.dotenv.names.includes(name)
                    ? facts.dotenv.source.file
                    : '<environment>',
                  layer: 'environment',
                },
                exposes: [{ kind: 'variable', name }],
              },
            ]
          : [],
      ),
    ],
  },
  {
    id: 'V313',
    severity: 'low',
    what: 'voice is on',
    why: 'It opens the microphone and sends what it hears.',
    fix: 'Set it to false.',
    find: (facts) =>
      ['voice_mode_enabled', 'narrator_enabled'].flatMap((key) =>
        whenSetting(facts, [key], isTrue, false),
      ),
  },
  off(
    'V314',
    'low',
    'selections are copied',
    'Text of the model reaches the clipboard, and a terminal runs what is pasted.',
    ['autocopy_to_clipboard'],
  ),
]
