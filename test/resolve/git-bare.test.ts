import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/machine/host.ts'
import { dir, fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const P = '/home/u/p'
const WRITE: PolicyText = { write: ['$PROJECT'] }

/** Names that keep the project from being a bare repository, with what holds the absent ones. */
const holdsIn = async (tree: FakeTree, text = WRITE): Promise<Record<string, string>> => {
  const { resolved } = await resolveOn(fakeHost(tree), text)
  return Object.fromEntries(
    resolved.protections
      .filter(({ origin }) => origin.key === 'git-bare')
      .map(({ path, exists, entry, placeholder }) => [
        path.startsWith(`${P}/`) ? path.slice(P.length + 1) : path,
        exists
          ? 'as it is'
          : `${entry}${placeholder === undefined ? '' : ` ${JSON.stringify(placeholder)}`}`,
      ]),
  )
}

const DIRECTORIES = { commondir: 'directory', refs: 'directory' }
const REPOSITORY: FakeTree = { [`${P}/.git/HEAD`]: 'ref: refs/heads/main\n' }

describe('a folder is kept from becoming a bare repository', () => {
  it.each<[string, FakeTree, Record<string, string>]>([
    ['that is plain', {}, DIRECTORIES],
    ['at the top of a repository', REPOSITORY, DIRECTORIES],
    [
      'with a folder of that name by the other half of its store',
      { [`${P}/refs/papers.md`]: '' },
      { commondir: 'directory', objects: 'directory' },
    ],
    [
      'with an empty folder of that name, which anybody may fill later, too',
      { [`${P}/refs`]: dir() },
      { commondir: 'directory', objects: 'directory' },
    ],
    [
      'with a file of that name',
      { [`${P}/refs`]: 'x' },
      { commondir: 'directory', refs: 'as it is' },
    ],
    [
      'while another run holds it, by the same names',
      { [`${P}/commondir`]: dir(), [`${P}/refs`]: dir(), [`${P}/HEAD`]: 'ref: refs/heads/x\n' },
      { commondir: 'as it is', refs: 'as it is' },
    ],
    [
      'while another run holds it by the other half',
      { [`${P}/commondir`]: dir(), [`${P}/refs/x`]: '', [`${P}/objects`]: dir() },
      { commondir: 'as it is', objects: 'as it is' },
    ],
    [
      'with a HEAD in it by files that git outside passes over',
      { [`${P}/HEAD`]: 'ref: refs/heads/x\n' },
      { commondir: 'file ".\\n"', refs: 'file ""' },
    ],
    ['with a directory HEAD as any other', { [`${P}/HEAD/x`]: '' }, DIRECTORIES],
    [
      'whose common directory is elsewhere, there',
      { [`${P}/commondir`]: 'x\n', [`${P}/x/objects/y`]: '' },
      { commondir: 'as it is', 'x/refs': 'file ""' },
    ],
  ])('%s', async (_, tree, holds) => expect(await holdsIn({ [P]: dir(), ...tree })).toEqual(holds))

  it('with both halves of a store by its configuration and hooks', async () => {
    const tree = { [`${P}/objects/x`]: '', [`${P}/refs/x`]: '' }
    const { resolved } = await resolveOn(fakeHost(tree), WRITE)
    const paths = resolved.protections.map(({ path }) => path)
    for (const name of ['commondir', 'config', 'config.worktree', 'hooks'])
      expect(paths).toContain(`${P}/${name}`)
  })

  it('in every writable root and every folder with a repository', async () => {
    const tree = {
      '/home/u/data/x': '',
      [`${P}/sub/.git/HEAD`]: 'ref: refs/heads/x\n',
      [`${P}/plain/x`]: '',
    }
    expect(await holdsIn(tree, { write: ['$PROJECT', '~/data'] })).toEqual({
      ...DIRECTORIES,
      'sub/commondir': 'directory',
      'sub/refs': 'directory',
      '/home/u/data/commondir': 'directory',
      '/home/u/data/refs': 'directory',
    })
  })

  it('not where nothing can be written, nor in a bare repository, which is protected as one', async () => {
    expect(await holdsIn({ [`${P}/x`]: '' }, { read: ['$PROJECT'] })).toEqual({})
    const bare = { [`${P}/HEAD`]: '', [`${P}/objects/x`]: '', [`${P}/refs/x`]: '' }
    expect(await holdsIn(bare)).toEqual({})
  })

  it('unless it is lifted', async () => {
    const lift = [`${P}/refs`, `${P}/commondir`]
    expect(await holdsIn({ [P]: dir() }, { ...WRITE, lift })).toEqual({})
  })
})

const surroundingsOf = async (host: Host) => (await resolveOn(host, WRITE)).surroundings

describe('a bare repository is found', () => {
  it.each<[string, FakeTree]>([
    ['by its three names', { HEAD: '', objects: dir(), refs: dir() }],
    ['behind links', { HEAD: link('refs/heads/x'), objects: link('y'), refs: link('y') }],
    ['by a common directory', { HEAD: '', commondir: 'y\n' }],
  ])('%s', async (_, tree) => {
    const { repositories } = await surroundingsOf(fakeHost({ [`${P}/v`]: dir(tree) }))
    expect(repositories).toEqual([{ place: `${P}/v`, type: 'bare' }])
  })

  it('with its common directory, whose configuration git reads', async () => {
    const tree = { [`${P}/v/HEAD`]: '', [`${P}/v/commondir`]: '../y\n', [`${P}/y/objects/x`]: '' }
    const { resolved } = await resolveOn(fakeHost(tree), WRITE)
    expect(resolved.protections.map(({ path }) => path)).toContain(`${P}/y/config`)
  })

  it.each<[string, FakeTree]>([
    ['two names of three', { HEAD: '', objects: dir() }],
    ['a directory HEAD', { HEAD: dir(), objects: dir(), refs: dir() }],
    [
      'a directory in the place of its common directory',
      { HEAD: '', commondir: dir(), objects: dir(), refs: dir() },
    ],
    ['other letters', { head: '', objects: dir(), refs: dir() }],
  ])('not by %s', async (_, tree) => {
    const { repositories } = await surroundingsOf(fakeHost({ [`${P}/v`]: dir(tree) }))
    expect(repositories).toEqual([])
  })

  it('in any letters where names compare without regard to case', async () => {
    const tree = { [`${P}/v`]: dir({ head: '', Objects: dir(), REFS: dir() }) }
    const { repositories } = await surroundingsOf(fakeHost(tree, { platform: 'macos' }))
    expect(repositories).toEqual([{ place: `${P}/v`, type: 'bare' }])
  })
})
