import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileHosts, type HostRules, type Way } from '../../src/network/hosts/rules.ts'
import { luluRules } from '../../src/network/lulu.ts'
import { readAuthority } from '../../src/policy/host-authority.ts'
import { canonicalHost } from '../../src/policy/host-name.ts'
import {
  hostsOverlap,
  loopbackPort,
  patternText,
  readPattern,
} from '../../src/policy/host-pattern.ts'
import { emptyRequest } from '../../src/policy/request.ts'
import { allowHostFlag } from '../../src/policy/run-command.ts'
import { composePolicy } from '../../src/profile/compose.ts'
import { flagLayer } from '../../src/profile/flags.ts'
import { checkProjectCap } from '../../src/profile/parse-cap.ts'
import { checkProfile, parseProfile } from '../../src/profile/parse.ts'
import type { Profile } from '../../src/profile/model.ts'
import { hostRules } from '../../src/run/network.ts'
import { fakeHost } from '../fixtures/fake-host.ts'
import { entries } from '../network/proxy/stand-ins.ts'

const machine = fakeHost({})
/** A word as TOML writes it; what a basic string cannot hold is escaped. */
const toml = (word: string): string =>
  `"${[...word].map((char) => (/[\w .:*[\]-]/.test(char) ? char : `\\U${char.codePointAt(0)!.toString(16).padStart(8, '0')}`)).join('')}"`
const profileText = (word: string): string =>
  `schema = 1\n[network]\nmode = "allowlist"\nhosts = [${toml(word)}]`
const works = (action: () => unknown): boolean => {
  try {
    action()
    return true
  } catch {
    return false
  }
}
const byFlag = (...hosts: readonly string[]): Profile =>
  flagLayer({ ...emptyRequest, hosts, network: 'allowlist' }, machine, 'none')
const rulesOf = (layer: Profile): HostRules =>
  hostRules(composePolicy('test', [layer], 'linux').network)

/** Every place that a person or a file can write a host in, and whether it takes a word. */
const READERS: readonly (readonly [name: string, takes: (word: string) => boolean])[] = [
  ['--allow-host', (word) => works(() => byFlag(word))],
  ['[network] hosts', (word) => 'value' in checkProfile(profileText(word), 'p.toml', 'user')],
  [
    '[network] remove',
    (word) =>
      'value' in
      checkProjectCap(`schema = 1\n[network]\nremove = [${toml(word)}]`, '.launcher.toml', 'linux'),
  ],
  [
    'the proxy, to allow',
    (word) => works(() => compileHosts({ mode: 'allowlist', allow: entries([word]), deny: [] })),
  ],
  [
    'the proxy, to refuse',
    (word) => works(() => compileHosts({ mode: 'any', allow: [], deny: entries([word]) })),
  ],
  ['overlap', (word) => hostsOverlap(word, word)],
  ['LuLu', (word) => works(() => luluRules({ programs: [], allow: [word], deny: [word] }))],
]

/** What is written, and what everybody makes of it; undefined where everybody refuses it. */
const WORDS: readonly (readonly [word: string, canonical: string | undefined])[] = [
  ['example.test', 'example.test'],
  ['Example.TEST', 'example.test'],
  ['example.test.', 'example.test'],
  ['example.test:8443', 'example.test:8443'],
  ['example.test:0', undefined],
  ['example.test:65536', undefined],
  ['example.test:08', undefined],
  ['example.test:', undefined],
  ['intranet', 'intranet'],
  ['_dmarc.example.test', '_dmarc.example.test'],
  ['-a.test', undefined],
  ['a..test', undefined],
  ['', undefined],
  ['*', undefined],
  ['**', undefined],
  ['*.test', undefined],
  ['*.example.test', '*.example.test'],
  ['**.example.test:22', '**.example.test:22'],
  ['a.*.test', undefined],
  ['*.10.0.0.1', undefined],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['*.BÜCHER.example', '*.xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['xn--a.test', undefined],
  ['192.0.2.1', '192.0.2.1'],
  ['0300.0.2.1', '192.0.2.1'],
  ['0xc0000201', '192.0.2.1'],
  ['192.0.2.256', undefined],
  ['[2001:db8::1]', '[2001:db8::1]'],
  ['[2001:DB8:0::1]:8443', '[2001:db8::1]:8443'],
  ['2001:db8::1', undefined],
  ['[::ffff:192.0.2.1]', '192.0.2.1'],
  ['[fe80::1%eth0]', undefined],
  ['[192.0.2.1]', undefined],
  ['localhost', undefined],
  ['localhost:3000', 'localhost:3000'],
  ['[::1]:9002', '[::1]:9002'],
  ['127.0.0.1', undefined],
  ['https://example.test', undefined],
  ['user@example.test', undefined],
  ['example.test/path', undefined],
  ['2130706433', undefined],
]

const label = fc.stringMatching(/^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,6}[a-zA-Z0-9_])?$/)
const anyName = fc.oneof(
  fc.domain(),
  fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
)
/** Entries that are right, nearly right, and noise. */
const anyWord = fc
  .tuple(
    fc.constantFrom('', '', '', '*.', '**.', '*', '***.', 'https://', 'user@'),
    fc.oneof(
      anyName,
      anyName,
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.constantFrom(
        'localhost',
        '[::1]',
        '127.0.0.1',
        '127.0.0.2',
        'bücher.example',
        'xn--a.test',
      ),
      fc.string({
        unit: fc.constantFrom(...'0123456789abxn.:[]-_%*/@éß１。\u00ad'),
        maxLength: 12,
      }),
      fc.string({ maxLength: 6 }),
    ),
    fc.constantFrom('', '', '', '.', ':443', ':80', ':9002', ':0', ':70000', ':', ':http'),
  )
  .map((parts) => parts.join(''))

