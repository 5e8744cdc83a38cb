import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inside, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(ordinary())('exit codes, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    world.put('work/project/not-executable', 'text\n', 0o644)
  })
  afterAll(() => world.remove())

  where(reason).each<[string, string, number]>([
    ['0', 'exit 0', 0],
    ['7', 'exit 7', 7],
    ['126 of the agent itself', './not-executable', 126],
    ['127 of the agent itself', 'no-such-command-anywhere', 127],
    ['130 for SIGINT', 'kill -INT $$', 130],
    ['137 for SIGKILL', 'kill -9 $$', 137],
    ['143 for SIGTERM', 'kill -TERM $$', 143],
  ])('%s is passed on', async (_, script, expected) => {
    expect((await inside(world, script)).code).toBe(expected)
  })

  it.each([
    ['an unknown profile', ['run', 'no-such-agent'], 125, /no-such-agent/],
    ['two operands', ['run', 'vibe', 'codex'], 125, /launcher/],
    ['an unknown flag', ['run', '--no-such-flag', '--', 'true'], 125, /no-such-flag/],
    ['nothing to run', ['run'], 125, /nothing to run/],
    [
      'the other system’s backend',
      ['run', '--backend', process.platform === 'darwin' ? 'bubblewrap' : 'seatbelt', '--', 'true'],
      125,
      /print-program/,
    ],
    [
      'the home directory as project',
      ['run', '--project', '~HOME', '--', 'true'],
      125,
      /allow-broad-project/,
    ],
    [
      'the root directory as project',
      ['run', '--project', '/', '--', 'true'],
      125,
      /allow-broad-project|cannot be written/,
    ],
    [
      'a command that is not there',
      ['run', '--', 'no-such-command-anywhere'],
      127,
      /no-such-command-anywhere/,
    ],
    ['a file that is not executable', ['run', '--', './not-executable'], 126, /not-executable/],
    ['a directory as command', ['run', '--', '/usr/lib'], 126, /directory/],
    ['a run inside a run', ['run', '--', 'true'], 125, /already inside/, { LAUNCHER_RUN: 'r-x' }],
    [
      '--exec where nobody would watch',
      ['run', '--exec', '--', 'true'],
      125,
      process.platform === 'darwin' ? /--exec needs Node|./ : /watch the mounts/,
    ],
    [
      'a variable that a loader takes code from',
      ['run', '--env', 'LD_PRELOAD=/tmp/x.so', '--', 'true'],
      125,
      /LD_PRELOAD/,
    ],
    ['a lift of nothing', ['run', '--lift', 'no-such-thing', '--', 'true'], 125, /no-such-thing/],
  ] as const)(
    '%s is refused before anything starts',
    async (_, args, expected, words, env?: Readonly<Record<string, string>>) => {
      const fresh = newWorld(user)
      fresh.put('work/project/not-executable', 'text\n', 0o644)
      const { code, stderr, stdout } = await launcher(
        fresh,
        args.map((word) => (word === '~HOME' ? fresh.home : word)),
        { env: { ...env } },
      )
      expect(stderr).toMatch(words)
      expect(stderr).toMatch(/^launcher: /m)
      expect(code).toBe(expected)
      expect(stdout).toBe('')
      expect(fresh.exists('.local/state/launcher')).toBe(false)
      fresh.remove()
    },
  )

  it('a refusal with --json is one document on standard output', async () => {
    const { code, stdout, stderr } = await launcher(world, ['run', '--json', '--', 'true'])
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, kind: 'error', code: 'E_USAGE' })
    expect({ code, stderr }).toEqual({ code: 125, stderr: '' })
  })

  it.each(['explain', 'profiles'])('%s uses 2 for a usage error', async (command) => {
    expect((await launcher(world, [command, '--no-such-flag'])).code).toBe(2)
  })
})
