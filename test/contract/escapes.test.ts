import fs from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { join } from '../../src/machine/paths.ts'
import { grant } from '../policy/builders.ts'
import { type Call, callInside, callOutside } from './calls.ts'
import { kernel, skipReason } from './kernel.ts'
import { withBase, workspace } from './machine.ts'

const reason =
  skipReason() ??
  (fs.existsSync('/usr/bin/perl') ? undefined : 'perl, which makes the system calls, is not here')
const [EPERM, ENOTTY, ENOSYS, EAFNOSUPPORT, ESRCH] = [1, 25, 38, 97, 3]
const TIOCSTI = 0x5412
const [CLONE_NEWUSER, SIGCHLD] = [0x10000000, 17]
const AT_FDCWD = -100

const place = workspace()
const write = join(place.root, 'w')
fs.mkdirSync(write)
fs.writeFileSync(join(write, 'tool'), 'tool', { mode: 0o755 })
fs.writeFileSync(join(place.root, 'outside'), 'outside')
const policy = withBase({ grants: [grant('write', write)], project: write })
afterAll(() => place.dispose())

const sh = (script: string): ReturnType<typeof kernel.start> =>
  kernel.start(policy, ['/bin/sh', '-c', script], {})

describe.skipIf(reason !== undefined)(
  'system calls that lead out are refused by the filter',
  () => {
    const REFUSED: readonly (readonly [string, Call, number])[] = [
      ['mount', ['mount', 0, 0, 0, 0, 0], EPERM],
      ['umount', ['umount2', 0, 0], EPERM],
      ['pivot_root', ['pivot_root', 0, 0], EPERM],
      ['a new namespace of any kind, even none', ['unshare', 0], EPERM],
      ['joining a namespace', ['setns', -1, 0], EPERM],
      ['moving a mount', ['move_mount', -1, 0, -1, 0, 0], EPERM],
      ['taking a tree of mounts', ['open_tree', -1, 0, 0], EPERM],
      ['opening by handle', ['open_by_handle_at', -1, 0, 0], EPERM],
      ['io_uring', ['io_uring_setup', 0, 0], EPERM],
      ['keyctl', ['keyctl', 99_999], EPERM],
      ['add_key', ['add_key', 0, 0, 0, 0, 0], EPERM],
      ['request_key', ['request_key', 0, 0, 0, 0], EPERM],
      ['bpf', ['bpf', -1, 0, 0], EPERM],
      ['perf', ['perf_event_open', 0, 0, -1, -1, 0], EPERM],
      ['userfaultfd', ['userfaultfd', -1], EPERM],
      ['a child in a new user namespace', ['clone', CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0], EPERM],
      ['typing into the terminal', ['ioctl', 0, TIOCSTI, 0], EPERM],
      [
        'typing into the terminal, with bits that the kernel drops',
        ['ioctl', 0, TIOCSTI + 2 ** 32, 0],
        EPERM,
      ],
      ['pasting on a console', ['ioctl', 0, 0x541c, 0], EPERM],
      ['another line discipline', ['ioctl', 0, 0x5423, 0], EPERM],
      ['clone3, whose flags cannot be seen', ['clone3', 0, 0], ENOSYS],
      ['openat2, whose mode cannot be seen', ['openat2', AT_FDCWD, 0, 0, 0], ENOSYS],
      ['AF_VSOCK', ['socket', 40, 1, 0], EAFNOSUPPORT],
      ['AF_ALG', ['socket', 38, 5, 0], EAFNOSUPPORT],
      ['AF_PACKET', ['socket', 17, 3, 0], EAFNOSUPPORT],
      ['netlink other than routes', ['socket', 16, 3, 15], EAFNOSUPPORT],
    ]

    it('each with the filter’s errno, which it does not have outside', async () => {
      const calls = REFUSED.map(([, call]) => call)
      const [inside, outside] = [await callInside(policy, calls), callOutside(calls)]
      expect(Object.fromEntries(REFUSED.map(([name], at) => [name, inside[at]]))).toEqual(
        Object.fromEntries(REFUSED.map(([name, , errno]) => [name, errno])),
      )
      // A family or call that this kernel was built without has the same errno on both sides: then
      // only the outcome is shown.
      const alike = REFUSED.filter(([, , errno], at) => outside[at] === errno).map(([name]) => name)
      if (alike.length > 0)
        console.log(`contract: this kernel refuses these outside as well: ${alike.join(', ')}`)
      expect(alike.length).toBeLessThan(REFUSED.length / 4)
    })

    it('and their neighbours work: sockets of the internet and unix kind, routes, a child, terminal size', async () => {
      const calls: Call[] = [
        ['socket', 1, 1, 0],
        ['socket', 2, 1, 0],
        ['socket', 10, 1, 0],
        ['socket', 16, 3, 0],
        ['clone', SIGCHLD, 0, 0, 0, 0],
        ['getpid'],
      ]
      expect(await callInside(policy, calls)).toEqual(calls.map(() => 0))
      expect(await callInside(policy, [['ioctl', 0, 0x5413, 0]])).toEqual([ENOTTY])
    })

    it('set-id bits cannot be set or made; other bits can', async () => {
      const tool = join(write, 'tool')
      const O_CREAT_WRONLY = 0o101
      const refused: Call[] = [
        ['fchmodat', AT_FDCWD, tool, 0o4755],
        ['fchmodat', AT_FDCWD, tool, 0o2755],
        ['fchmodat', AT_FDCWD, tool, 0o104755],
        ['openat', AT_FDCWD, join(write, 'made'), O_CREAT_WRONLY, 0o4755],
        ['mknodat', AT_FDCWD, join(write, 'made'), 0o104755, 0],
      ]
      expect(
        await callInside(policy, [...refused, ['fchmodat2', AT_FDCWD, tool, 0o4755, 0]]),
      ).toEqual([...refused.map(() => EPERM), ENOSYS])
      expect(fs.statSync(tool).mode & 0o7777).toBe(0o755)
      expect(fs.existsSync(join(write, 'made'))).toBe(false)
      expect(
        await callInside(policy, [
          ['fchmodat', AT_FDCWD, tool, 0o700],
          ['openat', AT_FDCWD, join(write, 'made'), O_CREAT_WRONLY, 0o755],
        ]),
      ).toEqual([0, 0])
      expect(fs.statSync(tool).mode & 0o7777).toBe(0o700)
      expect(callOutside([['fchmodat', AT_FDCWD, tool, 0o4755]])).toEqual([0])
    })
  },
)

