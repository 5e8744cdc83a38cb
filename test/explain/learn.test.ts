import { describe, expect, it } from 'vitest'
import type { Denial } from '../../src/explain/denials/model.ts'
import { type Known, learnFrom, learnHosts } from '../../src/explain/learn.ts'
import type { Origin, Policy, ResolvedPolicy, Sourced, Strength } from '../../src/policy/model.ts'
import { at, grant, origin, policyOf, protection } from '../policy/builders.ts'

const HOME = '/home/u'
const sourced = <T>(value: T, strength: Strength = 'builtin'): Sourced<T> => ({
  value,
  origin: origin(strength),
})

const written = (parts: Partial<Policy> = {}): Policy => ({
  name: 'agent',
  description: '',
  args: [],
  grants: [],
  protections: [],
  lifts: [],
  create: [],
  seeds: [],
  connect: [],
  bind: [],
  network: policyOf().network,
  environment: { pass: [], set: new Map(), from: new Map(), drop: [] },
  caches: [],
  features: [],
  files: [],
  ...parts,
})

const known = (
  parts: Partial<Omit<Known, 'resolved'>> & { readonly resolved?: Partial<ResolvedPolicy> } = {},
): Known => ({
  policy: written(),
  own: new Map(),
  creates: new Map(),
  sources: new Map(),
  placeOf: (text: string, _origin: Origin) => at(text.replace('~', HOME)),
  exists: () => true,
  ...parts,
  resolved: policyOf(parts.resolved),
})

const denied = (operation: string, path: string, extra: Partial<Denial> = {}): Denial => ({
  operation,
  kind: 'path',
  path,
  program: '/usr/bin/agent',
  count: 1,
  first: 0,
  last: 0,
  source: 'strace',
  ...extra,
})

const lesson = (
  denials: readonly Denial[],
  what: Known,
  current: Partial<ResolvedPolicy> = {},
  policy: Partial<Policy> = {},
): { lines: string[]; asked: string[] } => {
  const { lines, asked } = learnFrom(denials, policyOf(current), written(policy), what)
  return {
    lines: lines.map(
      ({ table, key, value, isItem }) =>
        `${table}.${key} ${isItem ? String(value) : JSON.stringify(value)}`,
    ),
    asked: asked.map(({ operation, path }) => `${operation} ${path}`),
  }
}

const CONFIG = grant('read', `${HOME}/.agent/config`, {
  kind: 'file',
  requested: '~/.agent/config',
})
const LOGS = grant('write', `${HOME}/.agent/logs`, { requested: '~/.agent/logs' })
const KNOWN = known({ resolved: { grants: [CONFIG, LOGS] } })

