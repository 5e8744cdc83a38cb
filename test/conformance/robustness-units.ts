import { expect } from 'vitest'
import { diagnose, findBubblewrap } from '../../src/backend/bubblewrap/support.ts'
import { seatbeltArgv } from '../../src/backend/seatbelt/launch-plan.ts'
import { compileSeatbelt } from '../../src/backend/seatbelt/program.ts'
import { compile } from '../../src/backend/seatbelt/sbpl/compile.ts'
import { probeSeatbelt } from '../../src/backend/seatbelt/support.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { fakeHost, type FakeTree, file } from '../fixtures/fake-host.ts'
import { grant, policyOf, protection } from '../policy/builders.ts'
import { errorOf } from '../profile/harness.ts'
import { conforms } from './conforms.ts'
import { mac, type Mac } from './mac.ts'

const PROJECT = '/home/u/p' as AbsolutePath
const root = (mode = 0o755) => file('x', { mode, uid: 0 })

conforms('U1', 'launcher', () => {
  const found = (tree: FakeTree, PATH = '/usr/bin') =>
    findBubblewrap(fakeHost(tree, { env: { PATH } }), PROJECT)
  expect(found({ '/usr/bin/bwrap': root(), '/usr/bin/env': root() })).toEqual({
    ok: true,
    file: '/usr/bin/bwrap',
    signalReset: '/usr/bin/env',
  })
  const refused: Record<string, FakeTree> = {
    'none at all': {},
    'one that cannot be executed': { '/usr/bin/bwrap': root(0o644) },
    'one of the user': { '/usr/bin/bwrap': file('x', { mode: 0o755, uid: 1000 }) },
    'one that everyone can write': { '/usr/bin/bwrap': root(0o777) },
    'one in the project': { [`${PROJECT}/bin/bwrap`]: file('x', { mode: 0o755, uid: 1000 }) },
  }
  for (const [what, tree] of Object.entries(refused))
    expect({ what, ...found(tree, `${PROJECT}/bin:/usr/bin`) }).toMatchObject({ what, ok: false })
  expect(found({ '/usr/bin/apt-get': root() })).toMatchObject({
    ok: false,
    hint: 'sudo apt-get install bubblewrap',
  })
})

conforms(
  'U1',
  'launcher',
  () => {
    expect(probeSeatbelt(fakeHost({}, { platform: 'macos' }))).toMatchObject({
      ok: false,
      nested: false,
      reason: expect.stringContaining('/usr/bin/sandbox-exec') as string,
    })
    // A program of that name elsewhere is none.
    expect(
      probeSeatbelt(
        fakeHost(
          { '/opt/bin/sandbox-exec': root() },
          { platform: 'macos', env: { PATH: '/opt/bin' }, run: () => '' },
        ),
      ),
    ).toMatchObject({ ok: false })
    expect(
      probeSeatbelt(
        fakeHost({ '/usr/bin/sandbox-exec': root() }, { platform: 'macos', run: () => '' }),
      ),
    ).toEqual({ ok: true })
  },
  'sandbox-exec',
)

const compiled = (policy: Parameters<typeof compileSeatbelt>[0]): ReturnType<typeof compile> => {
  const { profile, params } = compileSeatbelt(policy, { runId: 'r-large' })
  return compile(profile, Object.fromEntries(params.map(({ name, value }) => [name, value])))
}

const macPolicy = (
  count: number,
  name = (at: number): string => `/Users/u/p/d${at % 30}/file-${at}`,
): Parameters<typeof compileSeatbelt>[0] =>
  policyOf({
    platform: 'macos',
    foldsNames: true,
    project: '/Users/u/p' as AbsolutePath,
    home: '/Users/u' as AbsolutePath,
    grants: [grant('write', '/Users/u/p')],
    protections: Array.from({ length: count }, (_, at) =>
      protection('hidden', name(at), { entry: 'file' }),
    ),
  })

conforms(
  'U4',
  'launcher',
  async () => {
    // 3,000 denials are refused with the way out, or work; either way the ones that fit are all in
    // force.
    const outcome = await errorOf(() => {
      const { decide } = compiled(macPolicy(3_000))
      expect(decide('file-read-data', { path: '/Users/u/p/d29/file-2999' }).allowed).toBe(false)
      throw new Error('works')
    })
    console.log(`U4: a profile with 3,000 denials: ${outcome.message}`)
    if (outcome.message !== 'works')
      expect(outcome).toMatchObject({
        code: 'E_LIMIT',
        hint: expect.stringMatching(/directories/) as string,
      })
    const { decide } = compiled(macPolicy(300))
    const read = (path: string): boolean => decide('file-read-data', { path }).allowed
    expect([
      read('/Users/u/p/d29/file-299'),
      read('/Users/u/p/d0/file-0'),
      read('/Users/u/p/d0/FILE-0'),
      read('/Users/u/p/d0/file-1'),
    ]).toEqual([false, false, false, true])
  },
  '3,000 denies',
)

