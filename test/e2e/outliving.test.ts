import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import {
  inside,
  launcherCommand,
  newWorld,
  until,
  users,
  whyNoKernel,
  type World,
} from './harness.ts'
import { where } from './where.ts'

const hasPython = spawnSync('/usr/bin/python3', ['-c', 'import ctypes']).status === 0
const reason =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'these attacks are on bubblewrap'
    : hasPython
      ? undefined
      : 'no /usr/bin/python3 to make raw system calls with')

/**
 * Traces the sandbox's first process and makes it forget to die with its parent (prctl
 * PR_SET_PDEATHSIG 0), on x86-64.
 */
const CUT_THE_TIE = `import ctypes, os, struct, time
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
if os.fork():
    time.sleep(0.6)
    os._exit(0)
os.setsid()
if libc.ptrace(16, 1, None, None) == 0:
    os.waitpid(1, 0x40000000)
    regs = (ctypes.c_ulong * 27)()
    libc.ptrace(12, 1, None, ctypes.cast(regs, ctypes.c_void_p))
    saved = list(regs)
    word = libc.ptrace(1, 1, ctypes.c_void_p(regs[16]), None)
    libc.ptrace(4, 1, ctypes.c_void_p(regs[16]), ctypes.c_void_p(0x050f))
    regs[10], regs[14], regs[13] = 157, 1, 0
    regs[15] = 2**64 - 1
    libc.ptrace(13, 1, None, ctypes.cast(regs, ctypes.c_void_p))
    libc.ptrace(9, 1, None, None)
    os.waitpid(1, 0x40000000)
    for i, value in enumerate(saved): regs[i] = value
    libc.ptrace(13, 1, None, ctypes.cast(regs, ctypes.c_void_p))
    libc.ptrace(4, 1, ctypes.c_void_p(saved[16]), ctypes.c_void_p(word))
    libc.ptrace(17, 1, None, None)
open('tried', 'w').close()
while True:
    with open('beat', 'a') as beat: beat.write('x')
    time.sleep(0.02)
`

describe.each(users())('nothing outlives a run or reaches outside it, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
  })
  afterEach(() => world.remove())

  const isStill = async (file: string): Promise<boolean> => {
    const size = (): number =>
      fs.statSync(path.join(world.project, file), { throwIfNoEntry: false })?.size ?? 0
    const before = size()
    await new Promise((resolve) => setTimeout(resolve, 300))
    return size() === before
  }

  where(reason ?? (process.arch === 'x64' ? undefined : 'the registers are those of x86-64'))(
    'a program that cuts the sandbox’s tie to launcher dies with the run all the same',
    async () => {
      world.put('work/project/cut.py', CUT_THE_TIE)
      await inside(world, '/usr/bin/python3 cut.py')
      expect(world.exists('work/project/beat')).toBe(true)
      expect(await isStill('beat')).toBe(true)
      expect(fs.readdirSync(world.project).filter((name) => name.startsWith('.'))).toEqual([])
    },
  )

  where(reason).each([['setsid'], ['nohup']])(
    'a background process started with %s dies with the run',
    async (tool) => {
      await inside(
        world,
        `${tool} sh -c 'while :; do echo x >> beat; sleep 0.02; done' > /dev/null 2>&1 & sleep 0.2`,
      )
      expect(world.exists('work/project/beat')).toBe(true)
      expect(await isStill('beat')).toBe(true)
    },
  )

  where(reason).each(['KILL', 'STOP', 'USR1', 'TERM', 'INT'])(
    'kill -%s 0 does not leave the sandbox',
    async (name) => {
      const { file, args, options } = launcherCommand(world, [
        'run',
        '--quiet',
        '--',
        '/bin/bash',
        '-c',
        `kill -${name} 0; echo answered $?`,
      ])
      const quoted = [file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
      const done = spawnSync('bash', ['-c', `${quoted}; echo alive`], {
        ...options,
        encoding: 'utf8',
        timeout: 280_000,
      })
      expect(done.stdout).toBe('answered 1\nalive\n')
      expect(done.stderr).toMatch(/not permitted/)
    },
  )

  where(reason)('signals within the sandbox work as ever: the twin', async () => {
    const { stdout } = await inside(
      world,
      'sleep 30 & kill -TERM $!; wait $!; echo $?; kill -WINCH 0; kill -0 0; echo $?',
    )
    expect(stdout).toBe('143\n0\n')
  })

  where(reason)(
    'the priority of a group or of the user’s processes outside cannot be changed',
    async () => {
      const script = `import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print([libc.setpriority(which, 0, 19) for which in (1, 2)], libc.setpriority(0, 0, 19))`
      expect((await inside(world, `/usr/bin/python3 -c '${script}'`)).stdout).toBe('[-1, -1] 0\n')
    },
  )

  where(reason)('a file as standard output or error can be appended to and nothing else', () => {
    const log = world.put('outside/log', 'OLD\n')
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      'cat /proc/self/fd/2 > stolen 2>/dev/null; (: > /proc/self/fd/1) 2>/dev/null; echo out; echo err >&2; echo out again',
    ])
    const done = spawnSync('bash', ['-c', `exec >>${log} 2>&1; exec "$@"`, 'bash', file, ...args], {
      ...options,
      encoding: 'utf8',
    })
    expect(done.status).toBe(0)
    expect(fs.readFileSync(log, 'utf8')).toBe('OLD\nout\nerr\nout again\n')
    expect(world.read('work/project/stolen')).toBe('')
  })

  where(reason)('kernel settings cannot be written', async () => {
    const { stdout } = await inside(
      world,
      'find /proc/sys /proc/sysrq-trigger -writable -type f 2>/dev/null | while read -r f; do if (: >> "$f") 2>/dev/null; then echo "$f"; fi; done',
    )
    expect(stdout).toBe('')
  })

  where(reason)('a socket bound by a relative name in the project is masked', async () => {
    const { options } = launcherCommand(world, [])
    const server = `import os, socket, time
s = socket.socket(socket.AF_UNIX); s.bind("rel.sock"); s.listen(1); open("bound", "w").close(); time.sleep(30)`
    const { spawn } = await import('node:child_process')
    const child = spawn('/usr/bin/python3', ['-c', server], { ...options, stdio: 'ignore' })
    try {
      await until('the socket is bound', () => world.exists('work/project/bound'))
      const connect = `import socket
s = socket.socket(socket.AF_UNIX)
try:
    s.connect("rel.sock"); print("connected")
except OSError as error: print("refused", error.errno)`
      expect((await inside(world, `/usr/bin/python3 -c '${connect}'`)).stdout).toBe('refused 13\n')
      expect(
        spawnSync('/usr/bin/python3', ['-c', connect], { ...options, encoding: 'utf8' }).stdout,
      ).toBe('connected\n')
    } finally {
      child.kill('SIGKILL')
    }
  })
})
