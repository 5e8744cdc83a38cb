import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import {
  inside,
  launcher,
  launcherCommand,
  newWorld,
  until,
  users,
  whyNoKernel,
  type World,
} from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

/** Makes `DIR` a repository of its own that runs a command on `git status`. */
const plant = (directory: string): string =>
  `mkdir -p ${directory}/objects ${directory}/refs; echo 'ref: refs/heads/x' > ${directory}/HEAD; printf '[core]\\nbare=false\\nworktree=.\\nfsmonitor=touch ~/ran;false\\n' > ${directory}/config`

describe.each(users())('what a run left is told, as $label', (user) => {
  let world: World
  beforeEach(() => {
    world = newWorld(user)
  })
  afterEach(() => world.remove())

  where(reason)('worst first, whatever else was made to hide it', async () => {
    const decoys = `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do mkdir -p a$i; echo x > a$i/.envrc; done`
    const { stderr, code } = await inside(world, `${decoys}; ${plant('z')}; exit 7`)
    expect(code).toBe(7)
    const lines = stderr.split('\n')
    expect(lines[1]).toMatch(/work\/project\/z \(a repository/)
    expect(stderr).toMatch(/a1\/\.envrc[\s\S]*and 4 more of this kind: launcher explain/)
    const { stdout } = await launcher(world, ['explain'])
    for (let i = 1; i <= 12; i++) expect(stdout).toContain(`/a${i}/.envrc (`)
    expect(stdout).toMatch(/worst first\n {2}~\/work\/project\/z \(/)
    const json = JSON.parse((await launcher(world, ['explain', '--json'])).stdout)
    expect(json.left.names).toHaveLength(13)
  })

  where(reason).each(['target', 'venv', 'node_modules/x'])(
    'in a %s that did not exist, too',
    async (name) => {
      const { stderr } = await inside(world, plant(name))
      expect(stderr).toContain(`work/project/${name} (a repository`)
    },
  )

  where(reason ?? (process.platform === 'darwin' ? 'APFS refuses such names' : undefined))(
    'with the agent’s own exit code, also where a name is no text',
    async () => {
      const { stderr, code } = await inside(
        world,
        `mkdir "$(printf 'd\\377')" && ${plant('z')}; exit 7`,
      )
      expect(code).toBe(7)
      expect(stderr).toMatch(/project\/z \(a repository[\s\S]*not text \(UTF-8\)/)
      expect((await launcher(world, ['explain'])).stdout).toMatch(/ {2}exit 7 /)
    },
  )

  where(reason)('of a launcher that was killed, at the next start, once', async () => {
    const { file, args, options } = launcherCommand(world, [
      'run',
      '--quiet',
      '--',
      '/bin/sh',
      '-c',
      `${plant('sub')}; touch made; exec cat`,
    ])
    const child = spawn(file, args, { ...options, stdio: ['pipe', 'ignore', 'ignore'] })
    const ended = new Promise((resolve) => child.once('close', resolve))
    await until('the plant', () => world.exists('work/project/made'))
    child.kill('SIGKILL')
    await ended
    const runs = path.join(world.home, '.local/state/launcher/runs')
    await until('the clean-up', () => fs.readdirSync(runs).length === 0)
    expect((await launcher(world, ['explain'])).code).not.toBe(0)
    const next = await inside(world, 'exit 3')
    expect(next.code).toBe(3)
    expect(next.stderr).toMatch(/what a run in ~\/work\/project left was not told yet/)
    expect(next.stderr).toMatch(/project\/sub \(a repository/)
    expect((await inside(world, 'true')).stderr).toBe('')
  })

  where(reason)('while another run goes on, without its held names', async () => {
    const first = inside(world, 'touch started; while [ ! -e end ]; do :; done')
    await until('the first run', () => world.exists('work/project/started'))
    const second = await inside(world, plant('sub'))
    fs.writeFileSync(path.join(world.project, 'end'), '')
    expect(second.stderr.split('\n').slice(1)).toEqual([
      expect.stringContaining('project/sub (a repository'),
      '',
    ])
    await first
  })

  where(reason)('for programs that the user runs by habit', async () => {
    world.put('work/project/.venv/pyvenv.cfg', 'home = /usr/bin\n')
    world.put('work/project/.venv/bin/pytest', '#!/bin/sh\n', 0o755)
    world.put('work/project/bin/deploy', '#!/bin/sh\n', 0o755)
    expect((await inside(world, 'touch x')).stderr).toBe('')
    const { stderr } = await inside(
      world,
      'echo evil >> .venv/bin/pytest; touch -d 2001-01-01 .venv/bin/pytest; echo evil >> bin/deploy',
    )
    expect(stderr).toMatch(/\.venv \(changed: pytest;[\s\S]*project\/bin \(changed: deploy;/)
  })

  where(reason)(
    'for what git runs in the project: closed where its configuration says so',
    async () => {
      world.outside('git', ['init', '-q'])
      world.outside('git', ['config', 'filter.x.clean', './tools/clean.sh'])
      world.put('work/project/tools/clean.sh', 'cat\n', 0o755)
      world.put('work/project/.git/hooks/pre-commit', 'exec scripts/check.sh\n', 0o755)
      world.put('work/project/scripts/check.sh', 'true\n', 0o755)
      const { stdout, stderr } = await inside(
        world,
        'echo evil >> tools/clean.sh; echo evil >> scripts/check.sh; cat tools/clean.sh; echo x > tools/new',
      )
      expect(stdout).toBe('cat\n')
      expect(world.exists('work/project/tools/new')).toBe(true)
      expect(stderr).toMatch(/scripts\/check\.sh \(changed: .*pre-commit runs or reads it\)/)
    },
  )
})
