import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect } from 'vitest'
import { launcherCommand, newWorld, type User, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { PYTHON, python, whyNoPython } from './python.ts'

const reason = whyNoPython()
const driver = path.resolve(import.meta.dirname, '../e2e/terminal.py')

type Step = readonly ['expect' | 'send', string] | readonly ['size', number, number]

interface Talk {
  readonly output: string
  readonly status: number
  readonly failed: string | null
}

const talk = (
  words: readonly string[],
  options: ReturnType<typeof launcherCommand>['options'],
  steps: readonly Step[],
): Talk => {
  const done = spawnSync(PYTHON, [driver, JSON.stringify(steps), ...words], {
    ...options,
    encoding: 'utf8',
    timeout: 280_000,
  })
  if (done.status !== 0) throw new Error(`${done.stdout}${done.stderr}`)
  return JSON.parse(done.stdout) as Talk
}

const direct = (world: World, script: string, steps: readonly Step[]): Talk => {
  const { file, args, options } = launcherCommand(world, [
    'run',
    '--quiet',
    '--',
    '/bin/sh',
    '-c',
    script,
  ])
  return talk([file, ...args], options, steps)
}

/** From an interactive shell with job control, as a person starts it. */
const fromShell = (world: World, script: string, steps: readonly Step[]): Talk => {
  const { file, args, options } = launcherCommand(world, [
    'run',
    '--quiet',
    '--',
    '/bin/sh',
    '-c',
    script,
  ])
  world.put(
    'start',
    `${[file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}\n`,
  )
  return talk(
    ['bash', '--norc', '--noprofile', '-i'],
    { ...options, env: { ...options.env, PS1: 'PROMPT> ' } },
    [['send', `. ${world.home}/start\r`], ...steps],
  )
}

const inWorld = (body: (world: World) => void) => (user: User) => {
  const world = newWorld(user)
  try {
    body(world)
  } finally {
    world.remove()
  }
}

const LOOP = 'while :; do sleep 0.02; done'

/** Types one letter into the controlling terminal; 0x5412 is TIOCSTI, 0x541c TIOCLINUX. */
const TYPING = python(`import fcntl
for request in (0x5412, 0x541c, 0x100005412):
    try:
        fcntl.ioctl(0, request & 0xffffffff, b"x")
        print("typed", hex(request))
    except OSError as error:
        print("refused", error.errno)
print("done")`)

conformsInKernel(
  'P12',
  inWorld((world) => {
    const { output, failed } = direct(world, `${TYPING}; stty size && echo neighbour works`, [
      ['expect', 'done'],
      ['expect', 'neighbour works'],
    ])
    expect(failed).toBeNull()
    expect(output).not.toContain('typed')
    expect(output.match(/refused 1\b/g)).toHaveLength(3)
    // Outside the kernel itself answers, with another error or none: the refusal above is the
    // filter's.
    const { options } = launcherCommand(world, [])
    expect(
      talk(['/bin/sh', '-c', TYPING], options, [['expect', 'done']]).output.match(/refused 1\b/g)
        ?.length ?? 0,
    ).toBeLessThan(3)
  }),
  { reason },
)

conformsInKernel(
  'P13',
  inWorld((world) => {
    const openpty = python(
      'import os, pty; m, s = pty.openpty(); os.write(s, b"through"); print(os.read(m, 7).decode(), os.ttyname(s)[:5])',
    )
    expect(direct(world, openpty, [['expect', 'through /dev/']])).toMatchObject({
      failed: null,
      status: 0,
    })
    const spawned = python(
      'import pty; raise SystemExit(pty.spawn(["/bin/sh", "-c", "test -t 0 && echo inner terminal"]))',
    )
    expect(direct(world, spawned, [['expect', 'inner terminal']])).toMatchObject({
      failed: null,
      status: 0,
    })
    const script =
      process.platform === 'darwin'
        ? 'script -q /dev/null sh -c "test -t 0 && echo recorded"'
        : 'script -qec "test -t 0 && echo recorded" /dev/null'
    expect(direct(world, script, [['expect', 'recorded']])).toMatchObject({
      failed: null,
      status: 0,
    })
  }),
  { reason, part: 'new terminals' },
)

conformsInKernel(
  'P13',
  inWorld((world) => {
    expect(
      direct(world, `stty size; trap "stty size; exit 0" WINCH; echo ready; ${LOOP}`, [
        ['expect', '31 97'],
        ['expect', 'ready'],
        ['size', 40, 120],
        ['expect', '40 120'],
      ]),
    ).toMatchObject({ failed: null, status: 0 })
    expect(
      direct(world, `echo ready; ${LOOP}`, [
        ['expect', 'ready'],
        ['send', '\u0003'],
      ]),
    ).toMatchObject({ failed: null, status: 130 })
    expect(
      direct(world, 'trap "echo caught" INT; echo ready; read a; read b; echo end', [
        ['expect', 'ready'],
        ['send', '\u0003'],
        ['expect', 'caught'],
        ['send', 'x\ry\r'],
        ['expect', 'end'],
      ]),
    ).toMatchObject({ failed: null })
  }),
  { reason, part: 'size and Ctrl-C' },
)

conformsInKernel(
  'P13',
  inWorld((world) => {
    const stop: Step[] = [
      ['expect', 'ready'],
      ['send', '\u001a'],
      ['expect', 'Stopped'],
      ['expect', 'PROMPT> '],
      ['send', 'fg\r'],
      ['expect', "got $word'"],
      ['send', 'word\r'],
      ['expect', 'got word'],
      ['send', 'exit\r'],
    ]
    expect(fromShell(world, 'echo ready; read word; echo got $word', stop)).toMatchObject({
      failed: null,
    })
    const raw: Step[] = [
      ['expect', 'ready'],
      ['send', 'stty -a | grep icanon\r'],
      ['expect', 'isig icanon'],
      ['send', 'exit\r'],
    ]
    expect(fromShell(world, 'stty raw -echo; echo ready; kill -9 $$', raw)).toMatchObject({
      failed: null,
    })
  }),
  { reason, part: 'Ctrl-Z, fg, raw mode' },
)
