import { describe, expect, it } from 'vitest'
import { auditStart } from '../../src/run/audit.ts'
import { prepare } from '../../src/run/prepare.ts'
import { guardStart, placeAt } from './harness.ts'
import type { Host } from '../../src/machine/host.ts'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { dir, fakeHost, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { uvPaths, uvTool } from '../fixtures/uv-tool.ts'
import { shipped } from '../profile/harness.ts'

const hostOf = (tree: FakeTree, env: Host['env'] = {}): Host =>
  fakeHost(
    { ...uvTool(), '/home/u/p': dir(), '/home/u/.ssh/id_rsa': 'k', ...tree },
    { env: { PATH: '/home/u/.local/bin:/usr/bin', ...env } },
  )

const noticesOf = async (
  tree: FakeTree,
  more: Partial<Request> = {},
  env: Host['env'] = {},
): Promise<readonly string[]> => {
  const host = hostOf(tree, env)
  const request: Request = { ...emptyRequest, name: 'vibe', network: 'none', ...more }
  const context = {
    host,
    builtins: shipped,
    json: false,
    screen: { isTerminal: false, columns: 100 },
    out: () => undefined,
    err: () => undefined,
  }
  const prepared = await prepare(request, context, placeAt('/tmp/run'))
  const audited = await auditStart(prepared, host)
  return guardStart(prepared, host, audited)
    .filter(({ code }) => code === 'audit')
    .map(({ message }) => message)
}

const config = (text: string): FakeTree => ({
  '/home/u/.vibe/config.toml': file(text, { mode: 0o600 }),
})
const BYPASS = config('bypass_tool_permissions = true\n')
const OPEN: Partial<Request> = {
  lifts: ['~/.ssh'],
  grants: [{ path: '/home/u/.ssh', access: 'read' }],
}

describe('at launch', () => {
  it('says nothing about what the kernel covers', async () => {
    expect(await noticesOf(BYPASS)).toEqual([])
  })

  it('says what is critical and open, with the id and the reason', async () => {
    const [message, ...more] = await noticesOf(BYPASS, OPEN)
    expect(more).toEqual([])
    expect(message).toMatch(/^V001: bypass_tool_permissions is on .*the kernel does not cover it/)
  })

  it('its twin, a configuration that asks, is quiet', async () => {
    expect(await noticesOf(config('bypass_tool_permissions = false\n'), OPEN)).toEqual([])
  })

  it('looks at the words after --, too', async () => {
    expect((await noticesOf(config(''), { ...OPEN, words: ['--yolo'] })).join()).toMatch(/^V003/)
  })

  it('--strict refuses', async () => {
    await expect(noticesOf(BYPASS, { ...OPEN, strict: true })).rejects.toMatchObject({
      code: 'E_USAGE',
    })
  })

  it('a variable that is not passed on is no danger', async () => {
    expect(await noticesOf(config(''), OPEN, { VIBE_BYPASS_TOOL_PERMISSIONS: 'true' })).toEqual([])
  })

  it.each<[string, string]>([
    ['not TOML', 'a = \n'],
    ['deep', `a = ${'['.repeat(100_000)}`],
    ['with a mark', '\ufeffbypass_tool_permissions = true\n'],
  ])('a file that is %s does not stop a start', async (_, text) => {
    expect(await noticesOf(config(text))).toEqual([])
  })
})

const PENDING = '[tools.bash]\ndefault_timeout = 300\n'
/** Vibe as the fixture installs it, with another version. */
const version = (value: string): FakeTree => ({
  [`${uvPaths().venv}/lib/python3.12/site-packages/mistral_vibe-2.26.1.dist-info/METADATA`]: `Name: mistral-vibe\nVersion: ${value}\n\n`,
})

describe('a migration that Vibe would make as it starts', () => {
  it('refuses the start, with the file, the key and the way out', async () => {
    const refused = noticesOf({ ...config(PENDING), ...version('3.0.3') })
    await expect(refused).rejects.toMatchObject({ code: 'E_AGENT_CONFIG', exit: 125 })
    await expect(refused).rejects.toThrow(
      /would not start: it rewrites .*\n {2}~\/\.vibe\/config\.toml: tools\.bash\.default_timeout: Vibe 3\.0\.3 drops default_timeout = 300/,
    )
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining('launcher audit ~/.vibe/config.toml') as string,
    })
  })

  it.each<[string, FakeTree, Partial<Request>]>([
    ['of another version', { ...config(PENDING), ...version('3.0.2') }, {}],
    ['that was made', { ...config(''), ...version('3.0.3') }, {}],
    [
      'when Vibe only says its version',
      { ...config(PENDING), ...version('3.0.3') },
      { words: ['--version'] },
    ],
    [
      'of a file that Vibe may write',
      { ...config('[tools.bash]\nallowlist = ["ls"]\n'), ...version('2.21.0') },
      {
        lifts: ['~/.vibe/config.toml'],
        grants: [{ path: '/home/u/.vibe/config.toml', access: 'write' }],
      },
    ],
  ])('its twin, one %s, starts', async (_, tree, more) => {
    expect(await noticesOf(tree, more)).toEqual([])
  })

  it('of a version that the tables do not know is a warning', async () => {
    const [message] = await noticesOf({ ...config(PENDING), ...version('3.9.0') })
    expect(message).toMatch(/^V214: .*default_timeout.*it will not start/)
  })

  it('of a file that a link leads to is told by the link, and of a trusted project, too', async () => {
    const linked = noticesOf({
      ...version('3.0.3'),
      '/home/u/.vibe/config.toml': link('../dot/config.toml'),
      '/home/u/dot/config.toml': PENDING,
    })
    await expect(linked).rejects.toThrow('~/.vibe/config.toml: tools.bash.default_timeout')
    const trusted = noticesOf({
      ...config(''),
      ...version('3.0.3'),
      '/home/u/.vibe/trusted_folders.toml': 'trusted = ["/home/u/p"]\n',
      '/home/u/p/.vibe/config.toml': 'default_agent = "default"\n',
    })
    await expect(trusted).rejects.toThrow('~/p/.vibe/config.toml: default_agent')
  })
})
