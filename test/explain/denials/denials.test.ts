import { describe, expect, it } from 'vitest'
import { factsOf } from '../../../src/explain/denials/facts.ts'
import { rankDenials } from '../../../src/explain/denials/fold.ts'
import type { RefusedCall } from '../../../src/explain/denials/join.ts'
import { createDenialLog, joinDenials } from '../../../src/explain/denials/log.ts'
import type { Denial } from '../../../src/explain/denials/model.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import { createWalker } from '../../../src/machine/walk.ts'
import { dir, fakeHost, file, link } from '../../fixtures/fake-host.ts'
import { at, grant, origin, policyOf, protection } from '../../policy/builders.ts'

const host = fakeHost({
  '/home/u': dir({
    '.ssh/id_rsa': 'x',
    'config.toml': link('dotfiles/config.toml'),
    'dotfiles/config.toml': 'x',
    'other/closed': file('x', { mode: 0 }),
    'other/run': file('#!/opt/hidden/python3\n', { mode: 0o755 }),
    'p/main.py': 'x',
    'p/run': file('#!/opt/hidden/python3\n', { mode: 0o755 }),
  }),
  '/opt/hidden/python3': file('x', { mode: 0o755 }),
})
const policy = policyOf({
  home: at('/home/u'),
  project: at('/home/u/p'),
  grants: [
    grant('write', '/home/u/p'),
    grant('read', '/usr'),
    grant('write', '/proc', { provider: 'backend' }),
    grant('read', '/home/u/config.toml', { kind: 'file' }),
  ],
  protections: [protection('hidden', '/home/u/.ssh')],
  network: {
    mode: { value: 'none', origin: origin() },
    hosts: [],
    registries: [],
    loopback: [],
    listen: [],
  },
})
const decider = compilePolicy(policy)
const walk = createWalker(host)
const facts = factsOf(host, walk, (needed) =>
  needed.endsWith('/run')
    ? [
        {
          path: walk(at('/opt/hidden/python3')),
          role: 'interpreter',
          chain: [`${needed} is a script whose first line names /opt/hidden/python3`],
        },
      ]
    : [],
)

const call = (
  operation: RefusedCall['operation'],
  path: string,
  error: string,
  more: Partial<RefusedCall> = {},
): RefusedCall => ({
  operation,
  kind: 'path',
  path,
  error,
  creates: operation === 'create',
  program: '/bin/x',
  pid: 7,
  at: 1,
  ...more,
})
const judge = (...calls: readonly RefusedCall[]): readonly string[] =>
  joinDenials(calls, decider, facts).map(({ operation, path }) => `${operation} ${path}`)

describe('a refused call', () => {
  it.each([
    [
      'a hidden file that seems absent',
      call('read', '/home/u/.ssh/id_rsa', 'ENOENT'),
      'read /home/u/.ssh/id_rsa',
    ],
    [
      'a file in a directory that nobody grants',
      call('stat', '/home/u/other/closed', 'ENOENT'),
      'stat /home/u/other/closed',
    ],
    [
      'a file to be made there',
      call('create', '/home/u/other/new', 'ENOENT'),
      'create /home/u/other/new',
    ],
    [
      'one that is there and was to be made',
      call('create', '/home/u/other/run', 'EROFS'),
      'write /home/u/other/run',
    ],
    ['a directory', call('mkdir', '/home/u/other/d', 'EROFS'), 'mkdir /home/u/other/d'],
    [
      'the target of a link',
      call('read', '/home/u/config.toml', 'ENOENT'),
      'read /home/u/dotfiles/config.toml',
    ],
    [
      'a path with dots, each the real parent',
      call('read', '/home/u/p/../.ssh/./id_rsa', 'EACCES'),
      'read /home/u/.ssh/id_rsa',
    ],
    [
      'a link itself, which is removed and not followed',
      call('unlink', '/home/u/config.toml', 'EROFS'),
      'unlink /home/u/config.toml',
    ],
    [
      'an interpreter that is hidden, not the script that names it',
      call('exec', '/home/u/p/run', 'ENOENT'),
      'exec /opt/hidden/python3',
    ],
    [
      'an address without a network',
      call('connect', '1.2.3.4:443', 'ENETUNREACH', { kind: 'address' }),
      'connect 1.2.3.4:443',
    ],
  ])('is a denial: %s', (_, refused, expected) => {
    expect(judge(refused)).toEqual([expected])
  })

  it.each([
    ['an absent file, hidden or not', call('read', '/home/u/.ssh/absent', 'ENOENT')],
    ['a search along PATH', call('stat', '/opt/nowhere/tool', 'ENOENT')],
    ['a file to be made where there is no directory', call('create', '/home/u/gone/x', 'ENOENT')],
    ['what the policy allows', call('write', '/home/u/p/main.py', 'EACCES')],
    ["an absent process in the sandbox's own /proc", call('read', '/proc/4711/status', 'ENOENT')],
    [
      'a mount boundary that the policy allows to cross',
      call('rename-to', '/home/u/p/new', 'EXDEV'),
    ],
    [
      'a port that nobody listens on',
      call('connect', '127.0.0.1:1', 'ECONNREFUSED', { kind: 'address' }),
    ],
    ['a relative path', call('read', 'x', 'EACCES')],
  ])('is no denial: %s', (_, refused) => {
    expect(judge(refused)).toEqual([])
  })

  it('says why, where that is written, and whether it would work outside', () => {
    const [hidden, closed] = joinDenials(
      [
        call('read', '/home/u/.ssh/id_rsa', 'EACCES'),
        call('read', '/home/u/other/closed', 'EACCES'),
      ],
      decider,
      facts,
    )
    expect(hidden).toMatchObject({
      because: 'it is hidden (test.toml:1 test)',
      origin: { file: 'test.toml' },
      wouldWork: true,
      source: 'strace',
      error: 'EACCES',
    })
    expect(closed).toMatchObject({ wouldWork: false })
  })
})

