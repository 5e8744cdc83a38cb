import type { Rule } from './rule.ts'

/** One line of the prelude: fixed text, why it stands there, and what switches it on. */
export interface PreludeLine {
  readonly action: Rule['action']
  readonly operations: readonly string[]
  /** Alternatives; none means every access. */
  readonly filters: readonly string[]
  readonly why: string
  readonly needs: readonly Need[]
  readonly isQuiet?: boolean
  readonly ifDefined?: string
}

/** Features a profile may name (`features = [...]`); each opens something that is closed by default. */
export const FEATURES = [
  'apple-events',
  'browser-tests',
  'go-tls',
  'keychain',
  'launch-services',
  'multiprocessing',
  'pasteboard',
  'watchers',
] as const
export type Feature = (typeof FEATURES)[number]

/** What switches a line on: always; a terminal is inherited; any IP socket, the outside network, names resolved here; or a feature. */
export type Need = 'always' | 'tty' | 'ip' | 'network' | 'dns' | Feature

/**
 * Operations that `(deny default)` leaves allowed and that stay so on purpose; every other one is denied by name in
 * {@link PRELUDE}. A test holds the two lists against the table of operations.
 */
export const LEFT_ALLOWED: readonly { readonly operation: string; readonly why: string }[] = [
  {
    operation: 'dynamic-code-generation',
    why: 'V8, PCRE and every other JIT compiler need it; it reaches nothing outside the process',
  },
  {
    operation: 'socket-ioctl',
    why: 'FIONREAD and FIONBIO on sockets; changing an interface needs root',
  },
  {
    operation: 'syscall-unix',
    why: 'every system call; what each one touches is checked by its own operation',
  },
]

const line = (
  action: Rule['action'],
  operations: string,
  filters: readonly string[],
  why: string,
  needs: readonly Need[] = ['always'],
  more: Pick<PreludeLine, 'isQuiet' | 'ifDefined'> = {},
): PreludeLine => ({ action, operations: operations.split(' '), filters, why, needs, ...more })

const literals = (...paths: string[]): string[] => paths.map((path) => `(literal "${path}")`)
const services = (...names: string[]): string[] => names.map((name) => `(global-name "${name}")`)

/**
 * What every program needs under `(deny default)` on macOS 13 to 26, by resource. System files (libraries, frameworks, /etc) are
 * not here: they are grants of the base profile. Denials without a filter come first in a group: a filtered allow beats them in any order.
 */
