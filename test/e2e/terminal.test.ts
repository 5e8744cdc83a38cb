import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { launcherCommand, newWorld, users, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const python = ['/usr/bin/python3', '/usr/local/bin/python3', '/opt/homebrew/bin/python3'].find(
  (file) => spawnSync(file, ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0,
)
const reason =
  whyNoKernel() ??
  (python === undefined ? 'no python3 (3.9 or newer) to make a terminal with' : undefined)

type Step =
  | readonly ['expect' | 'send', string]
  | readonly ['size', number, number]
  | readonly ['rename', string, string]

const escaped = (text: string): string => text.replaceAll(/[\\[\]?()<>=]/g, '\\$&')

interface Talk {
  readonly output: string
  readonly status: number
  readonly failed: string | null
}

describe.each(users())('the terminal, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
  })
  afterAll(() => world.remove())

  const talk = (
    steps: readonly Step[],
    program: readonly string[],
    options: ReturnType<typeof launcherCommand>['options'],
  ): Talk => {
    const done = spawnSync(
      python!,
      [path.join(import.meta.dirname, 'terminal.py'), JSON.stringify(steps), ...program],
      { ...options, encoding: 'utf8', timeout: 280_000 },
    )
    if (done.status !== 0) throw new Error(`${done.stdout}${done.stderr}`)
    return JSON.parse(done.stdout) as Talk
  }
  const direct = (script: string, steps: readonly Step[], flags: readonly string[] = []): Talk => {
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      ...flags,
      '--',
      '/bin/sh',
      '-c',
      script,
    ])
    return talk(steps, [file, ...args], options)
  }
  /** Through an interactive shell with job control, as a person would. */
  const fromShell = (script: string, steps: readonly Step[]): Talk => {
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      script,
    ])
    const quoted = [file, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
    world.put('start', `${quoted}\n`)
    return talk(
      [['send', `. ${world.home}/start\r`], ...steps],
      ['bash', '--norc', '--noprofile', '-i'],
      { ...options, env: { ...options.env, PS1: 'PROMPT> ' } },
    )
  }

  where(reason)('is the agent’s own, with its size', () => {
    const { output, status } = direct(
      'test -t 0 && test -t 1 && stty size && echo fine > /dev/tty',
      [
        ['expect', '31 97'],
        ['expect', 'fine'],
      ],
    )
    expect({ output, status }).toMatchObject({ status: 0 })
  })

  where(reason)('follows a change of size', () => {
    const { failed } = direct(
      'trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.05; done',
      [
        ['expect', 'ready'],
        ['size', 40, 120],
        ['expect', '40 120'],
      ],
    )
    expect(failed).toBeNull()
  })

  where(reason)('Ctrl-C ends a program that does not care: 130', () => {
    expect(
      direct('echo ready; while :; do sleep 0.05; done', [
        ['expect', 'ready'],
        ['send', '\u0003'],
      ]),
    ).toMatchObject({ status: 130, failed: null })
  })

  where(reason)('Ctrl-C is left to a program that handles it, twice too', () => {
    const script = 'trap "echo caught" INT; echo ready; read a; read b; read c; echo end'
    const steps: Step[] = [
      ['expect', 'ready'],
      ['send', '\u0003'],
      ['expect', 'caught'],
      ['send', '\u0003'],
      ['expect', 'caught'],
      ['send', 'x\ry\rz\r'],
      ['expect', 'end'],
    ]
    expect(direct(script, steps)).toMatchObject({ failed: null })
  })

  where(reason)('Ctrl-\\ reaches the agent: 131', () => {
    expect(
      direct('ulimit -c 0; echo ready; while :; do sleep 0.05; done', [
        ['expect', 'ready'],
        ['send', '\u001c'],
      ]),
    ).toMatchObject({ status: 131, failed: null })
  })

  where(reason)('Ctrl-Z stops it and fg goes on', () => {
    const steps: Step[] = [
      ['expect', 'ready'],
      ['send', '\u001a'],
      ['expect', 'Stopped'],
      ['expect', 'PROMPT> '],
      ['send', 'fg\r'],
      ['expect', "got $word'"],
      ['send', 'word\r'],
      ['expect', 'got word'],
      ['send', 'echo code $?\r'],
      ['expect', 'code 0'],
      ['send', 'exit\r'],
    ]
    expect(fromShell('echo ready; read word; echo got $word', steps)).toMatchObject({
      failed: null,
    })
  })

  where(reason)('a program that stops only itself stops launcher too, and fg goes on', () => {
    const steps: Step[] = [
      ['expect', 'ready'],
      ['expect', 'Stopped'],
      ['send', 'fg\r'],
      ['expect', 'resumed'],
      ['send', 'exit\r'],
    ]
    expect(fromShell('echo ready; kill -TSTP $$; echo resumed', steps)).toMatchObject({
      failed: null,
    })
  })

  where(reason)('typing into the terminal of the parent is refused (TIOCSTI, TIOCLINUX)', () => {
    const script = `/usr/bin/python3 -c 'import fcntl
for request in (0x5412, 0x541c):
    try:
        fcntl.ioctl(0, request, b"x"); print("typed")
    except OSError as error:
        print("refused", error.errno)'`
    const { output } = direct(script, [['expect', 'refused']])
    expect(output).not.toContain('typed')
    expect(output.match(/refused 1/g)).toHaveLength(2)
  })

  where(reason)('raw mode left by an agent that is killed is put back', () => {
    const { output, failed } = fromShell('stty raw -echo; echo ready; kill -9 $$', [
      ['expect', 'ready'],
      ['send', 'stty -a | grep icanon\r'],
      ['expect', 'isig icanon'],
      ['send', 'exit\r'],
    ])
    expect({ output, failed }).toMatchObject({ failed: null })
  })

  /** What a full-screen program asks for, and what takes it back. */
  const ASKED =
    '\\033[?1049h\\033[?1002h\\033[?1006h\\033[?2004h\\033[?1004h\\033[?25l\\033[?1h\\033=\\033[31m\\033[>1u'
  const TAKEN_BACK = [
    '\x1b[?1049l',
    /\x1b\[\?[\d;]*\b1002;[\d;]*l/,
    /\x1b\[\?[\d;]*\b1006;[\d;]*l/,
    /\x1b\[\?[\d;]*\b2004[\d;]*l/,
    /\x1b\[\?1004[\d;]*l/,
    '\x1b[?25h',
    '\x1b[?1l\x1b>',
    '\x1b[0m',
    '\x1b[<1u',
  ]

  where(reason ?? (process.platform === 'darwin' ? 'mounts are the Linux backend’s' : undefined))(
    'a run that must end puts the terminal back, and the reason stands below',
    () => {
      const old = newWorld(user)
      try {
        const { file, args, options } = launcherCommand(old, [
          'run',
          '--quiet',
          '--',
          '/bin/sh',
          '-c',
          `stty raw -echo; printf '${ASKED}ready'; while :; do sleep 0.05; done`,
        ])
        const { output, status, failed } = talk(
          [
            ['expect', 'ready'],
            ['rename', old.project, `${old.project}-moved`],
            ['expect', 'enforcement was lost'],
          ],
          [file, ...args],
          { ...options, env: { ...options.env } },
        )
        expect({ status, failed }).toEqual({ status: 125, failed: null })
        const put = output.slice(output.indexOf('ready'), output.indexOf('launcher:'))
        for (const what of TAKEN_BACK)
          expect(put).toMatch(typeof what === 'string' ? new RegExp(escaped(what)) : what)
        expect(put.endsWith('\r\n')).toBe(true)
      } finally {
        old.remove()
      }
    },
  )

  where(reason ?? (process.platform === 'darwin' ? 'mounts are the Linux backend’s' : undefined))(
    'what the host does while the run is stopped is mended before it goes on',
    () => {
      world.outside('git', ['init', '-q'])
      const steps: Step[] = [
        ['expect', 'ready'],
        ['send', '\u001a'],
        ['expect', 'Stopped'],
        ['expect', 'PROMPT> '],
        ['send', 'git config some.key value && echo changed\r'],
        ['expect', 'changed\r\n'],
        ['send', 'sleep 0.5; fg\r'],
        ['expect', "echo code'"],
        ['send', 'word\r'],
        ['expect', 'could not write'],
        ['send', 'echo code $?\r'],
        ['expect', 'code 7'],
        ['send', 'exit\r'],
      ]
      const script =
        'echo ready; read word; sleep 1; (echo x >> .git/config) 2> /dev/null || echo "could not write"; exit 7; echo code'
      expect(fromShell(script, steps)).toMatchObject({ failed: null })
      fs.rmSync(path.join(world.project, '.git'), { recursive: true })
    },
  )

  where(reason)('an agent that is killed leaves no mouse and no hidden cursor behind', () => {
    const { output } = direct(`printf '${ASKED}ready'; kill -9 $$`, [['expect', 'ready']])
    expect(output.slice(output.indexOf('ready'))).toContain('\x1b[?25h')
  })

  where(reason)('an agent that ends by itself has the last word', () => {
    const { output } = direct("printf 'ready'; exit 3", [['expect', 'ready']])
    expect(output).toBe('ready')
  })

  where(reason)(
    'the terminal cannot be made to signal launcher and whatever started it (O_ASYNC, F_SETSIG)',
    () => {
      const script = `/usr/bin/python3 -c 'import fcntl, os
for what, call in (("setsig", lambda: fcntl.fcntl(0, 10, 10)), ("async", lambda: fcntl.fcntl(0, fcntl.F_SETFL, os.O_RDWR | 0x2000)), ("fioasync", lambda: fcntl.ioctl(0, 0x5452, b"\\1\\0\\0\\0")), ("owner", lambda: fcntl.fcntl(0, fcntl.F_SETOWN, 0))):
    try:
        call(); print(what, "done")
    except OSError as error:
        print(what, "refused", error.errno)
fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_NONBLOCK); print("nonblock done")'`
      const { output } = direct(script, [['expect', 'nonblock done']])
      expect(output.match(/refused 1/g)).toHaveLength(4)
    },
  )

  where(reason)(
    'leaving an interactive shell with a code above 128 leaves launcher neither stopped nor hanging',
    () => {
      const steps: Step[] = [
        ['expect', 'IN> '],
        ['send', '(exit 130)\r'],
        ['expect', 'IN> '],
        ['send', 'exit\r'],
        ['expect', 'PROMPT> '],
        ['send', 'echo code $?\r'],
        ['expect', 'code 130'],
        ['send', 'exit\r'],
      ]
      expect(fromShell("PS1='IN> ' bash --norc --noprofile -i", steps)).toMatchObject({
        failed: null,
      })
    },
  )

  where(reason)(
    'a program that ignores its own group’s stop does not leave launcher hanging',
    () => {
      const steps: Step[] = [
        ['expect', 'PROMPT> '],
        ['send', 'echo code $?\r'],
        ['expect', 'code 3'],
        ['send', 'exit\r'],
      ]
      expect(fromShell("trap '' TSTP; kill -TSTP 0; exit 3", steps)).toMatchObject({ failed: null })
    },
  )
})
