import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import { OPERATIONS, type Operation, type ResolvedPolicy } from '../../src/policy/model.ts'
import { isWithin } from '../../src/machine/paths.ts'
import { coverage } from '../../src/resolve/coverage.ts'
import { at, grant, lift, origin, policyOf, protection } from './builders.ts'

const says = (policy: ResolvedPolicy, operation: Operation, path: string): boolean =>
  compilePolicy(policy).decide(operation, at(path)).allowed

describe('grants', () => {
  const config = policyOf({
    grants: [
      grant('read', '/h/.config'),
      grant('none', '/h/.config/gh'),
      grant('read', '/h/.config/gh/hosts.yml', { kind: 'file' }),
      grant('write', '/p'),
    ],
  })
  it.each<[Operation, string, boolean]>([
    ['read', '/h/.config/x', true],
    ['list', '/h/.config', true],
    ['read', '/h/.config/gh', false],
    ['stat', '/h/.config/gh', true],
    ['list', '/h/.config/gh', false],
    ['read', '/h/.config/gh/hosts.yml', true],
    ['read', '/h/.config/gh/token', false],
    ['stat', '/h/.config/gh/token', false],
    ['stat', '/h', true],
    ['list', '/h', false],
    ['stat', '/h/other', false],
    ['write', '/h/.config/x', false],
    ['create', '/p/new', true],
    ['unlink', '/p/old', true],
    ['mkdir', '/p/a/b', true],
    ['unlink', '/p', false],
    ['rename-from', '/p', false],
    ['chmod', '/p', true],
    ['read', '/p2', false],
    ['exec', '/p/run', true],
    ['link-from', '/h/.config/x', false],
    ['link-from', '/p/x', true],
    ['link-to', '/p/y', true],
    ['stat', '/', true],
    ['list', '/', false],
  ])('%s %s is %s', (operation, path, expected) =>
    expect(says(config, operation, path)).toBe(expected),
  )

  it.each([
    [['builtin', 'none'], ['flag', 'read'], 'read'],
    [['flag', 'none'], ['builtin', 'write'], 'none'],
    [['builtin', 'read'], ['builtin', 'write'], 'write'],
    [['builtin', 'none'], ['builtin', 'write'], 'none'],
    [['derived', 'write'], ['builtin', 'read'], 'read'],
  ] as const)('at one path %j against %j gives %s', (a, b, expected) => {
    for (const pair of [
      [a, b],
      [b, a],
    ]) {
      const policy = policyOf({
        grants: pair.map(([strength, access]) =>
          grant(access, '/x', { strength, origin: origin(strength) }),
        ),
      })
      expect(compilePolicy(policy).index.root.children.get('x')?.state.access).toBe(expected)
    }
  })

  it('a writable file is writable in place and nothing else', () => {
    const policy = policyOf({
      grants: [grant('read', '/d'), grant('write', '/d/f', { kind: 'file' })],
    })
    expect(OPERATIONS.filter((operation) => says(policy, operation, '/d/f'))).toEqual([
      'stat',
      'read',
      'list',
      'exec',
      'write',
      'link-from',
      'chmod',
      'utimes',
      'connect',
    ])
    expect(says(policy, 'create', '/d/g')).toBe(false)
  })
})

