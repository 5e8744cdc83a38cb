import { describe, expect, it } from 'vitest'
import { checkProgram } from '../../../src/backend/seatbelt/invariants.ts'
import { assemble, type Draft, draftOf } from '../../../src/backend/seatbelt/program.ts'
import type { Rule } from '../../../src/backend/seatbelt/rule.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { disagreements } from './agreement.ts'
import { grant, lift, originAt, policyOf, protect } from './worlds.ts'

// A write root with everything in it that a careless order or granularity would open.
const policy = policyOf({
  grants: [
    grant('/p', 'write'),
    grant('/r', 'read'),
    grant('/p/vendor', 'read'),
    grant('/p/vendor/out', 'write'),
  ],
  protections: [
    protect('/p/.git/hooks', 'read_only', { exists: false }),
    protect('/p/keys', 'hidden'),
    protect('/r/keys', 'hidden'),
  ],
  patterns: [
    { root: '/p' as AbsolutePath, pattern: '**/.env', kind: 'hidden', origin: originAt(1) },
  ],
  lifts: [lift('/p/keys/public/example')],
  sockets: {
    connect: [{ path: '/p/.git/hooks/s' as AbsolutePath, origin: originAt(2) }],
    bind: [{ path: '/run/s' as AbsolutePath, origin: originAt(3) }],
    masked: [],
  },
})
const paths = [
  '/p',
  '/p/.git',
  '/p/.GIT',
  '/p/.git/hooks',
  '/p/.git/hooks/s',
  '/p/.Git/Hooks/x',
  '/p/a',
  '/p/a/.env',
  '/p/a/.env/x',
  '/p/keys',
  '/p/keys/k',
  '/p/keys/public',
  '/p/keys/public/k',
  '/p/keys/public/example',
  '/p/keys/public/example/x',
  '/p/keys/public/example/.env',
  '/p/vendor',
  '/p/vendor/x',
  '/p/vendor/out',
  '/p/vendor/out/x',
  '/r',
  '/r/x',
  '/r/keys',
  '/r/keys/k',
  '/run',
  '/run/s',
  '/run/x',
] as AbsolutePath[]
const OPTIONS = { runId: 'r' }
const draft = draftOf(policy, OPTIONS)
const found = (mutant: Draft) => {
  const program = assemble(mutant, OPTIONS)
  return {
    opened: disagreements(program, compilePolicy(policy), paths).filter((text) =>
      text.endsWith('profile allows'),
    ),
    closed: disagreements(program, compilePolicy(policy), paths).filter((text) =>
      text.endsWith('profile denies'),
    ),
    violations: checkProgram(program),
  }
}
const rules = (change: (rules: readonly Rule[], section: string) => readonly Rule[]): Draft =>
  draft.map((section) => ({
    ...section,
    lines:
      section.name === 'prelude'
        ? section.lines
        : change(section.lines as readonly Rule[], section.name),
  }))
const without = (list: readonly string[], ...names: string[]): string[] =>
  list.filter((name) => !names.includes(name))

