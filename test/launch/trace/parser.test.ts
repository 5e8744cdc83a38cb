import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { traceCommand } from '../../../src/launch/trace/command.ts'
import { createTraceParser, type RefusedCall } from '../../../src/launch/trace/parser.ts'

const T = '1700000000.000001'

interface Read {
  readonly refused: readonly string[]
  readonly calls: readonly RefusedCall[]
  readonly ends: readonly string[]
  readonly unreadable: number
  readonly dropped: number
}

const read = (
  log: string,
  {
    hasSandbox = false,
    cuts = [],
  }: { readonly hasSandbox?: boolean; readonly cuts?: readonly number[] } = {},
): Read => {
  const calls: RefusedCall[] = []
  const ends: string[] = []
  let unreadable = 0
  const parser = createTraceParser(
    '/w',
    {
      onRefused: (call) => calls.push(call),
      onEnded: ({ pid, status }) => ends.push(`${pid}:${status}`),
      onUnreadable: () => (unreadable += 1),
    },
    { hasSandbox },
  )
  const bytes = Buffer.from(log, 'latin1')
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let index = 1; index < at.length; index++)
    parser.feed(bytes.subarray(at[index - 1], at[index]))
  parser.end()
  return {
    refused: calls.map(({ operation, path, error }) => `${operation} ${path} ${error}`),
    calls,
    ends,
    unreadable,
    dropped: parser.dropped,
  }
}

const line = (text: string, pid = 10): string => `${pid} ${T} ${text}\n`
const refusedBy = (text: string): readonly string[] => read(line(text)).refused

