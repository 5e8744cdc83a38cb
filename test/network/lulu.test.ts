import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalHost } from '../../src/policy/host-name.ts'
import { compileHosts } from '../../src/network/hosts/rules.ts'
import { type LuluProgram, luluRules } from '../../src/network/lulu.ts'
import type { Sourced } from '../../src/policy/model.ts'

/** A rule after LuLu's own reading of it. */
interface Rule {
  readonly path: string
  readonly address: string
  readonly host: string | undefined
  readonly port: string
  readonly isRegex: boolean
  readonly isUser: boolean
  readonly isAllowed: boolean
}

/**
 * What LuLu's "Import rules" makes of a file, after its public source (RulesMenuController.m,
 * Rule.m): an object of lists; key, uuid, path, name, endpointAddr and endpointPort must be texts;
 * `type`, `scope` and `action` numbers written as texts (a number itself breaks older versions); a
 * `pid` would have to be a number. A rule that is none is skipped there and an error here.
 */
const importRules = (text: string): ReadonlyMap<string, readonly Rule[]> => {
  const file: unknown = JSON.parse(text)
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw new Error('not an object')
  return new Map(
    Object.entries(file).map(([key, list]: [string, unknown]) => {
      if (!Array.isArray(list)) throw new Error('not a list')
      return [key, list.map((entry: unknown) => readRule(entry, key))]
    }),
  )
}

const readRule = (entry: unknown, key: string): Rule => {
  if (typeof entry !== 'object' || entry === null) throw new Error('not a rule')
  const fields: Record<string, unknown> = { ...entry }
  const text = (name: string): string => {
    const value = fields[name]
    if (typeof value !== 'string' || value === '') throw new Error(`${name} is not a text`)
    return value
  }
  const number = (name: string): number => {
    if (!/^-?\d+$/.test(text(name))) throw new Error(`${name} is not a number in a text`)
    return Number(text(name))
  }
  if (text('key') !== key) throw new Error('the key of another program')
  if (!/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/.test(text('uuid'))) throw new Error('no UUID')
  if ('pid' in fields || 'csInfo' in fields) throw new Error('never written')
  text('name')
  number('scope')
  return {
    path: text('path'),
    address: text('endpointAddr'),
    host: fields['endpointHost'] === undefined ? undefined : text('endpointHost'),
    port: text('endpointPort'),
    isRegex: number('isEndpointAddrRegex') === 1,
    isUser: number('type') === 3,
    isAllowed: number('action') === 1,
  }
}

/**
 * Which rule LuLu follows (Rules.m, `find`): address and port, else either alone, else neither; in
 * each the last that matches. Undefined: it asks.
 */
const verdict = (rules: readonly Rule[], host: string, port: number): boolean | undefined => {
  const matches = (rule: Rule): boolean =>
    rule.isRegex
      ? new RegExp(rule.address).test(host)
      : [rule.address, rule.host].some((name) => name?.toLowerCase() === host.toLowerCase())
  let [exact, partial, any]: (Rule | undefined)[] = []
  for (const rule of rules) {
    if (rule.address === '*' && rule.port === '*') any = rule
    else if (rule.port === '*') partial = matches(rule) ? rule : partial
    else if (rule.address === '*') partial = rule.port === String(port) ? rule : partial
    else if (matches(rule) && rule.port === String(port)) exact = rule
  }
  return (exact ?? partial ?? any)?.isAllowed
}

const PROGRAM: LuluProgram = { path: '/opt/agent/bin/agent' }
const rulesOf = (allow: readonly string[], deny: readonly string[] = []): readonly Rule[] =>
  importRules(luluRules({ programs: [PROGRAM], allow, deny })).get(PROGRAM.path) ?? []

