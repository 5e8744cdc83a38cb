import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { type EarlierState, plantState } from '../fixtures/state.ts'
import { installation, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

/**
 * Each file, directory and link beneath `root`: type, mode, and content or target; of a file also
 * when it was written.
 */
const snapshot = (root: string): Map<string, string> => {
  const seen = new Map<string, string>()
  const look = (file: string): void => {
    const stat = fs.lstatSync(file)
    const mode = (stat.mode & 0o7777).toString(8)
    if (stat.isSymbolicLink()) seen.set(file, `link to ${fs.readlinkSync(file)}`)
    else if (stat.isFile())
      seen.set(file, `${mode} ${stat.mtimeMs} ${fs.readFileSync(file).toString('base64')}`)
    else seen.set(file, stat.isDirectory() ? `directory ${mode}` : `other ${mode}`)
    if (stat.isDirectory())
      for (const name of fs.readdirSync(file).sort()) look(path.join(file, name))
  }
  look(root)
  return seen
}

const isOrBeneath = (roots: readonly string[], file: string): boolean =>
  roots.some((root) => file === root || file.startsWith(`${root}/`))

// Stays for ever: who used that version has these files, and whatever today's writes, it must still
// take them.
describe.each(ordinary())('what 0.1.0 left, as $label', (user) => {
  const test = where(whyNoKernel())
  let world: World
  let earlier: EarlierState
  beforeEach(() => {
    world = newWorld(user)
    const tmp = path.join(path.dirname(world.home), 'tmp')
    fs.mkdirSync(tmp, { mode: 0o777 })
    earlier = plantState({ home: world.home, tmp, installation: installation() })
    if (user.uid !== undefined)
      execFileSync('chown', ['-R', '-h', `${user.uid}:${user.uid}`, path.dirname(world.home)])
  })
  afterEach(() => world.remove())

  const ask = async (args: readonly string[]): Promise<Record<string, unknown>> => {
    const done = await launcher(world, [...args, '--json'], { cwd: earlier.project })
    expect(done.stderr).toBe('')
    return { code: done.code, ...JSON.parse(done.stdout) }
  }

  test('its records are explained, each as the run that it was', async () => {
    const told: Record<string, unknown>[] = []
    for (const id of earlier.records.toReversed()) {
      told.push(await ask(['explain']))
      // `explain` tells of the newest run; without it, of the one before.
      for (const end of ['json', 'net'])
        fs.rmSync(path.join(world.home, '.local/state/launcher/records', `${id}.${end}`), {
          force: true,
        })
    }
    const secret = path.join(earlier.project, '.env')
    const run = { profile: 'default', project: earlier.project, gaps: [] }
    expect(told.map(({ id }) => id)).toEqual(earlier.records.toReversed())
    expect(told).toMatchObject([
      {
        ...run,
        code: 1,
        argv: ['/usr/bin/curl', '-s', '-m', '5', 'https://refused.example.org/'],
        exit: 56,
        denials: [],
        hosts: [{ host: 'refused.example.org', port: 443, decision: 'refused', count: 1 }],
      },
      {
        ...run,
        code: 1,
        argv: ['/usr/bin/cat', '.env'],
        exit: 1,
        denials: [
          {
            operation: 'read',
            path: secret,
            program: '/usr/bin/cat',
            because: expect.stringContaining('it is hidden (profiles/base.toml:'),
            change: { flags: [{ flag: '--lift', path: secret }] },
          },
        ],
        hosts: [],
      },
      { ...run, code: 0, argv: ['/usr/bin/sh', '-c', 'exit 7'], exit: 7, denials: [], hosts: [] },
      { ...run, code: 0, argv: ['/usr/bin/true'], exit: 0, denials: [], hosts: [] },
    ])
  })

  test('its network log is read', async () => {
    const run = earlier.records.at(-1) ?? ''
    const expected = {
      code: 1,
      run,
      hosts: [
        {
          host: 'refused.example.org',
          port: 443,
          decision: 'refused',
          because: 'no entry of the allowlist grants refused.example.org',
          count: 1,
        },
      ],
    }
    expect(await ask(['net', 'log'])).toMatchObject(expected)
    expect(await ask(['net', 'log', run])).toMatchObject(expected)
  })

  test('its profiles, configuration and cap mean what they meant', async () => {
    const own = path.join(world.home, '.config/launcher')
    const configuration = path.join(own, 'config.toml')
    const profile = path.join(own, 'profiles/my-agent.toml')
    const cap = path.join(earlier.project, '.launcher.toml')
    type Written = { readonly origin: { readonly file: string } }
    interface Shown {
      readonly command: string
      readonly grants: readonly (Written & { readonly access: string; readonly path: string })[]
      readonly network: {
        readonly mode: { readonly value: string }
        readonly hosts: readonly (Written & { readonly value: string })[]
      }
    }
    const show = async (name: string): Promise<Shown> =>
      (await ask(['profiles', 'show', name]))['policy'] as Shown
    const hosts = ({ network }: Shown): string[] =>
      network.hosts.map(({ value, origin }) => `${value} by ${origin.file}`)

    const mine = await show('my-agent')
    expect(mine.command).toBe('my-agent')
    expect(
      mine.grants
        .map(({ access, path: name, origin }) => `${access} ${name} by ${origin.file}`)
        .filter((line) => [configuration, profile, cap].some((file) => line.endsWith(` ${file}`)))
        .sort(),
    ).toEqual([
      `none $PROJECT/private by ${profile}`,
      `none $PROJECT/private by ${cap}`,
      `read ~/.my-agent by ${profile}`,
      `read ~/notes by ${configuration}`,
      `write $PROJECT by ${profile}`,
    ])
    expect(mine.network.mode.value).toBe('allowlist')
    expect(hosts(mine)).toEqual([`api.example.com by ${profile}`])
    expect(hosts(await show('vibe'))).toContain(`docs.example.com by ${configuration}`)
  })

  test('the next start takes away what the killed run left, tells it in one line, and nothing else', async () => {
    const root = path.dirname(world.home)
    const before = snapshot(root)
    for (const file of earlier.ofKilledRun) expect([...before.keys()]).toContain(file)

    const done = await launcher(world, ['run', '--quiet', '--', 'true'], { cwd: earlier.project })
    expect(done).toEqual({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(
        /^launcher: cleaned up after the run r-[a-z0-9-]+, which ended without doing so\n$/,
      ),
    })

    const after = snapshot(root)
    expect([...after].filter(([file]) => before.has(file))).toEqual(
      [...before].filter(([file]) => !isOrBeneath(earlier.ofKilledRun, file)),
    )
    // What this run itself leaves: its record and the project's own caches.
    expect([...after.keys()].filter((file) => !before.has(file))).toEqual([
      expect.stringMatching(/\/\.cache\/launcher\/projects\/[0-9a-f]{24}-shop$/),
      expect.stringMatching(/\/\.local\/state\/launcher\/records\/r-[a-z0-9-]+\.json$/),
    ])
    const again = await launcher(world, ['run', '--quiet', '--', 'true'], { cwd: earlier.project })
    expect(again.stderr).toBe('')
  })
})
