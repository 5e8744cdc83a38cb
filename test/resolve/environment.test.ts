import { describe, expect, it } from 'vitest'
import { openKeychain } from '../../src/credentials/keychain.ts'
import { planEnvironment, withKeychain } from '../../src/resolve/environment.ts'
import type { EnvironmentPolicy, Origin, Sourced } from '../../src/policy/model.ts'
import { type FakeOverrides, fakeHost, type FakeTree } from '../fixtures/fake-host.ts'

const origin: Origin = { strength: 'builtin', file: 'test.toml', key: 'environment' }
const sourced = <T>(value: T): Sourced<T> => ({ value, origin })

const policy = (parts: {
  pass?: string[]
  drop?: string[]
  set?: Record<string, string>
  from?: Record<string, string[]>
}): EnvironmentPolicy => ({
  pass: (parts.pass ?? []).map(sourced),
  drop: (parts.drop ?? []).map(sourced),
  set: new Map(Object.entries(parts.set ?? {}).map(([name, value]) => [name, sourced(value)])),
  from: new Map(
    Object.entries(parts.from ?? {}).map(([name, sources]) => [
      name,
      sourced<readonly string[]>(sources),
    ]),
  ),
})

const own = { PATH: '/usr/bin', TMPDIR: '/tmp/run', LAUNCHER_RUN: 'r-1' }
const plan = (asked: EnvironmentPolicy, overrides: FakeOverrides = {}, tree: FakeTree = {}) =>
  planEnvironment(asked, fakeHost(tree, overrides), own, (text) =>
    text.replace(/^~/, '/home/u').replace('$TMPDIR', own.TMPDIR),
  )
const build = (...asked: Parameters<typeof plan>) =>
  withKeychain(plan(...asked), openKeychain(fakeHost({}, asked[1])))
const valuesOf = (built: ReturnType<typeof build>): Record<string, string> =>
  Object.fromEntries(built.variables.map(({ name, value }) => [name, value]))

describe('the environment is rebuilt from a list', () => {
  it('passes what is named, sets what is said, and tells what was removed', () => {
    const built = build(
      policy({ pass: ['LANG', 'LC_*', 'ABSENT'], set: { CACHE: '$TMPDIR/cache' } }),
      { env: { LANG: 'C', LC_ALL: 'de', AWS_SECRET_ACCESS_KEY: 'x', PATH: '/evil' } },
    )
    expect(valuesOf(built)).toEqual({ LANG: 'C', LC_ALL: 'de', CACHE: '/tmp/run/cache', ...own })
    expect(built.removed).toEqual(['AWS_SECRET_ACCESS_KEY'])
  })

  it('lets no pattern through to a variable that a loader takes code from, nor to a dropped one', () => {
    const env = {
      LD_PRELOAD: '/x.so',
      LDX: '1',
      NODE_OPTIONS: '-r x',
      NODE_ENV: 'test',
      SECRET: 's',
    }
    expect(
      valuesOf(build(policy({ pass: ['LD*', 'NODE_*', 'SECRET'], drop: ['SECRET'] }), { env })),
    ).toEqual({ LDX: '1', NODE_ENV: 'test', ...own })
  })
})

describe('a value may come from several sources, in order', () => {
  const asked = policy({
    from: { KEY: ['env', 'dotenv:~/.vibe/.env', 'keychain:ai.mistral.vibe/KEY'] },
  })
  const tree = { '/home/u/.vibe/.env': '# keys\nexport KEY="from dotenv"\nOTHER=1\n' }
  const keychain: string[] = []
  const security = {
    platform: 'macos',
    run: (file: string, args: readonly string[]) => (
      keychain.push([file, ...args].join(' ')), 'from keychain\n'
    ),
  } as const

  it.each<[string, FakeOverrides, FakeTree, string, string]>([
    ['the environment first', { env: { KEY: 'from env' } }, tree, 'from env', 'env'],
    [
      'then the file, which stays hidden inside',
      { env: {} },
      tree,
      'from dotenv',
      'dotenv:~/.vibe/.env',
    ],
    [
      'an empty variable counts as none',
      { env: { KEY: '' } },
      tree,
      'from dotenv',
      'dotenv:~/.vibe/.env',
    ],
    [
      'then the keychain, on macOS',
      { env: {}, ...security },
      {},
      'from keychain',
      'keychain:ai.mistral.vibe/KEY',
    ],
  ])('%s', (_, overrides, files, value, source) => {
    expect(
      build(asked, overrides, files).variables.find(({ name }) => name === 'KEY'),
    ).toMatchObject({ value, source })
  })

  it('asks Apple’s own tool by absolute path, and the value is in no argument', () => {
    expect(keychain).toEqual([
      '/usr/bin/security find-generic-password -s ai.mistral.vibe -a KEY -w',
    ])
  })

  it('names what was found nowhere, with what was tried', () => {
    const built = build(asked, { env: {} })
    expect(built.unset).toMatchObject([
      { name: 'KEY', tried: ['env', 'dotenv:~/.vibe/.env', 'keychain:ai.mistral.vibe/KEY'] },
    ])
    expect(valuesOf(built)).toEqual(own)
  })

  it('waits for the keychain with all that a look can know', () => {
    const mixed = policy({ from: { KEY: ['keychain:a/KEY', 'env', 'keychain:b/KEY'] } })
    const waits = (env: Record<string, string>): unknown =>
      plan(mixed, { ...security, env }).waiting
    expect(waits({})).toMatchObject([{ name: 'KEY', items: ['a/KEY', 'b/KEY'] }])
    expect(waits({ KEY: 'x' })).toMatchObject([
      { name: 'KEY', items: ['a/KEY'], otherwise: { value: 'x', source: 'env' } },
    ])
    expect(plan(mixed, { env: {} }).waiting).toEqual([])
  })

  it.each<[string, string | undefined, object]>([
    ['has it', 'from keychain\n', { value: 'from keychain', source: 'keychain:a/KEY' }],
    ['has none', undefined, { value: 'x', source: 'env' }],
    ['has a value that no variable can hold', 'a\0b', { value: 'x', source: 'env' }],
  ])('takes what comes after the keychain unless that %s', (_, said, expected) => {
    const mixed = policy({ from: { KEY: ['keychain:a/KEY', 'env'] } })
    const built = build(mixed, { platform: 'macos', run: () => said, env: { KEY: 'x' } })
    expect(built.variables.find(({ name }) => name === 'KEY')).toMatchObject(expected)
    expect(built.removed).toEqual([])
  })
})
