import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { createWalker, walkPath } from '../../src/machine/walk.ts'
import { dir, fakeHost, type FakeTree, file, link } from '../fixtures/fake-host.ts'

const at = (path: string) => path as AbsolutePath

const chain = (length: number): FakeTree =>
  Object.fromEntries(
    Array.from({ length }, (_, i) => [
      `/l${i}`,
      i + 1 === length ? file('end') : link(`l${i + 1}`),
    ]),
  )

describe('walk', () => {
  it.each<[string, FakeTree, string, readonly string[], string, string]>([
    ['no link', { '/a/b': 'x' }, '/a/b', [], '/a/b', 'exists'],
    ['root', {}, '/', [], '/', 'exists'],
    ['absent', { '/a': dir() }, '/a/b/c', [], '/a/b/c', 'missing'],
    ['through a file', { '/a': 'x' }, '/a/b', [], '/a/b', 'missing'],
    ['one link', { '/a': link('/b'), '/b': 'x' }, '/a', ['/a'], '/b', 'exists'],
    ['relative link', { '/d/a': link('../e/b'), '/e/b': 'x' }, '/d/a', ['/d/a'], '/e/b', 'exists'],
    [
      'directory link in the middle',
      {
        '/py/3.12': link('3.12.1'),
        '/py/3.12.1/bin/python': 'x',
        '/t/python': link('/py/3.12/bin/python'),
      },
      '/t/python',
      ['/t/python', '/py/3.12'],
      '/py/3.12.1/bin/python',
      'exists',
    ],
    [
      '.. after a link is physical',
      { '/a/l': link('/x/y'), '/x/y': dir(), '/x/z': 'x', '/b': link('/a/l/../z') },
      '/b',
      ['/b', '/a/l'],
      '/x/z',
      'exists',
    ],
    ['.. above the root', { '/a': link('../../b'), '/b': 'x' }, '/a', ['/a'], '/b', 'exists'],
    ['dangling', { '/a': link('/nope/x') }, '/a/c', ['/a'], '/nope/x/c', 'dangling'],
    ['dangling with ..', { '/a': link('/nope/../c') }, '/a', ['/a'], '/c', 'dangling'],
    ['absent beneath a link', { '/a': link('/b'), '/b': dir() }, '/a/c', ['/a'], '/b/c', 'missing'],
    [
      'link to a file with a slash',
      { '/a': link('/b/'), '/b': 'x' },
      '/a',
      ['/a'],
      '/b',
      'dangling',
    ],
    ['link to a file with ..', { '/a': link('/b/..'), '/b': 'x' }, '/a', ['/a'], '/', 'dangling'],
    [
      'leaving home',
      { '/home/u/x': link('/etc/y'), '/etc/y': 'x' },
      '/home/u/x',
      ['/home/u/x'],
      '/etc/y',
      'exists',
    ],
    [
      'odd names',
      { '/a b/"q"\n': link("it's"), "/a b/it's": 'x', '/é': link('/a b') },
      '/é/"q"\n',
      ['/é', '/a b/"q"\n'],
      "/a b/it's",
      'exists',
    ],
    [
      'closed directory',
      { '/c': dir({ x: 'x' }, { mode: 0, uid: 0 }) },
      '/c/x',
      [],
      '/c/x',
      'denied',
    ],
  ])('%s', (_, tree, path, hops, real, status) => {
    const walked = walkPath(fakeHost(tree), at(path))
    expect({
      hops: walked.hops.map((hop) => hop.path),
      real: walked.real,
      status: walked.status,
    }).toEqual({ hops, real, status })
  })

  it('follows 40 links and no more', () => {
    expect(walkPath(fakeHost(chain(41)), at('/l0')).status).toBe('exists')
    expect(walkPath(fakeHost(chain(42)), at('/l0')).status).toBe('cycle')
    expect(walkPath(fakeHost({ '/a': link('b'), '/b': link('a') }), at('/a')).status).toBe('cycle')
  })

  it('keeps NFC and NFD apart on Linux and takes the stored spelling on macOS', () => {
    const tree = { '/Users/u/caf\u00e9': file('x') }
    const nfd = at('/Users/u/CAFE\u0301')
    expect(walkPath(fakeHost(tree), nfd).status).toBe('missing')
    expect(walkPath(fakeHost(tree, { platform: 'macos', home: '/Users/u' }), nfd).real).toBe(
      '/Users/u/caf\u00e9',
    )
  })

  it('asks nothing twice', () => {
    const host = fakeHost({ '/a/b/c': 'x', '/a/b/d': link('c') })
    const walk = createWalker(host)
    for (let i = 0; i < 3; i++) for (const path of ['/a/b/c', '/a/b/d', '/a/b/none']) walk(at(path))
    expect(host.calls).toMatchObject({ lstat: 5, readlink: 1 })
  })

  it('agrees with the kernel rules of the fake host on random trees', () => {
    const name = fc.constantFrom('a', 'b', 'c')
    const path = fc
      .array(name, { minLength: 1, maxLength: 3 })
      .map((names) => `/${names.join('/')}`)
    const target = fc
      .array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 4 })
      .chain((names) => fc.constantFrom(names.join('/'), `/${names.join('/')}`))
    const node = fc.oneof(fc.constant('file' as const), fc.constant('dir' as const), target)
    fc.assert(
      fc.property(fc.array(fc.tuple(path, node), { maxLength: 8 }), path, (entries, asked) => {
        let tree: FakeTree = {}
        for (const [place, what] of entries) {
          const next = {
            ...tree,
            [place]: what === 'file' ? file('x') : what === 'dir' ? dir() : link(what),
          }
          try {
            fakeHost(next)
            tree = next
          } catch {
            // A name beneath a file or link: not a tree.
          }
        }
        const host = fakeHost(tree)
        const walked = walkPath(host, at(asked))
        const followed = host.stat(asked)
        expect(walked.status === 'exists').toBe(followed !== undefined)
        if (followed) {
          const there = host.lstat(walked.real)
          expect(there !== 'denied' && there?.ino).toBe(followed.ino)
        }
      }),
      { numRuns: 500 },
    )
  })
})
