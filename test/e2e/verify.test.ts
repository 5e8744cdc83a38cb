import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import {
  launcher,
  launcherCommand,
  newWorld,
  ordinary,
  type User,
  until,
  users,
  whyNoKernel,
  type World,
} from './harness.ts'
import { where } from './where.ts'

const python = ['/usr/bin/python3', '/usr/local/bin/python3', '/opt/homebrew/bin/python3'].find(
  (file) => spawnSync(file, ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0,
)
const itHere = where(whyNoKernel())
const itOnTerminal = where(
  whyNoKernel() ??
    (python === undefined ? 'no python3 (3.9 or newer) to make a terminal with' : undefined),
)

interface Row {
  readonly what: string
  readonly verdict: string
  readonly kernel: string
  readonly expected: string
}

/** A home with what is protected in it, the same for every test of its user. */
const furnished = (user: User) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    for (const file of [
      '.git/HEAD',
      '.git/config',
      '.git/hooks/sample',
      '.vscode/settings.json',
      '.env',
    ])
      world.put(`work/project/${file}`, 'x')
    for (const file of ['.ssh/id_example', '.aws/credentials', '.bashrc'])
      world.put(file, 'x', 0o600)
  })
  afterAll(() => world.remove())
  return {
    here: () => world,
    /** Names and contents of everything that is the user's. */
    state: (): string[] => {
      const all = fs
        .readdirSync(world.home, { recursive: true, withFileTypes: true })
        .filter(
          (entry) =>
            !entry.parentPath.includes('.local/state/launcher') &&
            !entry.parentPath.includes('.cache/launcher'),
        )
      return all
        .filter((entry) => entry.isFile())
        .map(
          (entry) =>
            `${path.join(entry.parentPath, entry.name)} ${fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8')}`,
        )
        .sort()
    },
  }
}

const rowsOf = (stdout: string): readonly Row[] =>
  (JSON.parse(stdout) as { rows: readonly Row[] }).rows

/** The directory that was planted outside. */
const planted = (stdout: string): string => /[^" ]*\/launcher-verify-[^/]+/.exec(stdout)![0]

describe.each(users())('launcher verify, as $label', (user) => {
  const { here, state } = furnished(user)

  itHere('finds every row as expected on a fresh world, and leaves nothing behind', async () => {
    const before = state()
    const { code, stdout, stderr } = await launcher(here(), [
      'verify',
      'default',
      '--network',
      'none',
      '--json',
    ])
    const rows = rowsOf(stdout)
    expect(
      rows
        .filter(({ verdict }) => verdict !== 'holds')
        .map(({ what, verdict }) => `${verdict} ${what}`),
    ).toEqual(['not tried type into the terminal'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const tried = rows.map(({ what }) => what).join('\n')
    for (const what of [
      /^list .*\/\.ssh$/m,
      /^make a file in .*\/\.git\/hooks$/m,
      /^move .*\/\.git away$/m,
      /^read .*\/\.env$/m,
      /127\.0\.0\.1:\d+/,
      /signal a process/,
      /hard link/,
      /start a program/,
    ])
      expect(tried).toMatch(what)
    expect(state()).toEqual(before)
    expect(fs.existsSync(planted(stdout))).toBe(false)
  })

  itOnTerminal('types into no terminal, where there is one', () => {
    const command = launcherCommand(here(), ['verify', 'default', '--network', 'none', '--json'])
    const done = spawnSync(
      python!,
      [path.join(import.meta.dirname, 'terminal.py'), '[]', command.file, ...command.args],
      { ...command.options, encoding: 'utf8', timeout: 280_000 },
    )
    const { output, status } = JSON.parse(done.stdout) as { output: string; status: number }
    const row = rowsOf(output.slice(output.indexOf('{\r\n'))).find(
      ({ what }) => what === 'type into the terminal',
    )
    // Since Linux 6.2 the kernel may refuse it to everybody without rights: then there is nothing
    // to prove.
    const isTold =
      user.uid === undefined ||
      process.platform !== 'linux' ||
      !fs.existsSync('/proc/sys/dev/tty/legacy_tiocsti') ||
      fs.readFileSync('/proc/sys/dev/tty/legacy_tiocsti', 'utf8').trim() === '1'
    expect(row).toMatchObject(
      isTold ? { verdict: 'holds', kernel: 'EPERM' } : { verdict: 'not tried' },
    )
    expect(status).toBe(0)
  })
})

describe.each(ordinary())('launcher verify', (user) => {
  const { here, state } = furnished(user)

  itHere('without enforcement fails loudly, naming the lines', async () => {
    const before = state()
    const { code, stdout } = await launcher(here(), [
      'verify',
      'default',
      '--network',
      'none',
      '--without-enforcement',
    ])
    expect(code).toBe(1)
    expect(stdout).toContain('NOTHING (--without-enforcement)')
    expect(stdout).toMatch(
      /differs: read ~\/work\/project\/\.env\n {2}the kernel allowed it; it must not/,
    )
    expect(stdout).toContain('the gate does not hold')
    expect(state()).toEqual(before)
    expect(fs.existsSync(planted(stdout))).toBe(false)
  })

  itHere('takes away what it planted also when it is interrupted', async () => {
    const plantedHere = (): string[] =>
      fs.readdirSync(here().project).filter((name) => name.startsWith('.launcher-verify-'))
    const command = launcherCommand(here(), ['verify', 'default', '--network', 'none'])
    const child = spawn(command.file, command.args, { ...command.options, stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    await until('something is planted', () => plantedHere().some((name) => name.endsWith('-here')))
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    await until('it is gone', () => plantedHere().length === 0)
  })

  itHere('tries a profile’s own flags: what is lifted is expected to work', async () => {
    const { code, stdout } = await launcher(here(), [
      'verify',
      'default',
      '--network',
      'none',
      '--lift',
      '.env',
      '--json',
    ])
    expect(code).toBe(0)
    expect(rowsOf(stdout).filter(({ what }) => / .*\/\.env( away)?$/.test(what))).toMatchObject([
      { expected: 'allowed', kernel: 'allowed', verdict: 'holds' },
    ])
  })

  itHere('starts the profile’s own agent, too', async () => {
    here().put('.local/bin/vibe', '#!/bin/sh\necho 1.0\n', 0o755)
    const env = { PATH: `${here().home}/.local/bin:/usr/local/bin:/usr/bin:/bin` }
    const fine = await launcher(here(), ['verify', 'vibe', '--network', 'none', '--json'], { env })
    expect(rowsOf(fine.stdout).find(({ what }) => what === 'start vibe --version')).toMatchObject({
      verdict: 'holds',
    })
    const blocked = await launcher(
      here(),
      ['verify', 'vibe', '--network', 'none', '--none', `${here().home}/.local/bin`, '--json'],
      { env },
    )
    expect(
      rowsOf(blocked.stdout).find(({ what }) => what === 'start vibe --version'),
    ).toMatchObject({ verdict: 'differs' })
    expect(blocked.code).toBe(1)
  })

  itHere('without a name looks at the machine, as doctor does', async () => {
    const both = await Promise.all([
      launcher(here(), ['verify', '--json']),
      launcher(here(), ['doctor', '--json']),
    ])
    expect(both.map(({ stdout }) => (JSON.parse(stdout) as { kind: string }).kind)).toEqual([
      'doctor',
      'doctor',
    ])
    expect(both[0]!.code).toBe(both[1]!.code)
  })
})
