import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { whyNoTrace } from '../launch/trace/inside.ts'
import { inside, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const itHere = where(whyNoKernel())
const itTraced = where(whyNoKernel() ?? whyNoTrace())
const python = '/usr/bin/python3'
const itPython = where(whyNoKernel() ?? (fs.existsSync(python) ? undefined : `no ${python}`))

interface PathJson {
  readonly answers: readonly {
    readonly operation: string
    readonly allowed: boolean
    readonly change: {
      readonly flags: readonly { readonly flag: string; readonly path: string }[]
    } | null
  }[]
}

describe.each(ordinary())('launcher explain, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    for (const file of [
      '.env',
      '.git/config',
      '.git/hooks/sample',
      '.vscode/settings.json',
      'src/a',
    ])
      world.put(`work/project/${file}`, 'x\n')
    for (const file of ['.ssh/id_example', 'notes/a', '.bashrc', 'shared/lib/b'])
      world.put(file, 'x\n', 0o600)
    fs.symlinkSync('../../notes', path.join(world.project, 'to-notes'))
  })
  afterAll(() => world.remove())

  /** What is asked, and what tries it in the sandbox. */
  const FLIPS: readonly (readonly [
    what: string,
    question: string,
    path: string,
    script: string,
  ])[] = [
    ['reading what nothing grants', '--read', 'notes/a', 'cat ~/notes/a'],
    ['reading through a link of the project', '--read', 'work/project/to-notes/a', 'cat ~/notes/a'],
    ['writing what nothing grants', '--write', 'shared/lib/b', 'echo y >> ~/shared/lib/b'],
    [
      'making a file where nothing is granted',
      '--write',
      'shared/lib/new',
      'echo y > ~/shared/lib/new && rm ~/shared/lib/new',
    ],
    ['reading what is hidden', '--read', '.ssh/id_example', 'cat ~/.ssh/id_example'],
    ['reading a hidden file of the project', '--read', 'work/project/.env', 'cat .env'],
    ['writing what is read only', '--write', 'work/project/.git/config', 'echo y >> .git/config'],
    ['writing a start-up file', '--write', '.bashrc', 'echo y >> ~/.bashrc'],
    ['reading what is open', '--read', 'work/project/src/a', 'cat src/a'],
    ['writing what is open', '--write', 'work/project/src/a', 'echo y >> src/a'],
  ]

  itHere.each(FLIPS)(
    'agrees with the kernel on %s, and the change that it prints turns the kernel round',
    async (_, question, file, script) => {
      const absolute = path.join(world.home, file)
      const { code, stdout } = await launcher(world, [
        'explain',
        'path',
        absolute,
        question,
        '--json',
      ])
      const [answer] = (JSON.parse(stdout) as PathJson).answers
      const allowed = answer!.allowed
      expect(code).toBe(allowed ? 0 : 1)
      const tried = async (flags: readonly string[]): Promise<boolean> =>
        (await inside(world, script, flags)).code === 0
      expect(await tried([])).toBe(allowed)
      const flags = answer!.change!.flags.flatMap(({ flag, path: place }) => [flag, place])
      expect(flags.length).toBeGreaterThan(0)
      expect(await tried(flags)).toBe(!allowed)
    },
  )

  itTraced(
    'tells after a traced run what was denied, the likeliest cause first, with a change',
    async () => {
      const run = await launcher(world, [
        'run',
        '--quiet',
        '--trace',
        '--',
        '/bin/sh',
        '-c',
        'cat .env; cat ~/absent ~/notes/a; exit 3',
      ])
      expect(run.code).toBe(3)
      expect(
        run.stderr.split('\n').filter((line) => /^launcher: |^ {2}/.test(line)).length,
      ).toBeLessThanOrEqual(3)
      expect(run.stderr).toMatch(/launcher: the sandbox refused/)
      const { code, stdout } = await launcher(world, ['explain'])
      expect(code).toBe(1)
      expect(stdout).toMatch(/default in ~\/work\/project {2}exit 3/)
      expect(stdout).toMatch(
        /denied read ~\/work\/project\/\.env by .*cat, once\n.*hidden.*\n.*see what a lift would open: launcher explain ~\/work\/project\/\.env/,
      )
      expect(stdout).toMatch(/denied read ~\/notes\/a/)
      expect(stdout).not.toMatch(/denied .*absent/)
      const { denials, collector } = JSON.parse(
        (await launcher(world, ['explain', '--json'])).stdout,
      ) as { denials: readonly { path: string; change: unknown }[]; collector: string }
      expect(collector).toBe('strace')
      expect(denials.map((denial) => denial.path)).toEqual(
        expect.arrayContaining([
          path.join(world.project, '.env'),
          path.join(world.home, 'notes/a'),
        ]),
      )
    },
  )

  itHere(
    'says after a run that nothing watched that nothing could be seen, and is silent about a run that went well',
    async () => {
      const run = await launcher(world, ['run', '--quiet', '--', '/bin/sh', '-c', 'cat .env; true'])
      expect([run.code, run.stderr.includes('launcher:')]).toEqual([0, false])
      const { code, stdout } = await launcher(world, ['explain'])
      expect(code).toBe(0)
      expect(stdout).toMatch(/reports no denials of files by itself: launcher run --trace -- /)
    },
  )

  itHere('forgets the secrets of a command line', async () => {
    await launcher(world, [
      'run',
      '--quiet',
      '--',
      '/bin/true',
      '--api-key',
      'hunter2',
      'TOKEN=hunter2',
    ])
    const { stdout } = await launcher(world, ['explain', '--json'])
    expect(stdout).not.toContain('hunter2')
    expect((JSON.parse(stdout) as { argv: string[] }).argv).toEqual([
      '/bin/true',
      '--api-key',
      '…',
      'TOKEN=…',
    ])
  })

  itPython(
    'answers a real traceback line by line: what the sandbox did and what it did not',
    async () => {
      const script = `import sys, traceback\nfor name in ['${world.home}/notes/a', '${world.home}/nowhere', '${world.project}/.env']:\n  try: open(name)\n  except OSError: traceback.print_exc()\n`
      const failed = await launcher(world, ['run', '--quiet', '--', python, '-c', script])
      expect(failed.stderr).toMatch(/Traceback/)
      const { code, stdout } = await launcher(
        world,
        ['explain', '-', '--profile', 'default', '--json'],
        { input: failed.stderr },
      )
      expect(code).toBe(1)
      const text = JSON.stringify(JSON.parse(stdout))
      expect(text).toContain('notes/a')
      const plain = (
        await launcher(world, ['explain', '-', '--profile', 'default'], { input: failed.stderr })
      ).stdout
      expect(plain).toMatch(/notes\/a/)
      expect(plain).toMatch(/the sandbox did this/i)
      expect(plain).toMatch(/nowhere[\s\S]*(missing|not there|does not exist)/i)
    },
  )

  itHere('answers 0 to a log that the sandbox has no part in', async () => {
    const { code } = await launcher(world, ['explain', '-', '--profile', 'default'], {
      input: 'all 12 tests passed\n',
    })
    expect(code).toBe(0)
  })

  it.each<[string, string[], number, RegExp]>([
    ['a variable that is passed', ['env', 'TERM'], 0, /set: passed on from outside/],
    ['a variable of launcher’s own', ['env', 'LAUNCHER_LIMITS'], 0, /set by launcher itself/],
    [
      'a variable that nobody passes',
      ['env', 'SECRET_KEY'],
      1,
      /no profile passes it[\s\S]*--env SECRET_KEY/,
    ],
    ['a loader’s variable', ['env', 'LD_PRELOAD'], 1, /never passed/],
    ['a host that is not allowed', ['evil.example.com', '--profile', 'vibe'], 1, /refused/],
    ['a host that is', ['api.mistral.ai', '--profile', 'vibe'], 0, /allowed/],
    ['a target', ['target', '/bin/sh'], 0, /\/bin\/sh|dash|bash/],
  ])('answers for %s', async (_, words, code, expected) => {
    const answered = await launcher(world, ['explain', ...words], {
      env: { SECRET_KEY: 'hunter2', LD_PRELOAD: '' },
    })
    expect({ code: answered.code, stderr: answered.stderr }).toEqual({ code, stderr: '' })
    expect(answered.stdout).toMatch(expected)
    expect(answered.stdout).not.toContain('hunter2')
  })

  itHere('answers for a socket, and its change lets the sandbox connect', async (context) => {
    if (spawnSync('/usr/bin/python3', ['-c', '']).status !== 0)
      context.skip('no /usr/bin/python3 to connect with')
    const socket = path.join(world.home, 's.sock')
    const server = net.createServer((client) => client.end())
    await new Promise<void>((resolve) => server.listen(socket, resolve))
    if (user.uid !== undefined) fs.chownSync(socket, user.uid, user.uid)
    try {
      const { code, stdout } = await launcher(world, ['explain', 'socket', socket, '--json'])
      expect(code).toBe(1)
      const flags = (JSON.parse(stdout) as PathJson).answers[0]!.change!.flags.flatMap(
        ({ flag, path: place }) => [flag, place],
      )
      const script = `python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect("${socket}")' 2>/dev/null`
      expect([
        (await inside(world, script)).code === 0,
        (await inside(world, script, flags)).code === 0,
      ]).toEqual([false, true])
    } finally {
      server.close()
    }
  })
})