const verdicts = (word: string): Record<string, boolean> =>
  Object.fromEntries(READERS.map(([name, takes]) => [name, takes(word)]))
const all = (taken: boolean): Record<string, boolean> =>
  Object.fromEntries(READERS.map(([name]) => [name, taken]))

describe('every reader of hosts', () => {
  it.each(WORDS)('makes of %j: %s', (word, canonical) => {
    expect(verdicts(word)).toEqual(all(canonical !== undefined))
    const reading = readPattern(word)
    expect(reading.ok ? patternText(reading.pattern) : undefined).toBe(canonical)
  })

  it('takes a word that any other takes, and reads the same in it', () => {
    const taken = { yes: 0, no: 0 }
    fc.assert(
      fc.property(anyWord, (word) => {
        const reading = readPattern(word)
        expect(verdicts(word)).toEqual(all(reading.ok))
        taken[reading.ok ? 'yes' : 'no'] += 1
        if (!reading.ok) return
        const { pattern } = reading
        const text = patternText(pattern)
        expect(readPattern(text)).toEqual(reading)
        const [flag, file] = [byFlag(word), parseProfile(profileText(word), 'p.toml', 'user')]
        for (const { network } of [flag, file]) {
          const port = loopbackPort(pattern)
          expect(network.hosts.map(({ value }) => value)).toEqual(port === undefined ? [text] : [])
          expect(network.loopback.map(({ value }) => value)).toEqual(
            port === undefined ? [] : [port],
          )
        }
        if (pattern.reach === 'exact')
          expect(readAuthority(word)).toMatchObject({ ok: true, port: pattern.port })
        const member = { exact: '', one: 'a.', deep: 'a.b.' }[pattern.reach]
        const host = canonicalHost(`${member}${pattern.stem}`)
        // A label more can make a name too long for any host.
        if (host.ok)
          for (const layer of [flag, file])
            expect(rulesOf(layer).decide(host.host, pattern.port ?? 443, 'tunnel').allowed).toBe(
              true,
            )
      }),
      { numRuns: 10_000 },
    )
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(1_000)
  })
})

describe('the flag that a refusal advises', () => {
  const NOBODY: ReadonlySet<string> = new Set()
  const flagIn = (hint: string | undefined): string =>
    /--allow-host (?:'([^']+)'|(\S+))/
      .exec(hint ?? '')
      ?.slice(1)
      .find(Boolean) ?? ''

  it('is taken, and grants what was refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyName, fc.ipV4(), fc.ipV6(), fc.constantFrom('localhost', '::1', '127.0.0.1')),
        fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constantFrom(80, 443, 9002)),
        fc.constantFrom<Way>('tunnel', 'http'),
        (text, port, way) => {
          const reading = canonicalHost(text)
          fc.pre(reading.ok)
          const { host } = reading
          const refused = rulesOf(byFlag('other.test')).decide(host, port, way)
          expect(refused.allowed).toBe(false)
          const granted = rulesOf(byFlag(flagIn(refused.hint)))
          expect(granted.decide(host, port, way).allowed).toBe(true)
          if (host.kind !== 'address') return
          const first = rulesOf(byFlag('other.test')).decideAddress(host.text, port, NOBODY)
          if (first.allowed) return
          const then = rulesOf(byFlag(flagIn(first.hint)))
          expect(then.decideAddress(host.text, port, NOBODY).allowed).toBe(true)
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['example.test', undefined, '--allow-host example.test'],
    ['example.test', 8080, '--allow-host example.test:8080'],
    ['::1', 9002, "--allow-host '[::1]:9002'"],
    ['2001:db8::1', undefined, "--allow-host '[2001:db8::1]'"],
    ['localhost', undefined, '--allow-host localhost:PORT'],
    ['127.0.0.1', undefined, '--allow-host 127.0.0.1:PORT'],
    ['a b;c', undefined, "--allow-host 'a b;c'"],
  ])('for %s at %s is %s', (host, port, flag) => {
    expect(allowHostFlag(host, port)).toBe(flag)
  })
})

describe('a port of this machine', () => {
  it.each(['localhost:9002', '127.0.0.1:9002', '[::1]:9002'])(
    'is open by each of its names when it is allowed as %s',
    (word) => {
      const layer = byFlag(word)
      expect(layer.network.loopback).toMatchObject([{ value: 9002 }])
      for (const text of ['localhost', '127.0.0.1', '::1']) {
        const reading = canonicalHost(text)
        expect(reading.ok && rulesOf(layer).decide(reading.host, 9002, 'http').allowed).toBe(true)
        expect(reading.ok && rulesOf(layer).decide(reading.host, 9003, 'http').allowed).toBe(false)
      }
    },
  )
})
