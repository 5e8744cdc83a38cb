import { describe, expect, it } from 'vitest'
import { unclassedOperations } from '../../../src/backend/seatbelt/granularity.ts'
import { checkProgram } from '../../../src/backend/seatbelt/invariants.ts'
import { compileSeatbelt, type SeatbeltProgram } from '../../../src/backend/seatbelt/program.ts'
import { scanForms } from '../../../src/backend/seatbelt/scanner.ts'
import { vibe } from './policies.ts'

const good = compileSeatbelt(vibe, { runId: 'r1', tty: '/dev/ttys003', proxyPort: 41000 })
const text = (change: (profile: string) => string): SeatbeltProgram => {
  const profile = change(good.profile)
  expect(profile).not.toBe(good.profile)
  return { ...good, profile }
}
/** Moves the body of one section to another place. */
const after = (mark: string, line: string): SeatbeltProgram =>
  text((profile) => profile.replace(`;;; ${mark}\n`, `;;; ${mark}\n${line}\n`))

describe('checkProgram', () => {
  it('finds nothing in a good program', () => expect(checkProgram(good)).toEqual([]))

  it.each<[string, () => SeatbeltProgram, RegExp]>([
    ['a byte that is not ASCII', () => text((p) => p.replace('kernel', 'kern\u00e9l')), /ASCII/],
    [
      'a tab',
      () => text((p) => p.replace('(allow process-fork)', '(allow\tprocess-fork)')),
      /ASCII/,
    ],
    [
      'a parenthesis missing',
      () => text((p) => p.replace('(allow process-fork)', '(allow process-fork')),
      /not closed/,
    ],
    [
      'a parenthesis too many',
      () => text((p) => p.replace('(allow process-fork)', '(allow process-fork))')),
      /too many/,
    ],
    ['a string not closed', () => text((p) => `${p}"`), /string is not closed/],
    ['text outside a list', () => text((p) => `${p}allow\n`), /outside/],
    ['no version', () => text((p) => p.replace('(version 1)\n', '')), /version 1/],
    ['a second version', () => text((p) => `${p}(version 1)\n`), /second version/],
    ['no default', () => text((p) => p.replace(/\(deny default.*\n/, '')), /deny default/],
    ['an allowed default', () => after('lifts', '(allow default)'), /without a filter/],
    ['a second default', () => after('lifts', '(deny default)'), /second default/],
    ['a parameter missing', () => ({ ...good, params: good.params.slice(1) }), /not defined/],
    [
      'a parameter unused',
      () => ({ ...good, params: [...good.params, { name: 'P999', value: '/x' }] }),
      /not used/,
    ],
    ['a parameter twice', () => ({ ...good, params: [...good.params, good.params[0]!] }), /twice/],
    [
      'a zero byte',
      () => ({ ...good, params: good.params.map((p) => ({ ...p, value: `${p.value}\0` })) }),
      /zero byte/,
    ],
    [
      'a relative path',
      () => ({
        ...good,
        params: good.params.map((p) => (p.name === 'P1' ? { ...p, value: 'x' } : p)),
      }),
      /not absolute/,
    ],
    [
      'a group the engine ignores',
      () => ({
        ...good,
        params: good.params.map((p) => (p.name === 'R1' ? { ...p, value: '^(?:a)' } : p)),
      }),
      /engine/,
    ],
    [
      'a regex that is not ASCII',
      () => ({
        ...good,
        params: good.params.map((p) => (p.name === 'R1' ? { ...p, value: '\u00e9' } : p)),
      }),
      /engine/,
    ],
    [
      'a long string in the text',
      () => after('grants', `(deny file-read* (literal "/${'x'.repeat(900)}"))`),
      /longer/,
    ],
    [
      'a rule without an origin',
      () => ({ ...good, origins: good.origins.slice(0, -1) }),
      /no origin/,
    ],
    [
      'an allow among the protections',
      () => after('protections', '(allow file-read* (literal (param "P1")))'),
      /among the protections/,
    ],
    [
      'a section after the last',
      () => text((p) => `${p};;; grants\n(allow file-read* (subpath (param "P1")))\n`),
      /sections/,
    ],
    [
      'sections in another order',
      () =>
        text((p) =>
          p
            .replace(';;; protections', ';;; x')
            .replace(';;; grants', ';;; protections')
            .replace(';;; x', ';;; grants'),
        ),
      /sections|among/,
    ],
    [
      'metadata in a grant',
      () => after('grants', '(allow file-read-metadata (subpath (param "P1")))'),
      /metadata/,
    ],
    [
      'content in a bare name',
      () => after('names', '(allow file-read* (literal (param "P1")))'),
      /bare name/,
    ],
    [
      'require-not in a denial',
      () => after('protections', '(deny file-read* (require-not (literal (param "P1"))))'),
      /require-not/,
    ],
    [
      'Mach services without a filter',
      () => after('prelude', '(allow mach-lookup)'),
      /without a filter/,
    ],
    ['files without a filter', () => after('grants', '(allow file-read*)'), /without a filter/],
    [
      'network without a filter',
      () => after('network', '(allow network-outbound)'),
      /without a filter/,
    ],
    [
      'a local filter on outbound',
      () => after('network', '(allow network-outbound (local ip))'),
      /local/,
    ],
    [
      'no-sandbox',
      () => after('grants', '(allow process-exec* (literal (param "P1")) (with no-sandbox))'),
      /no-sandbox/,
    ],
    [
      'an operation no protection denies',
      () => after('grants', '(allow file-mknod (subpath (param "P1")))'),
      /no protection denies file-mknod/,
    ],
    [
      'an allow finer than the protections',
      () => after('sockets', '(allow file-write-unlink (subpath (param "P1")))'),
      /leaves file-write-unlink open/,
    ],
    [
      'a protection that lost a granularity',
      () =>
        text((p) =>
          p.replace(/(;;; protections[\s\S]*)/, (part) => part.replaceAll('file-write-data ', '')),
        ),
      /leaves file-write-data open/,
    ],
    [
      'a hidden path with its metadata open',
      () =>
        text((p) => p.replace(/\(deny file-read-metadata file-test-existence \(prefix.*\n/g, '\n')),
      /file-read-metadata open beneath/,
    ],
    [
      'too many rules',
      () =>
        text((p) => p.replace('(allow process-fork)', `(allow ${'process-fork '.repeat(17_001)})`)),
      /at most/,
    ],
  ])('%s', (_, mutant, finding) => expect(checkProgram(mutant()).join('\n')).toMatch(finding))

  it('knows a class for every operation on paths that the profile uses', () => {
    expect(
      unclassedOperations(['file-read*', 'file-mknod', 'mach-lookup', 'network-bind', 'file-lock']),
    ).toEqual(['file-mknod'])
  })
})

describe('scanForms', () => {
  it.each([
    [
      'strings that hold parentheses and quotes',
      '(a ")(" "\\"(")',
      [{ line: 1, words: ['(', 'a', '")("', '"\\"("', ')'] }],
    ],
    ['raw strings', '(a #"\\")', [{ line: 1, words: ['(', 'a', '#"\\"', ')'] }]],
    ['comments', '; (\n(a)', [{ line: 2, words: ['(', 'a', ')'] }]],
    [
      'lists over lines',
      '(a\n(b))\n(c)',
      [
        { line: 1, words: ['(', 'a', '(', 'b', ')', ')'] },
        { line: 3, words: ['(', 'c', ')'] },
      ],
    ],
  ])('%s', (_, source, forms) => expect(scanForms(source)).toEqual(forms))
})
