import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { DIALECTS } from '../../src/audit/dialects.ts'
import { fixesOf } from '../../src/audit/fixes.ts'
import { FORMATS } from '../../src/audit/model.ts'
import type { Dialect } from '../../src/audit/dialect.ts'
import { auditJson } from '../../src/report/audit-json.ts'
import { auditSarif } from '../../src/report/audit-sarif.ts'
import { auditText } from '../../src/report/audit.ts'
import { paletteFor } from '../../src/report/text.ts'
import { cpuSince } from '../fixtures/cpu.ts'
import { dir, file } from '../fixtures/fake-host.ts'
import { auditWith, findingsOf, PROJECT } from './shared/harness.ts'

const PLACES = [
  ['claude', '/home/u/.claude/settings.json'],
  ['codex', '/home/u/.codex/config.toml'],
  ['opencode', '/home/u/.config/opencode/opencode.json'],
] as const

const load = async (format: (typeof FORMATS)[number]): Promise<Dialect> => DIALECTS[format].load()

describe('dialects', () => {
  it('there is one for each format, which names itself', async () => {
    const dialects = await Promise.all(FORMATS.map(load))
    expect(dialects.map(({ format }) => format)).toEqual([...FORMATS])
    expect(new Set(dialects.flatMap(({ rules }) => rules.map(({ id }) => id))).size).toBe(
      dialects.reduce((sum, { rules }) => sum + rules.length, 0),
    )
    for (const { rules, fileNames } of dialects) {
      expect(rules.length).toBeGreaterThanOrEqual(10)
      expect(fileNames.length).toBeGreaterThan(0)
    }
  })

  it('neither the frame nor Vibe knows the other agents', () => {
    const root = path.resolve(import.meta.dirname, '../../src/audit')
    const files = fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(
        (name) =>
          name.endsWith('.ts') &&
          !/^(?:claude|codex|opencode|shared)\//.test(name) &&
          name !== 'dialects.ts',
      )
    expect(files).toEqual(expect.arrayContaining(['audit.ts', 'recognise.ts', 'vibe/dialect.ts']))
    const lines = files.flatMap((name) =>
      fs
        .readFileSync(path.join(root, name), 'utf8')
        .split('\n')
        .filter((line) => /claude|codex|opencode|anthropic|openai/i.test(line))
        .map((line) => `${name}: ${line}`),
    )
    // The list of formats, and hosts that Vibe's own providers may have.
    expect(
      lines.filter(
        (line) =>
          !line.startsWith('model.ts: export const FORMATS') &&
          !/vibe\/.*(?:anthropic|openai)/.test(line),
      ),
    ).toEqual([])
  })

  it('what several agents share names none of them', () => {
    const root = path.resolve(import.meta.dirname, '../../src/audit/shared')
    for (const name of fs.readdirSync(root))
      expect(fs.readFileSync(path.join(root, name), 'utf8')).not.toMatch(/claude|codex|opencode/i)
  })
})

/** Wrong types for every key that a check reads, ten megabytes, depth, bytes that are no text. */
const HOSTILE_JSON: readonly (readonly [string, string | Uint8Array])[] = [
  ['an empty file', ''],
  ['a list', '[]'],
  ['null', 'null'],
  ['a byte order mark', '\ufeff{}'],
  ['ten megabytes', `{ "permissions": "${'a'.repeat(10 << 20)}" }`],
  ['deep nesting', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['deep lists', '['.repeat(200_000)],
  ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
  ['NUL', '{ "a\u0000": 1 }'],
  [
    'names of prototypes',
    '{ "__proto__": { "permissions": 1 }, "constructor": {}, "permissions": { "__proto__": { "deny": 7 }, "toString": [] }, "mcp": { "__proto__": null }, "agent": { "constructor": { "permission": "allow" } } }',
  ],
  [
    'a rule of a megabyte',
    JSON.stringify({
      permissions: { deny: [`Bash(${'*a'.repeat(400_000)})`] },
      permission: { bash: { ['*a'.repeat(100_000)]: 'deny' } },
    }),
  ],
  [
    'thousands of rules',
    JSON.stringify({
      permissions: {
        deny: Array.from({ length: 9000 }, (_, n) => `Read(**/*${n}*/**)`),
        allow: Array.from({ length: 9000 }, (_, n) => `Bash(*a*${n} *)`),
      },
      permission: {
        read: Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`*a*${n}`, 'deny'])),
      },
    }),
  ],
]
const WRONG = [
  null,
  7,
  true,
  'x',
  [],
  [null, 7, {}, ['x']],
  { x: null },
  { x: { x: 7 } },
  { x: [{ hooks: [null, 7] }] },
]
const KEYS: Readonly<Record<string, readonly string[]>> = {
  claude: [
    'permissions',
    'sandbox',
    'hooks',
    'env',
    'enabledMcpjsonServers',
    'enabledPlugins',
    'statusLine',
    'cleanupPeriodDays',
    'apiKeyHelper',
    'mcpServers',
  ],
  codex: [
    'approval_policy',
    'sandbox_mode',
    'sandbox_workspace_write',
    'projects',
    'mcp_servers',
    'notify',
    'profiles',
    'profile',
    'model_providers',
    'shell_environment_policy',
    'hooks',
    'features',
    'plugins',
    'otel',
    'history',
  ],
  opencode: [
    'permission',
    'agent',
    'mcp',
    'plugin',
    'instructions',
    'provider',
    'formatter',
    'lsp',
    'experimental',
    'server',
    'tools',
    'share',
    'default_agent',
  ],
}

