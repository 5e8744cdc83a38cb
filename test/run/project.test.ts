import { describe, expect, it } from 'vitest'
import { emptyRequest, type Request } from '../../src/policy/request.ts'
import { resolveProject } from './harness.ts'
import { dir, fakeHost, type FakeOverrides, type FakeTree, link } from '../fixtures/fake-host.ts'
import { policyOf } from '../resolve/policies.ts'

const policy = policyOf({
  write: ['$PROJECT'],
  hidden: ['~/.cargo/credentials', '~/.config/gh', '~/.ssh', '**/.env'],
})

const ask = (tree: FakeTree, overrides: FakeOverrides = {}, request: Partial<Request> = {}) =>
  resolveProject({ ...emptyRequest, ...request }, fakeHost(tree, overrides), policy)

describe('the project', () => {
  it.each<[string, FakeTree, FakeOverrides, Partial<Request>]>([
    ['the working directory', { '/home/u/p/.env': 'x' }, {}, {}],
    ['--project, relative', { '/home/u/p/x': 'x' }, { cwd: '/home/u/q' }, { project: '../p' }],
    [
      '--project through a link, .. physical',
      { '/home/u/q/l': link('/home/u/p/sub'), '/home/u/p/sub': dir() },
      { cwd: '/home/u/q' },
      { project: 'l/..' },
    ],
    [
      "launcher's own checkout by name",
      { '/home/u/p/x': 'x' },
      { installation: '/home/u/p' },
      { project: '/home/u/p' },
    ],
    ['root in a directory of root', { '/home/u/p': dir({}, { uid: 0 }) }, { uid: 0 }, {}],
  ])('%s', (_, tree, overrides, request) => {
    expect(ask(tree, overrides, request)).toEqual({ project: '/home/u/p', isBroad: false })
  })

  it.each<[string, FakeTree, FakeOverrides, Partial<Request>, string]>([
    ['absent', {}, {}, { project: 'nope' }, 'does not exist'],
    ['a file', { '/home/u/p/f': 'x' }, {}, { project: 'f' }, 'not a directory'],
    ['home', {}, { cwd: '/home/u' }, {}, 'too broad'],
    ['above home', { '/home': dir({}, { uid: 1000 }) }, { cwd: '/home' }, {}, 'too broad'],
    [
      'a directory with a hidden place',
      {},
      { cwd: '/home/u/.config', env: { XDG_CONFIG_HOME: '/home/u/c' } },
      {},
      'too broad for a project: it holds ~/.config/gh,',
    ],
    [
      'a directory that a link of a hidden place leads to',
      { '/home/u/.ssh': link('dot/ssh'), '/home/u/dot/ssh': dir() },
      { cwd: '/home/u/dot' },
      {},
      'too broad',
    ],
    [
      'a directory that holds a link to elsewhere, said by its place',
      { '/home/u/.ssh': link('dot/ssh'), '/home/u/dot/ssh': dir() },
      { cwd: '/home/u/dot' },
      {},
      'it holds /home/u/dot/ssh (~/.ssh)',
    ],
    [
      'a directory that a variable moves a hidden place into, said by its place',
      {},
      { env: { CARGO_HOME: '/home/u/p/c' } },
      {},
      'it holds /home/u/p/c/credentials (~/.cargo/credentials)',
    ],
    ['a hidden place', {}, { cwd: '/home/u/.ssh/x' }, {}, 'is hidden'],
    [
      "launcher's own installation",
      { '/home/u/launcher/src': dir() },
      { cwd: '/home/u/launcher/src', installation: '/home/u/launcher' },
      {},
      'own installation',
    ],
    [
      "launcher's state",
      {},
      { env: { XDG_STATE_HOME: '/home/u/p/.state' } },
      { allowBroadProject: true },
      'must not lie',
    ],
    [
      "somebody else's, as root",
      { '/home/u/p': dir({}, { uid: 1000 }) },
      { uid: 0 },
      {},
      'belongs to user 1000',
    ],
    ["somebody else's", { '/home/u/p': dir({}, { uid: 7 }) }, {}, {}, 'belongs to user 7'],
  ])('%s is refused', (_, tree, overrides, request, message) => {
    expect(() => ask(tree, overrides, request)).toThrow(
      expect.objectContaining({ code: 'E_PROJECT', message: expect.stringContaining(message) }),
    )
  })

  it('somebody else\u2019s is taken to explain: nothing is started there', () => {
    const host = fakeHost({ '/home/u/p': dir({}, { uid: 7 }) }, {})
    expect(resolveProject(emptyRequest, host, policyOf({}), { tolerant: true }).project).toBe(
      '/home/u/p',
    )
  })

  it('a broad project is taken with the flag, and said', () => {
    expect(ask({}, { cwd: '/home/u' }, { allowBroadProject: true })).toMatchObject({
      project: '/home/u',
      isBroad: true,
    })
  })
})
