import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { ResolvedPolicy } from '../../src/policy/model.ts'
import { join } from '../../src/machine/paths.ts'
import { limitsOf, limitsSummary, limitsText } from '../../src/report/limits.ts'
import { policyOn, policySpec } from '../contract/policies.ts'
import { at, grant, origin, policyOf, protection } from '../policy/builders.ts'

const network = (
  mode: 'none' | 'allowlist' | 'any' | 'host',
  hosts: readonly string[] = [],
): Pick<ResolvedPolicy, 'network'> => ({
  network: {
    ...policyOf().network,
    mode: { value: mode, origin: origin() },
    hosts: hosts.map((value) => ({ value, origin: origin() })),
  },
})

const POLICY = policyOf({
  grants: [
    grant('write', '/p'),
    grant('write', '/home/u/.agent/logs'),
    grant('write', '/tmp/launcher-r', { requested: '$TMPDIR' }),
    grant('read', '/usr'),
  ],
  protections: [
    protection('read_only', '/p/.git/hooks'),
    protection('hidden', '/p/.env', { entry: 'file' }),
    protection('hidden', '/home/u/.secret-place'),
    protection('read_only', '/p/.vscode', { exists: false }),
  ],
  ...network('allowlist', ['api.example.com:443']),
})

describe('what an agent is told of its limits', () => {
  it.each<[string, Partial<ResolvedPolicy>, RegExp]>([
    [
      'that it may write in the project',
      { grants: [grant('write', '/p')] },
      /Project: `\/p`, writable/,
    ],
    ['that it may not', { grants: [grant('read', '/p')] }, /Project: `\/p`, read only/],
    ['that it has no network', network('none'), /Network: none/],
    [
      'the hosts it has',
      network('allowlist', ['a.example:443', 'b.example']),
      /only `a\.example:443`, `b\.example`/,
    ],
    ['that every host goes through the proxy', network('any'), /any host, only through the proxy/],
    ['that nothing is isolated', network('host'), /not isolated/],
    [
      'how its kernel refuses on macOS',
      { platform: 'macos' },
      /EPERM \("Operation not permitted"\)/,
    ],
    ['how its kernel refuses on Linux', { platform: 'linux' }, /EROFS for what is read only/],
    ['what the user can do', {}, /launcher run test --write PATH/],
  ])('%s', (_, parts, expected) => {
    expect(limitsText(limitsOf(policyOf(parts)))).toMatch(expected)
  })

  it('names what is read only in the project and what is writable beside it, and nothing that is hidden', () => {
    const text = limitsText(limitsOf(POLICY))
    expect(text).toContain('Read only in the project: `.git/hooks`.')
    expect(text).toContain('Also writable: `~/.agent/logs`, `/tmp/launcher-r`.')
    expect(text).not.toContain('secret-place')
  })

  it('is short, and holds no control characters, whatever the names are', () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .map((text) => text.replaceAll(/[/\0]/g, '_'))
    fc.assert(
      fc.property(fc.array(name, { maxLength: 40 }), name, (names, project) => {
        const root = at(`/${project}`)
        const limits = limitsOf(
          policyOf({
            name: project,
            project: root,
            grants: [grant('write', root), ...names.map((one) => grant('write', `/home/u/${one}`))],
            protections: names.map((one) => protection('read_only', join(root, one))),
            ...network('allowlist', names),
          }),
        )
        const text = limitsText(limits)
        expect(Buffer.byteLength(text)).toBeLessThan(4 << 10)
        for (const told of [text.replaceAll('\n', ''), limitsSummary(limits)])
          expect(told).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
        expect(limitsSummary(limits).length).toBeLessThan(1_000)
      }),
      { numRuns: 200 },
    )
  })

  it('says nothing that decide() does not say', () => {
    const tree = {
      root: at('/p'),
      entries: [
        { path: at('/p'), kind: 'directory' as const },
        { path: at('/p/a'), kind: 'directory' as const },
        { path: at('/p/a/b'), kind: 'file' as const },
      ],
    }
    fc.assert(
      fc.property(policySpec, (spec) => {
        const policy = { ...policyOn(tree, spec), project: at('/p') }
        const decider = compilePolicy(policy)
        const limits = limitsOf(policy)
        for (const path of limits.writable) expect(decider.decide('write', path).allowed).toBe(true)
        for (const path of limits.readOnly)
          expect([
            decider.decide('write', path).allowed,
            decider.decide('read', path).allowed,
          ]).toEqual([false, true])
        expect(limits.isProjectWritable).toBe(decider.decide('create', at('/p/x')).allowed)
      }),
    )
  })
})
