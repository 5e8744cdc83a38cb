import { describe, expect, it } from 'vitest'
import type { AuditFlags } from '../../src/commands/audit/flags.ts'
import { auditCommand } from '../../src/commands/audit/command.ts'
import type { LauncherError } from '../../src/errors.ts'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { dir, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { shipped } from '../profile/harness.ts'
import { type AuditOptions, CONFIG, hostWith, PROJECT } from './vibe/harness.ts'
import { DENY_SECRETS } from './vibe/rules/cases.ts'

interface Ran {
  readonly code: number
  readonly out: string
}

const run = async (
  config: FakeTree[string] | undefined,
  operand: string | undefined,
  flags: AuditFlags = {},
  options: AuditOptions & { readonly json?: boolean; readonly request?: Partial<Request> } = {},
): Promise<Ran> => {
  const host = hostWith(config, { ...options, tree: { [PROJECT]: dir(), ...options.tree } })
  let out = ''
  const context = {
    host,
    builtins: shipped,
    json: options.json === true,
    screen: { isTerminal: false, columns: 100 },
    out: (text: string) => void (out += text),
    err: (text: string) => void (out += text),
  }
  const code = await auditCommand(
    operand,
    { ...emptyRequest, ...options.request },
    { agentVersion: '2.25.8', ...flags },
    context,
  )
  return { code, out }
}

interface Report {
  readonly version: number
  readonly kind: string
  readonly schema: number
  readonly file: string
  readonly findings: readonly {
    readonly id: string
    readonly kernel: { readonly shut: boolean } | null
    readonly position: { readonly line: number } | null
  }[]
  readonly probes: readonly {
    readonly id: string
    readonly tool: string
    readonly subject: string
    readonly cwd: string
    readonly layers: string
    readonly gate: { readonly verdict: string }
    readonly kernel: { readonly shut: boolean; readonly because: string } | null
  }[]
}

const json = async (
  ...[config, operand, flags, options]: Parameters<typeof run>
): Promise<Report> =>
  JSON.parse((await run(config, operand, flags, { ...options, json: true })).out) as Report

const BYPASS = 'bypass_tool_permissions = true\n'

describe('what is audited', () => {
  it.each<[string, string | undefined]>([
    ['a file', CONFIG],
    ['its directory', '/home/u/.vibe'],
    ['what the profile names', undefined],
    ['a path from the home directory', '~/.vibe/config.toml'],
    ['a relative path', '../.vibe/config.toml'],
  ])('%s', async (_, operand) => {
    const report = await json(BYPASS, operand)
    expect(report).toMatchObject({ version: 1, kind: 'audit', schema: 1, file: CONFIG })
    expect(report.findings.map(({ id }) => id)).toContain('V001')
  })

  it.each<[string, string, FakeTree]>([
    ['what is not there', '/home/u/none.toml', {}],
    ['a socket', '/s', { '/s': { fake: 'socket' } }],
    [
      'a file that cannot be read',
      '/home/u/x.toml',
      { '/home/u/x.toml': file('', { mode: 0o000 }) },
    ],
  ])('%s is an error, not a verdict', async (_, operand, tree) => {
    await expect(run('', operand, {}, { tree })).rejects.toMatchObject({
      code: 'E_USAGE',
    } satisfies Partial<LauncherError>)
  })

  it.each<[string, string, string]>([
    ['/home/u/.aider.conf.yml', 'auto-commits: true\n', "is Aider's"],
    ['/home/u/x.toml', '', 'it could be Mistral Vibe or Codex'],
    ['/home/u/x.yml', 'a: [\n', 'it could be Mistral Vibe or Claude Code or'],
  ])('%s is refused instead of judged as somebody’s', async (operand, text, told) => {
    const tree = { [operand]: text }
    await expect(run('', operand, {}, { tree })).rejects.toMatchObject({ code: 'E_USAGE' })
    await expect(run('', operand, {}, { tree })).rejects.toThrow(told)
    // Its twin: the person says it.
    const { out } = await run('', operand, { format: 'vibe' }, { tree })
    expect(out).toContain('Mistral Vibe')
  })

  it('a file of another name is recognised by its keys', async () => {
    const tree = { '/home/u/x.toml': BYPASS }
    expect((await json('', '/home/u/x.toml', {}, { tree })).findings[0]?.id).toBe('V001')
  })

  it.each<[string, FakeTree[string] | undefined, string]>([
    ['is no TOML', 'x = [[[[\n', 'it counts for nothing (not valid TOML'],
    ['is no text', file(new Uint8Array([0xff, 0xfe])), 'it counts for nothing (not valid UTF-8)'],
    ['leads nowhere', link('/gone'), 'it counts for nothing (a link that leads nowhere)'],
  ])('says before all else when the file %s', async (_, config, told) => {
    expect((await run(config, CONFIG)).out.split('\n').slice(0, 3).join('\n')).toContain(told)
    expect((await run(BYPASS, CONFIG)).out).not.toContain('counts for nothing')
  })

  it('says for each secret of the project whether the kernel hides it from bash', async () => {
    const { out } = await run(
      '',
      CONFIG,
      { all: true },
      { bash: true, tree: { [`${PROJECT}/.env`]: 'x', [`${PROJECT}/secrets/key.pem`]: 'x' } },
    )
    const rows = out.split('\n').filter((line) => /V207 |bash cat /.test(line))
    expect(rows.some((line) => /cat \.env → RUNS.*the kernel covers it/.test(line))).toBe(true)
    expect(rows.some((line) => /cat secrets\/key\.pem → RUNS.*not covered/.test(line))).toBe(true)
  })

  it('a link that leads nowhere is a finding', async () => {
    expect((await json(link('/gone'), CONFIG)).findings.map(({ id }) => id)).toContain('V516')
  })

  it('the chain of links is shown', async () => {
    const { out } = await run(
      link('dot/config.toml'),
      CONFIG,
      {},
      { tree: { '/home/u/.vibe/dot/config.toml': '' } },
    )
    expect(out).toContain('~/.vibe/config.toml is a link to dot/config.toml')
  })
})

describe('exit codes', () => {
  const clean = `enable_telemetry = false\nenable_connectors = false\nenable_update_checks = false\nautocopy_to_clipboard = false\ndisabled_agents = ["auto-approve"]\ndefault_agent = "ask"\n[experiments]\nenable = false\n[tools.read_file]\ndenylist = ${DENY_SECRETS}\n[tools.grep]\ndenylist = ${DENY_SECRETS}\n`

  it.each<[string, string, string, number]>([
    ['critical for a critical one', BYPASS, 'critical', 1],
    ['critical, its twin', '', 'critical', 0],
    ['high for what is denied to nobody', '', 'high', 1],
    ['high, its twin', clean, 'high', 0],
    ['info for an info', clean, 'info', 1],
  ])('--fail-on %s', async (_, config, failOn, code) => {
    expect((await run(config, CONFIG, { failOn })).code).toBe(code)
  })

  it('a version that is not known fails with --strict', async () => {
    const flags = { failOn: 'critical', agentVersion: '99.0.0' }
    expect((await run('', CONFIG, flags)).code).toBe(0)
    expect((await run('', CONFIG, flags, { request: { strict: true } })).code).toBe(1)
  })

  it.each<[string, AuditFlags, boolean]>([
    ['an unknown severity', { failOn: 'awful' }, false],
    ['an unknown format', { format: 'toml' }, false],
    ['--write alone', { write: true }, false],
    ['two formats', { sarif: true }, true],
    ['an unknown check', { explain: 'V999' }, false],
  ])('%s is wrong usage', async (_, flags, isJson) => {
    await expect(run('', CONFIG, flags, { json: isJson })).rejects.toMatchObject({
      code: 'E_USAGE',
    })
  })

  it('--write that took a path for a grant says so', async () => {
    await expect(
      run(
        '',
        undefined,
        { fix: true },
        { request: { grants: [{ path: CONFIG, access: 'write' }] } },
      ),
    ).rejects.toThrow('for a path to grant')
  })
})

describe('the kernel beside the agent', () => {
  const find = (report: Report, id: string) => report.probes.find((probe) => probe.id === id)

  it('a door that the agent leaves open is shut by the kernel', async () => {
    const report = await json(
      BYPASS,
      CONFIG,
      {},
      { bash: true, tree: { '/home/u/.ssh/id_rsa': 'k' } },
    )
    expect(find(report, 'read_file ~/.ssh/id_rsa @project')).toMatchObject({
      gate: { verdict: 'RUNS' },
      kernel: { shut: true },
      layers: 'kernel',
    })
    expect(find(report, 'bash cat ~/.ssh/id_rsa @project')).toMatchObject({
      gate: { verdict: 'RUNS' },
      kernel: { shut: true },
      layers: 'kernel',
    })
    expect(report.findings.find(({ id }) => id === 'V001')?.kernel?.shut).toBe(true)
  })

  it('two layers, where both refuse', async () => {
    const report = await json(
      `[tools.read_file]\ndenylist = ${DENY_SECRETS}\n`,
      CONFIG,
      {},
      { tree: { '/home/u/.ssh/id_rsa': 'k' } },
    )
    expect(find(report, 'read_file ~/.ssh/id_rsa @project')).toMatchObject({
      gate: { verdict: 'DENIED' },
      kernel: { shut: true },
      layers: 'two',
    })
  })

  it('none, where a grant opens what the agent runs; the finding is not covered', async () => {
    const request = {
      lifts: ['~/.ssh'],
      grants: [{ path: '/home/u/.ssh', access: 'read' as const }],
    }
    const report = await json(BYPASS, CONFIG, {}, { tree: { '/home/u/.ssh/id_rsa': 'k' }, request })
    expect(find(report, 'read_file ~/.ssh/id_rsa @project')).toMatchObject({
      gate: { verdict: 'RUNS' },
      kernel: { shut: false },
      layers: 'none',
    })
    expect(report.findings.find(({ id }) => id === 'V001')?.kernel?.shut).toBe(false)
  })

  it('the agent alone, where the kernel grants and it asks', async () => {
    const report = await json(
      'default_agent = "ask"\n',
      CONFIG,
      {},
      { tree: { [`${PROJECT}/.env.example`]: '' } },
    )
    expect(find(report, 'edit ./secrets/key.pem @project')).toMatchObject({
      gate: { verdict: 'ASKS' },
      kernel: { shut: false },
      layers: 'gate',
    })
  })

  it('a variable that launcher does not pass is covered', async () => {
    const report = await json(
      '',
      CONFIG,
      {},
      { env: { PATH: '/usr/bin', VIBE_BYPASS_TOOL_PERMISSIONS: 'true' } },
    )
    expect(report.findings.find(({ id }) => id === 'V008')?.kernel?.shut).toBe(true)
  })
})

describe('text', () => {
  it('is one screen by default, and everything with --all', async () => {
    const short = (await run(BYPASS, CONFIG, {}, { bash: true })).out
    const all = (await run(BYPASS, CONFIG, { all: true }, { bash: true })).out
    expect(short.split('\n').length).toBeLessThan(50)
    expect(all.split('\n').length).toBeGreaterThan(200)
    expect(short).toMatch(/critical {5}?V001|critical V001/)
    expect(all).toContain('bypass_tool_permissions = true (user)')
  })

  it('prints no character that forges text, and no colour where there is no terminal', async () => {
    const config =
      '"a\\u001b[31m\\u202e" = 1\n[tools.read_file]\ndenylist = ["~/\\u001b]0;x\\u0007"]\n[[mcp_servers]]\nname = "\\u001b[2J"\ncommand = "x\\u202ey"\n'
    for (const flags of [{}, { all: true }, { fix: true }] as const)
      expect((await run(config, CONFIG, flags)).out).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/,
      )
  })

  it('explains a check', async () => {
    const { out, code } = await run('', undefined, { explain: 'v104' })
    expect(code).toBe(0)
    expect(out).toMatch(/^V104 \(Mistral Vibe, high\)\n/)
  })
})