const toml = (value: unknown): string =>
  value === null
    ? '""'
    : Array.isArray(value)
      ? `[${value.map(toml).join(', ')}]`
      : typeof value === 'object'
        ? `{ ${Object.entries(value)
            .map(([key, inner]) => `${key} = ${toml(inner)}`)
            .join(', ')} }`
        : JSON.stringify(value)

describe('hostile configurations end in findings, quickly', () => {
  const isQuick = async (
    format: (typeof PLACES)[number][0],
    place: string,
    content: string | Uint8Array,
    options = {},
  ): Promise<readonly string[]> => {
    const start = process.cpuUsage()
    const { findings } = await auditWith(
      await load(format),
      place,
      file(content, { mode: 0o600 }),
      options,
    )
    expect(cpuSince(start)).toBeLessThan(5000)
    return findings.map(({ id }) => id)
  }

  describe.each(PLACES)('%s', (format, place) => {
    it.each(HOSTILE_JSON)('%s', async (_, content) => {
      expect((await isQuick(format, place, content)).length).toBeGreaterThan(0)
    })

    it('wrong types everywhere', async () => {
      for (const wrong of WRONG) {
        const values = Object.fromEntries((KEYS[format] ?? []).map((key) => [key, wrong]))
        const text =
          format === 'codex'
            ? Object.entries(values)
                .map(([key, value]) => `${key} = ${toml(value)}\n`)
                .join('')
            : JSON.stringify(values)
        const tree = {
          [`${PROJECT}/.mcp.json`]: JSON.stringify({ mcpServers: wrong }),
          '/home/u/.claude.json': JSON.stringify({ projects: wrong, mcpServers: wrong }),
          '/home/u/.codex/hooks.json': JSON.stringify({ hooks: wrong }),
        }
        expect((await isQuick(format, place, text, { tree })).length).toBeGreaterThan(0)
      }
    })

    it('a folder, and a link to itself, in its place', async () => {
      const dialect = await load(format)
      expect((await auditWith(dialect, place, dir())).findings.length).toBeGreaterThan(0)
      expect(
        (await auditWith(dialect, place, { fake: 'symlink', target: place })).findings.length,
      ).toBeGreaterThan(0)
    })

    it('no file at all', async () => {
      expect(
        (await auditWith(await load(format), place, undefined)).findings.length,
      ).toBeGreaterThan(0)
    })
  })
})