describe('the denials of a run', () => {
  it('are counted once a path and operation, and marked when they stood before a failure', () => {
    const log = createDenialLog(decider, facts)
    for (const at of [1, 2, 3]) log.add(call('read', '/home/u/.ssh/id_rsa', 'EACCES', { at }))
    log.add(call('mkdir', '/home/u/other/d', 'EROFS', { at: 4, pid: 8 }))
    log.add(call('mkdir', '/home/u/other/e', 'EROFS', { at: 5, pid: 8 }))
    log.end({ pid: 7, status: 0 })
    log.end({ pid: 8, status: 1 })
    expect(
      log.denials().map(({ path, count, first, last, beforeExit }) => ({
        path,
        count,
        first,
        last,
        beforeExit,
      })),
    ).toEqual([
      { path: '/home/u/.ssh/id_rsa', count: 3, first: 1, last: 3, beforeExit: undefined },
      { path: '/home/u/other/d', count: 1, first: 4, last: 4, beforeExit: 2 },
      { path: '/home/u/other/e', count: 1, first: 5, last: 5, beforeExit: 1 },
    ])
  })

  it('are bounded, and what is not kept is counted', () => {
    const log = createDenialLog(decider, facts)
    for (let index = 0; index < 10_050; index++)
      log.add(call('mkdir', `/home/u/other/${index}`, 'EROFS'))
    expect(log.denials()).toHaveLength(10_000)
    expect(log.lost).toBe(50)
  })

  it('are ranked: what the resolver knows, what stood before a failure, then how often; what would fail anyway comes last', () => {
    const denial = (path: string, more: Partial<Denial>): Denial => ({
      operation: 'read',
      kind: 'path',
      path,
      program: 'x',
      count: 1,
      first: 0,
      last: 0,
      source: 'strace',
      wouldWork: true,
      ...more,
    })
    const denials = [
      denial('/a/often', { count: 99 }),
      denial('/b/mode', { wouldWork: false, beforeExit: 1 }),
      denial('/c/last', { beforeExit: 1 }),
      denial('/d/known', {}),
      denial('/e/once', {}),
    ]
    expect(rankDenials(denials, ({ path }) => path === '/d/known').map(({ path }) => path)).toEqual(
      ['/d/known', '/c/last', '/a/often', '/e/once', '/b/mode'],
    )
  })

  it('are folded to their directory where there are many siblings of one operation and entry', () => {
    const denials = joinDenials(
      [
        ...Array.from({ length: 6 }, (_, index) =>
          call('mkdir', `/home/u/other/d${index}`, 'EROFS'),
        ),
        call('read', '/home/u/other/run', 'EACCES'),
        call('mkdir', '/home/u/d', 'EROFS'),
      ],
      decider,
      facts,
    )
    expect(
      rankDenials(denials).map(({ operation, path, count, names }) => [
        operation,
        path,
        count,
        names,
      ]),
    ).toEqual([
      ['mkdir', '/home/u/other', 6, ['d0', 'd1', 'd2', 'd3', 'd4']],
      ['read', '/home/u/other/run', 1, undefined],
      ['mkdir', '/home/u/d', 1, undefined],
    ])
  })
})