describe('protections', () => {
  const policy = policyOf({
    grants: [grant('write', '/p'), grant('read', '/h/.ssh')],
    protections: [
      protection('read_only', '/p/.git/hooks'),
      protection('hidden', '/p/.env', { entry: 'file' }),
      protection('hidden', '/h/.ssh'),
      protection('read_only', '/p/.vscode', { exists: false }),
    ],
  })
  it.each<[Operation, string, boolean]>([
    ['read', '/p/.git/hooks/pre-commit', true],
    ['write', '/p/.git/hooks/pre-commit', false],
    ['create', '/p/.git/hooks/x', false],
    ['unlink', '/p/.git/hooks', false],
    ['rename-from', '/p/.git', false],
    ['rename-to', '/p/.git', false],
    ['unlink', '/p/.git', false],
    ['chmod', '/p/.git', true],
    ['create', '/p/.git/HEAD', true],
    ['rename-from', '/p/.git/index.lock', true],
    ['rename-to', '/p/.git/index', true],
    ['read', '/p/.env', false],
    ['stat', '/p/.env', true],
    ['write', '/p/.env', false],
    ['unlink', '/p/.env', false],
    ['rename-to', '/p/.env', false],
    ['link-from', '/p/.env', false],
    ['connect', '/p/.env', false],
    ['read', '/h/.ssh/id_rsa', false],
    ['stat', '/h/.ssh', false],
    ['stat', '/h/.ssh/id_rsa', false],
    ['mkdir', '/p/.vscode', false],
    ['create', '/p/.vscode/tasks.json', false],
  ])('%s %s is %s', (operation, path, expected) =>
    expect(says(policy, operation, path)).toBe(expected),
  )

  it('a lift makes a hole, and grants nothing', () => {
    const lifted = { ...policy, lifts: [lift('/h/.ssh/known_hosts')] }
    expect(says(lifted, 'read', '/h/.ssh/known_hosts')).toBe(true)
    expect(says(lifted, 'stat', '/h/.ssh')).toBe(true)
    expect(says(lifted, 'list', '/h/.ssh')).toBe(false)
    expect(says(lifted, 'read', '/h/.ssh/id_rsa')).toBe(false)
    expect(
      says(
        policyOf({ protections: policy.protections, lifts: [lift('/h/.ssh')] }),
        'read',
        '/h/.ssh/id_rsa',
      ),
    ).toBe(false)
  })

  it('what cannot be lifted stays', () => {
    const firm = policyOf({
      grants: [grant('write', '/p')],
      protections: [
        protection('read_only', '/p/x', { liftable: false }),
        protection('read_only', '/p/x'),
      ],
      lifts: [lift('/p/x')],
    })
    expect(says(firm, 'write', '/p/x/y')).toBe(false)
  })
})

describe('live patterns', () => {
  const policy = policyOf({
    platform: 'macos',
    foldsNames: true,
    grants: [grant('write', '/p')],
    patterns: [{ root: at('/p'), pattern: '**/.env', kind: 'hidden', origin: origin() }],
  })
  it.each<[Operation, string, boolean]>([
    ['read', '/p/.env', false],
    ['create', '/p/a/b/.ENV', false],
    ['read', '/p/a/.env/x', false],
    ['stat', '/p/a/.env', true],
    ['stat', '/p/a/.env/x', false],
    ['read', '/p/.environment', true],
    ['read', '/q/.env', false],
  ])('%s %s is %s', (operation, path, expected) =>
    expect(says(policy, operation, path)).toBe(expected),
  )
  it('a lift at the match opens it', () => {
    expect(says({ ...policy, lifts: [lift('/p/a/.env')] }, 'read', '/p/a/.env')).toBe(true)
    expect(says({ ...policy, lifts: [lift('/p/a')] }, 'read', '/p/a/.env')).toBe(false)
  })
})

describe('sockets', () => {
  const policy = policyOf({
    grants: [grant('read', '/run'), grant('write', '/p')],
    sockets: {
      connect: [{ path: at('/run/ok'), origin: origin() }],
      bind: [],
      masked: [
        { path: at('/run/docker.sock'), origin: origin() },
        { path: at('/p/s'), origin: origin() },
      ],
    },
  })
  it.each<[Operation, string, boolean]>([
    ['connect', '/run/ok', true],
    ['connect', '/run/docker.sock', false],
    ['connect', '/run/other', false],
    ['connect', '/p/s', false],
    ['unlink', '/p/s', false],
    ['connect', '/p/mine', true],
    ['bind', '/p/mine', true],
    ['bind', '/run/mine', false],
  ])('%s %s is %s', (operation, path, expected) =>
    expect(says(policy, operation, path)).toBe(expected),
  )
})

