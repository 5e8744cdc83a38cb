import { describe, expect, it } from 'vitest'
import { chooseBackend } from '../../../src/backend/backends.ts'
import { contractOf } from '../../../src/run/contract.ts'
import { featureOf } from '../../../src/backend/seatbelt/prelude.ts'
import { NETWORK_ROWS } from '../../../src/explain/messages/rows/network.ts'
import { SERVICE_ROWS } from '../../../src/explain/messages/rows/terminal.ts'
import { newRunId, tmpPathOf } from '../../../src/launch/state.ts'
import type { NetworkMode, ResolvedPolicy } from '../../../src/policy/model.ts'
import { contractText } from '../../../src/report/contract.ts'
import { paletteFor } from '../../../src/report/text.ts'
import { link } from '../../fixtures/fake-host.ts'
import { type Mac, mac } from '../../conformance/mac.ts'
import { shipped } from '../../profile/harness.ts'

const AGENTS = ['claude', 'codex', 'docker-agent', 'gemini', 'opencode', 'vibe', 'default']

const withMode =
  (value: NetworkMode) =>
  (resolved: ResolvedPolicy): ResolvedPolicy => ({
    ...resolved,
    network: { ...resolved.network, mode: { ...resolved.network.mode, value } },
  })
const agent = (profile: string, mode: NetworkMode = 'none'): Promise<Mac> =>
  mac(
    { './.git/HEAD': 'x', '~/.local/bin/bun': '', '~/.vibe/.env': 'MISTRAL_API_KEY=x\nOTHER=y\n' },
    { profile, change: withMode(mode) },
  )
const service = (name: string) => ({ 'global-name': `com.apple.${name}` })
const variablesOf = ({ prepared }: Mac): Readonly<Record<string, string>> =>
  Object.fromEntries(prepared.environment.variables.map(({ name, value }) => [name, value]))
const contract = (
  { prepared, host }: Mac,
  backend: 'seatbelt' | 'bubblewrap' = 'seatbelt',
): string =>
  contractText(
    contractOf(prepared, chooseBackend(backend, host), prepared.resolution.resolved.notices),
    paletteFor(false, {}),
    400,
  )

describe('what each agent gets on macOS besides paths', () => {
  it.each(AGENTS)('%s', async (name) => {
    const machine = await agent(name)
    const asks = (operation: string, facts: Record<string, string>) =>
      machine.asks(operation, facts)
    expect({
      events: asks('mach-lookup', service('FSEvents')),
      trustd: asks('mach-lookup', service('trustd.agent')),
      semaphore: asks('ipc-posix-sem-create', { 'ipc-posix-name': '/mp-1234' }),
      sharedMemory: asks('ipc-posix-shm-write-create', { 'ipc-posix-name': '/psm_1234' }),
      otherSharedMemory: asks('ipc-posix-shm-write-create', { 'ipc-posix-name': '/x' }),
      configd: asks('mach-lookup', service('SystemConfiguration.configd')),
      keychain: asks('mach-lookup', service('SecurityServer')),
    }).toEqual({
      events: ['claude', 'gemini', 'opencode', 'vibe'].includes(name),
      trustd: name === 'docker-agent',
      semaphore: true,
      sharedMemory: true,
      otherSharedMemory: false,
      configd: true,
      keychain: false,
    })
  })

  it('the network settings open no way to names, whatever the mode', async () => {
    for (const mode of ['none', 'host'] as const) {
      const machine = await agent('claude', mode)
      for (const name of ['nesessionmanager', 'SystemConfiguration.SCNetworkReachability'])
        expect([mode, name, machine.asks('mach-lookup', service(name))]).toEqual([
          mode,
          name,
          false,
        ])
      expect(machine.asks('mach-lookup', service('SystemConfiguration.DNSConfiguration'))).toBe(
        mode === 'host',
      )
    }
  })

  it('no toolchain opens trustd, because every agent extends toolchains', () => {
    const names = [...shipped.profiles]
      .filter(([, { features }]) => features.some(({ value }) => value === 'go-tls'))
      .map(([name]) => name)
    expect(names).toEqual(['agents/docker-agent'])
  })

  it('the contract says what a feature opens, under the backend that has it', async () => {
    const claude = contract(await agent('claude'))
    expect(claude).toContain('names of changed files everywhere become visible (watchers)')
    expect(claude).not.toContain('trustd')
    expect(contract(await agent('docker-agent'))).toContain(
      'fetches addresses that a certificate names, a way past the hosts above (go-tls)',
    )
    expect(contract(await agent('claude'), 'bubblewrap')).not.toContain('opened')
  })
})

