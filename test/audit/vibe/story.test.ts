import { describe, expect, it } from 'vitest'
import { fixesOf } from '../../../src/audit/fixes.ts'
import type { AuditReport } from '../../../src/audit/model.ts'
import { file, link } from '../../fixtures/fake-host.ts'
import { type AuditOptions, auditVibe, CONFIG, findingsOf } from './harness.ts'
import { DENY_PERSISTENCE, DENY_SECRETS } from './rules/cases.ts'

const TARGET = '/home/u/dev/dotfiles/.vibe/config.toml'

/**
 * The configuration that the project comes from: nothing denied to read_file, grep always, updates
 * and telemetry on, a link into dotfiles.
 */
const STORY = `# Vibe
active_model = "devstral-2"
enable_auto_update = true
enable_telemetry = true

[[providers]]
name = "mistral"
api_base = "https://api.mistral.ai/v1"
api_key_env_var = "MISTRAL_API_KEY"

[tools.read_file]
permission = "always"

[tools.grep]
permission = "always"

[tools.write_file]
permission = "ask"
denylist = ["*/.ssh", "*/.ssh/*"]
`

const dotfiles = (text: string, options: AuditOptions = {}): Promise<AuditReport> =>
  auditVibe(link(TARGET), {
    version: '2.8.0',
    ...options,
    tree: { [TARGET]: file(text, { mode: 0o600 }), ...options.tree },
  })

const lines = (report: AuditReport, id: string): (number | undefined)[] =>
  findingsOf(report, id).map(({ position }) => position?.line)

describe('the configuration of the story', () => {
  it('yields its findings, each at its line', async () => {
    const report = await dotfiles(STORY)
    expect(lines(report, 'V101')).toEqual([12])
    expect(lines(report, 'V102')).toEqual([15])
    expect(lines(report, 'V301')).toEqual([4])
    expect(lines(report, 'V304')).toEqual([3])
    expect(findingsOf(report, 'V304')[0]?.severity).toBe('medium')
    expect(findingsOf(report, 'V502')[0]?.message).toContain(TARGET)
    expect(report.sources[0]).toMatchObject({
      layer: 'user',
      hops: [{ path: CONFIG, target: TARGET }],
      real: TARGET,
    })
  })

  it('proves what it says with a probe', async () => {
    const [finding] = findingsOf(await dotfiles(STORY), 'V101')
    expect(finding?.proof).toMatchObject({
      tool: 'read_file',
      cwd: 'home',
      gate: { verdict: 'RUNS' },
    })
  })

  it.each(['~/.ssh', '~/.ssh/', '~/.ssh/*'])(
    'its naive fix %s does nothing, and a pattern that works is named',
    async (pattern) => {
      const report = await dotfiles(
        STORY.replace('[tools.read_file]\n', `[tools.read_file]\ndenylist = ["${pattern}"]\n`),
      )
      const [finding] = findingsOf(report, 'V104')
      expect(finding?.message).toContain('does nothing')
      expect(finding?.message).toContain('"*/.ssh", "*/.ssh/*"')
      expect(finding?.position).toMatchObject({ line: 12, column: 13 })
      expect(finding?.proof).toMatchObject({ tool: 'read_file', gate: { verdict: 'RUNS' } })
      const denied = report.probes.filter(
        ({ tool, subject, gate }) =>
          tool === 'read_file' && subject.startsWith('~/.ssh') && gate.verdict === 'DENIED',
      )
      expect(denied).toEqual([])
    },
  )

  it('the pattern that is named works', async () => {
    const report = await dotfiles(
      STORY.replace(
        '[tools.read_file]\n',
        '[tools.read_file]\ndenylist = ["*/.ssh", "*/.ssh/*"]\n',
      ),
    )
    expect(findingsOf(report, 'V104')).toEqual([])
    const probes = report.probes.filter(
      ({ tool, subject }) => tool === 'read_file' && subject.startsWith('~/.ssh'),
    )
    expect(probes.length).toBeGreaterThan(0)
    expect(probes.every(({ gate }) => gate.verdict === 'DENIED')).toBe(true)
  })

  it('the fixed file yields none of them', async () => {
    const fixed = STORY.replace('enable_auto_update = true', 'enable_auto_update = false')
      .replace('enable_telemetry = true', 'enable_telemetry = false')
      .replace(
        '[tools.read_file]\npermission = "always"',
        `[tools.read_file]\npermission = "ask"\ndenylist = ${DENY_SECRETS}`,
      )
      .replace(
        '[tools.grep]\npermission = "always"',
        `[tools.grep]\npermission = "ask"\ndenylist = ${DENY_SECRETS}`,
      )
    const report = await auditVibe(fixed, { version: '2.8.0' })
    for (const id of ['V101', 'V102', 'V104', 'V301', 'V304', 'V502'])
      expect.soft(findingsOf(report, id), id).toEqual([])
  })
})

