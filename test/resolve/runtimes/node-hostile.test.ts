import { describe, expect, it } from 'vitest'
import { LauncherError } from '../../../src/errors.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import type { Target } from '../../../src/resolve/types.ts'
import { dir, fakeHost, link, type FakeTree } from '../../fixtures/fake-host.ts'
import { pnpmShim } from '../../fixtures/node-installs.ts'
import { program, systemTree } from '../../fixtures/uv-tool.ts'

const HOME = '/home/u'
const PROJECT = `${HOME}/p`
const script = program('#!/usr/bin/env node\n')
const base: FakeTree = {
  ...systemTree,
  '/usr/bin/node': program(),
  [`${HOME}/.ssh/id_rsa`]: 'key',
  [`${HOME}/tax/package.json`]: '{"name":"tax"}',
  [`${HOME}/tax/2025.pdf`]: '',
}
const resolve = (tree: FakeTree, command: string, path: readonly string[] = []): Target => {
  const host = fakeHost({ ...base, ...tree })
  return resolveTarget(host, command, {
    searchPath: [...path, '/usr/bin'],
    project: PROJECT as AbsolutePath,
    cwd: host.cwd,
    platform: 'linux',
  })
}
const reals = (target: Target): string[] => target.reads.map((part) => part.path.real)
const codes = (target: Target): string[] => target.notices.map((notice) => notice.code)

/** What no tree of files may ever make a grant of: these, and everything above them. */
const FORBIDDEN = [
  '/',
  '/usr',
  '/usr/local',
  '/home',
  HOME,
  PROJECT,
  `${HOME}/.ssh`,
  `${HOME}/tax`,
  `${HOME}/.local`,
  `${HOME}/.local/share`,
  `${HOME}/.nvm`,
]
const expectNarrow = (target: Target): void =>
  expect(
    [...reals(target), ...target.executables.map((part) => part.path.real)].filter((path) =>
      FORBIDDEN.includes(path),
    ),
  ).toEqual([])

/** A package in ~/t/node_modules that `x` runs, with what its node_modules holds. */
const flat = (entries: FakeTree, needs = '{"a":"1"}'): FakeTree => ({
  [`${HOME}/t/node_modules`]: dir({
    'x/cli.js': script,
    'x/package.json': `{"name":"x","dependencies":${needs}}`,
    ...entries,
  }),
  [`${HOME}/bin/x`]: link('../t/node_modules/x/cli.js'),
})
const X = `${HOME}/t/node_modules/x`

