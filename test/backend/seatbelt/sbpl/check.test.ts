import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkProfile } from '../../../../src/backend/seatbelt/sbpl/check.ts'

// Named by hand so that the findings about open operations do not drown the others.
const closed =
  '(version 1)\n(deny default)\n(deny file-link file-clone file-map-executable process-info* nvram* iokit-get-properties file-graft fs-snapshot-mount)\n'
const check = (text: string, parameters = {}): string[] =>
  checkProfile(`${closed}${text}`, parameters)
    .filter(({ code }) => code !== 'left-open')
    .map(
      ({ line, column, severity, code, message }) =>
        `${line - 3}:${column} ${severity} ${code} ${message}`,
    )

describe('checkProfile', () => {
  it.each([
    [
      'unknown operation',
      '(allow file-reed*)',
      ['1:8 error unbound-variable unbound variable: file-reed*'],
    ],
    [
      'two unknown names in one rule',
      '(allow file-reed* (sub "/a"))',
      [
        '1:8 error unbound-variable unbound variable: file-reed*',
        '1:20 error unbound-variable unbound variable: sub',
      ],
    ],
    [
      'rules after an error are checked too',
      '(allow x)\n(if #t (begin (allow y)\n(allow z)))',
      [
        '1:8 error unbound-variable unbound variable: x',
        '2:22 error unbound-variable unbound variable: y',
        '3:8 error unbound-variable unbound variable: z',
      ],
    ],
    [
      'filter that does not apply',
      '(allow mach-lookup (literal "/a"))',
      ['1:1 error not-applicable filter path is not applicable to operation mach-lookup'],
    ],
    [
      'wrong modifier',
      '(allow lsopen (with no-log))',
      ['1:1 error modifier modifier no-report is not allowed on allow'],
    ],
    [
      'non-capturing group',
      '(allow file* (regex #"^/(?:a|b)"))',
      [expect.stringContaining('1:14 error regex `(?:` makes Seatbelt ignore the rule')],
    ],
    [
      'undefined parameter in a filter',
      '(allow file* (subpath (param "W")))',
      [
        expect.stringContaining('1:14 error illegal-argument invalid data type'),
        expect.stringContaining('1:23 warning undefined-parameter parameter "W"'),
      ],
    ],
    [
      'undefined parameter that is tested',
      '(if (param "W") (allow file* (subpath (param "W"))))',
      [expect.stringContaining('1:5 notice undefined-parameter')],
    ],
    [
      'unbalanced parentheses',
      '(allow file*',
      [expect.stringContaining('1:1 error syntax unbalanced parentheses')],
    ],
    ['non-ASCII in a comment', '; caf\u00e9', [expect.stringContaining('1:6 warning non-ascii')]],
    ['import', '(import "system.sb")', [expect.stringContaining('1:1 notice import')]],
  ])('%s', (_, text, expected) => expect(check(text)).toEqual(expected))

  it.each([
    [
      'a local filter on outbound',
      '(allow network-outbound (local ip "localhost:*"))',
      [expect.stringContaining('1:1 warning local-on-outbound')],
    ],
    [
      'a local filter on network*, inside a combinator',
      '(allow network* (require-any (local tcp "*:80")))',
      [expect.stringContaining('1:1 warning local-on-outbound')],
    ],
    ['a local filter that admits everything on purpose', '(allow network* (local ip))', []],
    ['a local filter on bind', '(allow network-bind (local ip "*:80"))', []],
    [
      'require-not in a deny',
      '(deny file-read* (require-not (subpath "/a")))',
      [expect.stringContaining('1:1 notice require-not-in-deny')],
    ],
    [
      'a remote port 22 and a require-not in an allow',
      '(allow file-read* (require-not (subpath "/a")))',
      [],
    ],
    ['what every profile has anyway', '(allow signal (target self))', []],
  ])('risky: %s', (_, text, expected) => expect(check(text)).toEqual(expected))

  it.each<[string, string, string[]]>([
    [
      'existence denied to all',
      '(deny file-test-existence)',
      ['1:1 warning existence-denied a denial of file-test-existence without a filter'],
    ],
    ['existence denied to a subtree', '(deny file-test-existence (subpath "/a"))', []],
    [
      'a hexadecimal ioctl',
      '(deny file-ioctl (ioctl-command #x80017472))',
      [
        '1:1 notice inert-ioctl',
        '1:33 error hexadecimal a hexadecimal number was seen to abort sandbox-exec without a word: write 2147578994',
      ],
    ],
    ['a decimal ioctl', '(deny file-ioctl (ioctl-command 21))', ['1:1 notice inert-ioctl']],
    [
      'a hexadecimal number elsewhere',
      '(allow file-read* (file-mode #xff))',
      ['1:30 warning hexadecimal'],
    ],
    ['an octal mode', '(allow file-read* (file-mode #o0004))', []],
    [
      'a symbol that macOS does not know',
      '(deny file-ioctl (ioctl-command TIOCSTI))',
      [
        '1:33 error unbound-variable',
        '1:33 error ioctl-symbol TIOCSTI is not known to every macOS',
      ],
    ],
    [
      'a symbol that some releases know',
      '(deny file-ioctl (ioctl-command FIONREAD))',
      ['1:1 notice inert-ioctl', '1:33 error ioctl-symbol'],
    ],
    [
      'a grant beneath /private/etc without the link',
      '(allow file-read* (literal "/private/etc/hosts"))',
      ['1:1 warning link-node paths beneath /private/etc are allowed'],
    ],
    [
      'the same with the link',
      '(allow file-read* (literal "/private/etc/hosts"))(allow file-read-metadata (literal "/etc"))',
      [],
    ],
    [
      'a grant by the firmlink',
      '(allow file-read* (subpath "/System/Volumes/Data/Users/me"))',
      ['1:28 warning dead-path "/System/Volumes/Data/Users/me" never matches'],
    ],
    [
      'metadata of what is above a firmlink',
      '(allow file-read-metadata (path-ancestors "/System/Volumes/Data/Users/me/x"))',
      [],
    ],
    [
      'a leaf denied where the wildcard is allowed',
      '(allow file-write* (subpath "/a"))(deny file-write-mode (subpath "/a/b"))',
      ['1:35 warning leaf-denial setattrlist(2) passes this denial'],
    ],
    [
      'the leaf and the wildcard denied',
      '(allow file-write* (subpath "/a"))(deny file-write* file-write-mode (subpath "/a/b"))',
      [],
    ],
    [
      'flags, which setattrlist does not pass',
      '(allow file-write* (subpath "/a"))(deny file-write-flags (subpath "/a/b"))',
      [],
    ],
    [
      'a host in a bind filter',
      '(allow network-inbound (local tcp "localhost:8080"))',
      ['1:1 warning bind-host'],
    ],
  ])('measured on Macs: %s', (_, text, expected) => {
    const found = check(text)
    expect(found.map((one, index) => one.slice(0, expected[index]?.length))).toEqual(expected)
  })

  it('a wildcard denial that does not reach a built-in allow', () => {
    const found = checkProfile(
      '(version 1)(allow default)(deny fs-snapshot*)(deny file* (subpath "/a"))',
    )
    expect(found.map(({ severity, code, message }) => `${severity} ${code} ${message}`)).toEqual(
      ['fs-snapshot-mount', 'file-clone', 'file-link', 'file-map-executable', 'file-graft'].map(
        (name) =>
          expect.stringMatching(
            `^warning wildcard-denial deny (file|fs-snapshot)\\* does not reach ${name},`,
          ),
      ),
    )
  })

  it.each([
    [15, 'error'],
    [26, undefined],
  ] as const)('graft names refuse a profile before macOS 26 (%d)', (macos, severity) => {
    const [found] = checkProfile(`${closed}(deny file-ungraft)`, {}, { macos }).filter(
      ({ message }) => message.includes('file-ungraft'),
    )
    expect(found?.severity).toBe(severity)
  })

  it('reads on behind a macro that an import defines', () => {
    const found = check('(import "bsd.sb")\n(system-network)\n(allow file-reed*)')
    expect(found).toEqual([
      expect.stringContaining('1:1 notice import '),
      expect.stringContaining('2:1 notice import-macro (system-network …) is a macro of what is'),
      expect.stringContaining('3:8 error unbound-variable'),
    ])
    expect(check('(system-network)')).toEqual([
      expect.stringContaining('1:2 error unbound-variable'),
    ])
  })

  it('finds in a program of 0.1.0 what kept it from starting anything', () => {
    const old = readFileSync(
      new URL('../../../fixtures/seatbelt/program-0.1.0.sb', import.meta.url),
      'utf8',
    )
    const found = checkProfile(old, {
      TTY: '/dev/ttys003',
      P1: '/private/etc/ssl',
      P2: '/p',
      P3: '/private',
      P4: '/private/etc',
      P5: '/x',
      P6: '/p/.env',
      P7: '/p/.env/',
      R1: '^/p/[.]env(/|$)',
      R2: '^/p/[.]env/',
    })
    const codes = found.filter(({ severity }) => severity !== 'notice').map(({ code }) => code)
    expect(codes).toEqual(
      expect.arrayContaining(['existence-denied', 'hexadecimal', 'left-open', 'link-node']),
    )
  })

  it('has no findings on a clean profile', () => {
    expect(
      check(
        '(allow file-read* (subpath (param "W")) (literal "/tmp") (prefix "/dev/fd/"))(allow file-write* (subpath "/private/tmp"))',
        { W: '/w' },
      ),
    ).toEqual([])
  })

  it.each([
    ['900 bytes', 900, undefined],
    ['901 bytes', 901, 'warning'],
    ['1025 bytes', 1025, 'warning'],
    ['1026 bytes', 1026, 'error'],
  ])('strings of %s', (_, length, severity) => {
    expect(
      checkProfile(`${closed}(allow file-read* (literal "/${'a'.repeat(length - 1)}"))`).find(
        ({ code }) => code === 'string-length',
      )?.severity,
    ).toBe(severity)
  })

  it.each([
    ['(subpath "/tmp")', '/tmp is a symbolic link'],
    ['(literal "/var/db")', '/var is a symbolic link'],
    ['(require-any (prefix "/etc/ssl"))', '/etc is a symbolic link'],
    ['(regex #"^/tmp/x")', '/tmp is a symbolic link'],
    ['(subpath "/a/")', 'trailing slash'],
    ['(literal "/a//b")', '`//`'],
    ['(literal "/a/../b")', '`.` and `..`'],
    ['(subpath "a")', 'not absolute'],
  ])('dead path %s', (filter, message) => {
    expect(check(`(deny file-read*\n  ${filter})`)).toEqual([
      expect.stringMatching(/^2:\d+ warning dead-path/),
    ])
    expect(check(`(deny file-read* ${filter})`)[0]).toContain(message)
  })

  it.each([
    '(literal "/tmp")',
    '(literal "/variable")',
    '(prefix "/a/.")',
    '(prefix "/a/")',
    '(subpath "/")',
    '(regex #"/tmp/")',
    '(path-ancestors "/private/tmp/a")',
  ])('live path %s', (filter) => {
    expect(check(`(deny file-read* ${filter})`)).toEqual([])
  })

  it.each([
    [
      'the same rule again',
      '(allow file-read* (literal "/a"))\n(allow file-read* (literal "/a"))',
      [
        '1:1 notice never-decides allow file-read* (literal "/a") never decides: the allow in line 5 covers it',
      ],
    ],
    [
      'a wider filter later',
      '(deny file-read* (literal "/a/b"))\n(allow file-read* (subpath "/a"))',
      [
        '1:1 warning never-decides deny file-read* (literal "/a/b") never decides: the allow in line 5 covers it',
      ],
    ],
    [
      'a regex later',
      '(deny file-read* (literal "/a/.env"))\n(allow file-read* (regex #"^/a/"))',
      [expect.stringContaining('1:1 warning never-decides')],
    ],
    [
      'an alternative of a rule',
      '(deny file-read* (literal "/a/b") (literal "/c"))\n(allow file-read* (require-any (subpath "/a") (subpath "/d")))',
      [expect.stringContaining('deny file-read* (literal "/a/b") never decides')],
    ],
    [
      'two rules without filter',
      '(allow process-fork)\n(deny process-fork)',
      ['1:1 warning never-decides allow process-fork never decides: the deny in line 5 covers it'],
    ],
    [
      'a child operation before a wildcard',
      '(deny file-read-data (subpath "/a"))\n(allow file-read* (literal "/a/b"))',
      [
        expect.stringMatching(
          /^2:1 warning shadowed-by-operation allow file-read\* .* does not decide file-read-data: the deny in line 4/,
        ),
      ],
    ],
    [
      'an unfiltered child before a wildcard',
      '(allow file-read-metadata)\n(deny file-read* (subpath "/a"))',
      [expect.stringMatching(/^2:1 warning shadowed-by-operation .*file-read-metadata/)],
    ],
    [
      'unfiltered after filtered',
      '(deny network-outbound (subpath "/S"))\n(allow network-outbound)',
      [
        expect.stringMatching(
          /^2:1 warning filtered-first allow network-outbound does not override the deny in line 4/,
        ),
      ],
    ],
    [
      'a standard rule',
      '(deny signal (target self))',
      [expect.stringMatching(/^1:1 warning never-decides .*part of every profile/)],
    ],
    [
      'a network filter',
      '(deny network-outbound (remote tcp "*:22"))\n(allow network-outbound (remote ip "*:*"))',
      [expect.stringContaining('1:1 warning never-decides')],
    ],
  ])('shadowed: %s', (_, text, expected) => expect(check(text)).toEqual(expected))

  it.each([
    [
      'a narrower filter later',
      '(allow file-read* (subpath "/a"))(deny file-read* (literal "/a/b"))',
    ],
    ['a sibling', '(allow file-read* (subpath "/a"))(deny file-read* (subpath "/ab"))'],
    [
      'a prefix that reaches out of the subpath',
      '(allow file-read* (prefix "/a"))(deny file-read* (subpath "/a"))',
    ],
    [
      'a child operation as a later exception',
      '(deny file-read* (subpath "/a"))(allow file-read-metadata (subpath "/a"))',
    ],
    [
      'a child that says the same',
      '(deny file-read-data (subpath "/a"))(deny file-read* (subpath "/a"))',
    ],
    [
      'a child that is lifted again',
      '(deny file-read-data (subpath "/a"))(allow file-read* file-read-data (subpath "/a"))',
    ],
    [
      'unfiltered before filtered',
      '(deny network-outbound)(allow network-outbound (subpath "/S"))',
    ],
    [
      'a narrower condition',
      '(allow file-read* (literal "/a"))(deny file-read* (require-all (literal "/a") (vnode-type DIRECTORY)))',
    ],
    [
      'require-not',
      '(allow file-read* (literal "/a"))(deny file-read* (require-not (literal "/a")))',
    ],
  ])('not shadowed: %s', (_, text) =>
    expect(
      check(text).filter(
        (line) =>
          line.includes('shadowed-by-operation') ||
          line.includes('filtered-first') ||
          line.includes('allow file'),
      ),
    ).toEqual([]),
  )

  it('names what (deny default) leaves open, unless the profile does', () => {
    const open = (text: string, severity: string) =>
      checkProfile(text)
        .filter((one) => one.code === 'left-open' && one.severity === severity)
        .map(({ message }) => message.split(' ')[0])
    expect(open('(version 1)(deny default)', 'warning').sort()).toEqual([
      'file-clone',
      'file-graft',
      'file-link',
      'file-map-executable',
      'fs-snapshot-mount',
      'iokit-get-properties',
      'nvram*',
      'process-info*',
    ])
    expect(open(closed, 'warning')).toEqual([])
    expect(open(closed, 'notice')).toContain('dynamic-code-generation')
    expect(open('(version 1)(allow default)', 'warning')).toEqual([])
  })

  it('counts rules', () => {
    const rules = (count: number): string =>
      Array.from(
        { length: count - 2 },
        (_, index) => `(allow file-read* (literal "/a${index}"))`,
      ).join('\n')
    expect(checkProfile(closed + rules(17_000)).some(({ code }) => code === 'rule-limit')).toBe(
      false,
    )
    expect(checkProfile(closed + rules(17_001)).some(({ code }) => code === 'rule-limit')).toBe(
      true,
    )
  })
})