describe('positions, fixes and the launch', () => {
  it.each([
    [
      'claude',
      PLACES[0][1],
      '{\n  "permissions": {\n    "defaultMode": "bypassPermissions", "deny": ["Read(/home/u/.ssh/**)"]\n  }\n}\n',
      'C101',
      3,
      'C301',
      '"Read(//home/u/.ssh/**)"',
    ],
    [
      'codex',
      PLACES[1][1],
      '# mine\nmodel = "x" # keep\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n',
      'X101',
      3,
      'X101',
      'approval_policy = "on-request"',
    ],
    [
      'opencode',
      PLACES[2][1],
      '{\n  // mine\n  "share": "auto", // why not\n  "permission": { "bash": "allow", },\n}\n',
      'O301',
      3,
      'O102',
      '"bash": "ask"',
    ],
  ] as const)(
    '%s: the line of the cause is named, and the fix changes no other',
    async (format, place, text, id, line, fixed, expected) => {
      const dialect = await load(format)
      const report = await auditWith(dialect, place, text)
      expect(findingsOf(report, id)[0]?.position?.line).toBe(line)
      const fixes = fixesOf(findingsOf(report, fixed), report.documents)
      expect(fixes.byHand).toEqual([])
      const [one] = fixes.files
      expect(one?.text).toContain(expected)
      const changed = text.split('\n').filter((old, index) => one?.text.split('\n')[index] !== old)
      expect(changed).toHaveLength(1)
      expect(findingsOf(await auditWith(dialect, place, one?.text ?? ''), fixed)).toEqual([])
    },
  )

  it.each([
    ['claude', PLACES[0][1], 'C704', 'C703'],
    ['opencode', PLACES[2][1], 'O404', 'O403'],
  ] as const)(
    '%s: a key that stands twice and an error of syntax are shown where they are',
    async (format, place, twice, broken) => {
      const dialect = await load(format)
      const places = async (text: string, id: string): Promise<unknown[]> => {
        const report = await auditWith(dialect, place, text)
        const line = findingsOf(report, id)[0]?.position?.line
        const told = auditText(
          { ...report, findings: findingsOf(report, id) },
          { all: false, palette: paletteFor(false, {}), width: 100 },
        )
        const [shown] = (
          JSON.parse(auditJson(report)) as {
            findings: { id: string; position: { line: number }; cause: object }[]
          }
        ).findings.filter((finding) => finding.id === id)
        const sarif = JSON.parse(auditSarif(report, dialect.rules)) as {
          runs: [
            {
              results: {
                ruleId: string
                locations: { physicalLocation: { region: { startLine: number } } }[]
              }[]
            },
          ]
        }
        expect(told).toContain(`${place.slice('/home/u/'.length)}:${line}:`)
        expect(shown?.cause).not.toHaveProperty('position')
        return [
          line,
          shown?.position.line,
          sarif.runs[0].results.find(({ ruleId }) => ruleId === id)?.locations[0]?.physicalLocation
            .region.startLine,
        ]
      }
      expect(await places('{\n  "a": 1,\n  "b": 2,\n  "a": 3\n}\n', twice)).toEqual([4, 4, 4])
      expect(await places('{\n  "a": 1,\n  "b" 2\n}\n', broken)).toEqual([3, 3, 3])
    },
  )

  it.each(PLACES)(
    '%s: every edit of a whole audit can be made together, or says why not',
    async (format, place) => {
      const loose = {
        claude: JSON.stringify(
          {
            permissions: {
              defaultMode: 'bypassPermissions',
              allow: ['Bash', 'Read', 'Bash(npx *)', 'WebFetch'],
              deny: ['Write(~/x)'],
            },
            enableAllProjectMcpServers: true,
          },
          null,
          2,
        ),
        codex:
          'approval_policy = "never"\nsandbox_mode = "danger-full-access"\nweb_search = "live"\n',
        opencode: '{ "permission": { "bash": "allow" }, "share": "auto" }',
      }[format]
      const dialect = await load(format)
      const report = await auditWith(dialect, place, loose)
      const { files } = fixesOf(report.findings, report.documents)
      const main = files.find(({ document }) => document.file === place)
      expect(main?.mends.length).toBeGreaterThan(3)
      const again = await auditWith(dialect, place, main?.text)
      expect(again.findings.filter(({ severity }) => severity === 'critical')).toEqual([])
    },
  )

  it.each(PLACES)(
    '%s: the cheap part gives the same findings as the whole one, but for those that probes prove',
    async (format, place) => {
      const text = {
        claude: '{ "permissions": { "defaultMode": "bypassPermissions" } }',
        codex: 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n',
        opencode: '{ "permission": "allow" }',
      }[format]
      const dialect = await load(format)
      const [whole, cheap] = await Promise.all([
        auditWith(dialect, place, text),
        auditWith(dialect, place, text, { depth: 'launch' }),
      ])
      expect(cheap.documents.size).toBe(0)
      expect(cheap.probes).toEqual([])
      expect(cheap.findings.map(({ id }) => id)).toEqual(
        whole.findings.filter(({ id }) => id !== 'C605' && id !== 'X110').map(({ id }) => id),
      )
    },
  )
})
