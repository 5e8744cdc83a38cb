import { LauncherError } from '../../errors.ts'

/** Architectures the filter is written for, by `process.arch`. */
type SeccompArch = 'x64' | 'arm64'

interface ArchTable {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly audit: number
  readonly calls: Readonly<Record<string, number>>
}

/**
 * System call numbers (asm/unistd_64.h; asm-generic/unistd.h for arm64). Absent: the architecture
 * has no such call.
 */
const TABLES: Readonly<Record<SeccompArch, ArchTable>> = {
  x64: {
    audit: 0xc000003e,
    calls: {
      add_key: 248,
      bpf: 321,
      chmod: 90,
      fcntl: 72,
      pidfd_getfd: 438,
      process_vm_writev: 311,
      ptrace: 101,
      clone: 56,
      clone3: 435,
      creat: 85,
      fchmod: 91,
      fchmodat: 268,
      fchmodat2: 452,
      io_uring_enter: 426,
      io_uring_register: 427,
      io_uring_setup: 425,
      ioctl: 16,
      ioprio_set: 251,
      kexec_load: 246,
      keyctl: 250,
      kill: 62,
      mknod: 133,
      mknodat: 259,
      mount: 165,
      move_mount: 429,
      open: 2,
      open_by_handle_at: 304,
      open_tree: 428,
      openat: 257,
      openat2: 437,
      perf_event_open: 298,
      pidfd_send_signal: 424,
      pivot_root: 155,
      request_key: 249,
      setns: 308,
      setpriority: 141,
      socket: 41,
      umount2: 166,
      unshare: 272,
      userfaultfd: 323,
    },
  },
  arm64: {
    audit: 0xc00000b7,
    calls: {
      add_key: 217,
      bpf: 280,
      clone: 220,
      fcntl: 25,
      pidfd_getfd: 438,
      process_vm_writev: 271,
      ptrace: 117,
      clone3: 435,
      fchmod: 52,
      fchmodat: 53,
      fchmodat2: 452,
      io_uring_enter: 426,
      io_uring_register: 427,
      io_uring_setup: 425,
      ioctl: 29,
      ioprio_set: 30,
      kexec_load: 104,
      keyctl: 219,
      kill: 129,
      mknodat: 33,
      mount: 40,
      move_mount: 429,
      open_by_handle_at: 265,
      open_tree: 428,
      openat: 56,
      openat2: 437,
      perf_event_open: 241,
      pidfd_send_signal: 424,
      pivot_root: 41,
      request_key: 218,
      setns: 268,
      setpriority: 140,
      socket: 198,
      umount2: 39,
      unshare: 97,
      userfaultfd: 282,
    },
  },
}

/**
 * Calls that open a way around the mount namespace or into the kernel; none is needed by a coding
 * agent's tools.
 */
const REFUSED = [
  'add_key',
  'bpf',
  'io_uring_enter',
  'io_uring_register',
  'io_uring_setup',
  'kexec_load',
  'keyctl',
  'mount',
  'move_mount',
  'open_by_handle_at',
  'open_tree',
  'perf_event_open',
  'pidfd_getfd',
  'pivot_root',
  'request_key',
  'setns',
  'umount2',
  'unshare',
  'userfaultfd',
] as const

/**
 * Answered with "no such call", so that callers fall back to the form whose arguments can be
 * inspected.
 */
const ABSENT = ['clone3', 'fchmodat2', 'openat2'] as const

/**
 * CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
 * CLONE_NEWNET (linux/sched.h).
 */
const CLONE_NAMESPACES = 0x7e020000
/** The sandbox's first process is bubblewrap: whoever controls it decides when the sandbox ends. */
const FIRST_PROCESS = 1
const SET_ID_BITS = 0o6000
/** O_CREAT and the bit of O_TMPFILE that is its own: only then does open take a mode. */
const OPEN_CREATES = 0o100 | 0o20000000
/**
 * TIOCSTI types into the terminal of whoever started us; TIOCLINUX can paste on a console; TIOCSETD
 * swaps the line discipline.
 */
