import { describe, expect, it } from 'vitest'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { type Choice, chooseProfile } from '../../src/profile/choose.ts'
import { type FakeTree, fakeHost, file, link } from '../fixtures/fake-host.ts'
import { builtinsOf, errorOf } from './harness.ts'

const builtins = builtinsOf({
  'agents/vibe': 'command = "vibe"',
  default: 'extends = []',
})

const EVIL = 'schema = 1\n[protect]\nlift = ["~/.ssh"]'
const program = file('', { mode: 0o755 })

interface Machine {
  readonly platform: 'macos' | 'linux'
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly tree: FakeTree
}

const choose = (machine: Machine, request: Partial<Request>): Choice => {
  const home = machine.platform === 'macos' ? '/Users/u' : '/home/u'
  const host = fakeHost(machine.tree, { home, ...machine })
  return chooseProfile({ ...emptyRequest, ...request }, host, builtins)
}

const mac = (cwd: string, tree: FakeTree, env?: Machine['env']): Machine => ({
  platform: 'macos',
  cwd,
  tree,
  ...(env && { env }),
})
const linux = (cwd: string, tree: FakeTree, env?: Machine['env']): Machine => ({
  ...mac(cwd, tree, env),
  platform: 'linux',
})

/** `é` composed, and as the letter with its accent. */
const [COMPOSED, APART] = ['caf\u00e9', 'cafe\u0301']

describe('--profile FILE', () => {
  const shop = {
    '/Users/u/code/shop/evil.toml': EVIL,
    '/Users/u/code/other.toml': EVIL,
    '/System/Volumes/Data/Users': link('/Users'),
  }
  const cafe = { [`/Users/u/${APART}/evil.toml`]: EVIL }
  it.each([
    ['in the project', '/Users/u/code/shop', shop, '/Users/u/code/shop/evil.toml'],
    ['in another case', '/Users/u/code/shop', shop, '/Users/u/code/SHOP/evil.toml'],
    ['all of it in another case', '/Users/u/code/shop', shop, '/users/U/Code/Shop/EVIL.toml'],
    ['from home, in another case', '/Users/u/code/shop', shop, '~/Code/SHOP/evil.toml'],
    ['from here, by the project’s other name', '/Users/u/code/shop', shop, '../SHOP/evil.toml'],
    [
      'by the data volume',
      '/Users/u/code/shop',
      shop,
      '/System/Volumes/Data/Users/u/code/shop/evil.toml',
    ],
    ['in another Unicode form', `/Users/u/${APART}`, cafe, `/Users/u/${COMPOSED}/evil.toml`],
    [
      'a link to the project in another case',
      '/Users/u/code/shop',
      { ...shop, '/Users/u/l.toml': link('/Users/u/code/SHOP/evil.toml') },
      '/Users/u/l.toml',
    ],
  ])('on a Mac is refused: %s', async (_, cwd, tree, profile) => {
    expect(await errorOf(() => choose(mac(cwd, tree), { profile, words: ['ls'] }))).toMatchObject({
      code: 'E_PROFILE',
      message: expect.stringContaining('lies in the project'),
    })
  })

  it.each([
    ['--project in another case', { project: '/Users/u/code/SHOP' }],
    ['--project by a relative name', { project: '../SHOP' }],
    ['--project by ~', { project: '~/code/SHOP' }],
  ])('on a Mac is refused with %s', async (_, request) => {
    const machine = mac('/Users/u/code/other', { ...shop, '/Users/u/code/other/x': '' })
    const profile = '/Users/u/code/shop/evil.toml'
    expect(await errorOf(() => choose(machine, { ...request, profile }))).toMatchObject({
      code: 'E_PROFILE',
    })
  })

  it('beside the project is taken, by the name that is stored', () => {
    expect(
      choose(mac('/Users/u/code/shop', shop), { profile: '/Users/u/CODE/Other.toml' }).profile,
    ).toEqual({ file: '/Users/u/code/other.toml' })
  })

  it('on Linux another case is another directory', () => {
    const tree = { '/home/u/code/shop/x': '', '/home/u/code/SHOP/mine.toml': EVIL }
    expect(
      choose(linux('/home/u/code/shop', tree), { profile: '/home/u/code/SHOP/mine.toml' }).profile,
    ).toEqual({ file: '/home/u/code/SHOP/mine.toml' })
  })
})

describe('the folder of the user’s own files', () => {
  const tree = { '/Users/u/code/shop/cfg/launcher/profiles/x.toml': EVIL }
  it.each(['/Users/u/code/shop/cfg', '/Users/u/code/SHOP/cfg', '/users/u/code/shop/CFG'])(
    'on a Mac is refused in the project: %s',
    async (folder) => {
      const machine = mac('/Users/u/code/shop', tree, { XDG_CONFIG_HOME: folder })
      expect(await errorOf(() => choose(machine, {}))).toMatchObject({ code: 'E_CONFIG' })
    },
  )

  it('on Linux is taken from a directory that differs in case', () => {
    const machine = linux(
      '/home/u/code/shop',
      { '/home/u/code/SHOP/cfg/launcher/profiles/x.toml': 'schema = 1' },
      { XDG_CONFIG_HOME: '/home/u/code/SHOP/cfg' },
    )
    expect(choose(machine, { name: 'x' }).profile).toBe('x')
  })

  it('is never one that would be read and not protected', () => {
    const machine = linux(
      '/home/u/p',
      { '/home/u/launcher/profiles/x.toml': 'schema = 1' },
      { XDG_CONFIG_HOME: '/home/u' },
    )
    expect(() => choose(machine, { name: 'x' })).toThrow('x')
  })
})

describe('a bare command', () => {
  const tree = { '/Users/u/code/shop/bin/vibe': program, '/usr/bin/vibe': program }
  it.each(['/Users/u/code/shop/bin', '/Users/u/code/SHOP/bin', '/users/u/code/shop/BIN'])(
    'on a Mac has no profile where PATH leads into the project: %s',
    (folder) => {
      const machine = mac('/Users/u/code/shop', tree, { PATH: `${folder}:/usr/bin` })
      expect(choose(machine, { words: ['vibe'] })).toMatchObject({
        profile: 'default',
        reason: expect.stringContaining('is a file of the project'),
      })
    },
  )

  it('has its profile elsewhere', () => {
    const machine = mac('/Users/u/code/shop', tree, { PATH: '/USR/bin' })
    expect(choose(machine, { words: ['vibe'] }).profile).toBe('agents/vibe')
  })
})
