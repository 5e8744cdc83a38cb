import { describe, expect, it } from 'vitest'
import { realHost } from '../../src/machine/real/host.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { deserialiseBuiltins, readBuiltins, serialiseBuiltins } from '../../src/profile/builtin.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import type { Profile } from '../../src/profile/model.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { grantsOf, shipped } from './harness.ts'

const load = (profile: string, platform: 'linux' | 'macos' = 'linux') =>
  loadPolicy(emptyRequest, fakeHost({}, { platform }), shipped, { profile, words: [], reason: '' })

/** Values of each list as written, by the key of the list. */
const lists = (profile: Profile): [string, string[]][] => {
  const groups = new Map<string, string[]>()
  const put = (key: string, value: string): void =>
    void groups.set(key, [...(groups.get(key) ?? []), value])
  for (const { path, origin } of [...profile.grants, ...profile.protections, ...profile.agentState])
    put(origin.key, path)
  const { environment, network } = profile
  for (const { value, origin } of [
    ...profile.extends,
    ...profile.create,
    ...profile.own,
    ...profile.connect,
    ...profile.bind,
    ...profile.features,
    ...network.hosts,
    ...network.registries,
    ...environment.pass,
    ...environment.drop,
  ])
    put(origin.key, value)
  put('environment.set', '')
  groups.set(
    'environment.set',
    [...environment.set.keys()].map((name) => name.toLowerCase()),
  )
  groups.set('environment.from', [...environment.from.keys()])
  return [...groups]
}