/**
 * FIOASYNC, FIOSETOWN and SIOCSPGRP choose whom the kernel signals about a descriptor; for a
 * terminal that is launcher's own group.
 */
const TERMINAL_REQUESTS = [0x5412, 0x541c, 0x5423, 0x5452, 0x8901, 0x8902] as const
/**
 * F_SETOWN, F_SETSIG, F_SETOWN_EX (linux/fcntl.h), and O_ASYNC for F_SETFL: the same by another
 * call.
 */
const OWNER_COMMANDS = [8, 10, 15] as const
const F_SETFL = 4
const O_ASYNC = 0x2000
/** PTRACE_ATTACH and PTRACE_SEIZE. */
const ATTACHES = [16, 0x4206] as const
const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16

/**
 * Signals that kill(0) may still send: 0 asks, CONT, TSTP (a program that suspends itself) and
 * WINCH.
 */
const GROUP_SIGNALS = [0, 18, 20, 28] as const
const IOPRIO_WHO_PROCESS = 1

const EPERM = 1
const EINVAL = 22
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** A classic BPF instruction as the kernel reads it (struct sock_filter, linux/filter.h). */
interface Instruction {
  readonly code: number
  readonly jt: number
  readonly jf: number
  readonly k: number
}

const LOAD = 0x20
const JUMP_EQ = 0x15
const JUMP_GE = 0x35
const JUMP_SET = 0x45
const RETURN = 0x06
const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const errno = (number: number): number => 0x00050000 | number
/**
 * Offsets in struct seccomp_data; arguments are 64 bits wide, little-endian on both architectures.
 */
const NR = 0
const ARCH = 4
const argument = (index: number): number => 16 + 8 * index

/**
 * The seccomp filter as bytes for `bwrap --seccomp FD`: refuses terminal injection, set-id bits,
 * new namespaces and mounts, kernel interfaces with a history of escapes, and socket families other
 * than unix, inet, inet6 and route netlink.
 */
export const seccompFilter = (arch: string): Uint8Array => {
  if (arch !== 'x64' && arch !== 'arm64') {
    throw new LauncherError(
      'E_UNSUPPORTED',
      `there is no seccomp filter for this processor (${arch})`,
      { hint: 'x64 and arm64 are supported' },
    )
  }
  return encode(instructionsFor(TABLES[arch], arch))
}

const instructionsFor = (table: ArchTable, arch: SeccompArch): Instruction[] => {
  const program: Instruction[] = [
    load(ARCH),
    jump(JUMP_EQ, table.audit, 1, 0),
    ret(KILL_PROCESS),
    load(NR),
  ]
  // The x32 numbers of x86-64 would slip past every comparison below.
  if (arch === 'x64') program.push(jump(JUMP_GE, 0x40000000, 0, 1), ret(errno(ENOSYS)))
  const on = (call: string, body: Instruction[]): void => {
    const number = table.calls[call]
    if (number !== undefined) program.push(jump(JUMP_EQ, number, 0, body.length), ...body)
  }
  for (const call of REFUSED) on(call, [ret(errno(EPERM))])
  for (const call of ABSENT) on(call, [ret(errno(ENOSYS))])
  on('clone', whenSet(0, CLONE_NAMESPACES, EPERM))
  on('ioctl', whenEqual(1, TERMINAL_REQUESTS, EPERM))
  on('chmod', whenSet(1, SET_ID_BITS, EPERM))
  on('fchmod', whenSet(1, SET_ID_BITS, EPERM))
  on('fchmodat', whenSet(2, SET_ID_BITS, EPERM))
  on('creat', whenSet(1, SET_ID_BITS, EPERM))
  on('mknod', whenSet(1, SET_ID_BITS, EPERM))
  on('mknodat', whenSet(2, SET_ID_BITS, EPERM))
  on('open', whenOpenCreates(1, 2))
  on('openat', whenOpenCreates(2, 3))
  on('socket', socketFamilies())
  on('kill', ownGroupSignals())
  on('fcntl', [
    ...whenEqualElse(1, OWNER_COMMANDS, EPERM),
    jump(JUMP_EQ, F_SETFL, 1, 0),
    ret(ALLOW),
    ...whenSet(2, O_ASYNC, EPERM),
  ])
  on('ptrace', [
    load(argument(0)),
    jump(JUMP_EQ, ATTACHES[0], 2, 0),
    jump(JUMP_EQ, ATTACHES[1], 1, 0),
    ret(ALLOW),
    ...whenEqual(1, [FIRST_PROCESS], EPERM),
  ])
  on('process_vm_writev', whenEqual(0, [FIRST_PROCESS], EPERM))
  on('pidfd_send_signal', unlessEqual(3, 0, EINVAL))
  on('setpriority', unlessEqual(0, 0, EPERM))
  on('ioprio_set', unlessEqual(0, IOPRIO_WHO_PROCESS, EPERM))
  program.push(ret(ALLOW))
  return program
}