describe('the allowlist for LuLu', () => {
  it.each([
    ['host', ['a.test'], 'a.test', 443, true],
    ['host on another port', ['a.test'], 'a.test', 8443, false],
    ['host, plain', ['a.test'], 'a.test', 80, true],
    ['host:port', ['a.test:8443'], 'a.test', 8443, true],
    ['host:port on the usual port', ['a.test:8443'], 'a.test', 443, false],
    ['another host', ['a.test'], 'b.test', 443, false],
    ['a host that ends alike', ['a.test'], 'xa.test', 443, false],
    ['one label', ['*.a.test'], 'x.a.test', 443, true],
    ['one label, two given', ['*.a.test'], 'y.x.a.test', 443, false],
    ['one label, none given', ['*.a.test'], 'a.test', 443, false],
    ['one label, as part of another name', ['*.a.test'], 'x.a.test.evil.test', 443, false],
    ['one label, a dot that is none', ['*.a.test'], 'x.aztest', 443, false],
    ['any depth', ['**.a.test'], 'y.x.a.test', 443, true],
    ['any depth, none given', ['**.a.test'], 'a.test', 443, false],
    ['an address', ['10.0.0.7:5000'], '10.0.0.7', 5000, true],
    ['an address, IPv6', ['[2001:db8::1]:5000'], '2001:db8::1', 5000, true],
    ['this machine', ['localhost:11434'], '127.0.0.1', 11_434, true],
    ['this machine, IPv6', ['localhost:11434'], '::1', 11_434, true],
    ['this machine on another port', ['localhost:11434'], '127.0.0.1', 80, false],
    ['nothing allowed', [], 'a.test', 443, false],
  ])('%s', (_, allow, host, port, expected) =>
    expect(verdict(rulesOf(allow), host, port)).toBe(expected),
  )

  it.each([
    ['refused beats allowed', ['**.a.test'], ['x.a.test'], 'x.a.test', 443, false],
    ['what is not refused stays', ['**.a.test'], ['x.a.test'], 'y.a.test', 443, true],
    ['refused on one port', ['a.test', 'a.test:8443'], ['a.test:8443'], 'a.test', 8443, false],
    ['allowed on the other', ['a.test', 'a.test:8443'], ['a.test:8443'], 'a.test', 443, true],
  ])('%s', (_, allow, deny, host, port, expected) =>
    expect(verdict(rulesOf(allow, deny), host, port)).toBe(expected),
  )

  it('says the same as launcher’s own rules for any list and any host', () => {
    const label = fc.constantFrom('a', 'b', 'x-1', 'test')
    const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'))
    const entry = fc
      .tuple(fc.constantFrom('', '*.', '**.'), name, fc.constantFrom('', ':443', ':80', ':8443'))
      .map((parts) => parts.join(''))
    const list = fc.uniqueArray(entry, { maxLength: 4 })
    fc.assert(
      fc.property(
        list,
        list,
        name,
        fc.constantFrom(443, 80, 8443, 22),
        (allow, deny, host, port) => {
          const sourced = (entries: readonly string[]): Sourced<string>[] =>
            entries.map((value) => ({
              value,
              origin: { strength: 'user', file: '/x', key: 'network.hosts' },
            }))
          const own = compileHosts({
            mode: 'allowlist',
            allow: sourced(allow),
            deny: sourced(deny),
          })
          const reading = canonicalHost(host)
          if (!reading.ok) throw new Error(host)
          const isAllowed = (['tunnel', 'http'] as const).some(
            (way) => own.decide(reading.host, port, way).allowed,
          )
          expect(verdict(rulesOf(allow, deny), host, port)).toBe(isAllowed)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('writes each program’s rules under its own key, as the user’s, with names of their own', () => {
    const signed: LuluProgram = {
      path: '/Applications/A "b" é.app/Contents/MacOS/a',
      signature: {
        identifier: 'test.example.a',
        authority: 'Developer ID Application: Example (ABCDE12345)',
      },
    }
    const text = luluRules({
      programs: [PROGRAM, signed],
      allow: ['a.test', 'a.test:443'],
      deny: [],
    })
    const rules = importRules(text)
    expect([...rules.keys()]).toEqual([
      '/opt/agent/bin/agent',
      'test.example.a:Developer ID Application: Example (ABCDE12345)',
    ])
    expect([...rules.values()].flat().every(({ isUser }) => isUser)).toBe(true)
    expect(
      rules.get('test.example.a:Developer ID Application: Example (ABCDE12345)')?.[0]?.path,
    ).toBe(signed.path)
    const uuids = [...text.matchAll(/"uuid": "([^"]+)"/g)].map(([, uuid]) => uuid)
    expect(new Set(uuids).size).toBe(uuids.length)
    expect(
      luluRules({ programs: [PROGRAM, signed], allow: ['a.test', 'a.test:443'], deny: [] }),
    ).toBe(text)
  })

  it.each([
    ['a folder of programs', '/opt/agent/*'],
    ['every program', '*'],
    ['a relative path', 'bin/agent'],
    ['a folder', '/opt/agent/'],
    ['a NUL', '/opt/a\0'],
  ])('refuses %s as a program', (_, path) => {
    expect(() => luluRules({ programs: [{ path }], allow: [], deny: [] })).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    )
  })

  it.each(['*', '*.test', 'a b', 'https://a.test/'])('refuses %s as a host', (entry) => {
    expect(() => luluRules({ programs: [PROGRAM], allow: [entry], deny: [] })).toThrow(
      expect.objectContaining({ code: 'E_NETWORK' }),
    )
  })
})
