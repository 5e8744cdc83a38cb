import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import {
  inside,
  installation,
  launcher,
  launcherCommand,
  newWorld,
  type User,
  type World,
} from '../e2e/harness.ts'
import { cpuOfChildren } from '../fixtures/cpu.ts'
import { conformsInKernel } from './conforms.ts'

const inWorld = (body: (world: World) => Promise<void> | void) => async (user: User) => {
  const world = newWorld(user)
  try {
    await body(world)
  } finally {
    world.remove()
  }
}

const isMac = process.platform === 'darwin'

/** Starts launcher inside a bubblewrap of our own that changes what it finds on the machine. */
const within = (
  world: World,
  changes: readonly string[],
): { status: number | null; stdout: string; stderr: string } => {
  const { file, args, options } = launcherCommand(world, [
    'run',
    '--quiet',
    '--',
    '/bin/sh',
    '-c',
    'echo started > started; echo started',
  ])
  return spawnSync('bwrap', ['--dev-bind', '/', '/', ...changes, '--', file, ...args], {
    ...options,
    encoding: 'utf8',
  })
}

conformsInKernel(
  'U1',
  inWorld(async (world) => {
    const nothing = world.put('nothing', '')
    const places = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/usr/local/sbin/bwrap'].filter(
      (place) => fs.existsSync(place),
    )
    const hidden = within(
      world,
      places.flatMap((place) => ['--ro-bind', nothing, place]),
    )
    expect(hidden).toMatchObject({ status: 125, stdout: '' })
    expect(hidden.stderr).toMatch(
      /(bubblewrap \(bwrap\) is not installed|is not root's alone)[\s\S]*install/,
    )
    if (world.user.uid === undefined && process.getuid?.() === 0) {
      // One that refuses everything is no reason to do without.
      const broken = world.put('broken', '#!/bin/sh\nexit 1\n', 0o755)
      const { status, stdout, stderr } = within(
        world,
        places.flatMap((place) => ['--ro-bind', broken, place]),
      )
      expect({ status, stdout }).toEqual({ status: 125, stdout: '' })
      expect(stderr).toMatch(/^launcher: /m)
      expect(world.exists('work/project/started')).toBe(false)
      expect(within(world, [])).toMatchObject({ status: 0, stdout: 'started\n' })
    }
    expect(await inside(world, 'echo started')).toMatchObject({ code: 0, stdout: 'started\n' })
  }),
  {
    reason: isMac ? 'nothing on macOS can hide sandbox-exec for a test' : undefined,
    timeout: 600_000,
  },
)

conformsInKernel(
  'U7',
  inWorld(async (world) => {
    const { status, stdout, stderr } = within(world, ['--unshare-user', '--disable-userns'])
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' })
    // In a user namespace of one user every file of root belongs to "nobody"; that bubblewrap is
    // not there would be untrue.
    expect(stderr).not.toMatch(/not installed/)
    expect(stderr).toMatch(/user namespace/)
    expect(stderr).toMatch(/\n {2}\S/)
    expect(world.exists('work/project/started')).toBe(false)
    expect(await inside(world, 'echo started')).toMatchObject({ code: 0, stdout: 'started\n' })
  }),
)

conformsInKernel(
  'U2',
  inWorld(async (world) => {
    const file = '.config/launcher/config.toml'
    const refused = async (
      what: string,
      words: RegExp,
      flags: readonly string[] = [],
    ): Promise<void> => {
      const { code, stdout, stderr } = await inside(world, 'echo started', flags)
      expect({ what, code, stdout, stderr }).toMatchObject({ what, code: 125, stdout: '' })
      expect(stderr).toMatch(words)
    }
    for (const [what, content] of Object.entries({
      empty: '',
      'no schema': '[all]\n',
      'broken TOML': 'schema = 1\n[all',
      'an unknown key': 'schema = 1\n[all.filesystem]\nwrit = []\n',
      'a wrong type': 'schema = 1\nall = 3\n',
      'a newer schema': 'schema = 99\n',
    })) {
      world.put(file, content)
      await refused(what, /config\.toml/)
    }
    // Inside a test run as root nothing is unreadable by its mode.
    if (world.user.uid !== undefined || process.getuid?.() !== 0) {
      world.put(file, 'schema = 1\n', 0o000)
      await refused('unreadable', /config\.toml/)
    }
    fs.rmSync(path.join(world.home, file))
    fs.mkdirSync(path.join(world.home, file))
    await refused('a directory', /config\.toml/)
    fs.rmdirSync(path.join(world.home, file))
    fs.symlinkSync('nowhere', path.join(world.home, file))
    await refused('a link to nothing', /config\.toml/)
    fs.rmSync(path.join(world.home, file))
    world.put(file, 'schema = 1\n', 0o666)
    await refused('one that others can write', /config\.toml/)
    world.put(file, 'schema = 1\n', 0o644)
    await refused('a profile that is absent', /no-such/, ['--profile', 'no-such'])
    expect(await inside(world, 'echo started')).toMatchObject({ code: 0, stdout: 'started\n' })
  }),
)

conformsInKernel(
  'U5',
  inWorld(async (world) => {
    const measure = async (): Promise<number> => {
      const times: number[] = []
      for (let at = 0; at < 3; at++) {
        const begun = cpuOfChildren()
        expect(
          (await launcher(world, ['run', '--quiet', '--', '/bin/sh', '-c', 'exit 0'])).code,
        ).toBe(0)
        times.push(cpuOfChildren() - begun)
      }
      return Math.min(...times)
    }
    installation()
    const small = await measure()
    for (let directory = 0; directory < 100; directory++) {
      const place = path.join(world.project, `d${directory % 10}`, `e${directory}`)
      fs.mkdirSync(place, { recursive: true })
      for (let file = 0; file < 200; file++) fs.writeFileSync(path.join(place, `f${file}`), '')
    }
    world.put('work/project/d9/e99/.env', 'SECRET\n')
    const large = await measure()
    console.log(
      `U5: a start takes ${small.toFixed(0)} ms of CPU time, with 20,000 files ${large.toFixed(0)} ms`,
    )
    expect(large - small).toBeLessThan(1_000)
    expect(
      await inside(world, 'cat d9/e99/.env || echo refused; echo x > d9/e99/new && cat d9/e99/new'),
    ).toMatchObject({ stdout: 'refused\nx\n' })
  }),
)