const load = (k: number): Instruction => ({ code: LOAD, jt: 0, jf: 0, k })
const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k })
const ret = (k: number): Instruction => ({ code: RETURN, jt: 0, jf: 0, k })

const whenSet = (index: number, bits: number, error: number): Instruction[] => [
  load(argument(index)),
  jump(JUMP_SET, bits, 0, 1),
  ret(errno(error)),
  ret(ALLOW),
]

const whenEqual = (index: number, values: readonly number[], error: number): Instruction[] => [
  load(argument(index)),
  ...values.flatMap((value) => [jump(JUMP_EQ, value, 0, 1), ret(errno(error))]),
  ret(ALLOW),
]

/** Like {@link whenEqual}, but goes on with the value loaded. */
const whenEqualElse = (index: number, values: readonly number[], error: number): Instruction[] =>
  whenEqual(index, values, error).slice(0, -1)

const whenOpenCreates = (flags: number, mode: number): Instruction[] => [
  load(argument(flags)),
  jump(JUMP_SET, OPEN_CREATES, 1, 0),
  ret(ALLOW),
  ...whenSet(mode, SET_ID_BITS, EPERM),
]

const unlessEqual = (index: number, value: number, error: number): Instruction[] => [
  load(argument(index)),
  jump(JUMP_EQ, value, 1, 0),
  ret(errno(error)),
  ret(ALLOW),
]

/**
 * The process group is shared with launcher and whatever started it, so kill(0) leaves the pid
 * namespace (measured: SIGSTOP stopped the watch; SIGUSR1 would open Node's debugger). The same
 * goes for pidfd_send_signal with a group flag, and for priorities of a group or user.
 */
const ownGroupSignals = (): Instruction[] => [
  load(argument(0)),
  jump(JUMP_EQ, 0, 1, 0),
  ret(ALLOW),
  ...whenNotIn(1, GROUP_SIGNALS, EPERM),
]

const whenNotIn = (index: number, values: readonly number[], error: number): Instruction[] => [
  load(argument(index)),
  ...values.map((value, at) => jump(JUMP_EQ, value, values.length - at, 0)),
  ret(errno(error)),
  ret(ALLOW),
]

/** Netlink only as NETLINK_ROUTE (protocol 0), which resolvers and `os.networkInterfaces` ask. */
const socketFamilies = (): Instruction[] => [
  load(argument(0)),
  jump(JUMP_EQ, AF_UNIX, 5, 0),
  jump(JUMP_EQ, AF_INET, 4, 0),
  jump(JUMP_EQ, AF_INET6, 3, 0),
  jump(JUMP_EQ, AF_NETLINK, 0, 3),
  load(argument(2)),
  jump(JUMP_EQ, 0, 0, 1),
  ret(ALLOW),
  ret(errno(EAFNOSUPPORT)),
]

const encode = (program: readonly Instruction[]): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(program.length * 8))
  program.forEach(({ code, jt, jf, k }, index) => {
    bytes.setUint16(index * 8, code, true)
    bytes.setUint8(index * 8 + 2, jt)
    bytes.setUint8(index * 8 + 3, jf)
    bytes.setUint32(index * 8 + 4, k >>> 0, true)
  })
  return new Uint8Array(bytes.buffer)
}
