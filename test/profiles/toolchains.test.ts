import { describe, expect, it } from 'vitest'
import { emptyRequest } from '../../src/policy/request.ts'
import { chooseProfile } from '../../src/profile/choose.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import { isShared } from '../../src/profile/caches.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { shipped } from '../profile/harness.ts'

const toolchains = [...shipped.profiles].filter(([name]) => name.startsWith('toolchains/'))

const policyOf = (name: string) => {
  const request = { ...emptyRequest, name }
  const host = fakeHost({})
  return loadPolicy(request, host, shipped, chooseProfile(request, host, shipped))
}

describe.each(toolchains)('%s', (_, profile) => {
  it('makes nothing writable but caches of the project’s own', () => {
    expect(profile.grants.filter(({ access }) => access === 'write')).toEqual([])
    expect(profile.create).toEqual([])
    expect([...profile.caches.values()].filter(({ value }) => isShared(value))).toEqual([])
  })

  it('puts each cache in a folder of its own', () => {
    const places = [...profile.caches.values()].map(({ value }) => value)
    expect(new Set(places).size).toBe(places.length)
    // Within another's folder one tool would clean up what is the other's.
    for (const place of places)
      expect(places.filter((other) => other !== place && other.startsWith(`${place}/`))).toEqual([])
  })
})

describe('the default profile', () => {
  it('extends every toolchain there is', () => {
    expect(
      shipped.profiles
        .get('default')!
        .extends.map(({ value }) => value)
        .filter((name) => name.startsWith('toolchains/')),
    ).toEqual(toolchains.map(([name]) => name).sort())
  })

  it('redirects every cache that a package manager of its toolchains keeps, none outside the project’s own', async () => {
    const { caches } = await policyOf('default')
    const variables = caches.map(({ variable }) => variable)
    expect(variables).toEqual(
      expect.arrayContaining([
        'BUN_INSTALL_CACHE_DIR',
        'CARGO_HOME',
        'COREPACK_HOME',
        'GOCACHE',
        'GOMODCACHE',
        'GOPATH',
        'PIP_CACHE_DIR',
        'PNPM_HOME',
        'UV_CACHE_DIR',
        'YARN_CACHE_FOLDER',
        'npm_config_cache',
        'pnpm_config_store_dir',
      ]),
    )
    expect(caches.filter(({ place }) => !place.startsWith('$CACHE/'))).toEqual([])
  })

  it('has uv and pnpm copy: a hard link would let the project’s files write the cache', async () => {
    const { set } = (await policyOf('default')).environment
    expect([
      set.get('UV_LINK_MODE')?.value,
      set.get('pnpm_config_package_import_method')?.value,
    ]).toEqual(['copy', 'copy'])
  })

  it.each([
    '~/.npmrc',
    '~/.cargo/credentials.toml',
    '~/.config/uv/credentials',
    '~/.pypirc',
    '~/.netrc',
    '~/.yarnrc.yml',
  ])('reads the settings of package managers, and not their tokens: %s', async (path) => {
    const { grants, protections } = await policyOf('default')
    expect(grants.map((grant) => grant.path)).toEqual(
      expect.arrayContaining([
        '~/.cargo/config.toml',
        '~/.config/go/env',
        '~/.config/pip/pip.conf',
        '~/.config/uv/uv.toml',
      ]),
    )
    expect(
      protections.filter((protection) => protection.path === path).map(({ kind }) => kind),
    ).toEqual(['hidden'])
    expect(grants.map((grant) => grant.path)).not.toContain(path)
  })
})