describe('built-in profiles', () => {
  it.each([...shipped.profiles])(
    '%s keeps its lists alphabetical, without doubles',
    (_, profile) => {
      for (const [key, values] of lists(profile))
        expect(values, key).toEqual([...new Set(values)].sort())
    },
  )

  it.each(
    [...shipped.profiles.keys()].flatMap((name) => [
      [name, 'linux'] as const,
      [name, 'macos'] as const,
    ]),
  )('%s loads on %s with an origin on every entry', async (name, platform) => {
    const policy = await load(name, platform)
    const entries = [
      ...policy.grants,
      ...policy.protections,
      ...policy.create,
      ...policy.environment.pass,
      ...policy.environment.set.values(),
      ...policy.network.hosts,
      policy.network.mode,
    ]
    for (const { origin } of entries)
      expect(origin).toMatchObject({
        strength: 'builtin',
        line: expect.any(Number),
        file: expect.stringMatching(/^profiles\/.*\.toml$/),
      })
    expect(
      policy.protections.some(({ path, kind }) => path === '~/.ssh' && kind === 'hidden'),
    ).toBe(true)
  })

  it('never grants what would give everything away', async () => {
    for (const name of shipped.profiles.keys()) {
      for (const platform of ['linux', 'macos'] as const) {
        const { grants, lifts, connect, network } = await load(name, platform)
        const paths = grants.filter(({ access }) => access !== 'none').map(({ path }) => path)
        for (const path of [
          '/',
          '~',
          '$HOME',
          '/etc',
          '/private',
          '/private/etc',
          '/var',
          '/tmp',
          '/private/tmp',
          '/dev',
          '/proc',
          '/run',
          '/home',
          '/Users',
          '/opt',
          '/Library',
          '~/Library',
          '~/.config',
          '/etc/ssl',
          '/opt/homebrew',
          '/usr/local',
        ])
          expect(paths, name).not.toContain(path)
        for (const { path, access } of grants)
          if (access === 'write') expect(path).toMatch(/^(\$PROJECT$|~\/)/)
        expect([...lifts, ...connect]).toEqual([])
        expect(['none', 'allowlist']).toContain(network.mode.value)
      }
    }
  })

  it('makes nothing that is not writable by its own profile, but the two names that must be there to be read', async () => {
    for (const name of shipped.profiles.keys()) {
      const { create, grants } = await load(name)
      // Vibe saves its trust list while it is imported when it is absent, OpenCode makes its
      // folder, and both die when they cannot; the agent must not write them.
      const granted = [
        ...grants.filter(({ access }) => access === 'write').map(({ path }) => path),
        '~/.config/opencode',
        '~/.vibe/trusted_folders.toml',
      ]
      for (const { value } of create)
        expect(
          granted.some((path) => value.replace(/\/$/, '') === path || value.startsWith(`${path}/`)),
          value,
        ).toBe(true)
    }
  })

  it.each([
    ['vibe', '~/.vibe', '~/.claude'],
    ['claude', '~/.claude', '~/.vibe'],
    ['default', undefined, '~/.vibe'],
  ])('%s sees its own state and nobody else\u2019s', async (name, own, other) => {
    const hidden = (await load(name)).protections
      .filter(({ kind }) => kind === 'hidden')
      .map(({ path }) => path)
    expect(hidden).toContain(other)
    expect(hidden).toContain('~/.vibe/.env')
    // On macOS Vibe ends where it cannot read the file; every other agent has no ~/.vibe at all.
    const onMac = (await load(name, 'macos')).protections.map(({ path }) => path)
    expect(onMac.includes('~/.vibe/.env') || onMac.includes('~/.vibe')).toBe(name !== 'vibe')
    if (own !== undefined) expect(hidden).not.toContain(own)
  })

  it('Vibe may not write what decides its next run', async () => {
    const policy = await load('vibe')
    const { write } = grantsOf(policy)
    const readOnly = policy.protections
      .filter(({ kind }) => kind === 'read_only')
      .map(({ path }) => path)
    for (const name of [
      'config.toml',
      'hooks.toml',
      'tools',
      'agents',
      'skills',
      'prompts',
      'trusted_folders.toml',
    ]) {
      expect(readOnly).toContain(`~/.vibe/${name}`)
      expect(write).not.toContain(`~/.vibe/${name}`)
    }
    expect(write).not.toContain('~/.vibe')
    expect([policy.command, policy.audit]).toEqual([
      'vibe',
      { format: 'vibe', file: '~/.vibe/config.toml' },
    ])
    expect(policy.environment.from.get('MISTRAL_API_KEY')!.value[0]).toBe('env')
  })

  it('hides environment files, not their examples', async () => {
    const { compilePattern } = await import('../../src/policy/pattern.ts')
    const patterns = (await load('default')).protections
      .filter(({ path, kind }) => kind === 'hidden' && path.startsWith('$PROJECT/'))
      .map(({ path }) => compilePattern(path.slice(9), (name) => name))
    const isHidden = (path: string): boolean =>
      patterns.some((pattern) => pattern.matches(path.split('/')))
    for (const path of ['.env', 'a/b/.env', '.env.local', '.env.test.local', 'x/.env.production'])
      expect(isHidden(path), path).toBe(true)
    for (const path of [
      '.env.example',
      '.env.sample',
      'a/.env.template',
      'env',
      'src/.environment',
    ])
      expect(isHidden(path), path).toBe(false)
  })

  it('survives the way to JSON and back', () => {
    expect(deserialiseBuiltins(serialiseBuiltins(shipped))).toEqual(shipped)
    expect(deserialiseBuiltins('{"version":0,"profiles":[]}')).toBeUndefined()
  })

  it('is read from the build\u2019s JSON where there is one, without any TOML', async () => {
    const host = fakeHost(
      { '/opt/launcher/dist/profiles.json': serialiseBuiltins(shipped) },
      { installation: '/opt/launcher' },
    )
    expect(await readBuiltins(host)).toEqual(shipped)
    const real = realHost(new URL('../..', import.meta.url).pathname)
    expect([
      ...(
        await readBuiltins({
          ...real,
          read: (file, limit) =>
            file.endsWith('.json')
              ? { ok: false, failure: 'missing', code: 'ENOENT' }
              : real.read(file, limit),
        })
      ).profiles.keys(),
    ]).toContain('agents/vibe')
  })
})
