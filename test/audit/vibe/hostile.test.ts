import { describe, expect, it } from 'vitest'
import { cpuSince } from '../../fixtures/cpu.ts'
import { type FakeTree, fifo, file, link } from '../../fixtures/fake-host.ts'
import { auditVibe, CONFIG, findingsOf } from './harness.ts'

const SLOW = 4000

const inTime = async <T>(action: () => Promise<T>): Promise<T> => {
  const start = process.cpuUsage()
  const result = await action()
  expect(cpuSince(start)).toBeLessThan(SLOW)
  return result
}

describe('hostile configurations', () => {
  it.each<[string, FakeTree[string]]>([
    ['ten megabytes', file(new Uint8Array(10_000_000).fill(97), { mode: 0o600 })],
    ['deep nesting', `a = ${'['.repeat(100_000)}`],
    ['a deep dotted key', `${'a.'.repeat(100_000)}b = 1\n`],
    ['a key twice', 'a = 1\na = 2\n'],
    ['a byte order mark', '\ufeffenable_telemetry = false\n'],
    ['invalid UTF-8', file(new Uint8Array([0x61, 0x3d, 0x22, 0xff, 0xfe, 0x22]), { mode: 0o600 })],
    ['a NUL', 'a = "\0"\n'],
    ['a FIFO', fifo()],
    ['one huge string', `a = "${'x'.repeat(900_000)}"\n`],
  ])('%s is one finding at its place, quickly', async (_, config) => {
    const report = await inTime(() => auditVibe(config))
    expect(findingsOf(report, 'V511').map(({ cause }) => cause.file)).toEqual([CONFIG])
    expect((await inTime(() => auditVibe(config, { depth: 'launch' }))).findings).toEqual([])
  })

  it('a circle of links is a configuration that is not there', async () => {
    const report = await auditVibe(link('/home/u/.vibe/b'), {
      tree: { '/home/u/.vibe/b': link(CONFIG) },
    })
    expect(findingsOf(report, 'V516')[0]).toMatchObject({ severity: 'critical' })
  })

  it('CRLF is read, with the right columns', async () => {
    const report = await auditVibe('\r\nenable_telemetry = true\r\n')
    expect(findingsOf(report, 'V301')[0]?.position).toMatchObject({
      line: 2,
      column: 1,
      endLine: 2,
      endColumn: 24,
    })
  })

  const STARS = '*a'.repeat(2000)
  it.each<[string, string]>([
    [
      'stars',
      `[tools.read_file]\ndenylist = ["${STARS}b", "${'*'.repeat(5000)}x", "${'?*'.repeat(2000)}z"]\n`,
    ],
    [
      'brackets',
      `[tools.read_file]\ndenylist = ["${'['.repeat(5000)}", "${'[a-'.repeat(2000)}"]\n`,
    ],
    [
      'braces',
      `[tools.read_file]\ndenylist = ["${'{a,b}'.repeat(1000)}", "${'{'.repeat(5000)}"]\n`,
    ],
    [
      'thousands of patterns',
      `[tools.read_file]\ndenylist = [${Array.from({ length: 5000 }, (_, i) => `"*/a${i}/*"`).join(',')}]\n`,
    ],
    [
      'thousands of servers',
      Array.from(
        { length: 1500 },
        (_, i) => `[[mcp_servers]]\nname = "s${i}"\ncommand = "npx x"\n`,
      ).join(''),
    ],
    [
      'thousands of unknown keys',
      Array.from({ length: 5000 }, (_, i) => `enable_telemetri${i} = 1\n`).join(''),
    ],
    [
      'many keys of one secret',
      `[x]\n${Array.from({ length: 5000 }, (_, i) => `k${i} = "${'a'.repeat(32)}"\n`).join('')}`,
    ],
  ])('%s end quickly', async (_, text) => {
    const report = await inTime(() => auditVibe(text))
    expect(report.findings.length).toBeGreaterThan(0)
  })

  it.each<[string, string]>([
    ['tools', 'tools = 1\n'],
    ['a tool', '[tools]\nread_file = [1, 2]\nbash = "x"\n'],
    [
      'lists',
      '[tools.read_file]\ndenylist = "x"\nallowlist = { a = 1 }\nsensitive_patterns = [1, [2], {}]\n[tools.bash]\nallowlist = 7\ndenylist = [[]]\n',
    ],
    [
      'permissions',
      '[tools.read_file]\npermission = 1\n[tools.grep]\npermission = []\n[tools.bash]\npermission = 1979-05-27\n',
    ],
    ['servers', 'mcp_servers = "x"\nproviders = [1]\nmodels = { a = { b = 1 } }\n'],
    [
      'server fields',
      '[[mcp_servers]]\nname = 1\ncommand = [1, []]\nargs = "x"\nenv = 3\nurl = 1\nheaders = []\nauth = 2\n',
    ],
    [
      'switches',
      'bypass_tool_permissions = []\nenable_telemetry = 1.5\ndefault_agent = 3\ndisabled_agents = "x"\nenabled_tools = [1]\nexperiments = []\nsession_logging = 1\ntool_paths = [1, "\\u0000"]\nagent_paths = ["../..", ""]\nskill_paths = {}\n',
    ],
    [
      'names of objects',
      '[__proto__]\na = 1\n[constructor]\nb = 2\n[tools.__proto__]\npermission = "always"\n[tools.toString]\npermission = "always"\n',
    ],
    [
      'odd numbers',
      'a = 9223372036854775807\nb = nan\nc = -inf\nenable_telemetry = 9223372036854775807\n',
    ],
  ])('%s of a wrong type are no crash', async (_, text) => {
    for (const version of ['2.2.0', '2.18.4', '2.25.8', '99.0.0'])
      await auditVibe(text, { version, bash: true })
    await auditVibe(text, { depth: 'launch' })
  })

  it.each<[string, FakeTree]>([
    ['hooks', { '/home/u/.vibe/hooks.toml': 'hooks = [1]\n' }],
    ['broken hooks', { '/home/u/.vibe/hooks.toml': '[[hooks]\n' }],
    [
      'trusted folders',
      {
        '/home/u/.vibe/trusted_folders.toml':
          'trusted = "x"\nuntrusted = [1, "relative", "/../.."]\n',
      },
    ],
    [
      'an agent',
      {
        '/home/u/.vibe/agents/x.toml': 'tools = 3\n',
        '/home/u/.vibe/agents/y.toml': file('x', { mode: 0o000 }),
      },
    ],
    ['a .env that is a directory', { '/home/u/.vibe/.env/x': '' }],
    [
      'thousands of agents',
      Object.fromEntries(
        Array.from({ length: 3000 }, (_, i) => [`/home/u/.vibe/agents/a${i}.toml`, 'x = 1\n']),
      ),
    ],
  ])('%s beside it are no crash', async (_, tree) => {
    expect((await inTime(() => auditVibe('', { tree }))).findings.length).toBeGreaterThan(0)
  })
})
