import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, type User } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { PYTHON, whyNoPython } from './python.ts'

const reason =
  whyNoPython() ??
  (process.arch === 'x64' || process.arch === 'arm64'
    ? undefined
    : 'the numbers of the system calls are not known here')

/** Numbers on x86-64 and arm64 (asm/unistd_64.h, asm-generic/unistd.h). */
const NUMBERS: Readonly<Record<string, readonly [number, number]>> = {
  add_key: [248, 217],
  bpf: [321, 280],
  clone: [56, 220],
  clone3: [435, 435],
  getpid: [39, 172],
  io_uring_setup: [425, 425],
  keyctl: [250, 219],
  mount: [165, 40],
  perf_event_open: [298, 241],
  pivot_root: [155, 41],
  setns: [308, 268],
  socket: [41, 198],
  umount2: [166, 39],
  unshare: [272, 97],
}
const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

/** A call, its arguments, and the errno that refuses it. */
type Call = readonly [string, readonly number[], number]

/**
 * Makes the calls in children, so that one that works changes nothing; prints the errno of each, 0
 * for success.
 */
const PROGRAM = `import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
found = []
for number, *arguments in json.loads(sys.argv[1]):
    r, w = os.pipe()
    child = os.fork()
    if child == 0:
        result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments])
        os.write(w, str(0 if result >= 0 else ctypes.get_errno()).encode())
        os._exit(0)
    os.close(w)
    text = os.read(r, 16).decode()
    os.close(r)
    os.waitpid(child, 0)
    found.append(int(text.strip() or "0"))
print(json.dumps(found))`

const encode = (calls: readonly Call[]): string =>
  JSON.stringify(
    calls.map(([name, words]) => [NUMBERS[name]![process.arch === 'arm64' ? 1 : 0], ...words]),
  )

const isRefused = async (user: User, calls: readonly Call[]): Promise<void> => {
  const world = newWorld(user)
  try {
    const run = await inside(world, `${PYTHON} -c '${PROGRAM}' '${encode(calls)}'`)
    expect(run.code, run.stderr).toBe(0)
    const within = JSON.parse(run.stdout) as number[]
    expect(within.map((errno, at) => [calls[at]![0], calls[at]![1], errno])).toEqual(
      calls.map(([name, words, errno]) => [name, words, errno]),
    )
    const outside = JSON.parse(
      world.outside(PYTHON, ['-c', PROGRAM, encode(calls)]).stdout,
    ) as number[]
    // A family that this kernel was built without has the same errno on both sides; most must
    // differ, or nothing is shown.
    expect(outside.filter((errno, at) => errno !== within[at]).length).toBeGreaterThan(
      calls.length / 2,
    )
  } finally {
    world.remove()
  }
}

const NEWNS = 0x20000
const NEWUSER = 0x10000000
const NEWNET = 0x40000000
const SIGCHLD = 17

conformsInKernel(
  'P6',
  async (user) => {
    await isRefused(user, [
      ['unshare', [NEWUSER], EPERM],
      ['unshare', [NEWNS], EPERM],
      ['unshare', [0], EPERM],
      ['clone', [NEWUSER | SIGCHLD, 0, 0, 0, 0], EPERM],
      ['clone', [NEWNET | SIGCHLD, 0, 0, 0, 0], EPERM],
      ['clone3', [0, 0], ENOSYS],
      ['setns', [-1, 0], EPERM],
      ['mount', [0, 0, 0, 0, 0], EPERM],
      ['umount2', [0, 0], EPERM],
      ['pivot_root', [0, 0], EPERM],
    ])
    const world = newWorld(user)
    try {
      const script =
        'for kind in -Ur -m -n -p -i -u -C; do unshare $kind true 2> /dev/null && echo "made $kind"; done; nsenter --target 1 --mount true 2> /dev/null && echo entered; mount -t tmpfs none . 2> /dev/null && echo mounted; (exec true) && echo "a child works"'
      expect((await inside(world, script)).stdout).toBe('a child works\n')
    } finally {
      world.remove()
    }
  },
  { reason },
)

conformsInKernel('P7', async (user) => {
  const world = newWorld(user)
  try {
    // A set-uid program of root: only root can make one, and only for others is it worth something.
    const isUseful = process.getuid?.() === 0 && user.uid !== undefined
    const program = path.join(world.project, 'set-uid')
    if (isUseful) {
      fs.copyFileSync('/usr/bin/id', program)
      fs.chownSync(program, 0, 0)
      fs.chmodSync(program, 0o4755)
      expect(world.outside(program, ['-u']).stdout).toBe('0\n')
    }
    const { stdout } = await inside(
      world,
      'cat /proc/self/status; ./set-uid -u; chmod u+s made 2> /dev/null; touch made; chmod u+s made 2> /dev/null && echo "set-uid made"; chmod 755 made && echo "mode set"',
    )
    const field = (text: string, name: string): string | undefined =>
      new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(text)?.[1]
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect([set, field(stdout, set)]).toEqual([set, '0000000000000000'])
    expect([field(stdout, 'NoNewPrivs'), field(stdout, 'Seccomp')]).toEqual(['1', '2'])
    if (isUseful) expect(stdout).toContain(`\n${user.uid}\n`)
    expect(stdout).toContain('mode set')
    expect(stdout).not.toContain('set-uid made')
    expect(field(world.outside('/bin/cat', ['/proc/self/status']).stdout, 'CapBnd')).not.toBe(
      '0000000000000000',
    )
  } finally {
    world.remove()
  }
})

conformsInKernel(
  'P8',
  async (user) => {
    const [AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK] = [16, 17, 38, 40]
    await isRefused(user, [
      ['io_uring_setup', [0, 0], EPERM],
      ['keyctl', [99_999], EPERM],
      ['add_key', [0, 0, 0, 0, 0], EPERM],
      ['bpf', [-1, 0, 0], EPERM],
      ['perf_event_open', [0, 0, -1, -1, 0], EPERM],
      ['socket', [AF_VSOCK, 1, 0], EAFNOSUPPORT],
      ['socket', [AF_ALG, 5, 0], EAFNOSUPPORT],
      ['socket', [AF_PACKET, 3, 0], EAFNOSUPPORT],
      ['socket', [AF_NETLINK, 3, 15], EAFNOSUPPORT],
      ['socket', [AF_NETLINK, 3, 9], EAFNOSUPPORT],
    ])
    const world = newWorld(user)
    try {
      const neighbours: Call[] = [
        ['socket', [1, 1, 0], 0],
        ['socket', [2, 1, 0], 0],
        ['socket', [10, 1, 0], 0],
        ['socket', [AF_NETLINK, 3, 0], 0],
        ['getpid', [], 0],
      ]
      expect(
        JSON.parse(
          (await inside(world, `${PYTHON} -c '${PROGRAM}' '${encode(neighbours)}'`)).stdout,
        ),
      ).toEqual(neighbours.map(() => 0))
      // A raw socket asks for a capability, so that the kernel itself refuses it; outside root has
      // it.
      const raw: Call[] = [['socket', [2, 3, 1], EPERM]]
      expect(
        JSON.parse((await inside(world, `${PYTHON} -c '${PROGRAM}' '${encode(raw)}'`)).stdout),
      ).toEqual([EPERM])
    } finally {
      world.remove()
    }
  },
  { reason },
)
