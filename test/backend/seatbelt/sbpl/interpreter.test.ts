import { describe, expect, it } from 'vitest'
import { compile, evaluate } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import { SbplError } from '../../../../src/backend/seatbelt/sbpl/error.ts'
import { printRule } from '../../../../src/backend/seatbelt/sbpl/printer.ts'

const rules = (text: string, parameters = {}): string[] =>
  compile(`(version 1)${text}`, parameters).rules.map(printRule)

describe('Scheme subset', () => {
  it.each([
    [
      'define and string-append',
      '(define h "/u")(allow file-read* (subpath (string-append h "/a")))',
      ['(allow file-read* (subpath "/u/a"))'],
    ],
    [
      'a helper function that gives a filter',
      '(define (home rel) (subpath (string-append "/u" rel)))(allow file-read* (home "/a"))',
      ['(allow file-read* (subpath "/u/a"))'],
    ],
    [
      'a helper function that makes rules',
      '(define (grant p) (begin (allow file-read* (literal p)) (deny file-write* (literal p))))(grant "/a")',
      ['(allow file-read* (literal "/a"))', '(deny file-write* (literal "/a"))'],
    ],
    [
      'a renamed filter',
      '(if (not (defined? \'no-such)) (define no-such literal))(allow file-read* (no-such "/a"))',
      ['(allow file-read* (literal "/a"))'],
    ],
    [
      'let sees the outer names',
      '(define x "/o")(let ((x "/i") (y x)) (allow file-read* (literal x) (literal y)))',
      ['(allow file-read* (literal "/i") (literal "/o"))'],
    ],
    [
      'let* sees the earlier ones',
      '(let* ((x "/i") (y (string-append x "/j"))) (allow file-read* (literal y)))',
      ['(allow file-read* (literal "/i/j"))'],
    ],
    [
      'a named let',
      '(let loop ((l (list "/a" "/b"))) (when (pair? l) (allow file-read* (literal (car l))) (loop (cdr l))))',
      ['(allow file-read* (literal "/a"))', '(allow file-read* (literal "/b"))'],
    ],
    [
      'cond and else',
      '(cond ((string=? "a" "b") (allow lsopen)) ((< 2 1) (allow signal)) (else (deny lsopen)))',
      ['(deny lsopen)'],
    ],
    [
      'when and unless',
      '(when #t (allow lsopen))(unless #t (allow signal))(unless #f (deny signal))',
      ['(allow lsopen)', '(deny signal)'],
    ],
    ['and, or', '(if (and 1 (or #f 2)) (allow lsopen))', ['(allow lsopen)']],
    [
      'an empty string and 0 are true',
      '(if "" (allow lsopen))(if 0 (deny lsopen))',
      ['(allow lsopen)', '(deny lsopen)'],
    ],
    [
      'lambda, map and apply',
      '(allow file-read* (apply require-any (map (lambda (p) (subpath p)) (list "/a" "/b"))))',
      ['(allow file-read* (require-any (subpath "/a") (subpath "/b")))'],
    ],
    [
      'rest parameters',
      '(define (any . paths) (apply literal paths))(allow file-read* (any "/a" "/b"))',
      ['(allow file-read* (require-any (literal "/a") (literal "/b")))'],
    ],
    [
      'regex-quote',
      '(allow file-read* (regex (string-append "^" (regex-quote "/a.b") "$")))',
      [String.raw`(allow file-read* (regex "^/a\\.b$"))`],
    ],
    [
      'defined? knows operations, filters, forms and own names',
      "(define x 1)(if (and (defined? 'file-read*) (defined? 'literal) (defined? 'x) (not (defined? 'y))) (allow lsopen))",
      ['(allow lsopen)'],
    ],
    ['debug and trace do nothing', '(debug deny)(trace "/x")(allow lsopen)', ['(allow lsopen)']],
    [
      'ignored operations have no effect',
      '(allow mach-per-user-lookup)(allow system-chud lsopen)',
      ['(allow lsopen)'],
    ],
    [
      'modifiers stand anywhere',
      '(allow (with report) process-exec (literal "/a") (with no-sandbox))(deny file* (with no-log) (with send-signal SIGKILL) (with message "m"))',
      [
        '(allow process-exec* (literal "/a") (with report) (with no-sandbox))',
        '(deny file* (with no-report) (with send-signal SIGKILL) (with message "m"))',
      ],
    ],
    [
      'require-not and network',
      '(allow network-outbound (require-not (remote tcp "*:25")))',
      ['(allow network-outbound (require-not (remote tcp "*:25")))'],
    ],
  ])('%s', (_, text, expected) => expect(rules(text)).toEqual(expected))

  it('gives parameters as strings, and #f when they are not defined', () => {
    const text =
      '(if (param "NET") (allow network*))(if (string? (param "W")) (allow file-write* (subpath (param "W"))))'
    expect(rules(text)).toEqual([])
    expect(rules(text, { NET: '', W: '/w"x' })).toEqual([
      '(allow network*)',
      String.raw`(allow file-write* (subpath "/w\"x"))`,
    ])
  })

  it('reports imports and does not follow them', () => {
    expect(compile('(version 1)\n(import "system.sb")').imports).toEqual([
      { name: 'system.sb', line: 2, column: 1 },
    ])
  })

  it('gives a rule the place where it is written, not called', () => {
    expect(compile('(version 1)\n(define (f)\n  (allow lsopen))\n(f)').rules).toMatchObject([
      { line: 3, column: 3 },
    ])
  })

  it('answers with the rule, its line and the reason', () => {
    const profile = '(version 1)\n(deny default)\n(allow file-read* (subpath (param "W")))'
    expect(evaluate(profile, { W: '/w' }, 'file-read-data', { path: '/w/a' })).toEqual({
      allowed: true,
      rule: '(allow file-read* (subpath "/w"))',
      line: 3,
      why: 'last matching rule of file-read*',
    })
    expect(evaluate(profile, { W: '/w' }, 'file-read-data', { path: '/x' })).toMatchObject({
      allowed: false,
      line: 2,
      why: 'the default of the profile',
    })
    expect(evaluate(profile, { W: '/w' }, 'file-link', { path: '/x' })).toMatchObject({
      allowed: true,
      line: undefined,
      why: expect.stringContaining('built-in allow'),
    })
  })
})

