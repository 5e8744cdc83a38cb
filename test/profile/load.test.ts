import { describe, expect, it } from 'vitest'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { chooseProfile } from '../../src/profile/choose.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import type { Policy } from '../../src/policy/model.ts'
import { fakeHost, type FakeOverrides, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { builtinsOf, errorOf, grantsOf } from './harness.ts'

const builtins = builtinsOf({
  'agents/vibe':
    'command = "vibe"\nargs = ["--a"]\nextends = ["toolchains/git"]\n[filesystem]\nwrite = ["$PROJECT"]\n[network]\nmode = "none"\n[environment]\ndrop = ["KEY"]',
  default: 'extends = ["toolchains/git"]',
  'toolchains/git': '[filesystem]\nread = ["~/.gitconfig"]',
})
const CONFIG = '/home/u/.config/launcher'

const load = (
  request: Partial<Request>,
  tree: FakeTree = {},
  overrides: FakeOverrides = {},
): Promise<Policy> => {
  const host = fakeHost(tree, { env: { PATH: '/usr/bin' }, ...overrides })
  const full = { ...emptyRequest, ...request }
  return loadPolicy(full, host, builtins, chooseProfile(full, host, builtins))
}

describe('loadPolicy', () => {
  it('merges built-in, the user\u2019s profile, [all], [profile.NAME] and flags, in this order', async () => {
    const policy = await load(
      { name: 'vibe', grants: [{ path: 'x', access: 'read' }] },
      {
        [`${CONFIG}/profiles/vibe.toml`]:
          'schema = 1\n[filesystem]\nread = ["/user"]\n[network]\nmode = "allowlist"',
        [`${CONFIG}/config.toml`]:
          'schema = 1\n[all.filesystem]\nread = ["/all"]\n[profile.vibe]\nextends = ["toolchains/git"]\n[profile.vibe.filesystem]\nread = ["/section"]\n[profile.default.filesystem]\nread = ["/no"]',
      },
    )
    expect(grantsOf(policy)).toEqual({
      none: [],
      read: ['~/.gitconfig', '/user', '/all', '/section', '/home/u/p/x'],
      write: ['$PROJECT'],
    })
    expect(policy.grants.map(({ origin }) => origin.strength)).toEqual([
      'builtin',
      'builtin',
      'user',
      'user-config',
      'user-config',
      'flag',
    ])
    expect([policy.name, policy.command, policy.args, policy.network.mode.value]).toEqual([
      'vibe',
      'vibe',
      ['--a'],
      'allowlist',
    ])
  })

  it('lets a project name package indexes only where the user says so', async () => {
    expect((await load({ name: 'vibe' })).network.projectIndexes).toBeUndefined()
    const files = (value: string) => ({
      [`${CONFIG}/config.toml`]: `schema = 1\n[profile.vibe.network]\nproject_indexes = ${value}`,
    })
    expect((await load({ name: 'vibe' }, files('true'))).network.projectIndexes).toMatchObject({
      value: true,
      origin: { strength: 'user-config' },
    })
    expect((await load({ name: 'vibe' }, files('false'))).network.projectIndexes).toBeUndefined()
  })

  it('takes the place of the built-in with `replace`, but never of base', async () => {
    const policy = await load(
      { name: 'vibe' },
      { [`${CONFIG}/profiles/agents/vibe.toml`]: 'schema = 1\nreplace = true\ncommand = "v2"' },
    )
    expect([policy.command, policy.grants.length, policy.files]).toEqual([
      'v2',
      0,
      ['profiles/base.toml', `${CONFIG}/profiles/agents/vibe.toml`],
    ])
    expect(
      await errorOf(() =>
        load({ name: 'vibe' }, { [`${CONFIG}/profiles/base.toml`]: 'schema = 1\nreplace = true' }),
      ),
    ).toMatchObject({ code: 'E_PROFILE', message: expect.stringContaining('every protection') })
  })

  it('honours an absolute XDG_CONFIG_HOME only', async () => {
    const tree = {
      '/home/u/cfg/launcher/config.toml': 'schema = 1\n[all.filesystem]\nread = ["/x"]',
    }
    expect(
      grantsOf(await load({}, tree, { env: { XDG_CONFIG_HOME: '/home/u/cfg' } }))['read'],
    ).toContain('/x')
    expect(
      grantsOf(await load({}, tree, { env: { XDG_CONFIG_HOME: 'cfg' } }))['read'],
    ).not.toContain('/x')
  })

  it.each([
    [
      'another user\u2019s file',
      { [`${CONFIG}/config.toml`]: file('schema = 1', { uid: 1001 }) },
      'E_CONFIG',
      'uid 1001',
    ],
    [
      'a file that others can write',
      { [`${CONFIG}/config.toml`]: file('schema = 1', { mode: 0o664 }) },
      'E_CONFIG',
      'mode 664',
    ],
    [
      'a link to a file of another user',
      {
        '/srv/c.toml': file('schema = 1', { uid: 7 }),
        [`${CONFIG}/config.toml`]: link('/srv/c.toml'),
      },
      'E_CONFIG',
      'uid 7',
    ],
    ['a link to nowhere', { [`${CONFIG}/config.toml`]: link('/srv/none') }, 'E_CONFIG', 'nowhere'],
    [
      'bytes that are no UTF-8',
      { [`${CONFIG}/config.toml`]: new Uint8Array([0xff, 0xfe, 0]) },
      'E_CONFIG',
      'UTF-8',
    ],
    ['ten megabytes', { [`${CONFIG}/config.toml`]: 'x'.repeat(10_000_000) }, 'E_CONFIG', '1 MiB'],
    [
      'a misspelt profile in it',
      { [`${CONFIG}/config.toml`]: 'schema = 1\n[profile.vieb]\n' },
      'E_PROFILE',
      'There is no profile "vieb".',
    ],
    [
      'one profile twice in it',
      { [`${CONFIG}/config.toml`]: 'schema = 1\n[profile.vibe]\n[profile."agents/vibe"]\n' },
      'E_CONFIG',
      'twice',
    ],
    [
      'one profile in two files',
      {
        [`${CONFIG}/profiles/vibe.toml`]: 'schema = 1',
        [`${CONFIG}/profiles/agents/vibe.toml`]: 'schema = 1',
      },
      'E_CONFIG',
      'same profile',
    ],
    [
      'a profile that extends itself',
      { [`${CONFIG}/profiles/vibe.toml`]: 'schema = 1\nextends = ["vibe"]' },
      'E_PROFILE',
      'circle',
    ],
  ])('refuses %s', async (_, tree: FakeTree, code, message) => {
    expect(await errorOf(() => load({ name: 'vibe' }, tree))).toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  it('accepts files of root', async () => {
    expect(
      (await load({}, { [`${CONFIG}/config.toml`]: file('schema = 1', { uid: 0 }) })).files,
    ).toHaveLength(3)
  })

  it.each([
    ['x', '/home/u/p/x'],
    ['./a/./b', '/home/u/p/a/b'],
    ['../q', '/home/u/q'],
    ['link/../q', '/srv/q'], // as the kernel: from where the link leads
    ['/abs//x/', '/abs/x'],
    ['~/x', '~/x'],
    ['$HOME/x', '$HOME/x'],
  ])('resolves the flag\u2019s path %s to %s', async (path, expected) => {
    const policy = await load(
      { grants: [{ path, access: 'write' }] },
      { '/srv/d/f': '', '/home/u/p/link': link('/srv/d') },
    )
    expect(grantsOf(policy)['write']).toEqual([expected])
    expect(policy.grants.at(-1)!.origin).toEqual({
      strength: 'flag',
      file: '--write',
      key: '--write',
    })
  })

  it.each([
    ['a NUL', { grants: [{ path: 'a\0b', access: 'read' as const }] }, 'E_USAGE'],
    ['an empty path', { lifts: [''] }, 'E_USAGE'],
    ['every host', { hosts: ['*'] }, 'E_USAGE'],
    ['--network none with --allow-host', { hosts: ['a.b'], network: 'none' as const }, 'E_USAGE'],
    ['a loader variable', { env: [{ name: 'LD_PRELOAD', value: '/x.so' }] }, 'E_ENVIRONMENT'],
    ['a pattern of variables', { env: [{ name: 'A*' }] }, 'E_ENVIRONMENT'],
  ])('refuses flags with %s', async (_, request, code) => {
    expect(await errorOf(() => load(request))).toMatchObject({ code })
  })

  it('makes a named host reachable, and lets --network and --env speak last', async () => {
    expect((await load({ name: 'vibe', hosts: ['A.b:443'] })).network).toMatchObject({
      mode: { value: 'allowlist', origin: { file: '--allow-host' } },
      hosts: [{ value: 'a.b:443' }],
    })
    expect((await load({ name: 'vibe', network: 'host' })).network.mode.value).toBe('host')
    const { environment } = await load({
      name: 'vibe',
      env: [{ name: 'KEY' }, { name: 'B', value: '' }],
    })
    expect([
      environment.drop,
      environment.pass.map(({ value }) => value),
      environment.set.get('B')!.value,
    ]).toEqual([[], ['KEY'], ''])
  })
})

describe('chooseProfile', () => {
  const tools = {
    '/usr/bin/vibe': file('', { mode: 0o755 }),
    '/home/u/p/bin/vibe': file('', { mode: 0o755 }),
  }
  const choose = (
    request: Partial<Request>,
    tree: FakeTree = tools,
    overrides: FakeOverrides = {},
  ) =>
    chooseProfile(
      { ...emptyRequest, ...request },
      fakeHost(tree, { env: { PATH: '/usr/bin' }, ...overrides }),
      builtins,
    )

  it.each<[string, Partial<Request>, string, string | undefined, string[]]>([
    ['a name', { name: 'vibe', words: ['-p'] }, 'agents/vibe', undefined, ['-p']],
    ['a full name', { name: 'agents/vibe' }, 'agents/vibe', undefined, []],
    ['a claimed word', { words: ['vibe', '-p'] }, 'agents/vibe', 'vibe', ['-p']],
    ['a path', { words: ['./vibe'] }, 'default', './vibe', []],
    ['an unclaimed word', { words: ['make', 'x'] }, 'default', 'make', ['x']],
    ['nothing', {}, 'default', undefined, []],
    ['--profile with words', { profile: 'default', words: ['vibe'] }, 'default', 'vibe', []],
    [
      '--profile with a name',
      { profile: 'default', name: 'vibe', words: ['x'] },
      'default',
      'vibe',
      ['x'],
    ],
  ])('%s', (_, request, profile, command, words) => {
    const { reason, ...choice } = choose(request)
    expect(choice).toMatchObject({ profile, words, ...(command !== undefined && { command }) })
    expect('command' in choice).toBe(command !== undefined)
    expect(reason).not.toBe('')
  })

  it.each([
    ['not on PATH', {}, { PATH: '/usr/bin' }],
    ['in the project', tools, { PATH: '/home/u/p/bin:/usr/bin' }],
    [
      'a link into the project',
      { ...tools, '/usr/bin/vibe': link('/home/u/p/bin/vibe') },
      { PATH: '/usr/bin' },
    ],
    ['found through a relative PATH entry', tools, { PATH: 'bin' }],
  ])('gives no profile to a word that is %s', (_, tree: FakeTree, env) => {
    expect(choose({ words: ['vibe'] }, tree, { env }).profile).toBe('default')
  })

  it('prefers a user\u2019s profile of the same command, and asks when two claim it', () => {
    const mine = {
      ...tools,
      [`${CONFIG}/profiles/mine.toml`]: 'schema = 1\ncommand   = "vibe" # mine\nextends = ["vibe"]',
    }
    expect(choose({ words: ['vibe'] }, mine).profile).toBe('mine')
    expect(() =>
      choose(
        { words: ['vibe'] },
        { ...mine, [`${CONFIG}/profiles/other.toml`]: "command = 'vibe'" },
      ),
    ).toThrow('several profiles: mine, other')
  })

  it('names the nearest profiles', async () => {
    expect(await errorOf(() => choose({ name: 'vibr' }))).toMatchObject({
      code: 'E_PROFILE',
      hint: expect.stringContaining('vibe'),
    })
    expect(await errorOf(() => choose({ profile: 'defualt' }))).toMatchObject({
      hint: expect.stringContaining('default'),
    })
  })

  it('takes a file by --profile, never from the project', async () => {
    const tree = {
      '/home/u/x.toml': 'schema = 1',
      '/home/u/p/x.toml': 'schema = 1',
      '/home/u/l.toml': link('/home/u/p/x.toml'),
    }
    expect(choose({ profile: '../x.toml' }, tree).profile).toEqual({ file: '/home/u/x.toml' })
    for (const profile of ['x.toml', './x.toml', '/home/u/p/x.toml', '~/p/x.toml', '../l.toml'])
      expect(await errorOf(() => choose({ profile }, tree)), profile).toMatchObject({
        code: 'E_PROFILE',
        message: expect.stringContaining('project'),
      })
    expect(await errorOf(() => choose({ profile: 'agents/vibe' }, tree))).toMatchObject({
      hint: expect.stringContaining('--profile vibe'),
    })
    const policy = await load({ profile: '../x.toml', words: ['ls'] }, tree)
    expect([policy.name, policy.command, policy.files]).toEqual([
      'x',
      'ls',
      ['profiles/base.toml', '/home/u/x.toml'],
    ])
  })

  it('refuses a configuration folder that lies in the project', async () => {
    expect(
      await errorOf(() => choose({}, {}, { env: { XDG_CONFIG_HOME: '/home/u/p/cfg' } })),
    ).toMatchObject({ code: 'E_CONFIG' })
  })

  it('keeps the words of the command\u2019s own profile under another', async () => {
    expect((await load({ name: 'vibe', profile: 'default' })).args).toEqual(['--a'])
    expect((await load({ words: ['vibe'] }, tools)).args).toEqual([])
  })
})
