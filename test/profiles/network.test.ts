import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPattern } from '../../src/policy/host-pattern.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { loadPolicy } from '../../src/profile/load.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { builtinsOf, shipped } from '../profile/harness.ts'

const names = [...shipped.profiles.keys()]
const network = names.filter((name) => name.startsWith('network/'))
const agents = names.filter((name) => name.startsWith('agents/'))
const hostsOf = (name: string): string[] =>
  shipped.profiles.get(name)!.network.hosts.map(({ value }) => value)

const load = (profile: string, builtins = shipped) =>
  loadPolicy(emptyRequest, fakeHost({}), builtins, { profile, words: [], reason: '' })

describe('network presets', () => {
  it.each([
    'anthropic',
    'google',
    'mistral',
    'openai',
    'openrouter',
    'github',
    'gitlab',
    'locked',
    'balanced',
  ])('has one for %s', (name) => expect(network).toContain(`network/${name}`))

  it.each([...network, ...agents])(
    '%s names each host exactly, with its port and a reason',
    (name) => {
      for (const { value, origin } of shipped.profiles.get(name)!.network.hosts) {
        expect(readPattern(value), value).toMatchObject({
          ok: true,
          pattern: { reach: 'exact', isAddress: false, port: 443 },
        })
        expect(origin.because, value).toMatch(/\w{3}/)
      }
    },
  )

  it.each(network)('%s opens hosts and nothing else', async (name) => {
    const [preset, base] = [await load(name), await load('base')]
    expect([
      preset.grants,
      preset.protections,
      preset.connect,
      preset.bind,
      preset.lifts,
      [...preset.environment.set],
    ]).toEqual([
      base.grants,
      base.protections,
      base.connect,
      base.bind,
      base.lifts,
      [...base.environment.set],
    ])
  })

  it('opens no shared cloud, where anyone could receive what is sent', () => {
    for (const name of [...network, ...agents])
      expect(
        hostsOf(name).filter((host) =>
          /amazonaws|windows\.net|googleusercontent|storage\.|cloudflare|vercel|jsdelivr|unpkg|gist/.test(
            host,
          ),
        ),
        name,
      ).toEqual([])
  })

  it('opens this machine only where the preset is for it', () => {
    expect(
      network.filter((name) => shipped.profiles.get(name)!.network.loopback.length > 0),
    ).toEqual(['network/ollama'])
  })

  it('is used by extending it: its hosts come with their place, and the mode with them', async () => {
    const builtins = builtinsOf({
      ...sourcesOf(network),
      default: 'extends = ["base", "network/anthropic"]',
    })
    const policy = await load('default', builtins)
    expect(policy.network.mode.value).toBe('allowlist')
    expect(policy.network.hosts.map(({ value, origin }) => [value, origin.file])).toContainEqual([
      'api.anthropic.com:443',
      'profiles/network/anthropic.toml',
    ])
  })

  it('locked closes what came before it, whatever hosts are listed', async () => {
    const builtins = builtinsOf({
      ...sourcesOf(network),
      open: 'extends = ["base", "network/github", "network/locked"]',
      agent: 'extends = ["network/locked"]\n[network]\nmode = "allowlist"',
    })
    expect((await load('open', builtins)).network.mode.value).toBe('none')
    expect((await load('agent', builtins)).network.mode.value).toBe('allowlist')
  })

  it('locked closes an agent from the user’s own config.toml', async () => {
    const host = fakeHost({
      '/home/u/.config/launcher/config.toml':
        'schema = 1\n[profile.vibe]\nextends = ["network/locked"]',
    })
    const { network: closed } = await loadPolicy(emptyRequest, host, shipped, {
      profile: 'agents/vibe',
      words: [],
      reason: '',
    })
    expect([closed.mode.value, closed.mode.origin.file]).toEqual([
      'none',
      'profiles/network/locked.toml',
    ])
  })

  it('balanced holds source hosts and registries, and no model', async () => {
    const { hosts, registries } = (await load('network/balanced')).network
    const values = hosts.map(({ value }) => value)
    expect(values).toEqual(
      expect.arrayContaining([...hostsOf('network/github'), ...hostsOf('network/gitlab')]),
    )
    expect(registries.map(({ value }) => value)).toEqual(expect.arrayContaining(['npm', 'pypi']))
    const models = network
      .filter(
        (name) =>
          !['balanced', 'bitbucket', 'codeberg', 'github', 'gitlab', 'locked', 'ollama'].includes(
            name.slice(8),
          ),
      )
      .flatMap(hostsOf)
    expect(
      values.filter((value) => models.includes(value) && value !== 'api.github.com:443'),
    ).toEqual([])
  })
})

describe('agents take the minimum', () => {
  it('Vibe reaches its model, and nothing that is not', () =>
    expect(hostsOf('agents/vibe')).toEqual(['api.mistral.ai:443']))

  it.each([
    ['agents/claude', 'network/anthropic'],
    ['agents/codex', 'network/openai'],
    ['agents/vibe', 'network/mistral'],
  ])('%s reaches what %s holds', (agent, preset) => expect(hostsOf(agent)).toEqual(hostsOf(preset)))
})

/** The presets' own texts without `schema`, which the harness adds. */
const sourcesOf = (list: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    list.map((name) => [
      name,
      fs
        .readFileSync(path.resolve(import.meta.dirname, `../../profiles/${name}.toml`), 'utf8')
        .replace(/^schema .*$/m, ''),
    ]),
  )
