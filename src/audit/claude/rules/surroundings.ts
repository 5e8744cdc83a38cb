import type { Case } from '../../model.ts'
import { hostNeed, hostOf, isLoopback } from '../../shared/doors.ts'
import { isLiteralSecret } from '../../secrets.ts'
import { shown, tableOf } from '../../../documents/values.ts'
import { isOfProject } from '../facts.ts'
import type { ClaudeRule } from './rule.ts'

/** Where keys and prompts go, when a variable says so (code.claude.com/docs/en/env-vars). */
const BASE_URLS = [
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_BEDROCK_BASE_URL',
  'ANTHROPIC_VERTEX_BASE_URL',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'https_proxy',
  'http_proxy',
]
const OWN_HOST = /(?:^|\.)(?:anthropic\.com|claude\.com|amazonaws\.com|googleapis\.com)$/

/** Variables that make Node or a shell run or believe something else. */
const LOADERS =
  /^(?:NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_TLS_REJECT_UNAUTHORIZED|LD_PRELOAD|LD_LIBRARY_PATH|DYLD_.*|BASH_ENV|ENV|PATH|GIT_SSH_COMMAND|PYTHONSTARTUP)$/

/** Secrets, hosts, traces: C601 to C607. */
export const SURROUNDINGS_RULES: readonly ClaudeRule[] = [
  {
    id: 'C601',
    severity: 'medium',
    what: 'a secret in the settings',
    why: 'Every copy of the file holds it, and every command that the agent starts gets it.',
    fix: 'Use apiKeyHelper, or set it in the environment.',
    find: ({ config }) =>
      config.all('env').flatMap(({ layer, value }) =>
        Object.entries(tableOf(value)).flatMap(([name, secret]): Case[] =>
          isLiteralSecret(name, secret) && !BASE_URLS.includes(name)
            ? [
                {
                  message: `env.${name} looks like a key`,
                  cause: { file: layer.file, path: ['env', name], layer: layer.name },
                  ...(layer.name === 'project' ? { severity: 'high' as const } : {}),
                },
              ]
            : [],
        ),
      ),
  },
  {
    id: 'C602',
    severity: 'high',
    what: 'prompts and keys go to another host',
    why: 'Whoever runs it sees every prompt and the key, and decides what the model says.',
    fix: 'Remove it, unless the host is yours.',
    find: ({ config }) =>
      config.all('env').flatMap(({ layer, value }) =>
        BASE_URLS.flatMap((name): Case[] => {
          const url = tableOf(value)[name]
          const host = hostOf(url)
          if (host === undefined || isLoopback(host) || OWN_HOST.test(host)) return []
          return [
            {
              message: `env.${name} leads to ${host}`,
              cause: { file: layer.file, path: ['env', name], layer: layer.name },
              exposes: hostNeed(host),
              ...(isOfProject(layer.name) ? { severity: 'critical' as const } : {}),
            },
          ]
        }),
      ),
  },
  {
    id: 'C603',
    severity: 'high',
    what: 'a variable that changes what runs',
    why: 'Every program that the agent starts loads, runs or believes what it names.',
    fix: 'Remove it.',
    find: ({ config }) =>
      config.all('env').flatMap(({ layer, value }) =>
        Object.keys(tableOf(value))
          .filter((name) => LOADERS.test(name))
          .map(
            (name): Case => ({
              message: `env.${name} is ${shown(tableOf(value)[name])}`,
              cause: { file: layer.file, path: ['env', name], layer: layer.name },
              edits: [{ op: 'remove', path: ['env', name] }],
              ...(isOfProject(layer.name) || name === 'NODE_TLS_REJECT_UNAUTHORIZED'
                ? {}
                : { severity: 'medium' as const }),
            }),
          ),
      ),
  },
  {
    id: 'C604',
    severity: 'low',
    what: 'transcripts are kept for long',
    // settings-reference, cleanupPeriodDays: 30 is the default.
    why: 'They hold the content of files, in the clear.',
    fix: 'Keep them for 30 days or fewer.',
    find: ({ config }) => {
      const days = config.get('cleanupPeriodDays')
      return typeof days === 'number' && days > 30
        ? [{ message: `cleanupPeriodDays is ${days}`, ...config.mend(['cleanupPeriodDays'], 30) }]
        : []
    },
  },
  {
    id: 'C605',
    severity: 'medium',
    what: 'secrets are read without a question',
    why: 'A read that is not asked about is all that a leak needs at this end.',
    fix: 'Deny it: Read(…) in permissions.deny.',
    find: ({ probes, config }) => {
      const open = probes.filter(
        ({ group, tool, gate }) => group === 'secret' && tool === 'Read' && gate.verdict === 'RUNS',
      )
      const first = open.find(({ cwd }) => cwd === 'project') ?? open[0]
      const names = [
        ...new Set(open.filter(({ cwd }) => cwd === 'project').map(({ subject }) => subject)),
      ]
      if (!first || names.length === 0) return []
      const path = ['permissions', 'deny']
      return [
        {
          message: `Read runs on ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`,
          cause: config.causeOf(path),
          probe: first.id,
          edits: [{ op: 'append', path, values: names.map((name) => `Read(${name})`) }],
        },
      ]
    },
  },
  {
    id: 'C606',
    severity: 'low',
    what: 'the session is open to a phone or a browser',
    // docs: remote-control.
    why: 'Who has the account can then tell this machine what to do.',
    fix: 'Start it by hand when it is needed.',
    find: ({ config }) =>
      config.get('remoteControlAtStartup') === true
        ? [
            {
              message: 'remoteControlAtStartup is true',
              ...config.mend(['remoteControlAtStartup'], false),
            },
          ]
        : [],
  },
  {
    id: 'C607',
    severity: 'info',
    what: 'another file than those that Claude Code reads',
    why: 'It reads settings.json in CLAUDE_CONFIG_DIR or ~/.claude, and those of the project.',
    fix: 'Audit that one.',
    find: ({ files, main, folder, request, world }) => {
      const known = [
        `${folder}/settings.json`,
        `${world.project}/.claude/settings.json`,
        `${world.project}/.claude/settings.local.json`,
      ]
      const isRead =
        request.text !== undefined ||
        main.layer === 'managed' ||
        known.some(
          (file) =>
            file === main.file || world.walk(file as typeof main.file).real === main.source.real,
        )
      return isRead || files.length === 0
        ? []
        : [
            {
              message: `Claude Code does not read ${main.file} here`,
              cause: { file: main.file, path: [], layer: main.layer },
            },
          ]
    },
  },
]
