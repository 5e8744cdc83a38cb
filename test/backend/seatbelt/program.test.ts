import { describe, expect, it } from 'vitest'
import { providedPaths } from '../../../src/backend/seatbelt/provided.ts'
import { compileSeatbelt, type SeatbeltProgram } from '../../../src/backend/seatbelt/program.ts'
import { compile } from '../../../src/backend/seatbelt/sbpl/compile.ts'
import type { GrantAccess, ResolvedPolicy } from '../../../src/policy/model.ts'
import { compilePolicy, type Decider } from '../../../src/policy/decide.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { disagreements, enforcer } from './agreement.ts'
import { nasty, small, vibe } from './policies.ts'
import { grant, originAt, policyOf, protect } from './worlds.ts'

const OPTIONS = { runId: 'r1', tty: '/dev/ttys003', proxyPort: 41000 }
const bodyOf = ({ profile }: SeatbeltProgram): string =>
  profile.slice(profile.indexOf(';;; network'))
const ask = (program: SeatbeltProgram, operation: string, facts: Record<string, string>): boolean =>
  compile(
    program.profile,
    Object.fromEntries(program.params.map(({ name, value }) => [name, value])),
  ).decide(operation, facts).allowed

describe('golden text', () => {
  it.each([
    ['small', small],
    ['vibe', vibe],
    ['nasty', nasty],
  ])('%s', async (name, policy: ResolvedPolicy) => {
    const program = compileSeatbelt(policy, OPTIONS)
    const params = program.params.map(
      ({ name: key, value }) =>
        `; ${key} = ${JSON.stringify(value.length > 200 ? `${value.slice(0, 100)} ... ${value.slice(-60)}` : value)}`,
    )
    // The prelude is the same in all and has a golden file of its own.
    await expect(`${bodyOf(program)}\n${params.join('\n')}\n`).toMatchFileSnapshot(
      `golden/${name}.sb`,
    )
  })

  it('prelude', async () => {
    const { profile } = compileSeatbelt(policyOf({}), { runId: 'r1', tty: '/dev/ttys003' })
    await expect(profile.slice(0, profile.indexOf(';;; network'))).toMatchFileSnapshot(
      'golden/prelude.sb',
    )
  })

  it('holds no text of the user', () => {
    const text = compileSeatbelt(nasty, OPTIONS).profile
    for (const word of ['with space', 'quoted', 'projet', 'slash', 'd199', 'test.toml', 'ttys003'])
      expect(text).not.toContain(word)
    expect(
      compileSeatbelt(nasty, OPTIONS).params.some(({ value }) => value.includes('quoted')),
    ).toBe(true)
  })

  it('is the same for the same policy with its lists in another order', () => {
    const turned = {
      ...vibe,
      grants: vibe.grants.toReversed(),
      protections: vibe.protections.toReversed(),
      hops: vibe.hops.toReversed(),
    }
    expect(compileSeatbelt(turned, OPTIONS).profile.length).toBe(
      compileSeatbelt(vibe, OPTIONS).profile.length,
    )
  })
})