const name = fc.constantFrom('a', 'b', 'c')
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((parts) => at(`/${parts.join('/')}`))
const anyGrant = fc
  .record({
    path,
    access: fc.constantFrom('none' as const, 'read' as const, 'write' as const),
    strength: fc.constantFrom('derived' as const, 'builtin' as const, 'flag' as const),
  })
  .map(({ path: where, access, strength }) => grant(access, where, { origin: origin(strength) }))
const anyProtection = fc
  .record({ path, kind: fc.constantFrom('hidden' as const, 'read_only' as const) })
  .map(({ path: where, kind }) => protection(kind, where))
const anyPolicy = fc
  .record({
    grants: fc.array(anyGrant, { maxLength: 8 }),
    protections: fc.array(anyProtection, { maxLength: 5 }),
    lifts: fc.array(
      path.map((where) => lift(where)),
      { maxLength: 2 },
    ),
  })
  .map((parts) => policyOf(parts))

const verdicts = (policy: ResolvedPolicy): ((operation: Operation, where: string) => boolean) => {
  const decider = compilePolicy(policy)
  return (operation, where) => decider.decide(operation, at(where)).allowed
}

describe('of two entries that say the same', () => {
  const written = (file: string, line: number) => ({ ...origin(), file, line })
  const [first, second] = [written('a.toml', 3), written('a.toml', 12)]
  const both = <T>(make: (origin: ReturnType<typeof written>) => T): T[][] => [
    [make(first), make(second)],
    [make(second), make(first)],
  ]
  const ruleAt = (parts: Partial<ResolvedPolicy>, operation: Operation, path: string) =>
    compilePolicy(policyOf(parts)).decide(operation, at(path)).origin

  it('the one that is written first is named, in whatever order they come', () => {
    for (const grants of both((one) => grant('read', '/x', { origin: one })))
      expect(ruleAt({ grants }, 'read', '/x/y')).toEqual(first)
    for (const protections of both((one) => protection('hidden', '/x', { origin: one })))
      expect(ruleAt({ protections }, 'read', '/x/y')).toEqual(first)
    for (const hops of both((one) => ({ path: at('/l'), target: '/x', origin: one })))
      expect(ruleAt({ hops }, 'stat', '/l')).toEqual(first)
    for (const stats of both((one) => ({ path: at('/bin'), origin: one })))
      expect(ruleAt({ stats }, 'stat', '/bin')).toEqual(first)
    for (const connect of both((one) => ({ path: at('/s'), origin: one })))
      expect(ruleAt({ sockets: { connect, bind: [], masked: [] } }, 'connect', '/s')).toEqual(first)
    for (const patterns of both((one) => ({
      root: at('/p'),
      pattern: '**/.env',
      kind: 'hidden' as const,
      origin: one,
    })))
      expect(ruleAt({ grants: [grant('write', '/p')], patterns }, 'read', '/p/.env')).toEqual(first)
  })

  it('resolution names the same one', () => {
    const grants = both((one) => grant('read', '/x', { origin: one }))
    for (const list of grants)
      expect(coverage(list, (path) => path).over(at('/x/y'))?.origin).toEqual(first)
    const file = grant('read', '/x', { kind: 'file', origin: first })
    const directory = grant('read', '/x', { origin: second })
    for (const list of [
      [file, directory],
      [directory, file],
    ]) {
      expect(ruleAt({ grants: list }, 'read', '/x')).toEqual(second)
      expect(coverage(list, (path) => path).over(at('/x'))?.origin).toEqual(second)
    }
  })
})

describe('patterns on a file system that folds names', () => {
  it('hold beneath their root however it is written', () => {
    const policy = policyOf({
      foldsNames: true,
      grants: [grant('write', '/Users/u/p')],
      patterns: [
        { root: at('/Users/u/p'), pattern: '**/.env', kind: 'hidden' as const, origin: origin() },
      ],
    })
    expect(says(policy, 'read', '/Users/u/p/.ENV')).toBe(false)
    expect(says(policy, 'read', '/users/U/P/.env')).toBe(false)
    expect(says(policy, 'read', '/users/U/P/env')).toBe(true)
  })
})

