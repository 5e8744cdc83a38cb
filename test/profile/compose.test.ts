import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composePolicy } from '../../src/profile/compose.ts'
import { expandLayers, openLibrary } from '../../src/profile/layers.ts'
import type { Profile } from '../../src/profile/model.ts'
import { parseProfile } from '../../src/profile/parse.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { builtin, builtinsOf, errorOf, grantsOf } from './harness.ts'

const order = async (bodies: Readonly<Record<string, string>>, name: string): Promise<string[]> => {
  const builtins = builtinsOf(bodies)
  const layers = await expandLayers(openLibrary(fakeHost({}), builtins), builtins, [name])
  return layers.map(({ file }) => file.slice('profiles/'.length, -'.toml'.length))
}
const extending = (...names: readonly string[]): string => `extends = ${JSON.stringify(names)}`

describe('[protect.absent]', () => {
  const held = (...bodies: readonly string[]) =>
    composePolicy(
      'x',
      bodies.map((body, at) => builtin(String(at), body)),
      'linux',
    ).protections.map(({ path, held: what }) => [path, what])
  const LISTS = `[protect]\nread_only = ["~/a", "~/b", "~/c"]\n`

  it('says what holds a protected name; the later layer decides', () =>
    expect(
      held(
        `${LISTS}[protect.absent]\ndirectories = ["~/a"]\n[protect.absent.files]\n"~/b" = ""`,
        `[protect.absent.files]\n"~/a" = "[]"`,
      ),
    ).toEqual([
      ['~/a', { entry: 'file', placeholder: '[]' }],
      ['~/b', { entry: 'file', placeholder: '' }],
      ['~/c', undefined],
    ]))

  it('of a name that nothing protects is an error with a place', async () =>
    expect(
      await errorOf(() => held(LISTS, `[protect.absent]\ndirectories = ["~/d"]`)),
    ).toMatchObject({
      code: 'E_PROFILE',
      at: 'profiles/1.toml:3',
      message: '`absent` names ~/d, which nothing protects.',
    }))
})

describe('[filesystem.seed]', () => {
  it('keeps one seed for each path, the later layer\u2019s', () => {
    const layers = ['one', 'two'].map((content) =>
      builtin(content, `[filesystem.seed]\n"~/a" = { content = "${content}", unless = ["b"] }`),
    )
    expect(composePolicy('x', layers, 'linux').seeds).toMatchObject([
      { path: '~/a', content: 'two', unless: ['b'], origin: { file: 'profiles/two.toml' } },
    ])
  })
})

