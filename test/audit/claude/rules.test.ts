import { describe, expect, it } from 'vitest'
import { claudeDialect } from '../../../src/audit/claude/dialect.ts'
import { dir, file, link } from '../../fixtures/fake-host.ts'
import {
  type AuditOptions,
  auditWith,
  findingsOf,
  PROJECT,
  row,
  testRules,
} from '../shared/harness.ts'

const SETTINGS = '/home/u/.claude/settings.json'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const permissions = (value: unknown): string => json({ permissions: value })
const allow = (...rules: readonly string[]): string => permissions({ allow: rules })
const deny = (...rules: readonly string[]): string => permissions({ deny: rules })
const sandbox = (value: object): string => json({ sandbox: { enabled: true, ...value } })
const project = (value: unknown): AuditOptions => ({
  tree: { [`${PROJECT}/.claude/settings.json`]: json(value) },
})
const servers = (value: unknown): AuditOptions => ({
  tree: { [`${PROJECT}/.mcp.json`]: json({ mcpServers: value }) },
})
const hook = (value: object): unknown => ({
  hooks: { PreToolUse: [{ matcher: 'Bash', hooks: [value] }] },
})
const command = (text: string): unknown => hook({ type: 'command', command: text })

describe('the checks of Claude Code', () => {
  testRules(claudeDialect, SETTINGS, [
    row(
      'C101',
      permissions({ defaultMode: 'bypassPermissions' }),
      permissions({ defaultMode: 'default' }),
    ),
    row(
      'C101',
      '{}',
      '{}',
      { words: ['--dangerously-skip-permissions'] },
      { words: ['--verbose'] },
    ),
    row(
      'C101',
      permissions({ defaultMode: 'bypassPermissions' }),
      permissions({ defaultMode: 'bypassPermissions', disableBypassPermissionsMode: 'disable' }),
    ),
    row(
      'C102',
      '{}',
      '{}',
      project({ permissions: { defaultMode: 'bypassPermissions' } }),
      project({ permissions: { defaultMode: 'plan' } }),
    ),
    row('C103', permissions({ defaultMode: 'acceptEdits' }), permissions({ defaultMode: 'plan' })),
    row('C104', permissions({ defaultMode: 'auto' }), permissions({ defaultMode: 'manual' })),
    row('C104', '{}', '{}', { version: '2.1.228' }, { version: '2.1.227' }),
    row('C104', '{}', json({ disableAutoMode: 'disable' })),
    row(
      'C105',
      json({ skipDangerousModePermissionPrompt: true }),
      json({ skipDangerousModePermissionPrompt: false }),
    ),
    row('C106', '{}', permissions({ disableBypassPermissionsMode: 'disable' })),
    row(
      'C107',
      permissions({ defaultMode: 'acceptEdit' }),
      permissions({ defaultMode: 'acceptEdits' }),
    ),
    row(
      'C108',
      permissions({ additionalDirectories: ['~'] }),
      permissions({ additionalDirectories: ['../docs'] }),
    ),
    row(
      'C108',
      permissions({ additionalDirectories: ['../..'] }),
      permissions({ additionalDirectories: ['~/docs'] }),
    ),
    row('C109', '{}', '{}', { project: '/home/u' }, {}),
    row('C201', allow('Bash'), allow('Bash(npm run test)')),
    row('C201', allow('Bash(*)'), deny('Bash(*)')),
    row('C202', allow('Bash(python3 *)'), allow('Bash(python3 tool.py)')),
    row('C202', allow('Bash(npx:*)'), allow('Bash(npm run lint:*)')),
    row('C201', allow('Bash(* --version)'), allow('Bash(node --version)')),
    row('C201', allow('Bash(*test*)'), allow('Bash(npm test)')),
    row('C202', allow('Bash(go test:*)'), allow('Bash(go version:*)')),
    row('C202', allow('Bash(codex *)'), allow('Bash(codex --version)')),
    row('C202', allow('Bash(./gradlew *)'), allow('Bash(git diff *)')),
    row('C203', allow('Bash(curl *)'), allow('Bash(ls *)')),
    row('C204', allow('WebFetch'), allow('WebFetch(domain:example.com)')),
    row('C204', allow('WebFetch(domain:*)'), allow('WebFetch(domain:*.example.com)')),
    row('C205', allow('Read(~/**)'), allow('Read(~/docs/**)')),
    row('C205', allow('Read(//**)'), allow('Read(./**)')),
    row('C206', allow('Edit'), allow('Edit(/src/**)')),
    row('C301', deny('Read(/home/u/.ssh/**)'), deny('Read(//home/u/.ssh/**)')),
    row('C301', deny('Read(/etc/passwd)'), deny('Read(/src/passwd)')),
    row('C302', deny('Write(~/.zshrc)'), deny('Edit(~/.zshrc)')),
    row('C302', deny('Grep(~/.ssh/**)'), deny('Grep')),
    row('C303', deny('Bash(git:* push)'), deny('Bash(git push:*)')),
    row('C304', deny('Bash(command:rm *)'), deny('Bash(run_in_background:true)')),
    row('C305', deny('Bsh(rm *)'), deny('Bash(rm *)', 'mcp__x__y')),
    row('C306', allow('mcp__*'), allow('mcp__github__get_*')),
    row('C307', deny('WebFetch(https://evil.example/)'), deny('WebFetch(domain:evil.example)')),
    row(
      'C308',
      permissions({ deny: ['Bash(aws *)'], allow: ['Bash(aws s3 ls)'] }),
      permissions({ deny: ['Bash(aws *)'], allow: ['Bash(git log)'] }),
    ),
    row(
      'C308',
      permissions({ ask: ['Bash'], allow: ['Bash(git log)'] }),
      permissions({ allow: ['Bash(git log)'] }),
    ),
    row('C309', deny('Bash(curl *)'), deny('Bash')),
    row('C310', allow('Bash(ls*)'), allow('Bash(ls *)')),
    row(
      'C311',
      permissions({ deny: ['Read(./.env)', 7] }),
      permissions({ deny: ['Read(./.env)'] }),
    ),
    row('C311', permissions({ deny: 'Read(./.env)' }), permissions({ deny: [] })),
    row('C401', '{}', '{}', project(command('./hook.sh')), project({})),
    row('C402', json(command('/opt/hook')), json(hook({ type: 'prompt', prompt: 'x' }))),
    row(
      'C403',
      json(hook({ type: 'http', url: 'https://x.example/hook' })),
      json(hook({ type: 'http', url: 'http://localhost:9/hook' })),
    ),
    row(
      'C404',
      '{}',
      json({ apiKeyHelper: '/opt/key' }),
      project({ apiKeyHelper: './key.sh' }),
      {},
    ),
    row(
      'C404',
      '{}',
      '{}',
      project({ statusLine: { type: 'command', command: './x' } }),
      project({ statusLine: { type: 'command' } }),
    ),
    row(
      'C405',
      json({ enableAllProjectMcpServers: true }),
      json({ enableAllProjectMcpServers: false }),
    ),
    row(
      'C406',
      json({ enabledMcpjsonServers: ['x'] }),
      json({ enabledMcpjsonServers: ['x'] }),
      servers({ x: { command: 'npx', args: ['-y', 'x'] } }),
      servers({ x: { command: 'npx', args: ['-y', 'x@1.2.3'] } }),
    ),
    row(
      'C407',
      '{}',
      json({ enabledPlugins: { 'a@b': true } }),
      project({ enabledPlugins: { 'a@b': true } }),
      {},
    ),
    row(
      'C408',
      '{}',
      allow('Bash(npm test)'),
      project({ permissions: { allow: ['Bash(npm test)'] } }),
      {},
    ),
    row(
      'C409',
      '{}',
      '{}',
      servers({ x: { command: 'npx', args: ['-y', 'x@latest'] } }),
      servers({ x: { command: 'npx', args: ['-y', 'x@1.2.3'] } }),
    ),
    row(
      'C410',
      '{}',
      '{}',
      servers({ x: { command: 'server' } }),
      servers({ x: { command: '/opt/server' } }),
    ),
    row(
      'C411',
      '{}',
      '{}',
      servers({ x: { command: '/opt/x', env: { API_TOKEN: 'abcdefgh1234' } } }),
      servers({ x: { command: '/opt/x', env: { API_TOKEN: '${API_TOKEN}' } } }),
    ),
    row(
      'C412',
      '{}',
      '{}',
      servers({ x: { type: 'http', url: 'http://x.example/mcp' } }),
      servers({ x: { type: 'http', url: 'http://127.0.0.1:1/mcp' } }),
    ),
    row('C501', '{}', sandbox({})),
    row('C502', sandbox({}), sandbox({ failIfUnavailable: true })),
    row('C503', sandbox({}), sandbox({ allowUnsandboxedCommands: false })),
    row('C504', sandbox({ excludedCommands: ['docker *'] }), sandbox({ excludedCommands: [] })),
    row('C505', sandbox({}), sandbox({ filesystem: { denyRead: ['~'] } })),
    row('C505', sandbox({}), sandbox({ autoAllowBashIfSandboxed: false })),
    row(
      'C506',
      sandbox({ network: { allowedDomains: ['*'] } }),
      sandbox({ network: { allowedDomains: ['*.github.com'] } }),
    ),
    row(
      'C507',
      sandbox({ network: { allowUnixSockets: ['/var/run/docker.sock'] } }),
      sandbox({ network: { allowUnixSockets: [] } }),
    ),
    row(
      'C508',
      sandbox({ filesystem: { disabled: true } }),
      sandbox({ filesystem: { disabled: false } }),
    ),
    row(
      'C509',
      sandbox({ filesystem: { allowWrite: ['~/'] } }),
      sandbox({ filesystem: { allowWrite: ['~/.cache/x'] } }),
    ),
    row(
      'C601',
      json({ env: { GITHUB_TOKEN: 'ghp_abcdefghijklmnop' } }),
      json({ env: { DISABLE_TELEMETRY: '1' } }),
    ),
    row(
      'C602',
      json({ env: { ANTHROPIC_BASE_URL: 'https://proxy.example' } }),
      json({ env: { ANTHROPIC_BASE_URL: 'https://api.anthropic.com' } }),
    ),
    row(
      'C603',
      json({ env: { NODE_OPTIONS: '--require ./x.js' } }),
      json({ env: { EDITOR: 'vim' } }),
    ),
    row('C604', json({ cleanupPeriodDays: 365 }), json({ cleanupPeriodDays: 7 })),
    row('C605', '{}', deny('Read(./.env)', 'Read(secrets/**)')),
    row('C606', json({ remoteControlAtStartup: true }), json({ remoteControlAtStartup: false })),
    row(
      'C607',
      '{}',
      '{}',
      { file: '/home/u/other/settings.json', tree: { '/home/u/other/settings.json': '{}' } },
      {},
    ),
    row('C701', file('{}', { mode: 0o666 }), file('{}', { mode: 0o600 })),
    row('C701', file('{}', { uid: 1001 }), file('{}', { mode: 0o600 })),
    row(
      'C702',
      link('/home/u/dot/settings.json'),
      '{}',
      { tree: { '/home/u/dot/settings.json': '{}' } },
      {},
    ),
    row('C703', '{ "permissions": ', '{}'),
    row('C703', dir(), '{}'),
    row('C704', '{ "env": {}, "env": {} }', '{ "env": {} }'),
    row('C705', permissions({ denny: ['Read'] }), permissions({ deny: ['Read'] })),
    row('C705', json({ permision: {} }), json({ model: 'opus' })),
  ])
  it('tells every entry that is no rule, not the first alone', async () => {
    const entries = ['Bash(rm -r /)*', 'Read(./.env', 'Bash(ls)', 7]
    const report = await auditWith(claudeDialect, SETTINGS, permissions({ deny: entries }))
    const found = findingsOf(report, 'C311').map(({ message }) => message)
    expect(found.filter((one) => /entry [124] /.test(one))).toHaveLength(3)
    expect(found.join()).not.toContain('entry 3 ')
    expect(found.join()).toContain('Read(./.env')
  })
})