describe('properties', () => {
  it('the order of writing never matters', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(...OPERATIONS), path, (policy, operation, where) => {
        const turned = {
          ...policy,
          grants: policy.grants.toReversed(),
          protections: policy.protections.toReversed(),
          lifts: policy.lifts.toReversed(),
        }
        expect(verdicts(turned)(operation, where)).toBe(verdicts(policy)(operation, where))
      }),
      { numRuns: 2_000 },
    )
  })
  it('adding a grant changes nothing outside its subtree but the bare names above it', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyGrant,
        fc.constantFrom(...OPERATIONS),
        path,
        (policy, added, operation, where) => {
          fc.pre(!isWithin(where, added.path) && !isWithin(added.path, where))
          const more = { ...policy, grants: [...policy.grants, added] }
          expect(verdicts(more)(operation, where)).toBe(verdicts(policy)(operation, where))
        },
      ),
      { numRuns: 2_000 },
    )
  })
  it('a read or write grant never takes access away beneath or beside it unless it is stronger at the same path', () => {
    fc.assert(
      fc.property(anyPolicy, path, path, (policy, where, asked) => {
        const more = {
          ...policy,
          grants: [...policy.grants, grant('write', where, { origin: origin('builtin') })],
        }
        for (const operation of ['stat', 'read', 'list', 'exec', 'write', 'chmod'] as const) {
          if (verdicts(policy)(operation, asked))
            expect(verdicts(more)(operation, asked)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })
  it('a protection is never reopened by a grant', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyProtection,
        fc.array(anyGrant, { maxLength: 4 }),
        path,
        (policy, guarded, more, asked) => {
          const closed = {
            ...policy,
            lifts: [],
            protections: [...policy.protections, guarded],
            grants: [...policy.grants, ...more],
          }
          fc.pre(isWithin(asked, guarded.path))
          const ask = verdicts(closed)
          for (const operation of [
            'create',
            'write',
            'rename-from',
            'rename-to',
            'unlink',
            'mkdir',
            'symlink',
            'link-from',
            'link-to',
            'chmod',
            'utimes',
            'bind',
          ] as const) {
            expect(ask(operation, asked)).toBe(false)
          }
          if (guarded.kind === 'hidden')
            for (const operation of ['read', 'list', 'exec', 'connect'] as const)
              expect(ask(operation, asked)).toBe(false)
        },
      ),
      { numRuns: 2_000 },
    )
  })
  it('lifting grants nothing: what a lift allows, the same policy without protections allows', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(...OPERATIONS), path, (policy, operation, where) => {
        if (verdicts(policy)(operation, where))
          expect(
            verdicts({ ...policy, protections: [], lifts: [] })(
              operation === 'unlink' || operation.startsWith('rename') ? 'write' : operation,
              where,
            ) || operation === 'stat',
          ).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
  it('whatever can be read can be stat’ed, and every ancestor of it', () => {
    fc.assert(
      fc.property(anyPolicy, path, (policy, where) => {
        const ask = verdicts(policy)
        if (!ask('read', where)) return
        for (let cut = where.length; cut > 0; cut = where.lastIndexOf('/', cut - 1))
          expect(ask('stat', where.slice(0, cut))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
  it('nothing above a protection inside a writable root can be moved or removed', () => {
    fc.assert(
      fc.property(anyPolicy, anyProtection, fc.nat(3), (policy, guarded, up) => {
        const asked = at(
          guarded.path
            .split('/')
            .slice(0, Math.max(2, guarded.path.split('/').length - up))
            .join('/'),
        )
        const decider = compilePolicy({
          ...policy,
          lifts: [],
          grants: [...policy.grants, grant('write', '/')],
          protections: [...policy.protections, guarded],
        })
        for (const operation of ['rename-from', 'rename-to', 'unlink'] as const)
          expect(decider.decide(operation, asked).allowed).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
  it('every refusal and every permission says why', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(...OPERATIONS), path, (policy, operation, where) => {
        const decision = compilePolicy(policy).decide(operation, where)
        expect(decision.because.length).toBeGreaterThan(10)
        if (decision.allowed && decision.rule) expect(decision.origin).toBeDefined()
      }),
    )
  })
})