describe('verdicts of named policies', () => {
  const paths = (policy: ResolvedPolicy): AbsolutePath[] =>
    [
      ...policy.grants,
      ...policy.protections,
      ...policy.lifts,
      ...policy.hops,
      ...policy.stats,
      ...policy.sockets.connect,
      ...policy.sockets.bind,
      ...policy.sockets.masked,
    ].flatMap(({ path }) =>
      policy.grants.some((g) => g.path === path && g.kind === 'file') ||
      policy.hops.some((h) => h.path === path)
        ? [path]
        : [path, `${path}/x`, `${path}/x/y`, path.slice(0, path.lastIndexOf('/')) || '/'],
    ) as AbsolutePath[]

  it.each([
    ['small', small],
    ['vibe', vibe],
    ['nasty', nasty],
  ])('%s: as decide()', (_, policy) => {
    const asked = paths(policy).filter((path) => path !== '/' && !/sock\/x/.test(path))
    expect(disagreements(compileSeatbelt(policy, OPTIONS), compilePolicy(policy), asked)).toEqual(
      [],
    )
  })

  it('holds absent protected names in every spelling, and no other name', () => {
    const enforce = enforcer(compileSeatbelt(vibe, OPTIONS))
    const at = (name: string) => `/Users/me/project/${name}` as AbsolutePath
    for (const name of [
      '.git/hooks',
      '.GIT/Hooks',
      '.git/hoo\u212as',
      '.git/hook\u017f',
      '.vscode',
      '.v\u017fcode',
      '.VSCODE/tasks.json',
      '.Git',
    ])
      expect([name, enforce('create', at(name))]).toEqual([name, false])
    for (const name of [
      '.git/hook',
      '.git/hooks2',
      'xgit/hooks',
      'git/hooks',
      'vscode',
      '\u65e5\u672c\u8a9e\u7248',
      'sub/.git/hooks',
    ])
      expect([name, enforce('create', at(name))]).toEqual([name, true])
  })

  it('hides names made later that match a pattern, and shows that they exist', () => {
    const enforce = enforcer(compileSeatbelt(vibe, OPTIONS))
    const at = (name: string) => `/Users/me/project/${name}` as AbsolutePath
    for (const name of ['.env', 'a/b/.ENV.local', '.env/x', '.env\n'])
      expect([name, enforce('read', at(name))]).toEqual([name, false])
    expect(enforce('stat', at('a/.env'))).toBe(true)
    expect(enforce('stat', at('a/.env/x'))).toBe(false)
    expect(enforce('read', at('a.env'))).toBe(true)
  })

  it('holds a name that is not ASCII composed and decomposed, in either case', () => {
    const enforce = enforcer(compileSeatbelt(nasty, OPTIONS))
    for (const name of ['cl\u00e9s', 'cle\u0301s', 'CL\u00c9S', 'CLE\u0301S', 'cl\u00c9\u017f'])
      expect(enforce('create', `/Users/ren\u00e9/projet/${name}` as AbsolutePath)).toBe(false)
    for (const name of ['cles', 'cle', 'clefs', 'clxs'])
      expect(enforce('create', `/Users/ren\u00e9/projet/${name}` as AbsolutePath)).toBe(true)
  })
})

describe('what the prelude opens', () => {
  const provided = providedPaths()
  const at = (path: string) => path as AbsolutePath
  const policyWith = (access: GrantAccess | undefined): ResolvedPolicy =>
    policyOf({
      grants: [
        ...provided.grants,
        ...(access === undefined ? [] : [grant('/dev/tty', access, 'file')]),
      ],
      stats: provided.stats,
    })

  it.each([undefined, 'none', 'read', 'write'] as const)(
    'is known to decide(), and %s of /dev/tty means what it says',
    (access) => {
      const policy = policyWith(access)
      const asked = [
        '/',
        '/Users',
        '/dev',
        '/dev/null',
        '/dev/tty',
        '/dev/x',
        '/etc',
        '/tmp',
        '/var',
      ]
      expect(
        disagreements(compileSeatbelt(policy, OPTIONS), compilePolicy(policy), asked.map(at)),
      ).toEqual([])
      const { decide } = compilePolicy(policy)
      expect(decide('write', at('/dev/tty')).allowed).toBe(access !== 'none' && access !== 'read')
      expect(decide('write', at('/dev/null')).origin?.file).toBe('profiles/seatbelt/prelude.sb')
      expect(decide('stat', at('/etc')).allowed).toBe(true)
      expect(decide('stat', at('/Users')).allowed).toBe(false)
    },
  )

  it('can be hidden, too', () => {
    const policy = {
      ...policyWith(undefined),
      protections: [protect('/dev/tty', 'hidden', { entry: 'file' })],
    }
    const { decide } = compilePolicy(policy)
    expect(
      disagreements(compileSeatbelt(policy, OPTIONS), { decide } as Decider, [at('/dev/tty')]),
    ).toEqual([])
    expect(decide('read', at('/dev/tty')).allowed).toBe(false)
  })
})

