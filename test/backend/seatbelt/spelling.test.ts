import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternText, restBeneath, segmentsOf } from '../../../src/backend/seatbelt/live-pattern.ts'
import { compileRegex } from './regex.ts'
import {
  exactText,
  FOLDED_TO_ASCII,
  isExact,
  spellingsOf,
} from '../../../src/backend/seatbelt/spelling.ts'
import { foldName } from '../../../src/machine/fold.ts'
import { compilePattern } from '../../../src/policy/pattern.ts'
import { type AbsolutePath, components } from '../../../src/machine/paths.ts'

const path = (text: string): AbsolutePath => text as AbsolutePath
const matchesName = (protectedName: string, name: string): boolean =>
  compileRegex(`^${spellingsOf(protectedName)}$`)(name)

describe('spellingsOf', () => {
  it.each([
    ['.git', '[.][gG]([^ -~][^ -~]|[iI])[tT]'],
    ['a b', '[aA] [bB]'],
    ['(1)^[]', '[(]1[)]\\^\\[\\]'],
    ['\u00e9', '([^ -~][^ -~]|[eE][^ -~][^ -~])'],
    ['k', '([^ -~][^ -~][^ -~]|[kK])'],
  ])('%s', (name, text) => expect(spellingsOf(name)).toBe(text))

  it('knows every character that APFS folds to ASCII', () => {
    // Canonical decomposition and full case folding: compatibility forms (full width, superscripts)
    // are other names on APFS.
    const found = new Map<string, Set<number>>()
    for (let code = 0x80; code < 0x11_0000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const char = String.fromCodePoint(code)
      const folded = char.normalize('NFD').toUpperCase().toLowerCase().normalize('NFD')
      if (/^[ -~]+$/.test(folded))
        found.set(folded, (found.get(folded) ?? new Set()).add(Buffer.byteLength(char)))
    }
    // One more than the policy's table folds: the capital sharp s is `ss` on APFS.
    found.set('ss', new Set([2, 3]))
    expect(
      Object.fromEntries([...found].map(([folded, sizes]) => [folded, [...sizes].sort()]).sort()),
    ).toEqual(Object.fromEntries([...FOLDED_TO_ASCII].sort()))
  })

  it('takes every spelling of a name', () => {
    const char = fc.constantFrom(
      'a',
      'k',
      's',
      's',
      'f',
      'f',
      'i',
      'l',
      't',
      '.',
      '-',
      '[',
      '^',
      '\u00e9',
      '\u00fc',
      '\u65e5',
      ' ',
      '1',
    )
    const respell = fc.infiniteStream(fc.nat(5))
    fc.assert(
      fc.property(
        fc.array(char, { minLength: 1, maxLength: 8 }),
        respell,
        fc.boolean(),
        (chars, choices, isComposed) => {
          const name = chars.join('')
          let other = ''
          for (let i = 0; i < name.length; ) {
            const choice = choices.next().value ?? 0
            const ligature = [
              ['ffi', '\ufb03'],
              ['ffl', '\ufb04'],
              ['ss', '\u00df'],
              ['ss', '\u1e9e'],
              ['ff', '\ufb00'],
              ['fi', '\ufb01'],
              ['fl', '\ufb02'],
              ['st', '\ufb06'],
              ['i', '\u0131'],
              ['k', '\u212a'],
              ['s', '\u017f'],
            ].find(([text]) => name.startsWith(text!, i))
            if (ligature && choice > 2) {
              other += ligature[1]
              i += ligature[0]!.length
            } else {
              other += choice % 2 ? name[i]!.toUpperCase() : name[i]!
              i += 1
            }
          }
          // Composing would undo the Kelvin sign, which is as it should be.
          const stored = other.normalize(isComposed ? 'NFC' : 'NFD')
          expect(foldName(stored)).toBe(foldName(name))
          expect([name, stored, matchesName(name, stored)]).toEqual([name, stored, true])
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('takes no other name made of ASCII', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'k', 's', 'f', 'i', '.', '-', '[', 'K', 'S'),
      minLength: 1,
      maxLength: 5,
    })
    fc.assert(
      fc.property(name, name, (one, two) => {
        expect(matchesName(one, two)).toBe(foldName(one) === foldName(two))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['.git', '\u65e5\u672c\u8a9e\u7248'],
    ['.git', '.gi\u65e5'],
    ['hooks', 'hoo\u65e5\u65e5'],
    ['\u00e9', 'e'],
    ['\u00e9', 'ee'],
  ])('%s is not %s', (one, two) => expect(matchesName(one, two)).toBe(false))

  it('stays short where ligatures overlap', () => {
    expect(spellingsOf('ff'.repeat(40)).length).toBeLessThan(100)
    expect(matchesName('f'.repeat(40), `${'f'.repeat(37)}\ufb03`)).toBe(true)
  })
})

describe('exactText', () => {
  it('matches its own path', () => {
    for (const text of ['/a.b/c', '/a b/[x]^', '/ren\u00e9/x', '/a\nb'])
      expect([text, compileRegex(`^${exactText(path(text))}$`)(text)]).toEqual([text, true])
    expect([
      isExact(path('/a b/[x]')),
      isExact(path('/ren\u00e9')),
      isExact(path('/a\nb')),
    ]).toEqual([true, false, false])
  })
})

describe('live patterns', () => {
  const segment = fc.constantFrom(
    '*',
    '**',
    '?',
    'a',
    'ab',
    '*.k',
    '[ab]',
    '[!a]*',
    'a?',
    '[a-c]b',
    '[',
    'x[',
    ']',
    '*a*b',
  )
  const name = fc.constantFrom('a', 'b', 'ab', 'A', 'x.k', '[', 'x[', ']', 'aab', 'c\n', 'K')

  it('match what the matcher of the policy matches, and what lies beneath', () => {
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.array(name, { minLength: 1, maxLength: 4 }),
        (segments, names) => {
          const matcher = compilePattern(segments.join('/'), foldName)
          const folded = names.map(foldName)
          const wanted = folded.some((_, i) => matcher.matches(folded.slice(0, i + 1)))
          expect(
            compileRegex(`${patternText(path('/r'), segmentsOf(segments.join('/')))}(/|$)`)(
              `/r/${names.join('/')}`,
            ),
          ).toBe(wanted)
        },
      ),
      { numRuns: 5000 },
    )
  })

  it('beneath a lifted name only what matches beneath it', () => {
    const rest = (pattern: string, place: string): string[] =>
      restBeneath(path('/r'), path(place), segmentsOf(pattern), foldName).map((parts) =>
        parts.join('/'),
      )
    expect(rest('**/.env', '/r/a/.env')).toEqual(['**/.env', '.env'])
    expect(rest('secret', '/r/secret')).toEqual([])
    expect(rest('a/**', '/r/a/b')).toEqual(['**'])
    expect(rest('a/b', '/r/x')).toEqual([])
    expect(components(path('/r/a'))).toHaveLength(2)
  })
})