describe('--fix', () => {
  const apply = (report: AuditReport): string => {
    const { files } = fixesOf(report.findings, report.documents)
    expect(files.length).toBe(1)
    return files[0]!.text
  }

  const ODD = `# my settings -- do not touch!\r
enable_telemetry   =   true     # hm\r
\r
[ tools . "read_file" ]   # spaces everywhere\r
  denylist=[   "~/.ssh" , '*/.aws/*'   ]\t# mine\r
\r
  # grep is noisy\r
  [tools.grep]\r
    permission='always'   # quick\r
    denylist = [\r
      "*/.netrc",   # machine\r
\r
      # keys\r
      '*/.ssh/*'\r
    ]\r
`

  it('changes only the lines it names, byte for byte', async () => {
    const report = await auditVibe(ODD, { version: '2.13.0' })
    const lines = apply(report).split('\n')
    const kept = ODD.split('\n').filter(
      (line) => !/enable_telemetry|denylist=\[|permission='always'|'\*\/\.ssh\/\*'/.test(line),
    )
    for (const line of kept) expect.soft(lines).toContain(line)
    expect(lines).toContain('enable_telemetry   =   false     # hm\r')
    expect(lines).toContain('    permission="ask"   # quick\r')
    expect(lines.find((line) => line.startsWith('  denylist=['))).toMatch(
      /^ {2}denylist=\[ {3}"\*\/\.ssh", "\*\/\.ssh\/\*" , "\*\/\.aws", "\*\/\.aws\/\*".*\t# mine\r$/,
    )
    expect(lines.every((line, index) => line.endsWith('\r') || index === lines.length - 1)).toBe(
      true,
    )
  })

  it('the result passes the audit for all that it says it mends, and is not changed again', async () => {
    for (const text of [
      ODD,
      STORY,
      '',
      'tools.grep.permission = "always"\n',
      `[tools]\ngrep = { permission = "always" }\n`,
    ]) {
      const before = await auditVibe(text, { version: '2.13.0' })
      const { files } = fixesOf(before.findings, before.documents)
      const after = await auditVibe(files[0]!.text, { version: '2.13.0' })
      const mended = new Set(files[0]!.mends.map(({ id }) => id))
      expect
        .soft(
          after.findings
            .filter(({ id }) => mended.has(id))
            .map(({ id, message }) => `${id} ${message}`),
        )
        .toEqual([])
      expect.soft(fixesOf(after.findings, after.documents).files).toEqual([])
    }
  })

  it('prints a block for what is missing, ready to paste', async () => {
    const [finding] = findingsOf(await auditVibe(STORY, { version: '2.8.0' }), 'V101')
    expect(finding?.paste).toMatch(
      /^\[tools\.read_file\]\ndenylist = \[\n {2}"\*\/\.ssh",\n {2}"\*\/\.ssh\/\*",\n/,
    )
  })
})

describe('versions', () => {
  it.each<[string, string, string]>([
    ['2.8.0', 'read_file', 'search_replace'],
    ['2.18.4', 'read', 'edit'],
    ['2.25.8', 'read_file', 'edit'],
  ])('%s is asked about its own tools', async (version, read, edit) => {
    const { probes } = await auditVibe('', { version })
    expect([...new Set(probes.map(({ tool }) => tool))]).toEqual([
      read,
      'grep',
      'grep above',
      'write_file',
      edit,
    ])
  })

  it('is found in the installed metadata without running anything', async () => {
    const { version } = await auditVibe('', { installed: '2.18.4' })
    expect(version).toMatchObject({
      value: '2.18.4',
      isKnown: true,
      from: '/v/lib/python3.12/site-packages/mistral_vibe-2.18.4.dist-info/METADATA',
    })
  })

  it('what is asked for wins over what is installed', async () => {
    expect((await auditVibe('', { installed: '2.18.4', version: '2.8.0' })).version).toMatchObject({
      value: '2.8.0',
      from: '--agent-version',
    })
  })
})

describe('layers', () => {
  const trusted = { '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home/u/p"]\n' }

  it('a value is blamed on the layer that it comes from', async () => {
    const report = await auditVibe('enable_telemetry = false\n', {
      tree: { ...trusted, '/home/u/p/.vibe/config.toml': '# x\nenable_telemetry = true\n' },
    })
    expect(findingsOf(report, 'V301')[0]).toMatchObject({
      cause: { file: '/home/u/p/.vibe/config.toml', layer: 'project' },
      position: { line: 2 },
    })
  })

  it('a project that is not trusted says nothing', async () => {
    const report = await auditVibe('enable_telemetry = false\n', {
      tree: { '/home/u/p/.vibe/config.toml': 'enable_telemetry = true\n' },
    })
    expect(findingsOf(report, 'V301')).toEqual([])
    expect(report.sources).toContainEqual(
      expect.objectContaining({
        file: '/home/u/p/.vibe/config.toml',
        state: 'not used: the project is not trusted',
      }),
    )
  })

  it('a closer untrusted ancestor counts', async () => {
    const tree = {
      '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home"]\nuntrusted = ["/home/u"]\n',
      '/home/u/p/.vibe/config.toml': 'enable_telemetry = true\n',
    }
    expect(findingsOf(await auditVibe('enable_telemetry = false\n', { tree }), 'V301')).toEqual([])
  })

  it('the values of a .env file are never shown', async () => {
    const report = await auditVibe('', {
      tree: { '/home/u/.vibe/.env': 'MISTRAL_API_KEY=topsecretvalue\nVIBE_THEME=x\n' },
    })
    const { documents: _, ...shown } = report
    expect(JSON.stringify(shown)).not.toContain('topsecretvalue')
  })

  it('what looks like a key is never shown', async () => {
    const key = 'sk-abcdefghijklmnopqrstuvwxyz0123'
    const text = `[[mcp_servers]]\nname = "s"\ncommand = "npx x --token=${key} ${key}"\nargs = ["${key}"]\nenv = { A = "${key}" }\n[[providers]]\nname = "p"\napi_base = "http://u:${key}@x.example/"\napi_key = "${key}"\nextra_headers = { B = "${key}" }\n`
    const { documents: _, ...shown } = await auditVibe(text, {
      tree: {
        '/home/u/.vibe/hooks.toml': `[[hooks]]\nname = "h"\ntype = "pre_tool"\ncommand = "x ${key}"\n`,
      },
    })
    expect(JSON.stringify(shown)).not.toContain(key)
  })

  it('the persistence block is complete', async () => {
    const text = `[tools.write_file]\ndenylist = ${DENY_PERSISTENCE}\n`
    expect(findingsOf(await auditVibe(text), 'V103').map(({ cause }) => cause.path?.[1])).toEqual([
      'edit',
    ])
  })
})
