import { describe, expect, it } from 'vitest'
import { auditNotices } from '../../src/run/audit.ts'
import { prepare } from '../../src/run/prepare.ts'
import { guardStart, placeAt } from './harness.ts'
import type { Host } from '../../src/machine/host.ts'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { dir, fakeHost, type FakeTree, file } from '../fixtures/fake-host.ts'
import { uvTool } from '../fixtures/uv-tool.ts'
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
  const audited = await auditNotices(prepared, host)
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