describe('what is proposed', () => {
  it.each<[string, Denial[], string[], string[]]>([
    [
      'a line as the built-in profile writes it',
      [denied('read', `${HOME}/.agent/config`)],
      ['filesystem.read ~/.agent/config'],
      [],
    ],
    [
      'the directory that the profile names, once for all that lies in it',
      [denied('create', `${HOME}/.agent/logs/a`), denied('mkdir', `${HOME}/.agent/logs/b/c`)],
      ['filesystem.write ~/.agent/logs'],
      [],
    ],
    [
      'reading alone where only reading was refused',
      [denied('list', `${HOME}/.agent/logs`)],
      ['filesystem.read ~/.agent/logs'],
      [],
    ],
    [
      'writing once where both were',
      [denied('list', `${HOME}/.agent/logs`), denied('write', `${HOME}/.agent/logs/x`)],
      ['filesystem.write ~/.agent/logs'],
      [],
    ],
    [
      'nothing that only the agent asks for',
      [denied('read', `${HOME}/.mozilla/cookies`)],
      [],
      [`read ${HOME}/.mozilla/cookies`],
    ],
    [
      'nothing next to what is known',
      [denied('read', `${HOME}/.agent/config.bak`)],
      [],
      [`read ${HOME}/.agent/config.bak`],
    ],
    [
      'no writing where the profile only reads',
      [denied('write', `${HOME}/.agent/config`)],
      [],
      [`write ${HOME}/.agent/config`],
    ],
    [
      'nothing that would fail outside, too',
      [denied('read', `${HOME}/.agent/config`, { wouldWork: false })],
      [],
      [`read ${HOME}/.agent/config`],
    ],
  ])('%s', (_, denials, lines, asked) => {
    expect(lesson(denials, KNOWN)).toEqual({ lines, asked })
  })

  it.each<[string, string, Partial<ResolvedPolicy>]>([
    ['the home directory', HOME, {}],
    ['the root', '/', {}],
    ['what holds the home directory', '/home', {}],
    [
      'what holds a hidden place',
      `${HOME}/.cargo`,
      { protections: [protection('hidden', `${HOME}/.cargo/credentials`)] },
    ],
  ])('is never %s, even where a profile would grant it', (_, path, current) => {
    const wide = known({ resolved: { grants: [grant('write', path)] } })
    expect(lesson([denied('read', `${path === '/' ? '' : path}/x`)], wide, current).lines).toEqual(
      [],
    )
  })

  it('is a directory although a pattern hides names in it', () => {
    const project = known({
      resolved: { grants: [grant('write', '/p', { requested: '$PROJECT' })] },
    })
    expect(
      lesson([denied('write', '/p/x')], project, {
        protections: [protection('hidden', '/p/.env', { requested: '$PROJECT/**/.env' })],
      }).lines,
    ).toEqual(['filesystem.write $PROJECT'])
  })

  it('is never a lift: what is hidden stays so', () => {
    const open = known({ resolved: { grants: [grant('read', `${HOME}/.ssh`)] } })
    expect(
      lesson([denied('read', `${HOME}/.ssh/id`)], open, {
        protections: [protection('hidden', `${HOME}/.ssh`)],
      }),
    ).toEqual({ lines: [], asked: [`read ${HOME}/.ssh/id`] })
  })

  it('leaves the user’s own none alone, but not a built-in one', () => {
    expect(
      lesson([denied('read', CONFIG.path)], KNOWN, {
        grants: [grant('none', CONFIG.path, { strength: 'user' })],
      }).lines,
    ).toEqual([])
    expect(
      lesson([denied('read', CONFIG.path)], KNOWN, { grants: [grant('none', CONFIG.path)] }).lines,
    ).toEqual(['filesystem.read ~/.agent/config'])
  })

  it('reads what is read only', () => {
    expect(
      lesson([denied('stat', CONFIG.path)], KNOWN, {
        protections: [protection('read_only', CONFIG.path)],
      }).lines,
    ).toEqual(['filesystem.read ~/.agent/config'])
  })

  it('calls the agent’s state its own and brings the protections in it along', () => {
    const file = 'profiles/agents/agent.toml'
    const from = { ...origin(), file }
    const own = new Map([[at(`${HOME}/.agent`), { value: '~/.agent', origin: from }]])
    const policy = written({
      protections: [
        { path: '~/.agent/hooks', kind: 'read_only', origin: from },
        { path: '~/.other', kind: 'hidden', origin: from },
      ],
    })
    const found = lesson(
      [denied('read', CONFIG.path)],
      known({ policy, own, resolved: { grants: [CONFIG] } }),
      { protections: [protection('hidden', `${HOME}/.agent`)] },
    )
    expect(found.lines).toEqual([
      'filesystem.read ~/.agent/config',
      'protect.own ~/.agent',
      'protect.read_only ~/.agent/hooks',
    ])
  })

  it('hands over a variable instead of the file that holds it, and does not ask for that file any more then', () => {
    const key = at(`${HOME}/.agent/.env`)
    const value = ['env', 'dotenv:~/.agent/.env']
    const from = new Map([['KEY', sourced(value)]])
    const what = known({
      policy: written({ environment: { pass: [], set: new Map(), from, drop: [] } }),
      sources: new Map([[key, ['KEY']]]),
    })
    const hidden = { protections: [protection('hidden', key)] }
    expect(lesson([denied('read', key)], what, hidden)).toEqual({
      lines: [`environment.from.KEY ${JSON.stringify(value)}`],
      asked: [],
    })
    expect(
      lesson([denied('read', key)], what, hidden, {
        environment: { pass: [], set: new Map(), from, drop: [] },
      }),
    ).toEqual({ lines: [], asked: [] })
  })

  it('makes before the run what cannot be made in it', () => {
    const made = at(`${HOME}/.agent/trust`)
    const what = known({
      resolved: { grants: [grant('read', made, { kind: 'file', requested: '~/.agent/trust' })] },
      creates: new Map([[made, sourced('~/.agent/trust')]]),
      exists: () => false,
    })
    expect(lesson([denied('create', made)], what).lines).toEqual([
      'filesystem.read ~/.agent/trust',
      'filesystem.create ~/.agent/trust',
    ])
  })

  it('does not propose a line again that stands there and did not help', () => {
    expect(
      lesson(
        [denied('read', CONFIG.path)],
        KNOWN,
        {},
        { grants: [{ path: '~/.agent/config', access: 'read', origin: origin('user') }] },
      ),
    ).toEqual({ lines: [], asked: [`read ${CONFIG.path}`] })
  })

  it('names a program in its reason only by a plain name', () => {
    const reasons = ['/usr/bin/agent', '/tmp/x\n]\nwrite = ["~"]'].map(
      (program) =>
        learnFrom([denied('read', CONFIG.path, { program })], policyOf(), written(), KNOWN).lines[0]
          ?.reason,
    )
    expect(reasons).toEqual([
      'read by agent; known from test.toml:1 test',
      'read by a program; known from test.toml:1 test',
    ])
  })
})

describe('the network', () => {
  const open = known({
    policy: written({
      network: {
        ...policyOf().network,
        mode: sourced('allowlist'),
        hosts: [sourced('api.example.com:443')],
      },
    }),
  })
  const lost = denied('connect', '192.0.2.1:443', { kind: 'address' })

  it('is opened as far as the agent’s profile has it, and loudly', () => {
    const { lines } = learnFrom([lost], policyOf(), written(), open)
    expect(lines.map(({ key, value, isLoud }) => [key, value, isLoud])).toEqual([
      ['mode', 'allowlist', true],
      ['hosts', 'api.example.com:443', true],
    ])
  })

  it('stays shut where the user shut it', () => {
    const network = { ...policyOf().network, mode: sourced('none' as const, 'user') }
    expect(lesson([lost], open, {}, { network })).toEqual({
      lines: [],
      asked: ['connect 192.0.2.1:443'],
    })
  })

  it('takes a refused host that the profile names and lists every other', () => {
    const { lines, asked } = learnHosts(
      ['api.example.com', 'evil.example.net', 'example.com'],
      written(),
      open,
    )
    expect(lines.map(({ value }) => value)).toEqual(['api.example.com:443'])
    expect(asked).toEqual(['evil.example.net', 'example.com'])
  })
})
