import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { projectCache } from '../../src/resolve/own.ts'
import { resolveProject } from '../run/harness.ts'
import {
  dir,
  fakeHost,
  type FakeOverrides,
  type FakeTree,
  file,
  link,
} from '../fixtures/fake-host.ts'
import { errorOf } from '../profile/harness.ts'
import { policyOf, type PolicyText, resolveOn } from './policies.ts'

const at = (path: string): AbsolutePath => path as AbsolutePath
const P = '/home/u/p'
const ROOT = '/home/u/.cache/launcher'
const uv: PolicyText = { write: ['$PROJECT'], caches: [['UV_CACHE_DIR', '$CACHE/uv']] }
const own = (project = P, overrides: FakeOverrides = {}): AbsolutePath =>
  projectCache(fakeHost({}, overrides), at(project))
const OWN = own()
const OTHER = own('/home/u/q')

const resolved = (tree: FakeTree = {}, text: PolicyText = uv, overrides: FakeOverrides = {}) =>
  resolveOn(fakeHost(tree, overrides), text)
const accessOn = async (
  path: string,
  tree: FakeTree,
  text: PolicyText,
  overrides: FakeOverrides = {},
) => compilePolicy((await resolved(tree, text, overrides)).resolved).access(at(path))

describe('a project’s own cache', () => {
  it('is named after the project’s real path, differently for each, readably and within one name', () => {
    const names = [
      '/home/u/p',
      '/home/u/q',
      '/home/v/p',
      '/home/u/p/p',
      '/',
      '/home/u/P',
      '/home/u/a b\n\u00e9',
      `/home/u/${'x'.repeat(250)}`,
    ].map((path) => own(path))
    expect(new Set(names).size).toBe(names.length)
    for (const name of names)
      expect(name).toMatch(
        /^\/home\/u\/\.cache\/launcher\/projects\/[0-9a-f]{24}-[A-Za-z0-9._-]{0,32}$/,
      )
    expect(names[0]).toMatch(/-p$/)
  })

  it('lies in XDG_CACHE_HOME, and a relative one is not believed', () => {
    expect(own(P, { env: { XDG_CACHE_HOME: '/big/cache' } })).toMatch(
      /^\/big\/cache\/launcher\/projects\//,
    )
    expect(own(P, { env: { XDG_CACHE_HOME: 'cache' } })).toBe(OWN)
  })

  it('is writable whether it is there or not; the folder around it and other projects’ are not even visible', async () => {
    for (const tree of [{}, { [`${OWN}/uv/x`]: 'x', [`${OTHER}/uv/x`]: 'x' }]) {
      const { resolved: policy } = await resolved(tree)
      const decider = compilePolicy(policy)
      expect(
        ['create', 'write', 'read', 'exec', 'unlink'].map(
          (operation) => decider.decide(operation as 'read', at(`${OWN}/uv/x`)).allowed,
        ),
      ).toEqual([true, true, true, true, true])
      expect(
        [OTHER, `${OTHER}/uv`, `${OTHER}/uv/x`, `${ROOT}/new`, `${ROOT}/projects/new`].map((path) =>
          decider.access(at(path)),
        ),
      ).toEqual(['none', 'none', 'none', 'none', 'none'])
      expect([
        decider.decide('list', at(`${ROOT}/projects`)).allowed,
        decider.decide('rename-from', OWN).allowed,
        decider.decide('unlink', OWN).allowed,
      ]).toEqual([false, false, false])
    }
  })

  it.each<[string, PolicyText]>([
    ['the folder around', { ...uv, write: ['$PROJECT', '~/.cache'] }],
    ['the home directory', { ...uv, write: ['~'] }],
    ['the folder around, to read', { ...uv, read: ['~/.cache'] }],
    ['no cache of its own', { write: ['~/.cache'] }],
  ])('stays closed to another project’s runs when %s is granted', async (_, text) => {
    const tree = { [`${OTHER}/uv/x`]: 'x', '/home/u/.cache/else/x': 'x' }
    expect(await accessOn(`${OTHER}/uv/x`, tree, text)).toBe('none')
    expect(await accessOn('/home/u/.cache/else/x', tree, text)).not.toBe('none')
    if (text.caches) expect(await accessOn(`${OWN}/uv/x`, tree, text)).toBe('write')
  })

  it.each([ROOT, `${ROOT}/projects`, OTHER, `${OTHER}/uv/x`])(
    'a grant of %s is refused, by whoever says it',
    async (path) => {
      const tree = { [`${OTHER}/uv/x`]: 'x' }
      for (const text of [
        { ...uv, write: ['$PROJECT', path] },
        { ...uv, flagRead: [path] },
        { ...uv, write: ['$PROJECT', '~/.cache', path] },
        { ...uv, read: ['/l'] },
        { flagRead: [path] },
      ]) {
        const error = await errorOf(() => resolved({ ...tree, '/l': link(path) }, text))
        expect(error).toMatchObject({
          code: 'E_PATH',
          message: expect.stringContaining('caches of each project') as string,
        })
      }
      expect(await accessOn(`${OWN}/x`, tree, { ...uv, flagRead: [OWN] })).not.toBe('none')
    },
  )

  it('is made before the run, outermost first, each level checked; nothing is made without a cache', async () => {
    const { create, caches } = await resolved()
    expect(create).toEqual([
      { path: '/home/u/.cache', kind: 'directory' },
      { path: ROOT, kind: 'directory', isOwn: true },
      { path: `${ROOT}/projects`, kind: 'directory', isOwn: true },
      { path: OWN, kind: 'directory', isOwn: true },
    ])
    expect(caches).toMatchObject({
      directory: OWN,
      entries: [{ variable: 'UV_CACHE_DIR', path: `${OWN}/uv`, use: 'project' }],
    })
    expect(
      (await resolved({ [OWN]: dir({}, { mode: 0o700 }) })).create.map(({ path }) => path),
    ).toEqual([ROOT, `${ROOT}/projects`, OWN])
    const none = await resolved({}, { write: ['$PROJECT'], caches: [['X', '$TMPDIR/x']] })
    expect([none.create, none.caches.directory]).toEqual([[], undefined])
  })

  it('follows a link above launcher’s folder: a large disk is the user’s choice', async () => {
    const { create, resolved: policy } = await resolved({
      '/home/u/.cache': link('/home/u/disk/cache'),
      '/home/u/disk/cache': dir(),
    })
    const real = OWN.replace('/home/u/.cache', '/home/u/disk/cache')
    expect(create.map(({ path }) => path)).toContain(real)
    expect(policy.hops.map(({ path }) => path)).toContain('/home/u/.cache')
    expect(compilePolicy(policy).access(at(`${real}/uv`))).toBe('write')
  })

  it.each<[string, FakeTree, RegExp]>([
    [
      'launcher’s folder is a link to home',
      { [ROOT]: link('/home/u') },
      /launcher is a link \(to \/home\/u\)/,
    ],
    [
      'the folder of projects is a link',
      { [`${ROOT}/projects`]: link('/home/u/.ssh'), '/home/u/.ssh': dir() },
      /projects is a link/,
    ],
    ['the cache is a link to home', { [OWN]: link('/home/u') }, /-p is a link \(to \/home\/u\)/],
    [
      'the cache is a link to another project’s',
      { [OWN]: link(OTHER), [OTHER]: dir() },
      /-p is a link/,
    ],
    ['the cache is a link to nothing', { [OWN]: link('nowhere') }, /-p is a link/],
    ['a file stands in its place', { [OWN]: 'x' }, /-p is not a directory/],
    [
      'somebody else’s folder',
      { [OWN]: dir({}, { uid: 1001 }) },
      /-p belongs to another user \(uid 1001\)/,
    ],
    [
      'somebody else’s folder around it',
      { [ROOT]: dir({}, { uid: 0, mode: 0o755 }) },
      /launcher belongs to another user \(uid 0\)/,
    ],
    [
      'the group can write it',
      { [OWN]: dir({}, { mode: 0o770 }) },
      /-p can be written by others \(mode 770\)/,
    ],
    [
      'everybody can write the folder around launcher’s, and nothing keeps them from moving it',
      { '/home/u/.cache': dir({}, { mode: 0o777 }) },
      /\.cache can be written by every user of this machine \(mode 777\)/,
    ],
    [
      'sudo made the folder around launcher’s',
      { '/home/u/.cache': dir({}, { uid: 0 }) },
      /launcher cannot be made to hold the caches of this project: you may not write to \/home\/u\/\.cache, which belongs to user 0/,
    ],
    [
      'everybody can write the folder around it',
      { [ROOT]: dir({}, { mode: 0o1777 }) },
      /launcher can be written by others/,
    ],
    [
      'the place of caches is a link to nothing',
      { '/home/u/.cache': link('/gone') },
      /\.cache is a link to nothing/,
    ],
    [
      'the place of caches is a file',
      { '/home/u/.cache': file('x') },
      /\.cache is not a directory/,
    ],
    [
      'the place of caches goes in a circle',
      { '/home/u/.cache': link('.cache') },
      /\.cache cannot be entered/,
    ],
  ])('is refused with the reason when %s', async (_, tree, message) => {
    expect(await errorOf(() => resolved(tree))).toMatchObject({
      code: 'E_STATE',
      message: expect.stringMatching(message) as string,
      hint: expect.stringMatching(/XDG_CACHE_HOME/) as string,
    })
    // A policy without a cache of the project's own has nothing to do with it.
    await resolved(tree, { write: ['$PROJECT'] })
  })

  it('is not looked through for names that patterns protect: what tools keep there is no part of the project', async () => {
    const tree = {
      [`${OWN}/uv/git/db/HEAD`]: 'x',
      [`${OWN}/uv/git/db/objects`]: dir(),
      [`${OWN}/uv/git/db/refs`]: dir(),
      [`${OWN}/uv/.env`]: 'x',
    }
    const { resolved: policy } = await resolved(tree, { ...uv, hidden: ['**/.env'] })
    expect(policy.protections.filter(({ path }) => path.startsWith(ROOT))).toEqual([])
    expect(compilePolicy(policy).access(at(`${OWN}/uv/git/db/config`))).toBe('write')
  })

  it('a `none` of the user’s own takes it away, and says so', async () => {
    const { resolved: policy } = await resolved({ [OWN]: dir() }, { ...uv, none: ['~/.cache'] })
    expect(compilePolicy(policy).access(at(`${OWN}/uv`))).toBe('none')
    expect(
      policy.notices.some(
        ({ code, message }) => code === 'target-blocked' && message.includes(OWN),
      ),
    ).toBe(true)
  })
})

describe('launcher’s cache folder and the project', () => {
  const project =
    (cwd: string, env: FakeOverrides['env'] = {}) =>
    () =>
      resolveProject(emptyRequest, fakeHost({ [cwd]: dir() }, { cwd, env }), policyOf({}))

  it.each([
    ['the project lies in it', `${ROOT}/projects/x`, {}],
    ['it lies in the project', P, { XDG_CACHE_HOME: `${P}/cache` }],
  ])('are refused when %s', async (_, cwd, env) => {
    expect(await errorOf(project(cwd, env))).toMatchObject({
      code: 'E_PROJECT',
      hint: expect.stringMatching(/XDG_CACHE_HOME/) as string,
    })
    expect(project(P)()).toMatchObject({ project: P })
  })
})

describe('$CACHE in a path', () => {
  it('is the project’s own cache', async () => {
    expect(
      await accessOn(`${OWN}/bin/x`, { [`${OWN}/bin`]: dir() }, { ...uv, read: ['$CACHE/bin'] }),
    ).toBe('read')
  })
})