describe('a package whose dependencies are not what they seem', () => {
  it.each<[string, FakeTree, string]>([
    ['a link to the home directory', flat({ a: link(HOME) }), 'link-leads-out'],
    ['a link to the root', flat({ a: link('/') }), 'link-leads-out'],
    ['a link to secrets', flat({ a: link(`${HOME}/.ssh`) }), 'link-leads-out'],
    ['a link to another directory of the user', flat({ a: link(`${HOME}/tax`) }), 'link-leads-out'],
    ['a link to the project', flat({ a: link(PROJECT) }), 'link-leads-out'],
    [
      'a link of npm in its own node_modules',
      flat({ 'x/node_modules/a': link(`${HOME}/tax`) }),
      'link-leads-out',
    ],
  ])('%s: said, not granted', (_, tree, code) => {
    const target = resolve(tree, 'x', [`${HOME}/bin`])
    expect([reals(target), codes(target)]).toEqual([[X], [code]])
  })
  it.each<[string, string, FakeTree]>([
    ['a name with ..', '{"../../../.ssh":"1"}', {}],
    ['a name with a slash too many', '{"a/../../..":"1"}', {}],
    ['an absolute name', '{"/home/u/tax":"1"}', {}],
    ['a table that is a list', '["a"]', {}],
    ['nothing there', '{"a":"1"}', {}],
    ['a circle of links', '{"a":"1"}', { a: link('b'), b: link('a') }],
    [
      'three hundred links',
      '{"a0":"1"}',
      Object.fromEntries([...Array(300).keys()].map((n) => [`a${n}`, link(`a${n + 1}`)])),
    ],
  ])('%s: nothing more is granted', (_, needs, entries) =>
    expect(reals(resolve(flat(entries, needs), 'x', [`${HOME}/bin`]))).toEqual([X]),
  )
  it('packages that depend on each other end', () => {
    const circle = flat({
      'a/package.json': '{"dependencies":{"b":"1"}}',
      'b/package.json': '{"dependencies":{"a":"1","x":"1"}}',
    })
    expect(reals(resolve(circle, 'x', [`${HOME}/bin`]))).toEqual([
      X,
      `${HOME}/t/node_modules/a`,
      `${HOME}/t/node_modules/b`,
    ])
  })
  it('a thousand packages are granted with the node_modules that holds them, not one by one', () => {
    const many = Object.fromEntries(
      [...Array(1000).keys()].map((n) => [
        `a${n}/package.json`,
        `{"dependencies":{"a${n + 1}":"1"}}`,
      ]),
    )
    expect(reals(resolve(flat(many, '{"a0":"1"}'), 'x', [`${HOME}/bin`]))).toEqual([
      X,
      `${HOME}/t/node_modules`,
    ])
  })
  it('a package.json of 10 MB says nothing, so all beside it is granted, and no more', () =>
    expect(
      reals(
        resolve(flat({ 'x/package.json': `{"x":"${'x'.repeat(10 << 20)}"}` }), 'x', [
          `${HOME}/bin`,
        ]),
      ),
    ).toEqual([X, `${HOME}/t/node_modules`]))
})

describe('a package.json where none should be', () => {
  it.each<[string, string]>([
    ['in the home directory', `${HOME}/package.json`],
    ['in ~/.local', `${HOME}/.local/package.json`],
    ['at the root', '/package.json'],
  ])('%s makes it no package', (_, manifest) => {
    const target = resolve({ [manifest]: '{"name":"x"}', [`${HOME}/.local/bin/x`]: script }, 'x', [
      `${HOME}/.local/bin`,
    ])
    expect(reals(target)).toEqual([])
  })
  it('in ~/.nvm, where there is one: a script in bin has the version directory only', () => {
    const nvm = `${HOME}/.nvm/versions/node/v22.1.0`
    const target = resolve(
      {
        [`${HOME}/.nvm/package.json`]: '{"name":"nvm"}',
        [`${nvm}/bin/x`]: script,
        [`${nvm}/bin/node`]: program(),
      },
      'x',
      [`${nvm}/bin`],
    )
    expect(reals(target)).toEqual([nvm])
  })
  it('that names the script is its own, however deep the script lies', () =>
    expect(
      reals(
        resolve(
          {
            [`${HOME}/src/tool/package.json`]: '{"name":"tool","bin":{"x":"./a/b/c/d/x.js"}}',
            [`${HOME}/src/tool/a/b/c/d/x.js`]: script,
          },
          `${HOME}/src/tool/a/b/c/d/x.js`,
        ),
      ),
    ).toEqual([`${HOME}/src/tool`]))
  it('in a directory of the package only says which modules lie there', () =>
    expect(
      reals(
        resolve(
          {
            ...flat({ 'x/dist/package.json': '{"type":"module"}', 'x/dist/cli.js': script }, '{}'),
            [`${HOME}/bin/y`]: link('../t/node_modules/x/dist/cli.js'),
          },
          'y',
          [`${HOME}/bin`],
        ),
      ),
    ).toEqual([X]))
})

