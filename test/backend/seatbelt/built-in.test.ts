import { describe, expect, it } from 'vitest'
import { checkProfile } from '../../../src/backend/seatbelt/sbpl/check.ts'
import type { NetworkMode, ResolvedPolicy } from '../../../src/policy/model.ts'
import { mac, PROJECT } from '../../conformance/mac.ts'
import { dir, type FakeTree, link } from '../../fixtures/fake-host.ts'
import { shipped } from '../../profile/harness.ts'

/** Where Homebrew lives on each processor, with what a policy would meet there. */
const LAYOUTS: Readonly<Record<string, FakeTree>> = {
  'Apple silicon': {
    '/opt/homebrew/bin/git': link('../Cellar/git/2.50.0/bin/git'),
    '/opt/homebrew/Cellar/git/2.50.0/bin/git': '',
    '/opt/homebrew/opt/python@3.13': link('../Cellar/python@3.13/3.13.7'),
    '/opt/homebrew/Cellar/python@3.13/3.13.7/bin/python3.13': '',
    '/opt/homebrew/etc/gitconfig': '',
  },
  Intel: {
    '/usr/local/Homebrew': dir(),
    '/usr/local/bin/git': link('../Cellar/git/2.50.0/bin/git'),
    '/usr/local/Cellar/git/2.50.0/bin/git': '',
    '/usr/local/opt/python@3.13': link('../Cellar/python@3.13/3.13.7'),
    '/usr/local/Cellar/python@3.13/3.13.7/bin/python3.13': '',
    '/usr/local/etc/gitconfig': '',
  },
}

const HOME: FakeTree = {
  '~/.ssh/id_rsa': 'x',
  '~/.aws/credentials': 'x',
  '~/.zshrc': 'x',
  '~/.gitconfig': link('dotfiles/gitconfig'),
  '~/dotfiles/gitconfig': 'x',
  '~/.vibe/config.toml': link('../dotfiles/vibe.toml'),
  '~/dotfiles/vibe.toml': 'x',
  '~/Library/Keychains/login.keychain-db': 'x',
  './.git/HEAD': 'x',
  './.git/config': 'x',
  './.git/hooks/pre-commit': 'x',
  './.env': 'x',
  './sub/.env': 'x',
}

const withMode =
  (mode: NetworkMode) =>
  (resolved: ResolvedPolicy): ResolvedPolicy => ({
    ...resolved,
    network: { ...resolved.network, mode: { ...resolved.network.mode, value: mode } },
  })

const agents = [...shipped.profiles.keys()]
  .filter((name) => name.startsWith('agents/') || name === 'default')
  .map((name) => name.replace(/^agents\//, ''))

describe.each(Object.keys(LAYOUTS))('the built-in profiles on %s', (layout) => {
  it.each(
    agents.flatMap((agent) => (['none', 'host'] as const).map((mode) => [agent, mode] as const)),
  )('%s with network %s gives a profile without a fault', async (agent, mode) => {
    const machine = await mac(
      { ...LAYOUTS[layout], ...HOME },
      { profile: agent, change: withMode(mode), tty: '/dev/ttys003' },
    )
    const faults = checkProfile(
      machine.program.profile,
      Object.fromEntries(machine.program.params.map(({ name, value }) => [name, value])),
    ).filter((finding) => finding.severity !== 'notice')
    expect(faults).toEqual([])
    expect(machine.may('read', `${PROJECT}/.git/HEAD`)).toBe(true)
    expect(machine.may('read', '/Users/u/.ssh/id_rsa')).toBe(false)
    expect(machine.may('read', `${PROJECT}/sub/.env`)).toBe(false)
    expect(machine.may('write', `${PROJECT}/.git/hooks/pre-commit`)).toBe(false)
    expect(machine.may('create', `${PROJECT}/new`)).toBe(true)
    expect(machine.asks('mach-lookup', { 'global-name': 'com.apple.SecurityServer' })).toBe(false)
    expect(
      machine.asks('mach-lookup', { 'global-name': 'com.apple.coreservices.launchservicesd' }),
    ).toBe(false)
    expect(machine.asks('network-outbound', { remote: 'tcp:example.com:443' })).toBe(
      mode === 'host',
    )
  })
})