describe.skipIf(reason !== undefined)('processes', () => {
  it('have no capability in any set, no new privileges, and the filter', async () => {
    const { stdout } = await sh('cat /proc/self/status')
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(stdout)?.[1]
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect([set, field(set)]).toEqual([set, '0000000000000000'])
    expect([field('NoNewPrivs'), field('Seccomp')]).toEqual(['1', '2'])
    const outside = fs.readFileSync('/proc/self/status', 'utf8')
    expect(/^Seccomp:\s*2/m.test(outside) && /^NoNewPrivs:\s*1/m.test(outside)).toBe(false)
  })

  it('see no process of the host and cannot signal or trace one; their own they can', async () => {
    // Larger than any number given in a new pid namespace, so that it is nobody inside.
    const pid = process.pid
    const seen = (await sh('cd /proc && echo [0-9]*')).stdout.trim().split(' ').map(Number)
    expect(seen.length).toBeLessThan(6)
    expect(Math.max(...seen)).toBeLessThan(20)
    expect((await sh(`kill -0 ${pid}`)).code).not.toBe(0)
    expect((await sh('kill -0 $$')).code).toBe(0)
    expect(fs.existsSync(`/proc/${pid}/status`)).toBe(true)
    expect((await sh(`cat /proc/${pid}/environ`)).code).not.toBe(0)
    expect(await callInside(policy, [['ptrace', 16, pid, 0, 0]])).toEqual([ESRCH])
  })

  it('cannot make a namespace inside', async () => {
    for (const kind of ['-Ur', '-m', '-n', '-p'])
      expect((await sh(`unshare ${kind} true`)).code, kind).not.toBe(0)
    expect((await sh('true')).code).toBe(0)
  })

  it('do not leave through /proc/PID/root, cwd or fd', async () => {
    const outside = join(place.root, 'outside')
    for (const way of [
      '/proc/1/root',
      '/proc/self/root',
      '/proc/self/root/..',
      '/proc/1/root/../..',
      '/proc/self/cwd/..',
      '/proc/1/cwd',
      '/..',
    ]) {
      expect((await sh(`cat "${way}${outside}"`)).code, way).not.toBe(0)
    }
    expect((await sh(`cat "/proc/self/root${write}/tool"`)).stdout).toBe('tool')
    expect(fs.readFileSync(`/proc/self/root${outside}`, 'utf8')).toBe('outside')
  })
})
