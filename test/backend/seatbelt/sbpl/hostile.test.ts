import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkProfile } from '../../../../src/backend/seatbelt/sbpl/check.ts'
import { compile } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import { SbplError } from '../../../../src/backend/seatbelt/sbpl/error.ts'

const MEGABYTES = 10 * 1024 * 1024
const head = '(version 1)(deny default)'
const words = [
  '(',
  ')',
  "'",
  '"',
  '#"',
  '\\',
  ' ',
  '\n',
  ';',
  'allow',
  'deny',
  'default',
  'file-read*',
  '(literal "/a")',
  '(subpath',
  'require-not',
  'define',
  'f',
  '(f)',
  'let',
  'loop',
  '()',
  '((',
  'lambda',
  'if',
  '#f',
  '9',
  '(param "X")',
  '(regex #"(a*)*$")',
  '(with',
  'no-log',
  'with-filter',
  '\u0000',
  'é',
  'cond',
  'else',
  '.',
  'quote',
  'map',
  'apply',
  'car',
  'list',
]

describe('hostile input ends in an SbplError or a result, never in a crash or a hang', () => {
  it.each([
    ['open parentheses', '('.repeat(MEGABYTES)],
    ['closing parentheses', `${head}${')'.repeat(MEGABYTES)}`],
    ['quotes', "'".repeat(MEGABYTES)],
    ['an unterminated string', `"${'a'.repeat(MEGABYTES)}`],
    ['a long string', `${head}"${'a'.repeat(MEGABYTES)}"`],
    ['a long symbol', `${head}${'a'.repeat(MEGABYTES)}`],
    ['empty lists', '()'.repeat(MEGABYTES / 2)],
    ['NULs', '\u0000'.repeat(MEGABYTES)],
    ['backslashes', `"${'\\'.repeat(MEGABYTES)}`],
    ['endless recursion', `${head}(define (f) (f))(f)`],
    [
      'an endless loop over a list',
      `${head}(define (f l) (for-each (lambda (x) (f l)) l))(f (list 1 2 3 4 5 6 7 8 9))`,
    ],
    [
      'doubling strings',
      `${head}(define s "aaaaaaaaaa")${'(define s (string-append s s))'.repeat(200)}`,
    ],
    ['doubling lists', `${head}(define s (list 1 2))${'(define s (append s s))'.repeat(200)}`],
    [
      'doubling filters',
      `${head}(define s (literal "/a"))${'(define s (require-all s s))'.repeat(200)}`,
    ],
    [
      'deep filters',
      `${head}(define s (literal "/a"))${'(define s (require-not s))'.repeat(20_000)}`,
    ],
    [
      'nested lists compared',
      `${head}(define s (list 1))${'(define s (list s))'.repeat(20_000)}(equal? s (list s))`,
    ],
    [
      'loops that stop only when work runs out',
      `${head}(define l (list ${'1 '.repeat(1000)}))(define (f) (for-each (lambda (x) (for-each (lambda (y) (for-each (lambda (z) z) l)) l)) l))(f)`,
    ],
    [
      'a long regular expression',
      `${head}(allow file* (regex (string-append ${'"(a*)*" '.repeat(20_000)})))`,
    ],
    [
      'a long ancestor list',
      `${head}(allow file* (path-ancestors (string-append ${'"/a" '.repeat(20_000)})))`,
    ],
  ])('%s', (_, text) => {
    expect(() => compile(text)).toThrow(SbplError)
    expect(checkProfile(text).some(({ severity }) => severity === 'error')).toBe(true)
  })

  it.each([
    ['comments', `${head}${';'.repeat(MEGABYTES)}`],
    ['blank lines', `${head}${'\n'.repeat(MEGABYTES)}`],
    ['a hundred thousand rules', `${head}${'(allow file-read* (subpath "/a"))'.repeat(100_000)}`],
    [
      'rules that all need comparing',
      `${head}${Array.from({ length: 5_000 }, (_, index) => `(allow file-read* (require-not (literal "/a${index}")))(deny file-read* (prefix "/b${index}"))`).join('')}`,
    ],
  ])('large and legal: %s', (_, text) => {
    expect(compile(text).decide('file-read-data', { path: '/b' })).toHaveProperty('allowed')
    expect(checkProfile(text)).toBeInstanceOf(Array)
  })

  it('any sequence of fragments', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 40 }),
        fc.boolean(),
        (parts, spaced) => {
          const text = `${head}${parts.join(spaced ? ' ' : '')}`
          expect(checkProfile(text)).toBeInstanceOf(Array)
          try {
            compile(text).decide('file-read-data', { path: '/a' })
          } catch (error) {
            expect(error).toBeInstanceOf(SbplError)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