export const PRELUDE: readonly { readonly name: string; readonly lines: readonly PreludeLine[] }[] =
  [
    {
      name: 'open by default',
      lines: [
        line(
          'deny',
          'file-link file-clone',
          [],
          'a link or clone of an unreadable file in a writable place would open it; write grants allow theirs',
        ),
        line('deny', 'file-map-executable', [], 'code is mapped from readable trees only'),
        line(
          'deny',
          'file-test-existence',
          [],
          'names are visible exactly where their metadata is',
        ),
        line(
          'deny',
          'process-info* process-info-codesignature',
          [],
          'other processes: their arguments, files, state',
        ),
        line('deny', 'nvram*', [], 'firmware variables hold network names and recovery keys'),
        line(
          'deny',
          'iokit-get-properties',
          [],
          'the registry holds serial numbers and attached devices',
          ['always'],
          { isQuiet: true },
        ),
        line(
          'deny',
          'system-privilege',
          [],
          'what only root may do stays so; asked for all the time, so not reported',
          ['always'],
          { isQuiet: true },
        ),
        line('deny', 'darwin-notification-post', [], 'signals to other applications', ['always'], {
          ifDefined: 'darwin-notification-post',
        }),
        line('deny', 'mach-cross-domain-lookup', [], 'services of other sessions', ['always'], {
          ifDefined: 'mach-cross-domain-lookup',
        }),
      ],
    },
    {
      name: 'process',
      lines: [
        line(
          'allow',
          'process-fork',
          [],
          'fork and posix_spawn; what may be executed follows the read grants',
        ),
        line(
          'allow',
          'process-info* process-info-codesignature',
          ['(target self)', '(target same-sandbox)'],
          'a process may look at itself and at what it started',
        ),
        line(
          'allow',
          'signal',
          ['(target self)', '(target same-sandbox)'],
          'job control, time-outs that kill a child',
        ),
        line(
          'allow',
          'mach-priv-task-port',
          ['(target same-sandbox)'],
          'debuggers and profilers on their own children',
        ),
      ],
    },
    {
      name: 'loader',
      lines: [
        line(
          'allow',
          'file-read-data file-read-metadata file-test-existence',
          literals('/'),
          'dyld opens the root directory; without it every program dies with SIGABRT before main on macOS 26',
        ),
      ],
    },
    {
      name: 'devices and terminal',
      lines: [
        line(
          'allow',
          'file-read* file-write-data file-ioctl file-test-existence',
          literals('/dev/null', '/dev/zero', '/dev/stdin', '/dev/stdout', '/dev/stderr'),
          'the usual sinks and streams',
        ),
        line(
          'allow',
          'file-read* file-write-data file-ioctl file-test-existence',
          literals('/dev/dtracehelper'),
          'libSystem opens it for writing in each process',
        ),
        line(
          'allow',
          'file-read* file-write-data file-test-existence',
          ['(subpath "/dev/fd")'],
          'process substitution, /dev/fd/N',
        ),
        line(
          'allow',
          'file-read* file-ioctl file-test-existence',
          literals('/dev/random', '/dev/urandom'),
          'random numbers',
        ),
        line(
          'allow',
          'file-read* file-test-existence',
          literals('/dev', '/dev/autofs_nowait'),
          'names of devices; libc asks for autofs_nowait',
        ),
        line(
          'allow',
          'file-read* file-write-data file-ioctl file-test-existence',
          literals('/dev/tty'),
          'the controlling terminal, whichever it is',
        ),
        line(
          'allow',
          'file-read* file-write-data file-ioctl file-test-existence',
          ['(literal (param "TTY"))'],
          'the inherited terminal and no other window; raw mode needs file-ioctl',
          ['tty'],
        ),
        line('allow', 'pseudo-tty', [], 'new terminals for children: node-pty, expect, script'),
        line(
          'allow',
          'file-read* file-write-data file-ioctl file-test-existence',
          literals('/dev/ptmx'),
          'opens a new terminal',
        ),
        line(
          'allow',
          'file-read* file-write* file-ioctl file-test-existence',
          ['(require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty"))'],
          'terminals made in here: the kernel gives the token, so no other window has it',
        ),
        line(
          'deny',
          'file-ioctl',
          ['(ioctl-command 2147578994)'],
          'TIOCSTI would type into the terminal that outlives the run',
        ),
      ],
    },
    {
      name: 'sysctl',
      lines: [
        line(
          'allow',
          'sysctl-read',
          [],
          'hardware and kernel facts: V8, tokio, Go and Python ask many',
        ),
        line(
          'deny',
          'sysctl-read',
          [
            '(sysctl-name "kern.procargs")',
            '(sysctl-name "kern.procargs2")',
            '(sysctl-name-prefix "kern.procargs")',
          ],
          'arguments and environment of other processes; the prefix also holds where the process id is part of the name',
        ),
        line(
          'allow',
          'sysctl-write',
          ['(sysctl-name "kern.tcsm_enable")', '(sysctl-name "kern.grade_cputype")'],
          'V8 starts threads with the first; Java passes a buffer to the second',
        ),
      ],
    },
    {
      name: 'mach services',
      lines: [
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.system.opendirectoryd.libinfo',
            'com.apple.system.DirectoryService.libinfo_v1',
            'com.apple.system.opendirectoryd.membership',
          ),
          'users and groups: getpwuid, id, initgroups',
        ),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.system.notification_center'),
          'changes of locale, time zone and network',
        ),
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.system.logger',
            'com.apple.logd',
            'com.apple.logd.events',
            'com.apple.diagnosticd',
          ),
          'logging',
        ),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.bsd.dirhelper'),
          'the per-user temporary directory',
        ),
        line(
          'allow',
          'mach-lookup',
          [
            ...services('com.apple.cfprefsd.agent', 'com.apple.cfprefsd.daemon'),
            '(local-name "com.apple.cfprefsd.agent")',
          ],
          'preferences; what may be read is limited below',
        ),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.SystemConfiguration.configd'),
          'proxy and name server settings; uv aborts without it, also with the network off',
        ),
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.SystemConfiguration.DNSConfiguration',
            'com.apple.SystemConfiguration.SCNetworkReachability',
            'com.apple.networkd',
            'com.apple.nehelper',
            'com.apple.nesessionmanager',
            'com.apple.usymptomsd',
          ),
          'name servers, reachability, proxies: c-ares, CFNetwork',
          ['network'],
        ),
        line('allow', 'mach-lookup', services('com.apple.dnssd.service'), 'getaddrinfo', ['dns']),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.trustd.agent', 'com.apple.ocspd'),
          'certificates for Go, Swift and CFNetwork; trustd fetches revocation lists by itself',
          ['dns', 'go-tls'],
        ),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.FSEvents'),
          'file watchers; events name paths outside the grants',
          ['watchers'],
        ),
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.SecurityServer',
            'com.apple.securityd',
            'com.apple.securityd.xpc',
            'com.apple.secd',
            'com.apple.security.agent',
          ),
          'the keychain',
          ['keychain'],
        ),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.pasteboard.1'),
          'the clipboard: reads secrets, injects text',
          ['pasteboard'],
        ),
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.coreservices.launchservicesd',
            'com.apple.lsd.mapdb',
            'com.apple.lsd.modifydb',
            'com.apple.coreservices.quarantine-resolver',
            'com.apple.CoreServices.coreservicesd',
          ),
          'open(1): starts programs outside the sandbox',
          ['launch-services'],
        ),
        line('allow', 'lsopen', [], 'open(1): starts programs outside the sandbox', [
          'launch-services',
        ]),
        line(
          'allow',
          'mach-lookup',
          services('com.apple.coreservices.appleevents', 'com.apple.CoreServices.coreservicesd'),
          'Apple events: drives other applications',
          ['apple-events'],
        ),
        line('allow', 'appleevent-send', [], 'Apple events: drives other applications', [
          'apple-events',
        ]),
        line(
          'allow',
          'mach-register mach-lookup',
          [
            '(global-name-prefix "org.chromium.")',
            '(global-name-prefix "com.google.chrome.")',
            '(global-name-prefix "com.google.Chrome.")',
          ],
          'Chromium processes meet under a registered name',
          ['browser-tests'],
        ),
        line(
          'allow',
          'mach-lookup',
          services(
            'com.apple.fonts',
            'com.apple.FontObjectsServer',
            'com.apple.PowerManagement.control',
          ),
          'text and power assertions of headless browsers',
          ['browser-tests'],
        ),
        line(
          'allow',
          'iokit-open',
          [
            '(iokit-registry-entry-class "IOSurfaceRootUserClient")',
            '(iokit-registry-entry-class "RootDomainUserClient")',
            '(iokit-registry-entry-class "AGXDeviceUserClient")',
          ],
          'drawing surfaces of headless browsers',
          ['browser-tests'],
        ),
      ],
    },
    {
      name: 'ipc',
      lines: [
        line(
          'allow',
          'ipc-posix-shm-read-data',
          [
            '(ipc-posix-name "apple.shm.notification_center")',
            '(ipc-posix-name-prefix "apple.cfprefs.")',
          ],
          'shared pages of notifyd and cfprefsd, read only',
        ),
        line(
          'allow',
          'ipc-posix-shm*',
          ['(ipc-posix-name-regex #"^/__KMP_REGISTERED_LIB_[0-9]+$")'],
          'OpenMP finds out whether it is loaded twice',
        ),
        line(
          'allow',
          'ipc-posix-sem* ipc-posix-shm* ipc-sysv-sem',
          [],
          "multiprocessing of Python, LMDB: names are shared with the user's other processes",
          ['multiprocessing', 'browser-tests'],
        ),
      ],
    },
    {
      name: 'system',
      lines: [
        line(
          'allow',
          'user-preference-read',
          ['(preference-domain "kCFPreferencesAnyApplication")'],
          'language and region; not the preferences of applications',
        ),
        line('allow', 'system-info', [], 'facts about the host'),
        line(
          'allow',
          'system-fsctl',
          ['(fsctl-command FSIOC_CAS_BSDFLAGS)'],
          'file flags (cp -p, tar), on files that file-write* allows',
        ),
        line(
          'allow',
          'iokit-get-properties',
          ['(iokit-property "device_type")', '(iokit-property "clock-frequency")'],
          'os.cpus() of Node',
        ),
        line(
          'allow',
          'file-lock',
          [],
          'locks on descriptors that are already open: git, cargo, SQLite',
          ['always'],
          { ifDefined: 'file-lock' },
        ),
        line('allow', 'socket-option*', [], 'options of sockets that could be made', ['always'], {
          ifDefined: 'socket-option*',
        }),
        line(
          'allow',
          'system-socket',
          ['(socket-domain AF_UNIX)'],
          'pipes between parent and child; connecting and binding are checked by path',
        ),
        line('allow', 'network-outbound', literals('/private/var/run/syslog'), 'syslog(3)'),
      ],
    },
    {
      name: 'network',
      lines: [
        line(
          'allow',
          'system-socket',
          ['(socket-domain AF_INET)', '(socket-domain AF_INET6)'],
          'IP sockets; where they may lead is said below',
          ['ip'],
        ),
        line(
          'allow',
          'system-socket',
          [
            '(socket-domain AF_ROUTE)',
            '(require-all (socket-domain AF_SYSTEM) (socket-protocol 2))',
          ],
          'interfaces and routes: getifaddrs, Network.framework',
          ['network'],
        ),
        line('allow', 'necp-client-open', [], 'Network.framework', ['network'], {
          ifDefined: 'necp-client-open',
        }),
        line(
          'allow',
          'network-outbound',
          literals('/private/var/run/mDNSResponder'),
          'getaddrinfo asks it for names',
          ['dns'],
        ),
      ],
    },
  ]