describe('a refused call', () => {
  it.each([
    [
      'openat(AT_FDCWD</w>, "/a", O_RDONLY|O_CLOEXEC) = -1 EACCES (Permission denied)',
      ['read /a EACCES'],
    ],
    [
      'openat(AT_FDCWD</w>, "/a", O_RDONLY|O_DIRECTORY) = -1 EACCES (Permission denied)',
      ['list /a EACCES'],
    ],
    [
      'openat(AT_FDCWD</w>, "a", O_WRONLY|O_CREAT|O_TRUNC, 0666) = -1 EROFS (Read-only file system)',
      ['create /w/a EROFS'],
    ],
    ['openat(5</x/y>, "a", O_RDWR) = -1 EROFS (Read-only file system)', ['write /x/y/a EROFS']],
    ['open("b", O_PATH) = -1 ENOENT (No such file or directory)', ['stat /w/b ENOENT']],
    [
      'newfstatat(AT_FDCWD</w>, "/a", 0x7ffd, AT_SYMLINK_NOFOLLOW) = -1 ENOENT (No such file or directory)',
      ['stat /a ENOENT'],
    ],
    [
      'statx(AT_FDCWD</w>, "/a", AT_STATX_SYNC_AS_STAT, STATX_ALL, 0x7f) = -1 EACCES (Permission denied)',
      ['stat /a EACCES'],
    ],
    ['access("/a", W_OK) = -1 EROFS (Read-only file system)', ['write /a EROFS']],
    [
      'faccessat2(AT_FDCWD</w>, "/a", R_OK, AT_EACCESS) = -1 EACCES (Permission denied)',
      ['read /a EACCES'],
    ],
    [
      'mkdir("foo", 0777)                = -1 EROFS (Read-only file system)',
      ['mkdir /w/foo EROFS'],
    ],
    [
      'rename("/a", "/b") = -1 EXDEV (Invalid cross-device link)',
      ['rename-from /a EXDEV', 'rename-to /b EXDEV'],
    ],
    [
      'renameat2(AT_FDCWD</w>, "a", 3</d>, "b", RENAME_NOREPLACE) = -1 EACCES (Permission denied)',
      ['rename-from /w/a EACCES', 'rename-to /d/b EACCES'],
    ],
    [
      'linkat(AT_FDCWD</w>, "/a", AT_FDCWD</w>, "/b", 0) = -1 EPERM (Operation not permitted)',
      ['link-from /a EPERM', 'link-to /b EPERM'],
    ],
    ['symlinkat("target", 3</d>, "l") = -1 EROFS (Read-only file system)', ['symlink /d/l EROFS']],
    [
      'unlinkat(3</d>, "a", AT_REMOVEDIR) = -1 EBUSY (Device or resource busy)',
      ['unlink /d/a EBUSY'],
    ],
    ['fchmodat(AT_FDCWD</w>, "/a", 0644) = -1 EROFS (Read-only file system)', ['chmod /a EROFS']],
    ['utimensat(0</a/b>, NULL, NULL, 0) = -1 EROFS (Read-only file system)', ['utimes /a/b EROFS']],
    [
      'execve("/a", ["a", "x, y) = 0"], 0x7f /* 3 vars */) = -1 ENOENT (No such file or directory)',
      ['exec /a ENOENT'],
    ],
    [
      'connect(3<socket:[12]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 9) = -1 ECONNREFUSED (Connection refused)',
      ['connect /run/x ECONNREFUSED'],
    ],
    [
      'connect(3<socket:[12]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}, 16) = -1 ENETUNREACH (Network is unreachable)',
      ['connect 1.2.3.4:443 ENETUNREACH'],
    ],
    [
      'connect(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EACCES (Permission denied)',
      ['connect [::1]:53 EACCES'],
    ],
    ['chdir("/root") = -1 EACCES (Permission denied)', ['list /root EACCES']],
    [
      String.raw`openat(AT_FDCWD</w>, "/caf\303\251 \"x\"\n\\", O_RDONLY) = -1 EACCES (Permission denied)`,
      ['read /caf\u00e9 "x"\n\\ EACCES'],
    ],
    [
      String.raw`openat(3</a\76, b>, "c", O_RDONLY) = -1 EACCES (Permission denied)`,
      ['read /a>, b/c EACCES'],
    ],
  ])('%s', (text, expected) => {
    expect(refusedBy(text)).toEqual(expected)
  })

  it.each([
    ['a success', 'openat(AT_FDCWD</w>, "/a", O_RDONLY) = 3</a>'],
    ['another failure', 'readlink("/usr", 0x7f, 1023) = -1 EINVAL (Invalid argument)'],
    [
      'a connection under way',
      'connect(3<socket:[12]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}, 16) = -1 EINPROGRESS (Operation now in progress)',
    ],
    [
      'an abstract socket',
      'connect(3<socket:[12]>, {sa_family=AF_UNIX, sun_path=@"x"}, 9) = -1 ECONNREFUSED (Connection refused)',
    ],
    [
      'a name that looks like a result',
      'openat(AT_FDCWD</w>, "/a\\") = -1 EACCES (Permission denied)", O_RDONLY) = 3',
    ],
    ['no line of strace', 'openat nonsense'],
  ])('is not %s', (_, text) => {
    expect(refusedBy(text)).toEqual([])
  })
})

