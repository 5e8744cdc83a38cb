import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, newWorld, until, type User, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { hold } from './held.ts'
import { PYTHON, whyNoPython } from './python.ts'
import { trial } from './trial.ts'

const isMac = process.platform === 'darwin'

conformsInKernel(
  'P1',
  (user) => {
    const write = 'echo x > "$HOME/outside/new"'
    const waited = `${write}; echo $? > status`
    const ending =
      'i=0; while [ ! -s status ] && [ $i -lt 1000 ]; do i=$((i+1)); sleep 0.01; done; s=$(cat status); rm -f status nohup.out; exit $s'
    return trial(user, {
      setup: (world) => void world.put('outside/file', 'x\n'),
      refused: {
        child: `sh -c '${write}'`,
        grandchild: `sh -c "sh -c '${write}'"`,
        'background child': `(${waited}) & ${ending}`,
        nohup: `nohup sh -c '${waited}' > /dev/null 2>&1 & ${ending}`,
        ...(isMac
          ? {}
          : {
              setsid: `setsid -w sh -c '${write}'`,
              'setsid in the background': `setsid sh -c '${waited}' & ${ending}`,
            }),
        'double fork': `( (${waited}) & ) ; ${ending}`,
        'another program': `${PYTHON} -c 'import os, subprocess, sys; sys.exit(subprocess.call(["sh", "-c", "echo x > \\"$HOME/outside/new\\""], start_new_session=True))'`,
        'env -i': `env -i HOME="$HOME" /bin/sh -c '${write}'`,
      },
      works: {
        'children write where they may': `sh -c "sh -c 'echo x > new'" && (nohup sh -c 'echo y > new2' > /dev/null 2>&1 & wait) && cat new new2`,
      },
    })
  },
  { reason: whyNoPython() },
)

/** A process of the user, outside every sandbox. */
const bystander = (user: User): ChildProcess =>
  spawn('/bin/sleep', ['600'], {
    stdio: 'ignore',
    ...(user.uid === undefined ? {} : { uid: user.uid, gid: user.uid }),
  })

conformsInKernel(
  'P4',
  async (user) => {
    const victim = bystander(user)
    try {
      const trace = (pid: string): string =>
        `${PYTHON} -c 'import ctypes, sys; l = ctypes.CDLL(None); pid = int(sys.argv[1]); sys.exit(0 if l.ptrace(16, pid, 0, 0) == 0 and l.ptrace(17, pid, 0, 0) is not None else 1)' ${pid}`
      await trial(user, {
        refused: {
          'signal 0': `kill -0 ${victim.pid}`,
          'a signal that does nothing': `kill -CONT ${victim.pid}`,
          ...(isMac ? {} : { ptrace: trace(String(victim.pid)) }),
        },
        works: {
          'a signal to its own child': 'sleep 600 & kill -KILL $!; ! wait $!',
          'signal 0 to itself': 'kill -0 $$',
        },
      })
      expect(victim.exitCode ?? victim.signalCode).toBeNull()
      expect(victim.kill('SIGKILL')).toBe(true)
    } finally {
      victim.kill('SIGKILL')
    }
  },
  { reason: whyNoPython() },
)

conformsInKernel('P5', (user) => {
  const pid = process.pid
  return trial(user, {
    refused: {
      'the tests are visible': `test -d /proc/${pid}`,
      'ps sees them': `ps -e -o pid= | grep -w ${pid}`,
      ...(user.label === 'root' ? { 'a signal': `kill -0 ${pid}` } : {}),
    },
    works: {
      'its own processes are visible': 'test -d /proc/$$ && ps -e -o pid= | grep -w $$',
      'a signal to its own': 'kill -0 $$',
    },
  })
})

/**
 * Three kinds of process that ignore what can be ignored and hold the standard output of the run,
 * which closes when the last of them is gone.
 */
const LINGER = `trap '' HUP INT TERM
(while :; do sleep 0.02; done) &
nohup sh -c 'trap "" TERM HUP; while :; do sleep 0.02; done' 2> /dev/null &
${isMac ? '' : 'setsid sh -c \'trap "" TERM HUP; while :; do sleep 0.02; done\' &'}
( (trap '' TERM HUP; while :; do sleep 0.02; done) & )
echo ready`

const dies = async (
  world: World,
  script: string,
  end: (child: ChildProcess) => void,
): Promise<number> => {
  const run = await hold(world, [], script)
  expect(run.child.exitCode).toBeNull()
  end(run.child)
  let code: number | undefined
  void run.finished.then((finished) => (code = finished.code))
  await until('every process that held the output is gone', () => code !== undefined, 8_000)
  return code!
}

conformsInKernel('P11', async (user) => {
  const world = newWorld(user)
  try {
    const [forever, patient] = [
      'while :; do sleep 0.02; done',
      'trap - TERM; while :; do sleep 0.02; done',
    ]
    await dies(world, `${LINGER}; ${forever}`, (child) => child.kill('SIGKILL'))
    expect(await dies(world, `${LINGER}; ${patient}`, (child) => child.kill('SIGTERM'))).toBe(143)
    expect(
      await dies(world, `${LINGER}; read word; exit 7`, (child) => child.stdin?.end('go\n')),
    ).toBe(7)
    // The twin: without launcher a background process outlives its shell.
    const pid = Number(
      world.outside('/bin/sh', [
        '-c',
        "trap '' HUP; (while :; do sleep 0.02; done) > /dev/null 2>&1 & echo $!",
      ]).stdout,
    )
    expect(process.kill(pid, 0)).toBe(true)
    process.kill(pid, 'SIGKILL')
  } finally {
    world.remove()
  }
})

conformsInKernel(
  'P11',
  async (user) => {
    const world = newWorld(user)
    try {
      const { stdout, code } = await inside(
        world,
        `${LINGER}; ps -e -o args= | grep -c "sleep 0.02"`,
      )
      expect(code).toBe(0)
      expect(Number(stdout.trim().split('\n').at(-1))).toBeGreaterThan(0)
      const state = path.join(world.home, '.local/state/launcher/runs')
      expect(fs.readdirSync(state)).toEqual([])
    } finally {
      world.remove()
    }
  },
  { part: 'the agent ends before its children' },
)