describe('extends', () => {
  it.each([
    [
      'depth first, left to right',
      { a: extending('b', 'c'), b: extending('d'), c: '', d: '' },
      'a',
      ['base', 'd', 'b', 'c', 'a'],
    ],
    [
      'once each',
      { a: extending('b', 'c'), b: extending('d'), c: extending('d', 'b'), d: '' },
      'a',
      ['base', 'd', 'b', 'c', 'a'],
    ],
    ['base first, named or not', { a: extending('b', 'base'), b: '' }, 'a', ['base', 'b', 'a']],
    [
      'agents by their short name',
      { 'agents/x': '', mine: extending('x') },
      'mine',
      ['base', 'agents/x', 'mine'],
    ],
  ])('is resolved %s', async (_, bodies, name, expected) =>
    expect(await order(bodies, name)).toEqual(expected),
  )

  it.each([
    ['itself', { a: extending('a') }, 'Profiles extend one another in a circle: a → a.'],
    [
      'a loop',
      { a: extending('b'), b: extending('c'), c: extending('a') },
      'Profiles extend one another in a circle: a → b → c → a.',
    ],
    [
      'a loop below',
      { a: extending('b'), b: extending('c'), c: extending('b') },
      'Profiles extend one another in a circle: b → c → b.',
    ],
    ['nothing known', { a: extending('baes') }, 'There is no profile "baes".'],
  ])('of %s is an error with a place', async (_, bodies, message) => {
    expect(await errorOf(() => order(bodies, 'a'))).toMatchObject({
      code: 'E_PROFILE',
      message,
      at: expect.stringMatching(/^profiles\/[abc]\.toml:2$/),
    })
  })

  it('puts every profile once, after all that it extends, for any graph without circles', async () => {
    const graph = fc.array(fc.uniqueArray(fc.nat(7), { maxLength: 4 }), {
      minLength: 8,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(graph, async (edges) => {
        // Edges lead to smaller numbers only: no circles.
        const parents = edges.map((targets, index) =>
          targets.filter((target) => target < index).map((target) => `p${target}`),
        )
        const found = await order(
          Object.fromEntries(parents.map((names, index) => [`p${index}`, extending(...names)])),
          'p7',
        )
        expect(new Set(found).size).toBe(found.length)
        for (const name of found.slice(1))
          for (const parent of parents[Number(name.slice(1))]!)
            expect(found.indexOf(parent)).toBeLessThan(found.indexOf(name))
        expect(found.at(-1)).toBe('p7')
      }),
    )
  })
})

const user = (body: string): Profile => parseProfile(`schema = 1\n${body}`, '/u/x.toml', 'user')
const merge = (...layers: readonly Profile[]) => composePolicy('x', layers, 'linux')

describe('composePolicy', () => {
  it('appends lists in order, for any layers', () => {
    const paths = fc.array(fc.stringMatching(/^\/[a-z]{1,3}$/), { maxLength: 3 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ read: paths, hidden: paths }), { maxLength: 5 }),
        (bodies) => {
          const layers = bodies.map(({ read, hidden }, index) =>
            builtin(
              `p${index}`,
              `[filesystem]\nread = ${JSON.stringify(read)}\n[protect]\nhidden = ${JSON.stringify(hidden)}`,
            ),
          )
          const policy = merge(...layers)
          expect(grantsOf(policy)['read']).toEqual(bodies.flatMap(({ read }) => read))
          expect(policy.protections.map(({ path }) => path)).toEqual(
            bodies.flatMap(({ hidden }) => hidden),
          )
        },
      ),
    )
  })

  it('lets the later scalar and table key win, and a stronger source over any later weaker one', () => {
    const a = builtin(
      'a',
      'description = "a"\n[network]\nmode = "none"\n[environment.set]\nX = "1"\nY = "1"',
    )
    const b = builtin('b', '[network]\nmode = "allowlist"\n[environment.set]\nX = "2"')
    const policy = merge(user('description = "mine"\n[network]\nmode = "host"'), a, b)
    expect([
      policy.description,
      policy.network.mode.value,
      policy.network.mode.origin.file,
    ]).toEqual(['mine', 'host', '/u/x.toml'])
    expect([...policy.environment.set].map(([name, { value }]) => [name, value])).toEqual([
      ['X', '2'],
      ['Y', '1'],
    ])
    expect(policy.files).toEqual(['profiles/a.toml', 'profiles/b.toml', '/u/x.toml'])
  })

  it.each([
    ['passed after dropped', ['drop = ["X"]', 'pass = ["X"]'], 'pass'],
    ['dropped after passed', ['pass = ["X"]', 'drop = ["X"]'], 'drop'],
    ['set after looked up', ['from = { X = ["env"] }', 'set = { X = "1" }'], 'set'],
    ['looked up after set', ['set = { X = "1" }', 'from = { X = ["env"] }'], 'from'],
  ])('lets the last layer decide over one variable: %s', (_, bodies, where) => {
    const { environment } = merge(
      ...bodies.map((body, index) => builtin(`p${index}`, `[environment]\n${body}`)),
    )
    const places = {
      pass: environment.pass.map(({ value }) => value),
      drop: environment.drop.map(({ value }) => value),
      set: [...environment.set.keys()],
      from: [...environment.from.keys()],
    }
    expect(
      Object.entries(places)
        .filter(([, names]) => names.includes('X'))
        .map(([name]) => name),
    ).toEqual([where])
  })

  it('takes the entries of its platform only', () => {
    const profile = builtin(
      'a',
      '[filesystem]\nread = ["/a"]\n[filesystem.macos]\nread = ["/m"]\n[filesystem.linux]\nread = ["/l"]',
    )
    expect(grantsOf(composePolicy('x', [profile], 'linux'))['read']).toEqual(['/a', '/l'])
    expect(grantsOf(composePolicy('x', [profile], 'macos'))['read']).toEqual(['/a', '/m'])
  })

  const base = builtin(
    'base',
    '[protect]\nhidden = ["~/.ssh"]\n[protect.agents]\nhidden = ["~/.a", "~/.a/b", "~/.ab", "~/.b"]',
  )
  it('gives an agent its own state back, and nothing else', () => {
    const policy = merge(base, user('[protect]\nown = ["~/.a"]'))
    expect(policy.protections.map(({ path }) => path)).toEqual(['~/.ssh', '~/.ab', '~/.b'])
  })

  it.each(['~/.ssh', '~/.c', '~/.a/b/c', '~'])(
    'refuses %s as somebody\u2019s own',
    async (path) => {
      expect(await errorOf(() => merge(base, user(`[protect]\nown = ["${path}"]`)))).toMatchObject({
        code: 'E_PROFILE',
        at: '/u/x.toml:3',
      })
    },
  )
})
