import { describe, expect, it } from 'vitest'
import { toAbsolutePath } from '../../src/machine/paths.ts'
import { createWalker } from '../../src/machine/walk.ts'
import { gitLinkGrants } from '../../src/resolve/git-link.ts'
import { fakeHost, link } from '../fixtures/fake-host.ts'

describe('a .git file that names a place in its own project', () => {
  const project = '/Users/u/code/shop'
  it.each([
    ['as it is stored', '/Users/u/code/shop/.real', 'macos'],
    ['in another case', '/Users/u/code/SHOP/.real', 'macos'],
    ['in another case above', '/users/U/Code/shop/.real', 'macos'],
    ['through a link', '/Users/u/way/.real', 'macos'],
    ['through a link, on Linux', '/Users/u/way/.real', 'linux'],
  ] as const)('derives nothing: %s', (_, named, platform) => {
    const host = fakeHost(
      {
        [`${project}/.git`]: `gitdir: ${named}\n`,
        [`${project}/.real/HEAD`]: 'ref: refs/heads/main',
        [`${project}/.real/objects/x`]: '',
        [`${project}/.real/refs/x`]: '',
        '/Users/u/way': link(project),
      },
      { platform, home: '/Users/u', cwd: project },
    )
    const { grants, candidates, notices } = gitLinkGrants(
      host,
      createWalker(host),
      toAbsolutePath(project)!,
    )
    expect([grants, candidates, notices]).toEqual([[], [], []])
  })

  it('is told from one in another directory, which has to name it in return', () => {
    const host = fakeHost(
      {
        [`${project}/.git`]: 'gitdir: /Users/u/code/SHOP/.real\n',
        '/Users/u/code/SHOP/.real/HEAD': 'ref: refs/heads/main',
      },
      { platform: 'linux', home: '/Users/u', cwd: project },
    )
    const { notices } = gitLinkGrants(host, createWalker(host), toAbsolutePath(project)!)
    expect(notices).toMatchObject([{ code: 'git-link-refused' }])
  })
})
