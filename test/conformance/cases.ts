/** Systems a case speaks of: macOS, Linux, both, or the proxy on any of them. */
export type On = 'M' | 'L' | 'ML' | 'P'

/** One case of the list of behaviours that launchers of this kind are held to. */
export interface Case {
  readonly id: string
  readonly title: string
  readonly on: On
  /** Files of this folder that test it. */
  readonly files?: readonly string[]
  /** Why it cannot be tested yet. */
  readonly later?: string
}

const CREDENTIALS = 'needs credential injection, which does not exist yet'
const DENIALS = 'needs the collector of denials, which does not exist yet'

const tested = (id: string, on: On, title: string, ...files: readonly string[]): Case => ({
  id,
  on,
  title,
  files: files.map((file) => `${file}.ts`),
})
const later = (id: string, on: On, title: string, reason: string): Case => ({
  id,
  on,
  title,
  later: reason,
})

/**
 * Every case, once. A case is `tested` as far as its parts exist; the test says which part it
 * leaves out.
 */
export const CASES: readonly Case[] = [
  tested(
    'W1',
    'ML',
    'writing inside an allowed root works, outside it fails',
    'writes-kernel',
    'writes-mac',
  ),
  tested(
    'W2',
    'ML',
    'writing to /etc, /usr/local/bin and ~/Library/LaunchAgents fails',
    'writes-kernel',
    'writes-mac',
  ),
  tested(
    'W3',
    'ML',
    'append, truncate, chmod, xattr, times and flags of a read-only file fail',
    'writes-kernel',
    'writes-mac',
  ),
  tested(
    'W4',
    'ML',
    'a link inside a root never makes an outside file writable',
    'links-kernel',
    'writes-mac',
  ),
  tested(
    'W5',
    'ML',
    'writing through a symlink that points out of a root fails',
    'links-kernel',
    'writes-mac',
  ),
  tested('W6', 'ML', 'a symlink swapped between check and use leads nowhere new', 'links-kernel'),
  tested(
    'W7',
    'ML',
    'a write grant that is a planted link to above is not honoured, and said so',
    'links-kernel',
    'writes-mac',
  ),
  tested('W8', 'ML', '../ and root/../outside fail', 'writes-kernel'),
  tested(
    'W9',
    'ML',
    'a protected file, directory or subtree inside a write root cannot be written',
    'protections-kernel',
    'protections-mac',
  ),
  tested(
    'W10',
    'ML',
    'a protected name that is absent at the start cannot be made',
    'protections-kernel',
    'protections-mac',
  ),
  tested('W11', 'ML', 'mv of a protected name fails', 'protections-kernel', 'protections-mac'),
  tested(
    'W12',
    'ML',
    'mv of the parent or grandparent of a protected path',
    'protections-kernel',
    'protections-mac',
  ),
  tested(
    'W13',
    'ML',
    'a pattern holds for names at the start, and on macOS for names made later',
    'patterns-kernel',
    'protections-mac',
  ),
  tested(
    'W14',
    'ML',
    '**/ matches zero directories and many',
    'patterns-kernel',
    'protections-mac',
  ),
  tested(
    'W15',
    'ML',
    'a pattern that matches a directory covers everything below it',
    'patterns-kernel',
    'protections-mac',
  ),
  tested(
    'W16',
    'ML',
    'an odd name of the working directory changes no decision',
    'patterns-kernel',
    'spelling-mac',
  ),
  tested('W17', 'M', 'one decision for all spellings of /private and of firmlinks', 'spelling-mac'),
  tested(
    'W18',
    'ML',
    'rm and rm -rf of ordinary files in a root work',
    'writes-kernel',
    'writes-mac',
  ),
  tested(
    'W19',
    'ML',
    'the private TMPDIR is writable, the temp of others is not',
    'temp-kernel',
    'writes-mac',
  ),
  tested(
    'W20',
    'ML',
    'with the project read-only nothing on the host is written, /tmp, /var/tmp and the user’s TMPDIR included',
    'temp-kernel',
    'writes-mac',
  ),
  tested(
    'W21',
    'ML',
    'dangerous files cannot be written, even in a writable home',
    'protections-kernel',
    'protections-mac',
  ),
  tested(
    'W22',
    'ML',
    'git hooks and configuration fail, objects work',
    'git-kernel',
    'protections-mac',
  ),
  tested(
    'W23',
    'ML',
    'the .git file of a worktree or submodule is not rewritable; its commits work',
    'git-kernel',
    'protections-mac',
  ),
  tested(
    'W24',
    'ML',
    'first-time mkdir of editor and agent folders fails',
    'protections-kernel',
    'protections-mac',
  ),
  tested(
    'W25',
    'ML',
    'the agent’s configuration and launcher’s own files are not writable',
    'own-kernel',
    'protections-mac',
  ),
  tested(
    'W26',
    'ML',
    'the interpreter behind a venv is readable, not writable, nor is what it imports',
    'own-kernel',
    'own-mac',
  ),

  tested(
    'R1',
    'ML',
    'no way of reading gives the content of a hidden file',
    'reads-kernel',
    'reads-mac',
  ),
  tested('R2', 'ML', 'a hidden directory cannot be listed', 'reads-kernel', 'reads-mac'),
  tested(
    'R3',
    'ML',
    'a hidden file nested in a readable directory stays hidden',
    'reads-kernel',
    'reads-mac',
  ),
  tested(
    'R4',
    'ML',
    'a readable directory inside a hidden one works, its siblings do not',
    'reads-kernel',
    'reads-mac',
  ),
  tested(
    'R5',
    'ML',
    'a hidden path that is a symlink is hidden under every name',
    'reads-kernel',
    'reads-mac',
  ),
  tested(
    'R6',
    'L',
    '/proc/…/root, environ and mem show nothing outside the policy',
    'reads-kernel',
  ),
  tested(
    'R7',
    'M',
    'with a minimal policy a process still has what its loader needs',
    'reads-mac',
    'seatbelt-kernel',
  ),
  tested(
    'R8',
    'M',
    'the keychain is out of reach unless the policy names it',
    'reads-mac',
    'seatbelt-kernel',
  ),
  tested(
    'R9',
    'M',
    'Spotlight, browser history and TCC.db are unreadable',
    'reads-mac',
    'seatbelt-kernel',
  ),
  tested(
    'R10',
    'M',
    'clipboard and screen are out of reach unless the policy names them',
    'reads-mac',
    'seatbelt-kernel',
  ),

  tested(
    'P1',
    'ML',
    'child, grandchild, nohup, setsid and double fork stay sandboxed',
    'processes-kernel',
  ),
  tested(
    'P2',
    'M',
    'launchctl, open, osascript, at and cron start nothing outside',
    'processes-mac',
    'seatbelt-kernel',
  ),
  tested(
    'P3',
    'M',
    'a nested sandbox is refused with a clear message',
    'processes-mac',
    'seatbelt-kernel',
  ),
  tested(
    'P4',
    'ML',
    'outside processes can be neither signalled nor traced',
    'processes-kernel',
    'processes-mac',
  ),
  tested('P5', 'L', 'host processes are invisible and cannot be killed', 'processes-kernel'),
  tested('P6', 'L', 'no namespace can be made or entered, nothing mounted', 'system-calls'),
  tested(
    'P7',
    'L',
    'no new privileges, empty capability sets, set-uid programs useless',
    'system-calls',
  ),
  tested(
    'P8',
    'L',
    'io_uring, AF_VSOCK, netlink, keyctl, bpf and perf are refused',
    'system-calls',
  ),
  tested('P9', 'ML', 'unix sockets are denied unless listed', 'sockets-kernel', 'processes-mac'),
  tested(
    'P10',
    'M',
    'unlisted Mach services can be neither looked up nor registered',
    'processes-mac',
  ),
  tested('P11', 'ML', 'background processes die with launcher', 'processes-kernel'),
  tested('P12', 'L', 'nothing can be typed into the terminal (TIOCSTI, TIOCLINUX)', 'terminals'),
  tested(
    'P13',
    'ML',
    'openpty, script, resize, Ctrl-C, Ctrl-Z and fg work; raw mode is restored',
    'terminals',
    'processes-mac',
  ),
  tested(
    'P14',
    'ML',
    'exit codes, signals, standard input, large argv and environment are preserved',
    'exits-kernel',
  ),

  tested('N1', 'ML', 'an empty allow list is no network at all', 'network-kernel', 'network-mac'),
  tested(
    'N2',
    'ML',
    'going around the proxy fails: curl, raw connect, /dev/tcp',
    'network-kernel',
    'network-mac',
  ),
  tested('N3', 'ML', 'UDP, ping and name look-ups fail', 'network-kernel', 'network-mac'),
  tested(
    'N4',
    'ML',
    'a host service on loopback is out of reach unless allowed',
    'network-kernel',
    'network-mac',
  ),
  tested(
    'N5',
    'ML',
    'local binding: bind works, egress stays filtered, the host reaches the port only where it is granted',
    'network-kernel',
  ),
  tested(
    'N6',
    'P',
    'allowed and denied hosts by HTTP, CONNECT, SOCKS5 and SOCKS4',
    'network-proxy',
  ),
  tested('N7', 'P', 'wildcards of hosts', 'network-proxy'),
  tested('N8', 'P', 'ports of hosts; deny wins', 'network-proxy'),
  tested(
    'N9',
    'P',
    'a missing token, a wrong one, another run’s is refused',
    'network-kernel',
    'network-proxy',
  ),
  tested('N10', 'P', 'a relay inside gets the same verdict', 'network-kernel'),
  tested(
    'N11',
    'P',
    'the policy edited meanwhile changes nothing; with the proxy gone there is no network',
    'network-kernel',
    'network-proxy',
  ),
  tested(
    'N12',
    'P',
    'listeners on loopback only, useless without the token',
    'network-kernel',
    'network-proxy',
  ),
  tested(
    'N13',
    'P',
    'WebSocket, HTTP/2, chunked uploads, large bodies, slow readers and half-closes work',
    'network-proxy',
  ),
  tested(
    'N14',
    'P',
    'each client reaches an allowed host (the table of clients: e2e/clients.test.ts)',
    'network-kernel',
  ),
  tested('N15', 'L', 'no interface but loopback, nothing on it but the proxy', 'network-kernel'),
  tested('N16', 'L', 'without the proxy’s variables a program reaches nothing', 'network-kernel'),

  later('C1', 'P', 'only the sentinel is seen inside', CREDENTIALS),
  later('C2', 'P', 'where the sentinel is replaced', CREDENTIALS),
  later('C3', 'P', 'no secret in argv, dumps or texts', CREDENTIALS),

  tested(
    'U1',
    'ML',
    'without a working backend nothing is started',
    'robustness-kernel',
    'robustness-units',
  ),
  tested(
    'U2',
    'ML',
    'an invalid, empty or unreadable configuration is refused',
    'robustness-kernel',
  ),
  later('U3', 'ML', 'each denial appears in explain', DENIALS),
  tested(
    'U4',
    'M',
    '3,000 denies, long strings and 500 KB of argv work or are refused clearly',
    'robustness-units',
  ),
  tested('U5', 'ML', 'a start on a large tree stays within its budget', 'robustness-kernel'),
  tested(
    'U6',
    'M',
    'uv, Python, node, Go: each has what it needs, or the opt-in is named',
    'own-mac',
    'robustness-units',
  ),
  tested(
    'U7',
    'L',
    'the message names cause and fix where user namespaces are off',
    'robustness-units',
    'robustness-kernel',
  ),

  tested(
    'E1',
    'ML',
    'a console script in a uv tool behind symlinks starts; nothing above its hops is granted',
    'vibe-kernel',
    'own-mac',
  ),
  tested(
    'E2',
    'ML',
    'trusted_folders.toml is readable and never writable',
    'vibe-kernel',
    'own-mac',
  ),
  tested(
    'E3',
    'ML',
    'config.toml as a link into a dotfiles directory is readable under both names, not writable',
    'vibe-kernel',
    'own-mac',
  ),
  later('E4', 'ML', 'a denied path is named by the denial', DENIALS),
  later(
    'E5',
    'ML',
    'a scripted model asks for ~/.ssh/id_rsa',
    'needs the scripted model server, which does not exist yet',
  ),
  tested(
    'E6',
    'ML',
    'an existing configuration that would be unreadable refuses the start',
    'vibe-kernel',
    'own-mac',
  ),
]
