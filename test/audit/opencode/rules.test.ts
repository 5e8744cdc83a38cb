import { describe } from 'vitest'
import { opencodeDialect } from '../../../src/audit/opencode/dialect.ts'
import { file, link } from '../../fixtures/fake-host.ts'
import { type AuditOptions, PROJECT, row, testRules } from '../shared/harness.ts'

const CONFIG = '/home/u/.config/opencode/opencode.json'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const permission = (value: unknown): string => json({ permission: value })
const project = (value: unknown): AuditOptions => ({
  tree: { [`${PROJECT}/opencode.json`]: json(value) },
})
const server = (value: object): string => json({ mcp: { x: { type: 'local', ...value } } })
const provider = (name: string, options: unknown): string =>
  json({ provider: { [name]: { options } } })

describe('the checks of OpenCode', () => {
  testRules(opencodeDialect, CONFIG, [
    row('O101', permission('allow'), permission('ask')),
    row(
      'O101',
      permission({ external_directory: 'allow' }),
      permission({ bash: 'ask', external_directory: 'allow' }),
    ),
    row('O101', '{}', permission({ bash: 'deny', external_directory: 'deny' }), {
      words: ['--auto'],
    }),
    row('O102', '{}', permission({ bash: 'ask' })),
    row(
      'O102',
      permission({ bash: { '*': 'allow' } }),
      permission({ bash: { '*': 'ask', 'git status*': 'allow' } }),
    ),
    row('O103', '{}', permission({ edit: 'ask' })),
    row('O103', '{}', '{}', {}, { words: ['--agent', 'plan'] }),
    row('O104', '{}', permission({ webfetch: 'deny' })),
    row(
      'O105',
      permission({ external_directory: { '~/**': 'allow' } }),
      permission({ external_directory: { '~/docs/**': 'allow' } }),
    ),
    row('O106', permission({ doom_loop: 'allow' }), permission({ doom_loop: 'ask' })),
    row(
      'O107',
      permission({ bash: { 'rm *': 'deny', '*': 'allow' } }),
      permission({ bash: { '*': 'allow', 'rm *': 'deny' } }),
    ),
    row(
      'O108',
      permission({ bash: { '*': 'allow', 'rm *': 'deny' } }),
      permission({ bash: { '*': 'ask', 'rm *': 'deny' } }),
    ),
    row('O109', permission({ bash: 'always' }), permission({ bash: 'allow' })),
    row(
      'O110',
      permission({ webFetch: 'deny' }),
      permission({ webfetch: 'deny', mcp_tool: 'ask' }),
    ),
    row('O110', permission({ write: 'deny' }), permission({ edit: 'deny' })),
    row(
      'O111',
      json({ agent: { x: { permission: { bash: 'allow' } } } }),
      json({ agent: { x: { permission: { bash: 'ask' } } } }),
    ),
    row('O112', json({ tools: { bash: false } }), permission({ bash: 'deny' })),
    row('O201', '{}', '{}', project({ permission: 'allow' }), project({ theme: 'x' })),
    row('O202', json({ plugin: ['some-plugin'] }), json({ plugin: ['some-plugin@1.2.3'] })),
    row('O202', '{}', '{}', project({ plugin: ['some-plugin@1.2.3'] }), project({})),
    row(
      'O203',
      '{}',
      '{}',
      { tree: { [`${PROJECT}/.opencode/plugin/a.ts`]: '' } },
      { tree: { [`${PROJECT}/.opencode/plugin/README.md`]: '' } },
    ),
    row(
      'O204',
      json({ formatter: { x: { command: ['/opt/format', '$FILE'] } } }),
      json({ formatter: false }),
    ),
    row(
      'O204',
      json({ experimental: { hook: { file_edited: { '*.ts': [{ command: ['x'] }] } } } }),
      json({ lsp: { x: { disabled: true } } }),
    ),
    row(
      'O205',
      '{}',
      provider('x', { apiKey: '{env:X_KEY}' }),
      project({ provider: { x: { options: { headers: { a: '{file:~/.ssh/id_rsa}' } } } } }),
      {},
    ),
    row(
      'O206',
      json({ instructions: ['https://x.example/AGENTS.md'] }),
      json({ instructions: ['docs/*.md'] }),
    ),
    row(
      'O207',
      server({ command: ['npx', '-y', 'x'] }),
      server({ command: ['npx', '-y', 'x@1.2.3'] }),
    ),
    row('O208', server({ command: ['x'] }), server({ command: ['/opt/x'] })),
    row(
      'O209',
      server({ command: ['/opt/x'], environment: { API_KEY: '0123456789abcdef' } }),
      server({ command: ['/opt/x'], environment: { API_KEY: '{env:API_KEY}' } }),
    ),
    row(
      'O210',
      json({ mcp: { x: { type: 'remote', url: 'http://x.example' } } }),
      json({ mcp: { x: { type: 'remote', url: 'http://localhost:1' } } }),
    ),
    row('O301', json({ share: 'auto' }), json({ share: 'manual' })),
    row('O301', json({ autoshare: true }), json({ autoshare: true, share: 'disabled' })),
    row('O302', '{}', json({ autoupdate: 'notify' })),
    row('O302', '{}', '{}', {}, { env: { OPENCODE_DISABLE_AUTOUPDATE: 'true' } }),
    row(
      'O303',
      provider('openai', { apiKey: 'sk-abcdefghijklmnop' }),
      provider('openai', { apiKey: '{env:OPENAI_API_KEY}' }),
    ),
    row(
      'O304',
      provider('openai', { baseURL: 'https://proxy.example/v1' }),
      provider('openai', { baseURL: 'https://api.openai.com/v1' }),
    ),
    row(
      'O304',
      provider('mine', { baseURL: 'http://proxy.example/v1' }),
      provider('mine', { baseURL: 'http://127.0.0.1:8080/v1' }),
    ),
    row(
      'O305',
      json({ server: { hostname: '0.0.0.0' } }),
      json({ server: { hostname: '127.0.0.1' } }),
    ),
    row('O306', json({ experimental: { openTelemetry: true } }), json({ experimental: {} })),
    row('O401', file('{}', { mode: 0o602 }), file('{}', { mode: 0o600 })),
    row(
      'O402',
      link('/home/u/dot/opencode.json'),
      '{}',
      { tree: { '/home/u/dot/opencode.json': '{}' } },
      {},
    ),
    row('O403', '{ "permission": }', '{ "permission": {}, } // a comment, and a comma'),
    row('O404', '{ "share": "manual", "share": "auto" }', '{ "share": "manual" }'),
    row('O405', json({ permissions: {} }), json({ permission: {} })),
    row(
      'O406',
      '{}',
      '{}',
      { file: '/home/u/other/opencode.json', tree: { '/home/u/other/opencode.json': '{}' } },
      {},
    ),
  ])
})
