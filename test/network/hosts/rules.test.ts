import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { specialAddress } from '../../../src/network/hosts/address.ts'
import { type CanonicalHost, canonicalHost } from '../../../src/policy/host-name.ts'
import {
  compileHosts,
  type HostLists,
  type HostRules,
  type Way,
} from '../../../src/network/hosts/rules.ts'
import { entries } from '../proxy/stand-ins.ts'

const host = (text: string): CanonicalHost => {
  const reading = canonicalHost(text)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.host
}
const rules = (
  allow: readonly string[],
  deny: readonly string[] = [],
  mode: HostLists['mode'] = 'allowlist',
): HostRules => compileHosts({ mode, allow: entries(allow), deny: entries(deny) })
const NONE: ReadonlySet<string> = new Set()

describe('compileHosts', () => {
  it.each<[string, string, string, number, boolean]>([
    ['itself', 'example.test', 'example.test', 443, true],
    ['not a name beneath', 'example.test', 'a.example.test', 443, false],
    ['not its parent', 'a.example.test', 'example.test', 443, false],
    ['not a longer name', 'example.test', 'xexample.test', 443, false],
    ['not a name that goes on', 'example.test', 'example.test.evil', 443, false],
    ['one label: a name beneath', '*.example.test', 'a.example.test', 443, true],
    ['one label: not itself', '*.example.test', 'example.test', 443, false],
    ['one label: not two', '*.example.test', 'a.b.example.test', 443, false],
    ['one label: not a longer name', '*.example.test', 'xexample.test', 443, false],
    ['one label: not a name that goes on', '*.example.test', 'a.example.test.evil', 443, false],
    ['any depth: one', '**.example.test', 'a.example.test', 443, true],
    ['any depth: four', '**.example.test', 'a.b.c.d.example.test', 443, true],
    ['any depth: not itself', '**.example.test', 'example.test', 443, false],
    ['any depth: not a longer name', '**.example.test', 'a.xexample.test', 443, false],
    ['a port: that one', 'example.test:22', 'example.test', 22, true],
    ['a port: not the default', 'example.test:22', 'example.test', 443, false],
    ['no port: not another', 'example.test', 'example.test', 8443, false],
    ['a name is no address', 'example.test', '127.0.0.1', 443, false],
    ['an address: that one', '192.0.2.1', '192.0.2.1', 443, true],
    ['an address: not its neighbour', '192.0.2.1', '192.0.2.2', 443, false],
    ['localhost: its addresses', 'localhost:11434', '::1', 11434, true],
    ['localhost: no other loopback address', 'localhost:11434', '127.0.0.2', 11434, false],
    ['localhost: no other port', 'localhost:11434', 'localhost', 443, false],
  ])('%s', (_, pattern, name, port, expected) => {
    expect(rules([pattern]).decide(host(name), port, 'tunnel').allowed).toBe(expected)
    expect(rules([], [pattern], 'any').decide(host(name), port, 'tunnel').allowed).toBe(
      !expected && !(pattern === 'example.test' && port === 8443),
    )
  })

  it.each<[string, number, Way, boolean]>([
    ['example.test', 443, 'tunnel', true],
    ['example.test', 80, 'tunnel', false],
    ['example.test', 80, 'http', true],
    ['example.test', 443, 'http', false],
    ['example.test:8080', 8080, 'tunnel', true],
    ['example.test:8080', 8080, 'http', true],
    ['example.test:8080', 80, 'http', false],
  ])('%s at port %i by %s: %s', (pattern, port, way, expected) => {
    expect(rules([pattern]).decide(host('example.test'), port, way).allowed).toBe(expected)
  })

  it('lets a refused host beat every grant, at every port or at the one it names', () => {
    const { decide } = rules(
      ['**.example.test', 'a.example.test:22', 'b.example.test', 'b.example.test:22'],
      ['a.example.test', 'b.example.test:22'],
    )
    expect(decide(host('a.example.test'), 22, 'tunnel')).toMatchObject({
      allowed: false,
      rule: 'a.example.test',
    })
    expect(decide(host('a.example.test'), 443, 'tunnel').allowed).toBe(false)
    expect(decide(host('b.example.test'), 22, 'tunnel').allowed).toBe(false)
    expect(decide(host('b.example.test'), 443, 'tunnel').allowed).toBe(true)
    expect(decide(host('c.example.test'), 443, 'tunnel').allowed).toBe(true)
  })

  it('opens nothing with an empty list, nor in the mode none whatever the list says', () => {
    expect(rules([]).decide(host('example.test'), 443, 'tunnel').allowed).toBe(false)
    expect(
      rules(['example.test'], [], 'none').decide(host('example.test'), 443, 'tunnel').allowed,
    ).toBe(false)
  })

  it('says the entry, where it was written, and for a refusal the next step', () => {
    const { decide } = rules(['*.example.test', 'a.example.test'])
    expect(decide(host('a.example.test'), 443, 'tunnel')).toEqual({
      allowed: true,
      rule: 'a.example.test',
      origin: entries(['x'])[0]?.origin,
      because: 'a.example.test grants it (/u/test.toml:3 network.hosts)',
      hint: undefined,
    })
    expect(decide(host('evil.test'), 443, 'tunnel')).toMatchObject({
      allowed: false,
      rule: undefined,
      because: 'no entry of the allowlist grants evil.test',
      hint: expect.stringContaining('--allow-host evil.test '),
    })
    expect(decide(host('a.example.test'), 22, 'tunnel')).toMatchObject({
      rule: 'a.example.test',
      because: 'a.example.test (/u/test.toml:3 network.hosts) grants port 443 for tunnels, not 22',
      hint: expect.stringContaining('--allow-host a.example.test:22 '),
    })
    expect(decide(host('a.example.test'), 8080, 'http')).toMatchObject({
      because: expect.stringContaining('grants port 80 for plain HTTP, not 8080'),
    })
  })

  it('throws for an entry that is no pattern, saying where it stands', () => {
    expect(() => rules(['*'])).toThrowError(
      expect.objectContaining({ code: 'E_NETWORK', at: '/u/test.toml:3 network.hosts' }),
    )
    expect(() => rules([], ['*.test'])).toThrowError(expect.objectContaining({ code: 'E_NETWORK' }))
  })

  it('agrees with the rule as it is written down, for any lists and hosts', () => {
    const label = fc.constantFrom('a', 'b', 'xa', 'a-b')
    const name = fc
      .array(label, { minLength: 1, maxLength: 4 })
      .map((labels) => `${labels.join('.')}.test`)
    const port = fc.constantFrom(22, 80, 443)
    const pattern = fc
      .tuple(fc.constantFrom('', '*.', '**.'), name, fc.option(port))
      .map(([wildcard, stem, at]) => `${wildcard}${stem}${at === null ? '' : `:${at}`}`)
    fc.assert(
      fc.property(
        fc.array(pattern, { maxLength: 6 }),
        fc.array(pattern, { maxLength: 3 }),
        name,
        port,
        fc.constantFrom<Way>('tunnel', 'http'),
        (allow, deny, text, at, way) => {
          expect(rules(allow, deny).decide(host(text), at, way).allowed).toBe(
            allow.some((entry) => covers(entry, text, at, way === 'http' ? 80 : 443)) &&
              !deny.some((entry) => covers(entry, text, at, at)),
          )
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** The rule by a regular expression: slower, and plainly what is documented. */
const covers = (entry: string, name: string, port: number, defaultPort: number): boolean => {
  const [, wildcard = '', stem = '', at] = /^(\*{0,2})\.?([^:]*)(?::(\d+))?$/.exec(entry) ?? []
  const front = wildcard === '' ? '' : wildcard === '*' ? '[^.]+\\.' : '(?:[^.]+\\.)+'
  return (
    new RegExp(`^${front}${stem.replaceAll('.', '\\.')}$`).test(name) &&
    port === Number(at ?? defaultPort)
  )
}

describe('decideAddress', () => {
  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:808:808::',
    '3fff::1',
    '4000::1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::808:808',
    '::ffff:0:7f00:1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    'garbage',
    '',
  ])('refuses %s, which is not on the public internet', (address) => {
    expect(rules([], [], 'any').decideAddress(address, 443, NONE)).toMatchObject({
      allowed: false,
      because: expect.stringContaining(' is '),
    })
  })

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '64:ff9b::808:808'])(
    'allows %s, which is',
    (address) => {
      expect(rules([]).decideAddress(address, 443, NONE).allowed).toBe(true)
    },
  )

  it('refuses a public address that this machine has', () => {
    expect(specialAddress('8.8.8.8', new Set(['8.8.8.8']))).toBe('an address of this machine')
    expect(specialAddress('64:ff9b::808:808', new Set(['8.8.8.8']))).toBe(
      'an address of this machine',
    )
  })

  it.each([
    ['that address at its port', '10.0.0.1:8080', '10.0.0.1', 8080, true],
    ['not at another port', '10.0.0.1:8080', '10.0.0.1', 443, false],
    ['a default port without one', '10.0.0.1', '10.0.0.1', 443, true],
    ['not its neighbour', '10.0.0.1:8080', '10.0.0.2', 8080, false],
    ['IPv6', '[fd00::1]:22', 'fd00::1', 22, true],
    ['localhost', 'localhost:11434', '::1', 11434, true],
    ['not by a name', 'intranet:443', '10.0.0.1', 443, false],
  ])('grants by address literal: %s', (_, entry, address, port, expected) => {
    expect(rules([entry]).decideAddress(address, port, NONE).allowed).toBe(expected)
  })

  it.each([
    ['a private address', 'mirror.test', '10.0.0.1', 443, true],
    ['a reserved one', 'mirror.test', '203.0.113.80', 443, true],
    ['not at another port', 'mirror.test', '10.0.0.1', 8443, false],
    ['not for another name', 'other.test', '10.0.0.1', 443, false],
    ['never this machine', 'mirror.test', '127.0.0.1', 443, false],
    ['never a metadata service', 'mirror.test', '100.100.100.200', 443, false],
    ['never a link-local address', 'mirror.test', '169.254.1.1', 443, false],
  ])(
    'lets a mirror that the machine itself names resolve into its own network: %s',
    (_, name, address, port, expected) => {
      const mirrors = entries(['mirror.test:443'])
      const named = host(name)
      expect(
        compileHosts({
          mode: 'allowlist',
          allow: mirrors,
          deny: [],
          onLocalNetwork: mirrors,
        }).decideAddress(address, port, NONE, named).allowed,
      ).toBe(expected)
      expect(
        compileHosts({ mode: 'allowlist', allow: mirrors, deny: [] }).decideAddress(
          address,
          port,
          NONE,
          named,
        ).allowed,
      ).toBe(false)
    },
  )

  it('refuses an address that an entry refuses, also when a name resolves to it', () => {
    expect(rules(['8.8.8.8'], ['8.8.8.8']).decideAddress('8.8.8.8', 443, NONE)).toMatchObject({
      allowed: false,
      rule: '8.8.8.8',
    })
  })
})