describe('mutations of the generator are seen', () => {
  it('the generator itself is clean', () =>
    expect(found(draft)).toEqual({ opened: [], closed: [], violations: [] }))

  it.each<[string, Draft, 'opened' | 'closed' | 'violations', RegExp]>([
    [
      'no pins',
      rules((all) => all.filter(({ operations }) => !operations.includes('file-write-unlink'))),
      'opened',
      /rename-from \/p\/\.git:/,
    ],
    [
      'pins that do not stop making the name',
      rules((all) =>
        all.map((rule) =>
          rule.operations.includes('file-write-unlink')
            ? { ...rule, operations: ['file-write-unlink'] }
            : rule,
        ),
      ),
      'opened',
      /mkdir \/p\/\.git:/,
    ],
    [
      'pins without other spellings',
      rules((all) =>
        all.filter(
          ({ operations, filters }) =>
            !(operations.includes('file-write-unlink') && filters[0]?.kind === 'regex'),
        ),
      ),
      'opened',
      /mkdir \/p\/\.GIT:/,
    ],
    [
      'protections without other spellings',
      rules((all) =>
        all.filter(
          ({ operations, filters }) =>
            operations.includes('file-write-unlink') || filters[0]?.kind !== 'regex',
        ),
      ),
      'opened',
      /write \/p\/\.Git\/Hooks\/x:/,
    ],
    [
      'grants after protections',
      [
        ...draft.filter(({ name }) => name !== 'grants'),
        ...draft.filter(({ name }) => name === 'grants'),
      ],
      'opened',
      /unlink \/p\/keys\/k:/,
    ],
    [
      'grants after protections, seen by the invariants',
      [
        ...draft.filter(({ name }) => name !== 'grants'),
        ...draft.filter(({ name }) => name === 'grants'),
      ],
      'violations',
      /sections/,
    ],
    [
      'grants deep to shallow',
      rules((all, name) => (name === 'grants' ? all.toReversed() : all)),
      'opened',
      /write \/p\/vendor\/x:/,
    ],
    [
      'grants that say only what they allow',
      rules((all, name) =>
        name === 'grants' ? all.filter(({ action }) => action === 'allow') : all,
      ),
      'opened',
      /write \/p\/vendor\/x:/,
    ],
    [
      'protections before names',
      rules((all, name) =>
        name === 'protections'
          ? all
              .map((rule) => ({
                ...rule,
                operations: without(rule.operations, 'file-read-metadata', 'file-test-existence'),
              }))
              .filter(({ operations }) => operations.length > 0)
          : all,
      ),
      'violations',
      /file-read-metadata open/,
    ],
    [
      'file-read* alone over an allow of metadata beneath',
      rules((all, name) =>
        name === 'names'
          ? [
              ...all,
              {
                action: 'allow',
                operations: ['file-read-metadata'],
                filters: [{ kind: 'subpath', value: '/r' }],
                origin: originAt(9),
              },
            ]
          : name === 'protections'
            ? all.filter(({ operations }) => !operations.includes('file-read-metadata'))
            : all,
      ),
      'opened',
      /stat \/r\/keys\/k:/,
    ],
    [
      'file-read* alone over an allow of data',
      rules((all, name) =>
        name === 'names'
          ? [
              ...all,
              {
                action: 'allow',
                operations: ['file-read-data'],
                filters: [{ kind: 'subpath', value: '/r' }],
                origin: originAt(9),
              },
            ]
          : name === 'protections'
            ? all.map((rule) => ({
                ...rule,
                operations: without(rule.operations, 'file-read-data'),
              }))
            : all,
      ),
      'opened',
      /read \/r\/keys\/k:/,
    ],
    [
      'write grants may link from read trees',
      rules((all, name) =>
        name === 'grants'
          ? all.map((rule) =>
              rule.action === 'allow'
                ? { ...rule, operations: [...rule.operations, 'file-link'] }
                : { ...rule, operations: without(rule.operations, 'file-link') },
            )
          : all,
      ),
      'opened',
      /link-from \/r\/x:/,
    ],
    [
      'sockets of read trees',
      rules((all, name) =>
        name === 'grants'
          ? all.map((rule) =>
              rule.action === 'allow'
                ? { ...rule, operations: [...rule.operations, 'network-outbound'] }
                : { ...rule, operations: without(rule.operations, 'network-outbound') },
            )
          : all,
      ),
      'opened',
      /connect \/r\/x:/,
    ],
    [
      'a socket to make is a file to make',
      rules((all) =>
        all.map((rule) => ({
          ...rule,
          filters: rule.filters.map((filter) =>
            filter.kind === 'both' ? filter.filters[0]! : filter,
          ),
        })),
      ),
      'opened',
      /create \/run\/s:/,
    ],
    [
      'no patterns in lifted places',
      rules((all, name) =>
        name === 'lifts' ? all.filter(({ filters }) => filters[0]?.kind !== 'regex') : all,
      ),
      'opened',
      /read \/p\/keys\/public\/example\/\.env:/,
    ],
    [
      'no lifts',
      rules((all, name) => (name === 'lifts' ? [] : all)),
      'closed',
      /read \/p\/keys\/public\/example\/x:/,
    ],
    [
      'lifts at the granularity of grants only',
      rules((all, name) =>
        name === 'lifts'
          ? all.map((rule) =>
              rule.action === 'allow'
                ? {
                    ...rule,
                    operations: without(rule.operations, 'file-read-data', 'file-write-data'),
                  }
                : rule,
            )
          : all,
      ),
      'closed',
      /read \/p\/keys\/public\/example\/x:/,
    ],
    [
      'buried names are not given back',
      rules((all, name) =>
        name === 'lifts'
          ? all.filter(({ operations }) => operations[0] !== 'file-read-metadata')
          : all,
      ),
      'closed',
      /stat \/p\/keys\/public:/,
    ],
    [
      'no names',
      rules((all, name) => (name === 'names' ? [] : all)),
      'closed',
      /stat \/r\/keys:|stat \/run:/,
    ],
  ])('%s', (_, mutant, list, sign) => expect(found(mutant)[list].join('\n')).toMatch(sign))
})