describe('Bun on macOS', () => {
  const above = ['/private/tmp', '/Users', '/Users/u', '/Users/u/work']

  it.each(['claude', 'opencode', 'default'])(
    '%s lists the folders above the project',
    async (name) => {
      const machine = await agent(name)
      for (const path of above) {
        expect([path, machine.may('list', path)]).toEqual([path, true])
        // What stands in the place of a folder is no folder, and the names stay names.
        const file = { path, 'vnode-type': 'REGULAR-FILE' }
        expect(machine.asks('file-read-data', file)).toBe(false)
        expect(machine.may('read', `${path}/secret`)).toBe(false)
        expect(machine.may('stat', `${path}/secret`)).toBe(false)
        expect(machine.may('write', `${path}/secret`)).toBe(false)
      }
      expect(machine.may('list', '/Users/u/other')).toBe(false)
      expect(contract(machine)).toContain('each folder above the project can be listed')
    },
  )

  it('and nobody else does', async () => {
    const machine = await agent('codex')
    for (const path of above) expect([path, machine.may('list', path)]).toEqual([path, false])
    for (const path of above) expect([path, machine.may('stat', path)]).toEqual([path, true])
  })

  it('a folder that the user closes stays closed', async () => {
    const machine = await mac(
      { './.git/HEAD': 'x', '/usr/bin/bun': '' },
      { profile: 'default', grants: [['none', '/Users/u']] },
    )
    expect(machine.may('list', '/Users/u')).toBe(false)
    expect(machine.may('list', '/Users')).toBe(true)
  })
})

describe('developer tools on macOS', () => {
  const selected = (app: string) =>
    mac(
      {
        './.git/HEAD': 'x',
        '/private/var/db/xcode_select_link': link(`${app}/Contents/Developer`),
        [`${app}/Contents/Developer/usr/bin/git`]: 'x',
        [`${app}/Contents/SharedFrameworks/x`]: 'x',
        '/Applications/Other.app/Contents/x': 'x',
      },
      { profile: 'default' },
    )

  it('reads the Xcode that is selected, by whatever name, its bundle as a whole', async () => {
    const machine = await selected('/Applications/Xcode-26.1-beta.app')
    const app = '/Applications/Xcode-26.1-beta.app'
    for (const path of [
      `${app}/Contents/Developer/usr/bin/git`,
      `${app}/Contents/SharedFrameworks/x`,
    ])
      expect([path, machine.may('read', path)]).toEqual([path, true])
    expect(machine.may('write', `${app}/Contents/x`)).toBe(false)
    expect(machine.may('read', '/Applications/Other.app/Contents/x')).toBe(false)
  })

  it('takes nothing of the project for it', async () => {
    const machine = await selected('/Users/u/work/p/Xcode.app')
    expect(machine.resolved.grants.some(({ path }) => path.endsWith('.app'))).toBe(false)
  })
})

describe('messages that a feature cures', () => {
  it.each([
    [NETWORK_ROWS, 37],
    [SERVICE_ROWS, 65],
  ])('row %#', (rows, id) => {
    const remedy = rows.find((row) => row.id === id)?.remedy ?? ''
    const named = /features = \["([a-z-]+)"\]/.exec(String(remedy))?.[1] ?? ''
    expect(featureOf(named)).toBe(named)
  })
})

describe('variables on macOS', () => {
  it('Claude keeps its temporary files in the private directory', async () => {
    const variables = variablesOf(await agent('claude'))
    expect(variables['CLAUDE_CODE_TMPDIR']).toBe(variables['TMPDIR'])
    expect(variables['TMPDIR']).toMatch(/^\/private\/tmp\//)
    expect(variablesOf(await agent('codex'))['CLAUDE_CODE_TMPDIR']).toBeUndefined()
  })

  it('Codex gets its roots from a file, and the link to it can be followed', async () => {
    const machine = await mac(
      { '/private/etc/ssl/cert.pem': 'x', './.git/HEAD': 'x' },
      { profile: 'codex', change: withMode('none') },
    )
    expect(variablesOf(machine)['SSL_CERT_FILE']).toBe('/private/etc/ssl/cert.pem')
    expect(machine.may('read', '/private/etc/ssl/cert.pem')).toBe(true)
    expect(machine.asks('file-read-metadata', { path: '/etc' })).toBe(true)
    expect(variablesOf(await agent('claude'))['SSL_CERT_FILE']).toBeUndefined()
  })
})

describe('the private temporary directory', () => {
  it('leaves room for the sockets that tools put beneath it', () => {
    const tmp = tmpPathOf(newRunId(), '/tmp').replace(/^\/tmp/, '/private/tmp')
    expect(tmp).toMatch(/^\/private\/tmp\/launcher-[0-9a-f]{10}$/)
    for (const name of [
      'tsx-501/123456.pipe',
      'pymp-a1b2c3d4/listener-e5f6a7b8',
      'vscode-ipc-01234567-89ab-cdef-0123-456789abcdef.sock',
      'vscode-git-0123456789.sock',
    ])
      expect(`${tmp}/${name}`.length).toBeLessThanOrEqual(103)
  })
})

describe('the key of Vibe on macOS', () => {
  it('can be read by Vibe, which ends where it cannot, and the contract says so', async () => {
    const machine = await agent('vibe')
    expect(machine.may('read', '~/.vibe/.env')).toBe(true)
    expect(machine.may('write', '~/.vibe/.env')).toBe(false)
    expect(contract(machine)).toContain(
      '~/.vibe/.env can be read inside: the agent sees every key in it, not MISTRAL_API_KEY alone',
    )
  })

  it.each(AGENTS.filter((name) => name !== 'vibe'))('is hidden from %s', async (name) => {
    const machine = await agent(name)
    expect(machine.may('read', '~/.vibe/.env')).toBe(false)
    expect(contract(machine)).not.toContain('can be read inside')
  })
})
