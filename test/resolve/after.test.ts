import { describe, expect, it } from 'vitest'
import type { Entry, Host } from '../../src/machine/host.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { takeBaseline } from '../../src/resolve/after/baseline.ts'
import { lookAfter } from '../../src/resolve/after/look.ts'
import { dir, fakeHost, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const P = '/home/u/p'
const TEXT: PolicyText = {
  write: ['$PROJECT'],
  readOnly: ['$PROJECT/**/.envrc'],
  hidden: ['$PROJECT/**/.env'],
}
const BARE: FakeTree = { HEAD: '', objects: dir({ x: '' }), refs: dir({ x: '' }) }
const START = 1_000

/** What is told after a run that found `before` and left `after`. */
const told = async (
  before: FakeTree,
  after: FakeTree,
  text = TEXT,
  held: readonly string[] = [],
) => {
  const host = fakeHost({ [P]: dir(), ...before })
  const { resolved, surroundings } = await resolveOn(host, text)
  const baseline = takeBaseline(host, resolved, surroundings, START)
  const kept: typeof baseline = JSON.parse(JSON.stringify(baseline))
  const ended = fakeHost({ [P]: dir(), ...before, ...after }, { env: {} })
  return lookAfter(kept, ended, new Set(held as readonly AbsolutePath[]))
}
const pathsOf = async (...asked: Parameters<typeof told>): Promise<string[]> =>
  (await told(...asked)).names.map(({ path }) => path.slice(P.length + 1))

describe('the list after a run', () => {
  it('puts first what runs without being asked', async () => {
    const after = {
      [`${P}/a/.env`]: 'x',
      [`${P}/a/.envrc`]: 'x',
      [`${P}/z`]: dir(BARE),
      [`${P}/y/.git/config`]: '',
      [`${P}/bin/x`]: file('', { ctimeMs: START }),
    }
    expect(await pathsOf({}, after)).toEqual(['y/.git', 'z', 'a/.envrc', 'a/.env', 'bin'])
  })

  it('tells a repository beside which a protected name stood at the start', async () => {
    const before = { [`${P}/sub/.envrc`]: 'x' }
    expect(await pathsOf(before, { [`${P}/sub`]: dir({ ...BARE, '.envrc': 'x' }) })).toEqual([
      'sub',
    ])
  })

  it('holds every name, however many there are', async () => {
    const after = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`${P}/d${at}/.git/config`, '']),
    )
    expect(await pathsOf({}, after)).toHaveLength(500)
  })

  it.each(['target', 'venv', '.venv', 'node_modules'])(
    'looks into a %s that did not exist at the start',
    async (name) =>
      expect(await pathsOf({}, { [`${P}/${name}/deep/down`]: dir(BARE) })).toEqual([
        `${name}/deep/down`,
      ]),
  )

  it('leaves a tree of a tool that was there', async () =>
    expect(await pathsOf({ [`${P}/target/x`]: '' }, { [`${P}/target/y`]: dir(BARE) })).toEqual([]))

  it.each<[string, FakeTree, PolicyText | undefined, readonly string[]]>([
    ['what was there', {}, undefined, []],
    ['what was lifted', { [`${P}/.envrc`]: 'x' }, { ...TEXT, lift: [`${P}/.envrc`] }, []],
    ['what another run holds', { [`${P}/a/.envrc`]: '' }, undefined, [`${P}/a/.envrc`]],
    ['an empty directory', { [`${P}/a/.envrc`]: dir() }, undefined, []],
    ['ordinary work', { [`${P}/a/b`]: 'x', [`${P}/sub/HEAD`]: 'x' }, undefined, []],
  ])('says nothing of %s', async (_, after, text, held) => {
    const before = { [`${P}/old/.envrc`]: 'x', [`${P}/v`]: dir(BARE), [`${P}/s/.git/HEAD`]: '' }
    expect(await pathsOf(before, after, text, held)).toEqual([])
  })

  it('tells a place that cannot be looked into, and goes on', async () => {
    const after = {
      [`${P}/x\ufffd`]: dir({}, { mode: 0 }),
      [`${P}/closed`]: dir({ y: '' }, { mode: 0o300 }),
      [`${P}/z`]: dir(BARE),
    }
    const { names } = await told({}, after)
    expect(names.map(({ kind }) => kind)).toEqual(['repository', 'unseen', 'unseen'])
    expect(names.map(({ because }) => because).join()).toMatch(/not text \(UTF-8\)/)
  })

  it('names virtual environments and bin directories whose programs changed', async () => {
    const old = { ctimeMs: START - 1 }
    const now = { ctimeMs: START }
    const before: FakeTree = {
      [`${P}/.venv/pyvenv.cfg`]: file('', old),
      [`${P}/.venv/bin/python`]: file('', old),
      [`${P}/env38/pyvenv.cfg`]: file('', old),
      [`${P}/bin/tool`]: file('', old),
    }
    const after: FakeTree = {
      [`${P}/.venv/bin/pip`]: file('', now),
      [`${P}/env38/lib/python3.8/site-packages/evil.pth`]: file('', now),
      [`${P}/bin/tool`]: link('../x', now),
    }
    const { names } = await told(before, after)
    expect(names.map(({ path, because }) => [path, because])).toEqual([
      [`${P}/.venv`, 'changed: pip; what you run from it is the agent’s'.replace('’', "'")],
      [`${P}/bin`, "changed: tool; what you run from it is the agent's"],
      [`${P}/env38`, "changed: evil.pth; what you run from it is the agent's"],
    ])
  })

  it('says that the search ended early, and where', async () => {
    const host = fakeHost({ [`${P}/a/b/x`]: '' })
    const { resolved, surroundings } = await resolveOn(host, TEXT)
    const baseline = takeBaseline(host, resolved, surroundings, START)
    const many = Array<Entry>(1_000_001).fill({ name: 'x', type: 'file' })
    const flooded: Host = {
      ...host,
      list: (path) => (path === `${P}/a` ? [...many, ...host.list(path)!] : host.list(path)),
    }
    expect(lookAfter(baseline, flooded, new Set())).toEqual({
      names: [],
      gaps: [expect.stringMatching(/ended early, after 10000\d\d names, at \/home\/u\/p\/a\/b/)],
    })
  })
})