describe('links of a version manager that lead where they must not', () => {
  const shell = `${HOME}/.local/state/fnm_multishells/1_2`
  it.each(['/', HOME, '/usr', `${HOME}/.ssh`, PROJECT, `${HOME}/.local/state/fnm_multishells/1_2`])(
    'the link directory of fnm leads to %s',
    (target) => {
      const tree = {
        [shell]: link(target),
        [`${HOME}/bin/node`]: program(),
        [`${HOME}/.ssh/bin/node`]: program(),
        [`${PROJECT}/bin/node`]: program(),
      }
      try {
        expectNarrow(resolve(tree, 'node', [`${shell}/bin`]))
      } catch (error) {
        expect(error).toBeInstanceOf(LauncherError)
        expect((error as LauncherError).code).toMatch(/^E_TARGET_/)
      }
    },
  )
  it('a Node whose version directory is a link to the home directory grants the binary only', () =>
    expect(
      reals(
        resolve(
          { [`${HOME}/v22.1.0`]: link(HOME), [`${HOME}/bin/node`]: program() },
          `${HOME}/v22.1.0/bin/node`,
        ),
      ),
    ).toEqual([]))
})

describe("pnpm's store", () => {
  const pnpm = `${HOME}/.local/share/pnpm`
  const store = `${pnpm}/global/5/.pnpm`
  const tree = (links: FakeTree): FakeTree => ({
    [`${pnpm}/x`]: pnpmShim('global/5/.pnpm/x@1.0.0/node_modules/x/cli.js'),
    [`${store}/x@1.0.0/node_modules`]: dir({
      'x/cli.js': script,
      'x/package.json': '{"name":"x"}',
      ...links,
    }),
  })
  const own = `${store}/x@1.0.0`
  it.each<[string, FakeTree]>([
    ['the home directory', { a: link(HOME) }],
    ['secrets', { '@s/a': link(`${HOME}/.ssh`) }],
    ['a directory that calls itself a store', { a: link(`${HOME}/tax/.pnpm/a@1/node_modules/a`) }],
    ['itself', { a: link('a') }],
    ['nothing', { a: link('../../none/node_modules/a') }],
  ])('a link to %s opens nothing', (_, links) =>
    expect(
      reals(
        resolve(
          { ...tree(links), [`${HOME}/tax/.pnpm/a@1/node_modules/a/package.json`]: '{}' },
          'x',
          [pnpm],
        ),
      ),
    ).toEqual([own]),
  )
  it('a thousand packages: the store of the global directory', () => {
    const chain = Object.fromEntries(
      [...Array(1000).keys()].map((n) => [
        `${store}/a${n}@1.0.0/node_modules`,
        dir({
          [`a${n}/package.json`]: '{}',
          [`a${n + 1}`]: link(`../../a${n + 1}@1.0.0/node_modules/a${n + 1}`),
        }),
      ]),
    )
    expect(
      reals(
        resolve({ ...tree({ a0: link('../../a0@1.0.0/node_modules/a0') }), ...chain }, 'x', [pnpm]),
      ),
    ).toEqual([store])
  })
  it.each([`${PROJECT}/node_modules`, HOME])('a store in %s is no way to it', (root) => {
    const inside = `${root}/.pnpm/x@1.0.0/node_modules/x`
    const target = resolve(
      { [`${inside}/cli.js`]: script, [`${inside}/package.json`]: '{"name":"x"}' },
      `${inside}/cli.js`,
    )
    expect(reals(target)).toEqual([`${root}/.pnpm/x@1.0.0`])
    expectNarrow(target)
  })
})

describe('a program that others can change', () => {
  const tool = (root: string, mode = 0o755): FakeTree => ({
    [root]: dir({ 'package.json': '{"name":"x"}', 'cli.js': script }, { mode }),
  })
  it.each([
    ['in the project', `${PROJECT}/node_modules/x`, 0o755, ['target-in-project']],
    [
      'in a directory that everybody writes',
      '/srv/tools/node_modules/x',
      0o777,
      ['target-world-writable'],
    ],
    ['in a directory of its own', '/srv/tools/node_modules/x', 0o755, []],
  ] as const)('%s: %j', (_, root, mode, expected) =>
    expect(codes(resolve(tool(root, mode), `${root}/cli.js`))).toEqual(expected),
  )
})
