import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NETWORK_MODES } from '../../src/profile/model.ts'
import type { Policy } from '../../src/policy/model.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { composePolicy } from '../../src/profile/compose.ts'
import { applyProjectCap } from '../../src/profile/project-cap.ts'
import { fakeHost, type FakeTree, dir, fifo, file, link } from '../fixtures/fake-host.ts'
import { builtin, errorOf } from './harness.ts'

const PROJECT = '/home/u/p' as AbsolutePath
const policyOf = (
  mode: string,
  hosts: readonly string[] = ['a.b:443', '**.c.d'],
  registries: readonly string[] = ['npm'],
): Policy =>
  composePolicy(
    'x',
    [
      builtin(
        'x',
        `[filesystem]\nwrite = ["$PROJECT"]\n[network]\nmode = "${mode}"\nhosts = ${JSON.stringify(hosts)}\nregistries = ${JSON.stringify(registries)}\n[environment]\npass = ["A"]`,
      ),
    ],
    'linux',
  )
const cap = (body: FakeTree[string], policy = policyOf('allowlist')): Promise<Policy> =>
  applyProjectCap(
    policy,
    PROJECT,
    fakeHost({
      [`${PROJECT}/.launcher.toml`]: typeof body === 'string' ? `schema = 1\n${body}` : body,
    }),
  )

describe('applyProjectCap', () => {
  it('changes nothing without a file', async () => {
    const policy = policyOf('any')
    expect(await applyProjectCap(policy, PROJECT, fakeHost({}))).toBe(policy)
  })

  it('adds none and protections, removes hosts, lowers the mode', async () => {
    const policy = await cap(
      '[filesystem]\nnone = ["$PROJECT/secret"]\n[protect]\nhidden = ["$PROJECT/**/*.pem"]\nread_only = ["$PROJECT/dist"]\n[network]\nmode = "none"\nremove = ["a.b", "npm"]',
    )
    expect(policy.grants.at(-1)).toMatchObject({
      path: '$PROJECT/secret',
      access: 'none',
      origin: { strength: 'project-cap', line: 3 },
    })
    expect(policy.protections.map(({ path, kind }) => [path, kind])).toEqual([
      ['$PROJECT/**/*.pem', 'hidden'],
      ['$PROJECT/dist', 'read_only'],
    ])
    expect([
      policy.network.mode.value,
      policy.network.hosts.map(({ value }) => value),
      policy.network.registries,
    ]).toEqual(['none', ['**.c.d'], []])
    expect(policy.files.at(-1)).toBe(`${PROJECT}/.launcher.toml`)
  })

  it.each([
    ['[filesystem]\nread = ["$PROJECT"]'],
    ['[filesystem]\nwrite = ["/"]'],
    ['[filesystem]\ncreate = ["$PROJECT/x/"]'],
    ['[protect]\nlift = ["~/.ssh"]'],
    ['[protect]\nown = ["~/.vibe"]'],
    ['[network]\nhosts = ["evil.example"]'],
    ['[network]\nlisten = [80]'],
    ['[environment]\npass = ["KEY"]'],
    ['[sockets]\nconnect = ["/var/run/docker.sock"]'],
    ['command = "sh"'],
    ['extends = ["base"]'],
    ['replace = true'],
    ['features = ["jit"]'],
  ])('refuses to widen: %s', async (body) => {
    expect(await errorOf(() => cap(body))).toMatchObject({
      code: 'E_PROFILE',
      message: expect.stringContaining('can only tighten'),
      at: expect.stringContaining('.launcher.toml:'),
    })
  })

  it.each(['~/.ssh', '/etc', '$HOME/x', '$PROJECTS/x', '$PROJECT/../x'])(
    'refuses to speak of %s',
    async (path) => {
      expect(
        await errorOf(() => cap(`[protect]\nhidden = [${JSON.stringify(path)}]`)),
      ).toMatchObject({ code: 'E_PROFILE' })
    },
  )

  it.each<[string, FakeTree[string], string]>([
    ['a link', link('/home/u/x'), 'is a link'],
    ['a folder that holds something', dir({ x: '' }), 'is not a regular file'],
    ['a pipe', fifo(), 'is not a regular file'],
    ['another user\u2019s', file('schema = 1', { uid: 7 }), 'another user'],
    ['no UTF-8', new Uint8Array([0xff]), 'UTF-8'],
  ])('refuses a file that is %s', async (_, body, message) => {
    expect(await errorOf(() => cap(body))).toMatchObject({
      code: 'E_PROFILE',
      message: expect.stringContaining(message),
    })
  })

  it('refuses to remove a host from a mode that has no list, unless it lowers the mode', async () => {
    expect(await errorOf(() => cap('[network]\nremove = ["a.b"]', policyOf('any')))).toMatchObject({
      code: 'E_PROFILE',
    })
    expect(
      (await cap('[network]\nmode = "allowlist"\nremove = ["a.b"]', policyOf('any'))).network.mode
        .value,
    ).toBe('allowlist')
  })

  it('never raises the mode, adds a host, drops a protection or touches the rest', async () => {
    const mode = fc.constantFrom(...NETWORK_MODES)
    const inside = fc.array(fc.stringMatching(/^\$PROJECT\/[a-z]{1,5}$/), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(
        mode,
        fc.option(mode),
        inside,
        inside,
        async (before, wanted, none, hidden) => {
          const policy = policyOf(before)
          const after = await cap(
            `[filesystem]\nnone = ${JSON.stringify(none)}\n[protect]\nhidden = ${JSON.stringify(hidden)}\n${wanted ? `[network]\nmode = "${wanted}"` : ''}`,
            policy,
          )
          expect(NETWORK_MODES.indexOf(after.network.mode.value)).toBeLessThanOrEqual(
            NETWORK_MODES.indexOf(before),
          )
          expect(after.grants.slice(0, policy.grants.length)).toEqual(policy.grants)
          expect(
            after.grants.slice(policy.grants.length).every(({ access }) => access === 'none'),
          ).toBe(true)
          const { grants, protections, network, files, ...rest } = after
          const { grants: _g, protections: _p, network: _n, files: _f, ...restBefore } = policy
          expect(rest).toEqual(restBefore)
          expect([protections.length, network.hosts, files.length]).toEqual([
            hidden.length,
            policy.network.hosts,
            2,
          ])
        },
      ),
    )
  })
})