describe('errors that Seatbelt gives too', () => {
  it.each([
    ['no version', '(deny default)', 'no version specified'],
    ['an unknown version', '(version 9)', 'unsupported version'],
    [
      'an undefined parameter in a filter',
      '(version 1)(allow file-read* (subpath (param "X")))',
      'invalid data type of path filter; expected pattern, got boolean',
    ],
    ['a bare parameter', '(version 1)(allow file-read* (param "X"))', 'illegal argument'],
    [
      'a bare string',
      '(version 1)(allow file-read* (string-append "/a" "/b"))',
      'illegal argument',
    ],
    [
      'string-append of an undefined parameter',
      '(version 1)(allow file-read* (literal (string-append (param "X") "/a")))',
      'illegal argument',
    ],
    ['setenv', '(version 1)(setenv "A" "b")', 'unbound variable: setenv'],
    ['an unknown operation', '(version 1)(allow file-reed*)', 'unbound variable: file-reed*'],
    [
      'an unknown filter',
      '(version 1)(allow file-read* (sub-path "/a"))',
      'unbound variable: sub-path',
    ],
    ['an unknown modifier', '(version 1)(deny lsopen (with silence))', 'unbound variable: silence'],
    [
      'a host that is neither * nor localhost',
      '(version 1)(allow network-outbound (remote ip "10.0.0.1:80"))',
      'host must be * or localhost in network address',
    ],
    [
      'a port that is not one',
      '(version 1)(allow network-outbound (remote ip "*:99999"))',
      'port must be a number or *',
    ],
    [
      'an unknown protocol',
      '(version 1)(allow network-outbound (remote AF_INET "*:9"))',
      'illegal argument',
    ],
    [
      'no-report on allow',
      '(version 1)(allow lsopen (with no-report))',
      'modifier no-report is not allowed on allow',
    ],
    [
      'report on deny',
      '(version 1)(deny default (with report))',
      'modifier report is not allowed on deny',
    ],
    [
      'no-sandbox on a read',
      '(version 1)(allow file-read* (with no-sandbox))',
      'modifier no-sandbox is not allowed on operation file-read*',
    ],
    [
      'a path filter on mach-lookup',
      '(version 1)(allow mach-lookup (literal "/a"))',
      'filter path is not applicable to operation mach-lookup',
    ],
    [
      'a mach filter on one of two operations',
      '(version 1)(allow mach-lookup file-read* (global-name "a"))',
      'filter global-name is not applicable to operation file-read*',
    ],
    [
      'xattr on file-read-data',
      '(version 1)(allow file-read-data (require-not (xattr "a")))',
      'filter xattr is not applicable',
    ],
    [
      'a constant of another filter',
      '(version 1)(allow file-read* (vnode-type self))',
      'illegal argument',
    ],
    [
      'require-not of two',
      '(version 1)(allow file* (require-not (literal "/a") (literal "/b")))',
      'exactly one filter',
    ],
    ['a filter without argument', '(version 1)(allow file* (literal))', 'illegal argument'],
    ['a rule without operation', '(version 1)(allow (literal "/a"))', 'illegal argument'],
    [
      'a string beyond 1025 bytes, also where it is not evaluated',
      `(version 1)(if #f "${'a'.repeat(1026)}")`,
      'Error reading string',
    ],
    ['a relative ancestor', '(version 1)(allow file* (path-ancestors "a/b"))', 'absolute'],
    ['a call of a string', '(version 1)("a")', 'illegal function'],
    ['too many arguments', '(version 1)(define (f a) a)(f 1 2)', 'expected 1 arguments, got 2'],
    ['a macro', '(version 1)(define-macro (m x) x)', 'unsupported construct: define-macro'],
    [
      'with-filter',
      '(version 1)(with-filter (literal "/a") (allow file*))',
      'unsupported construct: with-filter',
    ],
    [
      'a value for require-entitlement',
      '(version 1)(allow lsopen (require-entitlement "a" "b"))',
      'unsupported construct: require-entitlement',
    ],
  ])('%s', (_, profile, message) => {
    expect(() => compile(profile)).toThrow(SbplError)
    expect(() => compile(profile)).toThrow(message)
  })

  it.each([
    ['an unknown operation', 'file-reed', {}],
    ['a relative path', 'file-read-data', { path: 'a' }],
    ['a trailing slash', 'file-read-data', { path: '/a/' }],
    ['two slashes', 'file-read-data', { path: '/a//b' }],
    ['dots', 'file-read-data', { path: '/a/../b' }],
    ['a path that is a number', 'file-read-data', { path: 1 }],
    ['a broken address', 'network-outbound', { remote: 'tcp' }],
  ])('questions: %s is refused', (_, operation, facts) => {
    expect(() =>
      compile('(version 1)(allow network-outbound (remote ip))').decide(operation, facts),
    ).toThrow(SbplError)
  })

  it('has line and column', () => {
    try {
      compile('(version 1)\n(allow\n  file-read*\n  (sub "/a"))')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ line: 4, column: 4, code: 'unbound-variable' })
    }
  })
})