describe('a process', () => {
  it('goes where it changes to, its children start where it is, and threads share a place', () => {
    const log = [
      line('execve("/bin/sh", ["sh"], 0x7f /* 1 var */) = 0'),
      line('chdir("/usr") = 0'),
      line(
        "clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f) = 3 /* 11 in strace's PID NS */",
      ),
      line('chdir("lib") = 0', 11),
      line('mkdir("a", 0777) = -1 EROFS (Read-only file system)', 11),
      line('mkdir("b", 0777) = -1 EROFS (Read-only file system)'),
      line('clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FS|CLONE_THREAD, parent_tid=[12]) = 12'),
      line('fchdir(4</var>) = 0', 12),
      line('mkdir("c", 0777) = -1 EROFS (Read-only file system)'),
    ].join('')
    expect(read(log).refused).toEqual([
      'mkdir /usr/lib/a EROFS',
      'mkdir /usr/b EROFS',
      'mkdir /var/c EROFS',
    ])
  })

  it('is understood when it speaks before its parent has returned from making it', () => {
    const log = [
      line('chdir("/usr") = 0'),
      line('vfork( <unfinished ...>'),
      line('execve("/bin/mkdir", ["mkdir", "x"], 0x7f /* 1 var */ <unfinished ...>', 11),
      line('<... execve resumed>)             = 0', 11),
      line('mkdir("x", 0777) = -1 EROFS (Read-only file system)', 11),
      line("<... vfork resumed>)              = 3 /* 11 in strace's PID NS */"),
      line('+++ exited with 1 +++', 11),
      line('+++ killed by SIGKILL +++'),
    ].join('')
    const told = read(log)
    expect(told.calls).toMatchObject([
      {
        operation: 'mkdir',
        path: '/usr/x',
        program: '/bin/mkdir',
        pid: 11,
        at: 1_700_000_000_000.001,
      },
    ])
    expect(told.ends).toEqual(['11:1', '10:137'])
  })

  it('whose parent is never told speaks at the end; a relative path whose start is unknown is counted, not guessed', () => {
    expect(
      read(
        line('getpid() = 1') +
          line('mkdir("x", 0777) = -1 EROFS (Read-only file system)', 77) +
          line('mkdir("/y", 0777) = -1 EROFS (Read-only file system)', 77),
      ),
    ).toMatchObject({
      refused: ['mkdir /y EROFS'],
      unreadable: 1,
    })
  })

  it("begins with the agent's first program: what bubblewrap tries before is not told", () => {
    const log = [
      line('execve("/usr/bin/bwrap", ["bwrap"], 0x7f /* 1 var */) = 0'),
      line('access("/etc/secret", R_OK) = -1 EACCES (Permission denied)'),
      line('clone(child_stack=NULL, flags=CLONE_NEWNS|SIGCHLD) = 11'),
      line('mkdir("/newroot", 0755) = -1 EACCES (Permission denied)', 11),
      line("clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 12 in strace's PID NS */", 11),
      line(
        'execve("/agent", ["agent"], 0x7f /* 1 var */) = -1 ENOENT (No such file or directory)',
        12,
      ),
    ].join('')
    expect(read(log, { hasSandbox: true }).refused).toEqual(['exec /agent ENOENT'])
    expect(read(log).refused).toHaveLength(3)
  })
})

describe('the stream', () => {
  it('says the same wherever it is cut', () => {
    const log = [
      line('chdir("/usr") = 0'),
      line('mkdir("caf\\303\\251", 0777) = -1 EROFS (Read-only file system)'),
      line('rename("/a", "/b") = -1 EXDEV (Invalid cross-device link)'),
      line('+++ exited with 3 +++'),
    ].join('')
    const whole = read(log)
    fc.assert(
      fc.property(
        fc.array(fc.nat(10_000), { maxLength: 20 }),
        (cuts) => void expect(read(log, { cuts })).toEqual(whole),
      ),
    )
    expect(whole.refused).toHaveLength(3)
  })

  it('bears anything: random lines, a line without an end, a path that was cut short', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        (text) => void read(`${line('getpid() = 1')}${line(text)}${text}`),
      ),
    )
    expect(
      read(
        `${line(`open("${'a'.repeat(200_000)}", O_RDONLY) = -1 EACCES (Permission denied)`)}${line('open("/b", O_RDONLY) = -1 EACCES (Permission denied)')}`,
        { cuts: [70_000, 140_000] },
      ),
    ).toMatchObject({
      refused: ['read /b EACCES'],
      dropped: 1,
    })
    expect(read(line('mkdir("aaa"..., 0777) = -1 EACCES (Permission denied)'))).toMatchObject({
      refused: [],
      unreadable: 1,
    })
  })

  it('is asked for with the tracer outside, in a session of its own, with names for descriptors and without its own kernel filter getting in the way', () => {
    expect(traceCommand(['bwrap', '--', 'x'], { file: '/usr/bin/strace', pipe: '/run/t' })).toEqual(
      expect.arrayContaining([
        '/usr/bin/strace',
        '-DDD',
        '-f',
        '-y',
        '--seccomp-bpf',
        '-o',
        '/run/t',
        '--',
        'bwrap',
        'x',
      ]),
    )
  })
})
