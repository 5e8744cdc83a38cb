import type { Case, PrecedenceCase } from './harness.ts'

const denyDefault = (rules: string): string => `(version 1)\n(deny default)\n${rules}`
const allowDefault = (rules: string): string => `(version 1)\n(allow default)\n${rules}`

const read = (path: string, expect: 'allow' | 'deny'): Case => ({
  op: 'file-read-data',
  path,
  expect,
})
const write = (path: string, expect: 'allow' | 'deny'): Case => ({
  op: 'file-write-data',
  path,
  expect,
})
const lookup = (name: string, expect: 'allow' | 'deny'): Case => ({
  op: 'mach-lookup',
  'global-name': name,
  expect,
})

/** Facts of the public record that the collected cases do not cover; each source is in its line. */
export const ownCases: readonly PrecedenceCase[] = [
  {
    name: 'wildcard allow does not lift an earlier specific deny',
    source: 'nolabs-ai/nono#697, regression in v0.34, measured',
    profile: denyDefault(
      '(deny file-read-data (subpath "/p/secret"))(allow file-read* (subpath "/p"))',
    ),
    cases: [
      read('/p/secret/key', 'deny'),
      { op: 'file-read-metadata', path: '/p/secret/key', expect: 'allow' },
      read('/p/open', 'allow'),
    ],
  },
  {
    name: 'the specific operation must be allowed again too',
    source: 'nolabs-ai/nono#697',
    profile: denyDefault(
      '(deny file-read-data (subpath "/p/secret"))(allow file-read* file-read-data (subpath "/p"))',
    ),
    cases: [read('/p/secret/key', 'allow')],
  },
  {
    name: 'create-only grant survives a later wildcard deny',
    source: 'navikt/cplt#455, measured',
    profile: denyDefault(
      '(allow file-write-create (require-all (subpath "/p/.pi") (vnode-type DIRECTORY)))(deny file-write* (subpath "/p/.pi"))',
    ),
    cases: [
      { op: 'file-write-create', path: '/p/.pi/x', 'vnode-type': 'DIRECTORY', expect: 'allow' },
      { op: 'file-write-create', path: '/p/.pi/x', 'vnode-type': 'REGULAR-FILE', expect: 'deny' },
      write('/p/.pi/x', 'deny'),
    ],
  },
  {
    name: 'an earlier data deny shadows a later wildcard allow of one file below it',
    source: 'eugene1g/agent-safehouse ssh.sb, measured',
    profile: denyDefault(
      '(deny file-read-data (subpath "/h/.ssh"))(allow file-read* (literal "/h/.ssh/known_hosts"))',
    ),
    cases: [
      read('/h/.ssh/known_hosts', 'deny'),
      { op: 'file-read-xattr', path: '/h/.ssh/known_hosts', expect: 'allow' },
    ],
  },
  {
    name: 'a rule without a filter does not override one with a filter',
    source: 'microsoft/mxc #749 and #754, measured',
    profile: denyDefault('(deny network-outbound (subpath "/S"))(allow network-outbound)'),
    cases: [
      { op: 'network-outbound', path: '/S/a.sock', expect: 'deny' },
      { op: 'network-outbound', path: '/T/a.sock', expect: 'allow' },
      { op: 'network-outbound', remote: 'tcp:example.com:443', expect: 'allow' },
    ],
  },
  {
    name: 'unlink is not lifted by a later wildcard allow',
    source: 'anthropic-experimental/sandbox-runtime, comment in its generator',
    profile: denyDefault('(deny file-write-unlink)(allow file-write* (subpath "/w"))'),
    cases: [{ op: 'file-write-unlink', path: '/w/a', expect: 'deny' }, write('/w/a', 'allow')],
  },
  {
    name: 'require-not subpath alone leaves the first mkdir open',
    source: 'openai/codex, comment in its generator',
    profile: denyDefault(
      '(allow file-write* (require-all (subpath "/r") (require-not (subpath "/r/.git"))))',
    ),
    cases: [
      write('/r/a', 'allow'),
      { op: 'file-write-create', path: '/r/.git/hooks', expect: 'deny' },
      { op: 'file-write-create', path: '/r/.git', expect: 'deny' },
    ],
  },
  {
    name: 'writable root without .git, both literal and subpath',
    source: 'openai/codex, shipped',
    profile: denyDefault(
      '(allow file-write* (require-all (subpath "/r") (require-not (literal "/r/.git")) (require-not (subpath "/r/.git"))))',
    ),
    cases: [
      write('/r/a', 'allow'),
      { op: 'file-write-create', path: '/r/.git', 'vnode-type': 'DIRECTORY', expect: 'deny' },
      write('/r/.git/config', 'deny'),
      write('/r/.github/x', 'allow'),
      write('/s', 'deny'),
    ],
  },
  {
    name: 'operations that (deny default) does not cover',
    source: 'libsandbox tables; Apple application.sb denies them by name',
    profile: denyDefault(''),
    cases: [
      { op: 'file-link', path: '/a', expect: 'allow' },
      { op: 'file-clone', path: '/a', expect: 'allow' },
      { op: 'file-map-executable', path: '/a', expect: 'allow' },
      { op: 'file-test-existence', path: '/a', expect: 'allow' },
      { op: 'nvram-set', 'nvram-variable': 'x', expect: 'allow' },
      { op: 'iokit-get-properties', expect: 'allow' },
      { op: 'dynamic-code-generation', expect: 'allow' },
      { op: 'darwin-notification-post', expect: 'allow' },
      { op: 'process-info-codesignature', expect: 'allow' },
      { op: 'socket-ioctl', expect: 'allow' },
      { op: 'mach-cross-domain-lookup', expect: 'allow' },
      { op: 'iokit-open', expect: 'deny' },
      { op: 'lsopen', expect: 'deny' },
    ],
  },
  {
    name: 'denied by name without a filter, then allowed with one',
    source: 'reference: fact 4',
    profile: denyDefault(
      '(deny file-link file-clone process-info* nvram*)(allow process-info* (target self))(allow file-link (subpath "/w"))',
    ),
    cases: [
      { op: 'file-link', path: '/a', expect: 'deny' },
      { op: 'file-link', path: '/w/a', expect: 'allow' },
      { op: 'process-info-pidinfo', target: 'others', expect: 'deny' },
      { op: 'process-info-pidinfo', target: 'self', expect: 'allow' },
      { op: 'nvram-get', expect: 'deny' },
    ],
  },
  {
    name: 'operations that (allow default) does not open',
    source: 'libsandbox tables; brew names file-write-setugid',
    profile: allowDefault('(allow file-write* (subpath "/"))'),
    cases: [
      { op: 'file-write-setugid', path: '/a', expect: 'deny' },
      { op: 'job-creation', expect: 'deny' },
      { op: 'storage-class-map', path: '/a', expect: 'deny' },
      write('/a', 'allow'),
      { op: 'lsopen', expect: 'allow' },
    ],
  },
  {
    name: 'the place of the default does not matter',
    source: 'language',
    profile: '(version 1)(allow file-read* (subpath "/a"))(deny default (with message "tag"))',
    cases: [read('/a/b', 'allow'), read('/b', 'deny')],
  },
  {
    name: 'a profile without a default denies',
    source: 'language',
    profile: '(version 1)(allow file-read* (subpath "/a"))',
    cases: [read('/a', 'allow'), read('/b', 'deny')],
  },
  {
    name: 'several filters in one rule are alternatives',
    source: 'Apple prelude, with-filter',
    profile: denyDefault(
      '(allow file-read* file-write* (literal "/a") (subpath "/b") (prefix "/c"))',
    ),
    cases: [
      read('/a', 'allow'),
      read('/a/x', 'deny'),
      write('/b/x', 'allow'),
      read('/cat', 'allow'),
      read('/d', 'deny'),
    ],
  },
  {
    name: 'require-any and require-not nest',
    source: 'language',
    profile: denyDefault(
      '(allow file-read* (require-all (require-any (subpath "/a") (subpath "/b")) (require-not (vnode-type SYMLINK))))',
    ),
    cases: [
      read('/a/x', 'allow'),
      { op: 'file-read-data', path: '/b/x', 'vnode-type': 'SYMLINK', expect: 'deny' },
      read('/c', 'deny'),
    ],
  },
  {
    name: 'regex is a search unless anchored, and case-sensitive',
    source: 'AppleMatch',
    profile: denyDefault(
      '(allow file-read* (regex #"/\\.git/hooks(/|$)"))(deny file-read* (regex #"^/etc"))(allow file-write* (regex #"^/[Tt]mp/.+[.]log$"))',
    ),
    cases: [
      read('/p/.git/hooks/a', 'allow'),
      read('/p/.git/hooksx', 'deny'),
      read('/p/.GIT/hooks/a', 'deny'),
      read('/etc/.git/hooks', 'deny'),
      write('/Tmp/a.log', 'allow'),
      write('/tmp/.log', 'deny'),
      write('/tmp/a.logs', 'deny'),
    ],
  },
  {
    name: 'subpath and literal of the root',
    source: 'language',
    profile: denyDefault('(allow file-read* (subpath "/"))(allow file-write* (literal "/"))'),
    cases: [read('/', 'allow'), read('/a/b', 'allow'), write('/', 'allow'), write('/a', 'deny')],
  },
  {
    name: 'trailing and double slashes make a rule dead',
    source: 'microsoft/mxc, measured',
    profile: denyDefault('(allow file-read* (subpath "/a/") (subpath "//b") (literal "/c/./d"))'),
    cases: [read('/a', 'deny'), read('/a/x', 'deny'), read('/b', 'deny'), read('/c/d', 'deny')],
  },
  {
    name: 'path-ancestors: every proper ancestor and the root, not the path',
    source: 'Apple prelude',
    profile: denyDefault('(allow file-read-metadata (path-ancestors "/u/me/p"))'),
    cases: [
      ...['/', '/u', '/u/me'].map(
        (path): Case => ({ op: 'file-read-metadata', path, expect: 'allow' }),
      ),
      ...['/u/me/p', '/u/other'].map(
        (path): Case => ({ op: 'file-read-metadata', path, expect: 'deny' }),
      ),
    ],
  },
  {
    name: 'mach names',
    source: 'language',
    profile: denyDefault(
      '(allow mach-lookup (global-name "com.apple.logd") (global-name-prefix "com.x.") (global-name-regex #"^org[.]") (local-name "l") (xpc-service-name "s"))',
    ),
    cases: [
      lookup('com.apple.logd', 'allow'),
      lookup('com.apple.logd2', 'deny'),
      lookup('com.x.y', 'allow'),
      lookup('org.z', 'allow'),
      lookup('l', 'deny'),
      { op: 'mach-lookup', 'local-name': 'l', expect: 'allow' },
      { op: 'mach-lookup', 'xpc-service-name': 's', expect: 'allow' },
      { op: 'mach-register', 'global-name': 'com.apple.logd', expect: 'deny' },
    ],
  },
  {
    name: 'a blanket mach allow with services denied one by one',
    source: 'nolabs-ai/nono, shipped',
    profile: denyDefault('(deny mach-lookup (global-name "com.apple.secd"))(allow mach-lookup)'),
    cases: [lookup('com.apple.secd', 'deny'), lookup('com.apple.logd', 'allow')],
  },
  {
    name: 'sysctl and posix ipc names',
    source: 'language',
    profile: denyDefault(
      '(allow sysctl-read (sysctl-name "hw.ncpu") (sysctl-name-prefix "kern.proc."))(allow ipc-posix-shm (ipc-posix-name-regex #"^/__KMP_[0-9]+$"))(deny sysctl-read (sysctl-name "kern.proc.all"))',
    ),
    cases: [
      { op: 'sysctl-read', 'sysctl-name': 'hw.ncpu', expect: 'allow' },
      { op: 'sysctl-read', 'sysctl-name': 'kern.proc.pid', expect: 'allow' },
      { op: 'sysctl-read', 'sysctl-name': 'kern.proc.all', expect: 'deny' },
      { op: 'sysctl-write', 'sysctl-name': 'hw.ncpu', expect: 'deny' },
      { op: 'ipc-posix-shm-write-create', 'ipc-posix-name': '/__KMP_12', expect: 'allow' },
      { op: 'ipc-posix-shm-read*', 'ipc-posix-name': '/other', expect: 'deny' },
    ],
  },
  {
    name: 'network protocols, hosts and ports',
    source: 'language; localhost is not ::ffff:127.0.0.1 (srt, nono#1830)',
    profile: denyDefault(
      '(allow network-outbound (remote tcp "localhost:8080") (remote udp4 "*:53"))',
    ),
    cases: [
      { op: 'network-outbound', remote: 'tcp:127.0.0.1:8080', expect: 'allow' },
      { op: 'network-outbound', remote: 'tcp:[::1]:8080', expect: 'allow' },
      { op: 'network-outbound', remote: 'tcp:[::ffff:127.0.0.1]:8080', expect: 'deny' },
      { op: 'network-outbound', remote: 'tcp:10.0.0.1:8080', expect: 'deny' },
      { op: 'network-outbound', remote: 'udp:localhost:8080', expect: 'deny' },
      { op: 'network-outbound', remote: 'udp:8.8.8.8:53', expect: 'allow' },
      { op: 'network-outbound', remote: 'udp6:[2001::1]:53', expect: 'deny' },
    ],
  },
  {
    name: 'a local filter on network-outbound admits every connect or none, by its host',
    source: 'srt#225, srt#88; safedep/pmg on CI for localhost',
    profile: denyDefault('(allow network-outbound (local ip "*:*"))'),
    cases: [
      { op: 'network-outbound', remote: 'tcp:evil.example:443', expect: 'allow' },
      { op: 'network-outbound', path: '/s.sock', expect: 'deny' },
    ],
  },
  {
    name: 'a local filter on network-outbound that names localhost admits none',
    source: 'safedep/pmg, CI on macOS',
    profile: denyDefault('(allow network-outbound (local ip "localhost:*"))'),
    cases: [
      { op: 'network-outbound', remote: 'tcp:evil.example:443', expect: 'deny' },
      { op: 'network-outbound', remote: 'tcp:localhost:80', expect: 'deny' },
    ],
  },
  {
    name: 'inbound alone is enough to bind, bind alone is not enough to listen',
    source: 'microsoft/mxc, measured',
    profile: denyDefault(
      '(allow network-inbound (local ip "*:80"))(allow network-bind (local ip "localhost:43050"))',
    ),
    cases: [
      { op: 'network-bind', local: 'tcp:0.0.0.0:80', expect: 'allow' },
      { op: 'network-bind', local: 'tcp:localhost:43050', expect: 'allow' },
      { op: 'network-inbound', local: 'tcp:localhost:43050', expect: 'deny' },
    ],
  },
  {
    name: 'unix sockets by remote unix-socket and by path',
    source: 'Apple comment: (remote unix-socket F) equals F',
    profile: denyDefault(
      '(allow network-outbound (remote unix-socket (path-literal "/private/var/run/mDNSResponder")) (literal "/s"))(allow network-bind (local unix-socket))',
    ),
    cases: [
      { op: 'network-outbound', path: '/private/var/run/mDNSResponder', expect: 'allow' },
      { op: 'network-outbound', path: '/s', expect: 'allow' },
      { op: 'network-outbound', path: '/x', expect: 'deny' },
      { op: 'network-outbound', remote: 'tcp:localhost:1', expect: 'deny' },
      { op: 'network-bind', path: '/x', expect: 'allow' },
      { op: 'network-bind', local: 'tcp:localhost:1', expect: 'deny' },
    ],
  },
  {
    name: 'extensions never match',
    source: 'language: a token is needed that no text can give',
    profile: denyDefault(
      '(allow file-read* (extension "com.apple.app-sandbox.read"))(allow file-write* (require-all (regex #"^/dev/ttys[0-9]+") (extension "com.apple.sandbox.pty")))',
    ),
    cases: [read('/a', 'deny'), write('/dev/ttys001', 'deny')],
  },
  {
    name: 'devices: vnode type, mode, attributes; ioctl-command matches nothing',
    source: 'language; strands-agents/box on 26.6 for ioctl-command',
    profile: denyDefault(
      '(allow file-ioctl (require-all (literal "/dev/tty") (ioctl-command FIONREAD)))(allow file-ioctl (ioctl-command (_IO "t" 21)))(allow file-write-data (require-all (path "/dev/null") (vnode-type CHARACTER-DEVICE)))(allow file-read* (file-mode #o0004))(allow file-read-xattr (xattr "com.apple.quarantine"))',
    ),
    cases: [
      { op: 'file-ioctl', path: '/dev/tty', 'ioctl-command': 'FIONREAD', expect: 'deny' },
      { op: 'file-ioctl', path: '/dev/tty', 'ioctl-command': 'FIODTYPE', expect: 'deny' },
      { op: 'file-ioctl', path: '/dev/x', 'ioctl-command': 0x20007415, expect: 'deny' },
      {
        op: 'file-write-data',
        path: '/dev/null',
        'vnode-type': 'CHARACTER-DEVICE',
        expect: 'allow',
      },
      { op: 'file-write-data', path: '/dev/null', 'vnode-type': 'REGULAR-FILE', expect: 'deny' },
      { op: 'file-read-data', path: '/x', 'file-mode': 0o644, expect: 'allow' },
      { op: 'file-read-data', path: '/x', 'file-mode': 0o600, expect: 'deny' },
      { op: 'file-read-xattr', path: '/x', xattr: 'com.apple.quarantine', expect: 'allow' },
      { op: 'file-read-xattr', path: '/x', xattr: 'other', expect: 'deny' },
    ],
  },
  {
    name: 'sockets, preferences, iokit, apple events, entitlements, attributes',
    source: 'language',
    profile: denyDefault(
      '(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)) (socket-type SOCK_STREAM))(allow user-preference-read (preference-domain "kCFPreferencesAnyApplication"))(allow iokit-open (iokit-user-client-class "AGXDeviceUserClient"))(allow appleevent-send (appleevent-destination "com.apple.finder"))(allow process-exec* (require-entitlement "com.x"))(allow process-fork (process-attribute is-platform-binary))',
    ),
    cases: [
      { op: 'system-socket', 'socket-domain': 'AF_SYSTEM', 'socket-protocol': 2, expect: 'allow' },
      { op: 'system-socket', 'socket-domain': 'AF_SYSTEM', 'socket-protocol': 1, expect: 'deny' },
      { op: 'system-socket', 'socket-type': 'SOCK_STREAM', expect: 'allow' },
      {
        op: 'managed-preference-read',
        'preference-domain': 'kCFPreferencesAnyApplication',
        expect: 'allow',
      },
      {
        op: 'user-preference-write',
        'preference-domain': 'kCFPreferencesAnyApplication',
        expect: 'deny',
      },
      {
        op: 'iokit-open-user-client',
        'iokit-registry-entry-class': 'AGXDeviceUserClient',
        expect: 'allow',
      },
      { op: 'appleevent-send', 'appleevent-destination': 'com.apple.finder', expect: 'allow' },
      { op: 'process-exec', path: '/b', entitlement: 'com.x', expect: 'allow' },
      { op: 'process-exec', path: '/b', expect: 'deny' },
      { op: 'process-fork', 'process-attribute': 'is-platform-binary', expect: 'allow' },
      { op: 'process-fork', expect: 'deny' },
    ],
  },
  {
    name: 'standard rules are part of every profile and come last',
    source: 'Apple policy.scm',
    profile: denyDefault('(deny signal (target self))(deny mach-task-name)'),
    cases: [
      { op: 'signal', target: 'self', expect: 'allow' },
      { op: 'signal', target: 'others', expect: 'deny' },
      { op: 'mach-task-name', target: 'self', expect: 'allow' },
      { op: 'mach-task-name', target: 'others', expect: 'deny' },
    ],
  },
  {
    name: 'aliases name the same operation',
    source: 'libsandbox tables',
    profile: denyDefault(
      '(allow process-exec)(allow file-unlink (subpath "/w"))(allow ipc-posix-sem)(deny process-exec* (literal "/bin/ps"))',
    ),
    cases: [
      { op: 'process-exec-interpreter', path: '/bin/sh', expect: 'allow' },
      { op: 'process-exec', path: '/bin/ps', expect: 'deny' },
      { op: 'file-write-unlink', path: '/w/a', expect: 'allow' },
      { op: 'ipc-posix-sem-open', expect: 'allow' },
    ],
  },
  {
    name: 'a grandparent is consulted last',
    source: 'operation tree',
    profile: denyDefault(
      '(allow file* (subpath "/a"))(deny file-write* (subpath "/a/b"))(allow file-write-data (literal "/a/b/c"))',
    ),
    cases: [
      write('/a/x', 'allow'),
      write('/a/b/x', 'deny'),
      write('/a/b/c', 'allow'),
      { op: 'file-write-mode', path: '/a/b/c', expect: 'deny' },
      read('/a/b/c', 'allow'),
    ],
  },
]
