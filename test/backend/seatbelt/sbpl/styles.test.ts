import { describe, expect, it } from 'vitest'
import { compile } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import type { Facts } from '../../../../src/backend/seatbelt/sbpl/rules.ts'

/**
 * Written for this test in the manner of public profiles; each uses the constructs that the named
 * one uses.
 */
const styles: readonly [
  string,
  string,
  Record<string, string>,
  readonly [string, Facts, boolean][],
][] = [
  [
    'agent-safehouse: helper functions over HOME_DIR, denies of agent sockets',
    `(version 1)
;; HOME_DIR is replaced before use
(define HOME_DIR "/Users/me")
(define DATA_HOME_DIR (string-append "/System/Volumes/Data" HOME_DIR))
(define (home-subpath rel) (subpath (string-append HOME_DIR rel)))
(define (home-literal rel) (literal (string-append HOME_DIR rel)))
(define (home-prefix rel) (prefix (string-append HOME_DIR rel)))
(deny default)
(allow file-read* (home-subpath "/.cargo") (home-literal "/.gitconfig") (home-prefix "/.zsh"))
(allow file-read-metadata (literal "/tmp") (path-ancestors DATA_HOME_DIR))
(allow network-outbound)
(deny process-exec (literal "/usr/bin/ssh"))
(deny network-outbound (remote tcp "*:22"))
(deny network-outbound
    (remote unix-socket (path-regex #"^/private/tmp/com\\.apple\\.launchd\\.[^/]+/Listeners$"))
    (remote unix-socket (path-regex (string-append "^" HOME_DIR "/\\\\.ssh/agent(/.*)?$"))))`,
    {},
    [
      ['file-read-data', { path: '/Users/me/.zshrc' }, true],
      ['file-read-data', { path: '/Users/me/.ssh/id' }, false],
      ['network-outbound', { remote: 'tcp:host:22' }, false],
      ['network-outbound', { remote: 'tcp:host:443' }, true],
      ['network-outbound', { path: '/Users/me/.ssh/agent/s' }, false],
      ['file-read-metadata', { path: '/System/Volumes/Data/Users' }, true],
    ],
  ],
  [
    'Gemini CLI: parameters for every path',
    `(version 1)
(deny default)
(allow process-exec)
(allow file-read* (require-all (subpath "/") (require-not (subpath (string-append (param "HOME_DIR") "/.ssh")))))
(allow file-write*
    (subpath (param "TARGET_DIR"))
    (subpath (string-append (param "HOME_DIR") "/.gemini"))
    (literal "/dev/null"))
(allow network-inbound (local ip "localhost:9229"))
(allow mach-lookup (global-name "com.apple.sysmond"))
(allow file-ioctl (regex #"^/dev/tty.*"))`,
    { TARGET_DIR: '/w', HOME_DIR: '/Users/me' },
    [
      ['file-write-create', { path: '/w/x' }, true],
      ['file-read-data', { path: '/Users/me/.ssh/id' }, false],
      ['network-inbound', { local: 'tcp:localhost:9229' }, true],
      ['network-outbound', { remote: 'tcp:a:1' }, false],
    ],
  ],
  [
    'Nix: several operations in one rule, tests of parameters, unfiltered deny of setugid',
    `(version 1)
(define TMPDIR (param "_TMP"))
(deny default)
(deny file-write-setugid)
(allow sysctl-read)
(allow ipc-posix*)
(allow file* process-exec network-outbound network-inbound (literal "/tmp") (subpath TMPDIR))
(if (param "_LOCAL")
    (begin
      (allow network* (local ip) (local tcp) (local udp))
      (allow network-outbound (remote unix-socket (path-literal "/private/var/run/mDNSResponder")))))
(allow file* (literal "/dev/null") (regex #"^/dev/pty[a-z]+") (subpath "/dev/fd"))`,
    { _TMP: '/private/tmp/b' },
    [
      ['file-write-data', { path: '/private/tmp/b/x' }, true],
      ['file-write-setugid', { path: '/private/tmp/b/x' }, false],
      ['process-exec', { path: '/private/tmp/b/x' }, true],
      ['network-bind', { local: 'tcp:localhost:1' }, false],
    ],
  ],
  [
    'Chromium: parameter helpers, os-version, renamed filters, functions that make rules',
    `(version 1)
(define (param-true? str) (string=? (param str) "TRUE"))
(define (param-defined? str) (string? (param str)))
(define os-version (string->number (param "OS_VERSION")))
(define bundle-id "BUNDLE_ID")
(if (not (defined? 'iokit-registry-entry-class))
  (define iokit-registry-entry-class iokit-user-client-class))
(if (param-true? "QUIET") (deny default (with no-log)) (deny default))
(if (param-true? "LOG") (debug deny))
(define (service-name name) (global-name (string-append (param bundle-id) "." name)))
(define (allow-fonts)
  (begin
    (allow file-read-data (subpath "/System/Library/Fonts"))
    (if (< os-version 1012) (allow mach-lookup (global-name "com.apple.FontServer")))))
(allow mach-lookup (service-name "Rendezvous"))
(define (string-prefix? str prefix)
  (let ((l (string-length prefix)))
    (if (< (string-length str) l) #f (equal? (substring str 0 l) prefix))))
(when (string-prefix? (param "PATH") "/System/Volumes/Data/")
  (define (strip str count) (substring str count (string-length str)))
  (allow file-read* (subpath (strip (param "PATH") (- (string-length "/System/Volumes/Data/") 1)))))
(allow file-read-data
  (regex #"/Library/Managed Preferences/.*/\\.GlobalPreferences\\.plist")
  (regex (string-append #"^/Library/" (regex-quote (param bundle-id)) #"\\.plist$")))
(if (param-defined? "COMPONENT") (allow file-read* (subpath (param "COMPONENT"))))
(when (defined? 'syscall-unix) (allow syscall-unix (syscall-number SYS_read) (syscall-number SYS_write)))
(allow sysctl-read (sysctl-name (string-append "kern.proc.pid." (number->string 12))))
(allow-fonts)`,
    {
      OS_VERSION: '1400',
      QUIET: 'TRUE',
      LOG: 'FALSE',
      BUNDLE_ID: 'org.x',
      PATH: '/System/Volumes/Data/apps/x',
    },
    [
      ['mach-lookup', { 'global-name': 'org.x.Rendezvous' }, true],
      ['mach-lookup', { 'global-name': 'com.apple.FontServer' }, false],
      ['file-read-data', { path: '/apps/x/y' }, true],
      ['file-read-data', { path: '/Library/org.x.plist' }, true],
      ['file-read-data', { path: '/Library/orgAx.plist' }, false],
      ['file-read-data', { path: '/System/Library/Fonts/a' }, true],
    ],
  ],
  [
    'codex: base policy, pseudo-terminals, writable roots with holes',
    `(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow file-write-data (require-all (path "/dev/null") (vnode-type CHARACTER-DEVICE)))
(allow sysctl-read (sysctl-name "hw.ncpu") (sysctl-name-prefix "hw.optional.arm."))
(allow sysctl-write (sysctl-name "kern.grade_cputype"))
(allow iokit-open (iokit-registry-entry-class "RootDomainUserClient"))
(allow ipc-posix-sem)
(allow pseudo-tty)
(allow file-read* file-write* file-ioctl (literal "/dev/ptmx"))
(allow file-read* file-write* (require-all (regex #"^/dev/ttys[0-9]+") (extension "com.apple.sandbox.pty")))
(allow file-ioctl (regex #"^/dev/ttys[0-9]+"))
(allow file-read*)
(allow file-write* (require-all (subpath (param "ROOT_0")) (require-not (literal (param "ROOT_0_RO_0"))) (require-not (subpath (param "ROOT_0_RO_0")))))`,
    { ROOT_0: '/w', ROOT_0_RO_0: '/w/.git' },
    [
      ['file-write-data', { path: '/w/a' }, true],
      ['file-write-create', { path: '/w/.git' }, false],
      ['file-write-data', { path: '/dev/ttys001', 'vnode-type': 'CHARACTER-DEVICE' }, false],
      ['file-ioctl', { path: '/dev/ttys001' }, true],
      ['sysctl-read', { 'sysctl-name': 'hw.optional.arm.FEAT_X' }, true],
      ['process-info-pidinfo', { target: 'others' }, true],
    ],
  ],
]

describe('constructs of public profiles', () => {
  it.each(styles)('%s', (_, text, parameters, questions) => {
    const { decide } = compile(text, parameters)
    expect(
      questions.map(([operation, facts]) => [operation, facts, decide(operation, facts).allowed]),
    ).toEqual(questions)
  })
})
