import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { dir, fakeHost, type FakeTree, link, socket } from '../fixtures/fake-host.ts'
import { policyOf, type PolicyText, resolveOn } from './policies.ts'

const at = (path: string) => path as AbsolutePath
const P = '/home/u/p'

const accessOn = async (tree: FakeTree, text: PolicyText, path: string) =>
  compilePolicy((await resolveOn(fakeHost(tree), text)).resolved).access(at(path))

describe('grants', () => {
  it.each<[string, FakeTree, PolicyText, string, string]>([
    ['a plain grant', { '/d/x': 'x' }, { read: ['/d'] }, '/d/x', 'read'],
    [
      'the most specific path wins',
      { '/d/e/x': 'x' },
      { read: ['/d'], none: ['/d/e'] },
      '/d/e/x',
      'none',
    ],
    [
      'a link outside leads to its real path',
      { '/l': link('/d'), '/d/x': 'x' },
      { read: ['/l'] },
      '/d/x',
      'read',
    ],
    ['$PROJECT', { [`${P}/x`]: 'x' }, { write: ['$PROJECT'] }, `${P}/x`, 'write'],
    [
      'a planted link leads nowhere',
      { [`${P}/dist`]: link('/home/u'), '/home/u/x': 'x' },
      { write: ['$PROJECT', '$PROJECT/dist'] },
      '/home/u/x',
      'none',
    ],
    [
      'a planted read link leads nowhere',
      { [`${P}/dist`]: link('/home/u'), '/home/u/x': 'x' },
      { write: ['$PROJECT'], read: ['$PROJECT/dist'] },
      '/home/u/x',
      'none',
    ],
    [
      'its twin, a directory, is granted',
      { [`${P}/dist/x`]: 'x' },
      { read: ['$PROJECT', '/e'], write: ['$PROJECT/dist'] },
      `${P}/dist/x`,
      'write',
    ],
    [
      'a link inside that stays inside',
      { [`${P}/a`]: link('b'), [`${P}/b/x`]: 'x' },
      { write: ['$PROJECT'], read: ['$PROJECT/a'] },
      `${P}/b/x`,
      'read',
    ],
    [
      'a planted link reopens no none',
      { [`${P}/a`]: link('s'), [`${P}/s/x`]: 'x' },
      { write: ['$PROJECT'], none: ['$PROJECT/s'], read: ['$PROJECT/a/x'] },
      `${P}/s/x`,
      'none',
    ],
    [
      'two links that vouch for each other',
      { '/a/l': link('/b'), '/b/m': link('/a'), '/a/x': 'x' },
      { write: ['/a/l', '/b/m'] },
      '/a/x',
      'none',
    ],
    [
      'a glob',
      { '/e/python3.11/x': 'x', '/e/other/x': 'x' },
      { read: ['/e/python3*'] },
      '/e/python3.11/x',
      'read',
    ],
    [
      'a glob and what it does not match',
      { '/e/python3.11/x': 'x', '/e/other/x': 'x' },
      { read: ['/e/python3*'] },
      '/e/other/x',
      'none',
    ],
    [
      'a name with brackets is itself',
      { [`${P}/[id]/x`]: 'x', [`${P}/i/x`]: 'x' },
      { read: ['$PROJECT/[id]'] },
      `${P}/i/x`,
      'none',
    ],
    [
      'what create lists counts as there',
      {},
      { write: ['~/.v/logs'], create: ['~/.v/logs/'] },
      '/home/u/.v/logs/x',
      'write',
    ],
    ['what it does not list is dropped', {}, { write: ['~/.v/logs'] }, '/home/u/.v/logs/x', 'none'],
    ['the private temporary directory', {}, { write: ['$PROJECT'] }, '/tmp/run/x', 'write'],
    [
      'odd names',
      { '/o/a b\'"\n\u00e9/x': 'x' },
      { read: ['/o/a b\'"\n\u00e9'] },
      '/o/a b\'"\n\u00e9/x',
      'read',
    ],
  ])('%s', async (_, tree, text, path, access) => {
    expect(await accessOn(tree, text, path)).toBe(access)
  })

  it('a flag that a planted link leads is an error', async () => {
    await expect(
      resolveOn(fakeHost({ [`${P}/dist`]: link('/home/u') }), {
        write: ['$PROJECT'],
        flagRead: [`${P}/dist`],
      }),
    ).rejects.toMatchObject({ code: 'E_PATH' })
  })

  it('lists what is to be made, outermost first', async () => {
    const { create } = await resolveOn(fakeHost({}), {
      write: ['~/.v/logs', '~/.v/f'],
      create: ['~/.v/logs/', '~/.v/f'],
    })
    expect(create).toEqual([
      { path: '/home/u/.v', kind: 'directory' },
      { path: '/home/u/.v/f', kind: 'file' },
      { path: '/home/u/.v/logs', kind: 'directory' },
    ])
  })

  it('drops what adds nothing', async () => {
    const { resolved } = await resolveOn(fakeHost({ '/d/e/x': 'x' }), {
      read: ['/d', '/d/e', '/d/e/x'],
    })
    expect(
      resolved.grants.filter((grant) => grant.path.startsWith('/d/')).map((grant) => grant.path),
    ).not.toContain('/d/e')
  })

  it('a moved home directory is followed', async () => {
    const host = fakeHost({ '/v/x': 'x', '/home/u/.vibe/x': 'x' }, { env: { VIBE_HOME: '/v' } })
    const decider = compilePolicy((await resolveOn(host, { read: ['~/.vibe'] })).resolved)
    expect([decider.access(at('/v/x')), decider.access(at('/home/u/.vibe/x'))]).toEqual([
      'read',
      'none',
    ])
  })

  it('an unknown variable names the closest', async () => {
    await expect(resolveOn(fakeHost({}), { read: ['$PROJCT/x'] })).rejects.toMatchObject({
      code: 'E_PATH',
      hint: 'did you mean $PROJECT?',
    })
  })

  it('a glob with too many matches is refused', async () => {
    const tree = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`/e/f${i}`, 'x']))
    await expect(resolveOn(fakeHost(tree), { read: ['/e/f*'] })).rejects.toMatchObject({
      code: 'E_LIMIT',
    })
  })
})