conforms(
  'U4',
  'launcher',
  () => {
    const deep = `/Users/u/p/${Array.from({ length: 8 }, (_, at) => `${'n'.repeat(200)}${at}`).join('/')}`
    const { decide } = compiled(macPolicy(1, () => deep))
    expect(deep.length).toBeGreaterThan(1_025)
    expect([
      decide('file-read-data', { path: deep }).allowed,
      decide('file-read-data', { path: `${deep}x` }).allowed,
    ]).toEqual([false, true])
  },
  'a path of more than 1,025 bytes',
)

conforms(
  'U4',
  'launcher',
  async () => {
    const program = compileSeatbelt(macPolicy(1), { runId: 'r-large' })
    expect(seatbeltArgv(program, '/f', ['/bin/sh', 'x'.repeat(500_000)]).at(-1)).toHaveLength(
      500_000,
    )
    expect(
      await errorOf(() => seatbeltArgv(program, '/f', ['/bin/sh', 'x'.repeat(950_000)])),
    ).toMatchObject({ code: 'E_LIMIT', hint: expect.stringMatching(/file/) as string })
  },
  'large argv',
)

conforms('U6', 'evaluator', async () => {
  const features = (...names: readonly string[]) => ({
    change: (resolved: Mac['resolved']): Mac['resolved'] => ({
      ...resolved,
      features: names.map((value) => ({
        value,
        origin: { strength: 'user', file: 'test', key: 'features' } as const,
      })),
    }),
  })
  const plain = await mac()
  // uv aborts without configd; node asks for processors, threads and executable memory.
  expect(
    plain.asks('mach-lookup', { 'global-name': 'com.apple.SystemConfiguration.configd' }),
  ).toBe(true)
  expect(
    ['dynamic-code-generation', 'process-fork', 'sysctl-read'].map((operation) =>
      plain.asks(operation),
    ),
  ).toEqual([true, true, true])
  expect(plain.asks('sysctl-write', { 'sysctl-name': 'kern.tcsm_enable' })).toBe(true)
  // Python brings its own need along.
  const semaphore = (machine: Mac): boolean =>
    machine.asks('ipc-posix-sem-create', { 'ipc-posix-name': '/mp-x' })
  expect([semaphore(plain), semaphore(await mac({}, features()))]).toEqual([true, false])
  const needs: readonly (readonly [string, (machine: Mac) => boolean])[] = [
    [
      'go-tls',
      (machine) => machine.asks('mach-lookup', { 'global-name': 'com.apple.trustd.agent' }),
    ],
    ['watchers', (machine) => machine.asks('mach-lookup', { 'global-name': 'com.apple.FSEvents' })],
    [
      'browser-tests',
      (machine) => machine.asks('mach-register', { 'global-name': 'org.chromium.x' }),
    ],
  ]
  for (const [feature, need] of needs)
    expect([feature, need(plain), need(await mac({}, features(feature)))]).toEqual([
      feature,
      false,
      true,
    ])
  expect((await errorOf(() => mac({}, features('multi-processing')))).message).toContain(
    "no feature 'multi-processing'",
  )
})

conforms('U7', 'launcher', () => {
  const bwrap = '/usr/bin/bwrap' as AbsolutePath
  const ask = (tree: FakeTree, works: (args: readonly string[]) => boolean) =>
    diagnose(
      fakeHost(tree, { run: (_, args) => (works(args) ? 'bubblewrap 0.6.1\n' : undefined) }),
      bwrap,
    )
  const setting = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns'
  expect(ask({ [setting]: '1\n' }, () => false)).toMatchObject({
    reason: expect.stringMatching(/AppArmor/) as string,
    hint: expect.stringMatching(/apparmor_restrict_unprivileged_userns=0/) as string,
  })
  expect(ask({ [setting]: '0\n' }, () => false)).toMatchObject({
    reason: expect.stringMatching(/no user namespace here/) as string,
    hint: expect.stringMatching(/outside/) as string,
  })
  expect(ask({}, (args) => !args.includes('--disable-userns'))).toMatchObject({
    reason: expect.stringMatching(/0\.6\.1.*nested user namespaces/) as string,
    hint: expect.stringMatching(/0\.8\.0/) as string,
  })
  expect(ask({}, () => true)).toMatchObject({
    reason: expect.stringMatching(/refused the mounts/) as string,
  })
})
