import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const said = async (tree: FakeTree, text: PolicyText): Promise<string[]> =>
  (await resolveOn(fakeHost(tree), text)).resolved.notices
    .filter((notice) => notice.code === 'link-leads-out')
    .map((notice) => notice.message)
const farm: FakeTree = {
  '/home/u/.agent/config.toml': '',
  '/home/u/.agent/skills': link('../dotfiles/agent/skills'),
  '/home/u/dotfiles/agent/skills/x': '',
  '/home/u/dotfiles/secret': '',
}

describe('links in a granted directory that lead out of it (stow, chezmoi, home-manager)', () => {
  it('are said, with where they lead', async () => {
    expect(await said(farm, { read: ['~/.agent'] })).toEqual([
      expect.stringContaining('/home/u/.agent/skills (to /home/u/dotfiles/agent/skills)'),
    ])
  })
  it('open nothing', async () => {
    const { access } = compilePolicy(
      (await resolveOn(fakeHost(farm), { read: ['~/.agent'] })).resolved,
    )
    expect(access('/home/u/dotfiles/agent/skills/x' as AbsolutePath)).toBe('none')
  })
  it('are followed, and no more said, when the profile names the link or the place', async () => {
    for (const name of ['~/.agent/skills', '~/dotfiles/agent/skills']) {
      const { resolved } = await resolveOn(fakeHost(farm), { read: ['~/.agent', name] })
      const { access } = compilePolicy(resolved)
      expect([
        access('/home/u/dotfiles/agent/skills/x' as AbsolutePath),
        access('/home/u/dotfiles/secret' as AbsolutePath),
      ]).toEqual(['read', 'none'])
      expect(await said(farm, { read: ['~/.agent', name] })).toEqual([])
    }
  })
  it.each<[string, FakeTree, PolicyText]>([
    [
      'stays inside',
      { '/home/u/.agent/a': link('b'), '/home/u/.agent/b/x': '' },
      { read: ['~/.agent'] },
    ],
    ['leads to nothing', { '/home/u/.agent/a': link('/none') }, { read: ['~/.agent'] }],
    [
      'is in the project',
      { '/home/u/p/a': link('/home/u/x'), '/home/u/x/y': '' },
      { write: ['$PROJECT'] },
    ],
    [
      'is closed itself',
      { '/home/u/.agent/a': link('/home/u/x'), '/home/u/x/y': '' },
      { none: ['~/.agent'] },
    ],
    [
      'is of the system',
      { '/opt/d/a': link('/home/u/x'), '/home/u/x/y': '' },
      { read: ['/opt/d'] },
    ],
  ])('one that %s is not said', async (_, tree, text) => expect(await said(tree, text)).toEqual([]))
  it('many are counted', async () => {
    const many = Object.fromEntries(
      [...Array(500).keys()].map((n) => [`/home/u/.agent/l${n}`, link('/home/u/x')]),
    )
    const messages = await said({ ...many, '/home/u/x/y': '' }, { write: ['~/.agent'] })
    expect([messages.length, messages[0]!.length < 600]).toEqual([1, true])
    expect(messages[0]).toContain('and 250 more')
  })
})
