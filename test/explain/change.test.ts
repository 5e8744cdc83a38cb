import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyChange, changesFor } from '../../src/explain/change.ts'
import { runnersUp } from '../../src/explain/entries.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import { OPERATIONS, type Operation } from '../../src/policy/model.ts'
import { ancestorsOf, isWithin, join } from '../../src/machine/paths.ts'
import { policyOn, policySpec } from '../contract/policies.ts'
import type { Tree, TreeEntry } from '../contract/tree.ts'
import { at, grant, lift, policyOf, protection } from '../policy/builders.ts'

const entry = (path: string, kind: TreeEntry['kind'] = 'file'): TreeEntry => ({
  path: at(path),
  kind,
})

const TREE: Pick<Tree, 'root' | 'entries'> = {
  root: at('/p'),
  entries: [
    entry('/p', 'directory'),
    entry('/p/a', 'directory'),
    entry('/p/a/b', 'directory'),
    entry('/p/a/b/c', 'directory'),
    entry('/p/a/b/c/file'),
    entry('/p/a/b/.hidden', 'directory'),
    entry('/p/a/b/.hidden/key'),
    entry('/p/a/file'),
    entry('/p/a/sock', 'socket'),
    entry('/p/d', 'directory'),
    entry('/p/d/[odd] name'),
    entry('/p/file'),
  ],
}

/**
 * A boundary beneath a name keeps it from being moved or removed, so an entry that comes or goes
 * beneath it decides that, too.
 */
const ABOVE: ReadonlySet<Operation> = new Set([
  'stat',
  'rename-from',
  'rename-to',
  'unlink',
  'create',
  'mkdir',
  'symlink',
  'link-to',
  'bind',
])

describe('the smallest change', () => {
  it('flips the decision that was asked about, and nothing outside its place but the names above it', () => {
    let proposed = 0
    fc.assert(
      fc.property(
        policySpec,
        fc.constantFrom(...TREE.entries),
        fc.constantFrom(...OPERATIONS),
        (spec, target, operation) => {
          const policy = policyOn(TREE, spec)
          const before = compilePolicy(policy)
          const place = {
            exists: true,
            kind: target.kind === 'directory' ? ('directory' as const) : ('file' as const),
          }
          const [change] = changesFor(policy, operation, target.path, place)
          if (!change) return
          proposed += 1
          const after = compilePolicy(applyChange(policy, change))
          expect(after.decide(operation, target.path).allowed).toBe(
            !before.decide(operation, target.path).allowed,
          )
          const others = [
            ...TREE.entries.map(({ path }) => path),
            ...ancestorsOf(TREE.root),
            join(TREE.root, 'new'),
            join(TREE.root, 'a/new'),
          ]
          const changed: string[] = []
          for (const path of others.filter((other) => !isWithin(other, change.at))) {
            const isAbove = isWithin(change.at, path)
            for (const asked of OPERATIONS) {
              if (isAbove && ABOVE.has(asked)) continue
              if (after.decide(asked, path).allowed !== before.decide(asked, path).allowed)
                changed.push(`${asked} ${path}`)
            }
          }
          expect(changed).toEqual([])
        },
      ),
      { numRuns: 3_000 },
    )
    expect(proposed).toBeGreaterThan(1_000)
  })

  it.each<[string, Parameters<typeof policyOf>[0], Operation, string, string[]]>([
    ['a grant for what nothing grants', {}, 'read', '/p/file', ['--read /p/file']],
    [
      'write where only reading is granted',
      { grants: [grant('read', '/p')] },
      'write',
      '/p/file',
      ['--write /p/file'],
    ],
    [
      'a grant against none',
      { grants: [grant('write', '/p'), grant('none', '/p/d')] },
      'read',
      '/p/d/x',
      ['--read /p/d/x'],
    ],
    [
      'a lift alone where a grant is there',
      { grants: [grant('write', '/p')], protections: [protection('hidden', '/p/d')] },
      'read',
      '/p/d/x',
      ['--lift /p/d/x'],
    ],
    [
      'a lift and a grant where none is',
      { protections: [protection('hidden', '/p/d')] },
      'read',
      '/p/d/x',
      ['--lift /p/d/x', '--read /p/d/x'],
    ],
    [
      'the directory, to make a name in it',
      { grants: [grant('read', '/p')] },
      'create',
      '/p/d/new',
      ['--write /p/d'],
    ],
    [
      'none, to close what is open',
      { grants: [grant('write', '/p')] },
      'read',
      '/p/file',
      ['--none /p/file'],
    ],
    [
      'read, to close writing only',
      { grants: [grant('write', '/p')] },
      'write',
      '/p/file',
      ['--read /p/file'],
    ],
    [
      'a socket by itself',
      { grants: [grant('read', '/p')] },
      'connect',
      '/p/sock',
      ['--connect /p/sock'],
    ],
  ])('%s', (_, parts, operation, path, flags) => {
    const [change] = changesFor(policyOf(parts), operation, at(path), {
      exists: true,
      kind: 'file',
    })
    expect(change?.flags.map(({ flag, path: place }) => `${flag} ${place}`)).toEqual(flags)
  })

  it('is none for launcher’s own files: no flag lifts those', () => {
    const policy = policyOf({
      grants: [grant('write', '/p')],
      protections: [protection('hidden', '/p/own', { liftable: false })],
    })
    expect(changesFor(policy, 'read', at('/p/own/x'), { exists: true, kind: 'file' })).toEqual([])
  })

  it('tells what the protection is for', () => {
    const why = {
      strength: 'builtin' as const,
      file: 'profiles/base.toml',
      line: 7,
      key: 'protect.hidden',
      because: 'keys',
    }
    const policy = policyOf({ protections: [protection('hidden', '/p/.ssh', { origin: why })] })
    expect(
      changesFor(policy, 'read', at('/p/.ssh/id'), {
        exists: true,
        kind: 'file',
      })[0]?.consequences.join(),
    ).toContain('profiles/base.toml:7 (hidden: keys)')
  })
})

describe('entries that lost', () => {
  const lost = (parts: Parameters<typeof policyOf>[0], path: string): string[] => {
    const decider = compilePolicy(policyOf(parts))
    return runnersUp(decider.index, at(path), decider.decide('read', at(path))).map(
      (one) => `${one.what} ${one.path}: ${one.lost}`,
    )
  }
  it.each<[string, Parameters<typeof policyOf>[0], string[]]>([
    [
      'the shallower grant',
      { grants: [grant('read', '/p'), grant('none', '/p/d')] },
      ['read /p: a deeper entry decides'],
    ],
    [
      'the weaker source',
      { grants: [grant('none', '/p/d'), grant('read', '/p/d', { strength: 'flag' })] },
      ['none /p/d: a stronger source decides at the same path'],
    ],
    [
      'every grant beneath a protection',
      { grants: [grant('write', '/p')], protections: [protection('hidden', '/p/d')] },
      ['write /p: protections stand above grants'],
    ],
    [
      'a protection that is lifted',
      {
        grants: [grant('write', '/p')],
        protections: [protection('hidden', '/p/d')],
        lifts: [lift('/p/d/x')],
      },
      ['hidden /p/d: it is lifted'],
    ],
  ])('names %s', (_, parts, expected) => {
    expect(lost(parts, '/p/d/x')).toEqual(expected)
  })
})