describe('protections', () => {
  it.each<[string, FakeTree, PolicyText, string, string]>([
    [
      'hidden',
      { [`${P}/s/x`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/s'] },
      `${P}/s/x`,
      'none',
    ],
    [
      'its twin is not',
      { [`${P}/t/x`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/s'] },
      `${P}/t/x`,
      'write',
    ],
    [
      'read only',
      { [`${P}/s/x`]: 'x' },
      { write: ['$PROJECT'], readOnly: ['$PROJECT/s'] },
      `${P}/s/x`,
      'read',
    ],
    [
      'a pattern at any depth',
      { [`${P}/a/b/.env`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/**/.env'] },
      `${P}/a/b/.env`,
      'stat',
    ],
    [
      'a relative pattern',
      { [`${P}/a/b/k.pem`]: 'x' },
      { write: ['$PROJECT'], hidden: ['**/*.pem'] },
      `${P}/a/b/k.pem`,
      'stat',
    ],
    [
      'a directory with its tail',
      { [`${P}/s/b/k`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/s/**'] },
      `${P}/s/b/k`,
      'none',
    ],
    [
      'a pattern in a read area',
      { '/home/u/.c/gh/tok': 'x' },
      { read: ['~/.c'], hidden: ['~/.c/*/tok'] },
      '/home/u/.c/gh/tok',
      'stat',
    ],
    [
      'the target of a link',
      { '/home/u/.ssh': link('dot/ssh'), '/home/u/dot/ssh/id': 'x' },
      { read: ['~/dot'], hidden: ['~/.ssh'] },
      '/home/u/dot/ssh/id',
      'none',
    ],
    [
      'lifted',
      { [`${P}/s/x`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/s'], lift: [`${P}/s`] },
      `${P}/s/x`,
      'write',
    ],
    [
      'a hole',
      { [`${P}/s/x`]: 'x', [`${P}/s/y`]: 'x' },
      { write: ['$PROJECT'], hidden: ['$PROJECT/s'], lift: [`${P}/s/x`] },
      `${P}/s/y`,
      'none',
    ],
    [
      'git hooks',
      { [`${P}/.git/hooks/x`]: 'x', [`${P}/.git/config`]: '' },
      { write: ['$PROJECT'] },
      `${P}/.git/hooks/x`,
      'read',
    ],
    [
      'git objects stay writable',
      { [`${P}/.git/objects/x`]: 'x' },
      { write: ['$PROJECT'] },
      `${P}/.git/objects/x`,
      'write',
    ],
    [
      'a directory of core.hooksPath',
      { [`${P}/.git/config`]: '[core]\n\thooksPath = ./my hooks # c', [`${P}/my hooks/x`]: 'x' },
      { write: ['$PROJECT'] },
      `${P}/my hooks/x`,
      'read',
    ],
    [
      'an embedded bare repository',
      {
        [`${P}/v/HEAD`]: 'x',
        [`${P}/v/objects`]: dir(),
        [`${P}/v/refs`]: dir(),
        [`${P}/v/config`]: '',
      },
      { write: ['$PROJECT'] },
      `${P}/v/config`,
      'read',
    ],
    [
      "launcher's state",
      { '/home/u/.local/state/launcher/x': 'x' },
      { read: ['~'] },
      '/home/u/.local/state/launcher/x',
      'none',
    ],
  ])('%s', async (_, tree, text, path, access) => {
    expect(await accessOn(tree, text, path)).toBe(access)
  })

  it.each<[string, FakeTree, PolicyText, readonly string[]]>([
    [
      'at its first missing component',
      {},
      { write: ['$PROJECT'], readOnly: ['$PROJECT/.v/a/b'] },
      [`${P}/.git`, `${P}/.v`],
    ],
    ['not outside writable roots', {}, { write: ['$PROJECT'], hidden: ['~/.nope'] }, [`${P}/.git`]],
    [
      'not beneath another',
      { [`${P}/.v`]: dir() },
      { write: ['$PROJECT'], readOnly: ['$PROJECT/.v', '$PROJECT/.v/x'] },
      [`${P}/.git`],
    ],
    [
      'for an absent none',
      {},
      { write: ['$PROJECT'], none: ['$PROJECT/s'] },
      [`${P}/.git`, `${P}/s`],
    ],
    [
      'not when lifted',
      {},
      { write: ['$PROJECT'], readOnly: ['$PROJECT/.v/x'], lift: [`${P}/.v/x`, `${P}/.git`] },
      [],
    ],
    [
      'git names',
      { [`${P}/.git/config`]: '' },
      { write: ['$PROJECT'] },
      ['branches', 'commondir', 'config.worktree', 'hooks', 'modules', 'remotes'].map(
        (name) => `${P}/.git/${name}`,
      ),
    ],
  ])('an absent name is held %s', async (_, tree, text, held) => {
    const { resolved } = await resolveOn(fakeHost(tree), text)
    expect(
      resolved.protections
        .filter((one) => !one.exists && one.origin.key !== 'git-bare')
        .map((one) => one.path),
    ).toEqual(held)
  })

  it('a link in a writable directory refuses the start on Linux, unless lifted; macOS protects both', async () => {
    const tree = { [`${P}/.v`]: link('real'), [`${P}/real/x`]: 'x' }
    const text = { write: ['$PROJECT'], readOnly: ['$PROJECT/.v'] }
    await expect(resolveOn(fakeHost(tree), text)).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
    expect(await accessOn(tree, { ...text, lift: [`${P}/.v`] }, `${P}/real/x`)).toBe('write')
    const { resolved } = await resolveOn(fakeHost(tree, { platform: 'macos' }), text)
    expect(
      resolved.protections
        .filter((one) => one.exists && one.requested === '$PROJECT/.v')
        .map((one) => one.path),
    ).toEqual([`${P}/.v`, `${P}/real`])
  })

  it.each([
    ['nothing', `${P}/other`, 'E_USAGE'],
    ["launcher's own", '/home/u/.config/launcher/profiles', 'E_USAGE'],
    ['a hole where nothing is', `${P}/.v/new`, 'E_UNSUPPORTED'],
  ])('a lift of %s is an error', async (_, lift, code) => {
    await expect(
      resolveOn(fakeHost({ [`${P}/.v`]: dir() }), {
        write: ['$PROJECT'],
        readOnly: ['$PROJECT/.v'],
        lift: [lift],
      }),
    ).rejects.toMatchObject({ code })
  })

  it('hidden patterns stay live on macOS only', async () => {
    const text = { write: ['$PROJECT'], hidden: ['$PROJECT/**/.env'] }
    expect((await resolveOn(fakeHost({}), text)).resolved.patterns).toEqual([])
    expect(
      (await resolveOn(fakeHost({}, { platform: 'macos' }), text)).resolved.patterns,
    ).toMatchObject([{ root: P, pattern: '**/.env' }])
  })

  it('says when the budget is reached', async () => {
    const { resolved } = await resolveOn(
      fakeHost({ [`${P}/a/b/c`]: 'x', [`${P}/d`]: 'x' }),
      { write: ['$PROJECT'] },
      { scanBudget: 2 },
    )
    expect(resolved.notices.map((notice) => notice.code)).toContain('scan-budget')
  })
})

describe('sockets and PATH', () => {
  it('PATH inside holds readable directories outside the project', async () => {
    const tree = {
      '/usr/bin/x': 'x',
      '/bin': link('usr/bin'),
      '/opt/s/x': 'x',
      [`${P}/bin/x`]: 'x',
    }
    const host = fakeHost(tree, { env: { PATH: `/bin:/usr/bin:/opt/s:${P}/bin::rel` } })
    const { searchPath, resolved } = await resolveOn(host, { write: ['$PROJECT'], read: ['/usr'] })
    expect(searchPath).toEqual(['/usr/bin'])
    expect(resolved.stats.map((stat) => stat.path)).toEqual(['/opt/s'])
    expect(resolved.hops.map((hop) => hop.path)).toEqual(['/bin'])
  })

  it('masks sockets under grants that nobody named', async () => {
    const table = ['Num', '/d/a b.sock', '/d/named.sock', '/other.sock', '@abstract']
      .map((name, i) => (i === 0 ? name : `0000: 00000002 00000000 00010000 0001 01 ${i} ${name}`))
      .join('\n')
    const host = fakeHost({
      '/d/a b.sock': socket(),
      '/d/named.sock': socket(),
      '/other.sock': socket(),
      '/proc/net/unix': table,
    })
    const { resolved } = await resolveOn(host, { read: ['/d'], connect: ['/d/named.sock'] })
    expect(resolved.sockets.masked.map((rule) => rule.path)).toEqual(['/d/a b.sock'])
    expect(resolved.sockets.connect.map((rule) => rule.path)).toEqual(['/d/named.sock'])
    await expect(resolveOn(host, { bind: ['/elsewhere/s'] })).rejects.toMatchObject({
      code: 'E_UNSUPPORTED',
    })
  })
})

describe('properties', () => {
  const name = fc.constantFrom('a', 'b', "c d'", 'e\u0301')
  const place = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((names) => `${P}/${names.join('/')}`)
  const outside = fc.constantFrom(
    '/home/u/secret',
    '/home/u',
    '/',
    '/etc',
    '../../secret',
    '../..',
    '../../../u',
  )

  it('a planted link never widens what is granted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(place, outside), { minLength: 1, maxLength: 4 }),
        fc.array(place, { maxLength: 4 }),
        async (links, granted) => {
          let tree: FakeTree = { '/home/u/secret/x': 'x', '/etc/x': 'x', '/home/u/x': 'x' }
          for (const [path, target] of links) {
            const next = { ...tree, [path]: link(target) }
            try {
              fakeHost(next)
              tree = next
            } catch {
              // A name beneath a link: not a tree.
            }
          }
          const decider = compilePolicy(
            (
              await resolveOn(fakeHost(tree), {
                write: ['$PROJECT', ...granted],
                read: granted.map((path) => `${path}/secret`),
              })
            ).resolved,
          )
          for (const path of ['/home/u/secret/x', '/etc/x', '/home/u/x'])
            expect(decider.access(at(path))).toBe('none')
        },
      ),
      { numRuns: 300 },
    )
  })

  it('the order of lists never matters, and everything has an origin', async () => {
    const tree = {
      [`${P}/a/.env`]: 'x',
      [`${P}/b/x`]: 'x',
      '/home/u/l': link('/d'),
      '/d/e/x': 'x',
      [`${P}/.git/config`]: '',
      [`${P}/t`]: link('b'),
    }
    const policy = policyOf({
      write: ['$PROJECT', '~/l/e'],
      read: ['/d', '~/l', '$PROJECT/t', '/d/e'],
      none: ['/d/e/x', '$PROJECT/n'],
      hidden: ['**/.env', '$PROJECT/b'],
      readOnly: ['$PROJECT/b', '$PROJECT/.v/x', '$PROJECT/.v'],
    })
    const expected = (await resolveOn(fakeHost(tree), policy)).resolved
    const entries = [
      ...expected.grants,
      ...expected.protections,
      ...expected.hops,
      ...expected.lifts,
      ...expected.stats,
      ...expected.sockets.masked,
    ]
    expect(entries.filter((entry) => entry.origin.file === '' || entry.origin.key === '')).toEqual(
      [],
    )
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...policy.grants], { minLength: policy.grants.length }),
        fc.shuffledSubarray([...policy.protections], { minLength: policy.protections.length }),
        async (grants, protections) => {
          expect(
            (await resolveOn(fakeHost(tree), { ...policy, grants, protections })).resolved,
          ).toEqual(expected)
        },
      ),
      { numRuns: 60 },
    )
  })
})