describe('network', () => {
  const program = (parts: Parameters<typeof policyOf>[0], proxyPort?: number) =>
    compileSeatbelt(policyOf(parts), {
      runId: 'r',
      ...(proxyPort === undefined ? {} : { proxyPort }),
    })
  const connect = (to: string) => ({ remote: `tcp:${to}` })

  it('none: nothing but local sockets', () => {
    const none = program({})
    expect(ask(none, 'network-outbound', connect('127.0.0.1:80'))).toBe(false)
    expect(ask(none, 'network-outbound', { path: '/private/var/run/mDNSResponder' })).toBe(false)
    expect(ask(none, 'network-bind', { local: 'tcp:127.0.0.1:80' })).toBe(false)
    expect(ask(none, 'system-socket', { 'socket-domain': 'AF_INET' })).toBe(false)
    expect(ask(none, 'system-socket', { 'socket-domain': 'AF_UNIX' })).toBe(true)
  })

  it('a proxy: its port on this machine and no other, no names', () => {
    const proxied = program({ mode: 'any' }, 41000)
    expect(ask(proxied, 'network-outbound', connect('127.0.0.1:41000'))).toBe(true)
    expect(ask(proxied, 'network-outbound', connect('127.0.0.1:41001'))).toBe(false)
    expect(ask(proxied, 'network-outbound', connect('1.2.3.4:41000'))).toBe(false)
    expect(ask(proxied, 'network-outbound', { path: '/private/var/run/mDNSResponder' })).toBe(false)
    expect(ask(proxied, 'network-bind', { local: 'tcp:127.0.0.1:41000' })).toBe(false)
  })

  it('host: every address, and still no socket that is not granted', () => {
    const open = program({
      mode: 'host',
      grants: [grant('/r', 'read')],
      sockets: {
        connect: [{ path: '/r/ok.sock' as AbsolutePath, origin: originAt(1) }],
        bind: [],
        masked: [],
      },
    })
    expect(ask(open, 'network-outbound', connect('1.2.3.4:443'))).toBe(true)
    expect(ask(open, 'network-bind', { local: 'tcp:0.0.0.0:80' })).toBe(true)
    expect(ask(open, 'network-outbound', { path: '/private/var/run/mDNSResponder' })).toBe(true)
    expect(ask(open, 'network-outbound', { path: '/r/ok.sock' })).toBe(true)
    expect(ask(open, 'network-outbound', { path: '/r/docker.sock' })).toBe(false)
  })

  it('loopback and listen open single ports', () => {
    const ports = program({ mode: 'any', loopback: [5432], listen: [3000] }, 41000)
    expect(ask(ports, 'network-outbound', connect('127.0.0.1:5432'))).toBe(true)
    expect(ask(ports, 'network-outbound', connect('127.0.0.1:3000'))).toBe(false)
    expect(ask(ports, 'network-bind', { local: 'tcp:127.0.0.1:3000' })).toBe(true)
    expect(ask(ports, 'network-inbound', { local: 'tcp:127.0.0.1:5432' })).toBe(false)
    const closed = program({ loopback: [5432], listen: [3000] })
    expect(ask(closed, 'network-outbound', connect('127.0.0.1:5432'))).toBe(true)
    expect(ask(closed, 'network-bind', { local: 'tcp:127.0.0.1:3000' })).toBe(false)
  })
})

describe('refusals', () => {
  const codeOf = (act: () => unknown): string => {
    try {
      act()
    } catch (error) {
      return (error as { code: string }).code
    }
    return 'none'
  }

  it.each([
    [
      'a proxied mode without a proxy',
      () => compileSeatbelt(policyOf({ mode: 'allowlist' }), { runId: 'r' }),
      'E_UNSUPPORTED',
    ],
    [
      'an unknown feature',
      () => compileSeatbelt(policyOf({ features: ['go-tsl'] }), { runId: 'r' }),
      'E_UNSUPPORTED',
    ],
    [
      'a port that is none',
      () => compileSeatbelt(policyOf({ loopback: [70_000] }), { runId: 'r' }),
      'E_NETWORK',
    ],
    ['a run id with a quote', () => compileSeatbelt(policyOf({}), { runId: 'r")' }), 'E_SBPL'],
    [
      'a terminal that is none',
      () => compileSeatbelt(policyOf({}), { runId: 'r', tty: '/Users/me' }),
      'E_STDIO',
    ],
    [
      'too many rules',
      () =>
        compileSeatbelt(
          policyOf({ grants: Array.from({ length: 2000 }, (_, i) => grant(`/g${i}`, 'write')) }),
          { runId: 'r' },
        ),
      'E_LIMIT',
    ],
    [
      'too many bytes',
      () =>
        compileSeatbelt(
          policyOf({
            grants: Array.from({ length: 900 }, (_, i) => grant(`/${`${i}`.repeat(600)}`, 'read')),
          }),
          { runId: 'r' },
        ),
      'E_LIMIT',
    ],
  ])('%s', (_, act, code) => expect(codeOf(act)).toBe(code))

  it('not: as many as fit', () => {
    expect(
      codeOf(() =>
        compileSeatbelt(
          policyOf({
            grants: Array.from({ length: 800 }, (_, i) => grant(`/g${i}`, 'write')),
            protections: [protect('/g1/x', 'hidden')],
          }),
          { runId: 'r' },
        ),
      ),
    ).toBe('none')
  })
})
