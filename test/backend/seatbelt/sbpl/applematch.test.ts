import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from '../../../../src/backend/seatbelt/sbpl/applematch.ts'
import { SbplError } from '../../../../src/backend/seatbelt/sbpl/error.ts'
import { cpuSince } from '../../../fixtures/cpu.ts'

const char = fc.constantFrom('a', 'b', '/', '.')
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
    fc.tuple(tie('piece'), tie('piece')).map((parts) => parts.join('|')),
  ),
  piece: fc.oneof(
    { maxDepth: 4 },
    char.map((one) => (one === '.' ? '[.]' : one)),
    fc.constantFrom('.', '[ab]', '[^a]', '[a-b/]', '\\.', '^', '$'),
    fc
      .tuple(fc.constantFrom('a', '.', '[^/]', '(ab|/)'), fc.constantFrom('*', '+', '?'))
      .map((parts) => parts.join('')),
    tie('pattern').map((inner) => `(${inner})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?'))
      .map(([inner, sign]) => `(${inner})${sign}`),
  ),
}))

describe('AppleMatch', () => {
  it('agrees with JavaScript on the subset that both have', () => {
    fc.assert(
      fc.property(pattern, fc.array(char, { maxLength: 8 }), (source, letters) => {
        const text = letters.join('')
        expect([source, text, compilePattern(source)(text)]).toEqual([
          source,
          text,
          new RegExp(source).test(text),
        ])
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['^/dev/ttys[0-9]+$', '/dev/ttys003', true],
    ['^/dev/ttys[0-9]+$', '/dev/ttys', false],
    ['[]]', 'a]', true],
    ['[^]]', ']', false],
    ['[a-]', '-', true],
    ['[\\.]x', '.x', true],
    ['a\\{2\\}', 'a{2}', true],
    ['', 'x', true],
    ['^$', '', true],
    ['^$', 'x', false],
    ['^.$', 'é', false],
    ['^..$', 'é', true],
    ['é+', 'xéy', true],
    ['.', '\n', true],
  ])('%s on %s: %s', (source, text, expected) =>
    expect(compilePattern(source)(text)).toBe(expected),
  )

  it.each([
    ['(?:a)', 'makes Seatbelt ignore the rule'],
    ['(?=a)', '(?'],
    ['(?!a)', '(?'],
    ['\\d+', '\\d'],
    ['\\w', '\\w'],
    ['(a)\\1', '\\1'],
    ['a{2,3}', '{n,m}'],
    ['[[:alpha:]]', '[:class:]'],
    ['*a', 'nothing to repeat'],
    ['^*', 'after an anchor'],
    ['(a', 'never closed'],
    ['[a', 'never closed'],
    ['a)', 'without'],
    ['a\\', 'backslash at the end'],
    ['[b-a]', 'out of order'],
  ])('refuses %s', (source, message) => {
    expect(() => compilePattern(source, { line: 3, column: 7 })).toThrow(message)
    expect(() => compilePattern(source)).toThrow(SbplError)
  })

  it('is linear where backtracking is exponential', () => {
    const started = process.cpuUsage()
    expect(compilePattern('^(a|a|aa)*(a*)*(.*)*b$')('a'.repeat(100_000))).toBe(false)
    expect(compilePattern(`(x+x+)+y.{0}`.replace('.{0}', ''))('x'.repeat(100_000))).toBe(false)
    expect(compilePattern(`.*a${'.'.repeat(200)}$`)('ab'.repeat(2_000))).toBe(false)
    expect(cpuSince(started)).toBeLessThan(5_000)
  })
})
