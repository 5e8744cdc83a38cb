import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { installVibe } from '../fixtures/real-vibe.ts'
import { whyNoTrace } from '../launch/trace/inside.ts'
import {
  launcher,
  launcherCommand,
  newWorld,
  users,
  whyNoKernel,
  type World,
} from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const DRIVER = path.join(import.meta.dirname, '../e2e/terminal.py')
const kernel =
  whyNoKernel() ??
  whyNoTrace() ??
  (process.platform === 'darwin'
    ? 'the tree of uv’s own Pythons is built for Linux here'
    : undefined)
const PROFILE = '.config/launcher/profiles/vibe.toml'
const STRIPPED = '# my own\nschema = 1\ncommand = "vibe"\nreplace = true\nextends = ["base"]\n'

interface LearnJson {
  readonly rounds: number
  readonly exit: number | null
  readonly started: boolean
  readonly written: readonly { table: string; key: string; value: string | string[] }[]
  readonly missing: readonly { table: string; key: string; value: string | string[] }[]
}

describe('launcher learn on real Mistral Vibe from PyPI, from a profile stripped to base', () => {
  let world: World
  let why: string | undefined
  beforeAll(() => {
    world = newWorld(users()[0]!)
    if (kernel) return
    const installed = installVibe(world.home)
    if ('reason' in installed) why = installed.reason
    world.put('.vibe/config.toml', 'enable_telemetry = false\n')
    world.put('.vibe/.env', 'MISTRAL_API_KEY=secret-key\n', 0o600)
  })
  beforeEach(() => void world.put(PROFILE, STRIPPED, 0o600))
  afterAll(() => world.remove())
  const env = (): Record<string, string> => ({ PATH: `${world.home}/.local/bin:/usr/bin:/bin` })
  const report = (stdout: string): LearnJson =>
    JSON.parse(stdout.slice(stdout.indexOf('{\n'))) as LearnJson

  /** What the hand-written profile grants, with everything that it extends: as `explain` has it. */
  const handWritten = async (): Promise<Set<string>> => {
    fs.rmSync(path.join(world.home, PROFILE))
    const { stdout } = await launcher(world, ['explain', 'vibe', '--json'], { env: env() })
    const { grants } = JSON.parse(stdout) as {
      grants: readonly { requested: string; access: string }[]
    }
    return new Set(grants.map(({ requested }) => requested))
  }

  where(kernel)(
    'without a terminal and without --yes prints the patch and writes nothing',
    async (context) => {
      if (why) context.skip(why)
      const { code, stdout } = await launcher(world, ['learn', 'vibe', '--', '--version'], {
        env: env(),
      })
      expect(code).toBe(1)
      expect(stdout).toContain('[filesystem]\nread = [\n  "$PROJECT", # ')
      expect(world.read(PROFILE)).toBe(STRIPPED)
    },
  )

  where(kernel)(
    'with --yes gets to its version in two rounds, with one line, and keeps what stood in the file',
    async (context) => {
      if (why) context.skip(why)
      const { code, stdout } = await launcher(
        world,
        ['learn', 'vibe', '--yes', '--json', '--', '--version'],
        { env: env() },
      )
      expect(report(stdout)).toMatchObject({
        rounds: 2,
        exit: 0,
        started: true,
        written: [{ table: 'filesystem', key: 'read', value: '$PROJECT' }],
        missing: [],
      })
      expect(code).toBe(0)
      expect(world.read(PROFILE).startsWith(STRIPPED)).toBe(true)
      expect(
        (await launcher(world, ['run', '--quiet', 'vibe', '--', '--version'], { env: env() })).code,
      ).toBe(0)
    },
  )

  where(kernel)(
    'with --yes does not hand out the key: that line is left for a person',
    async (context) => {
      if (why) context.skip(why)
      await launcher(world, ['learn', 'vibe', '--yes', '--', '--version'], { env: env() })
      const { code, stdout } = await launcher(
        world,
        ['learn', 'vibe', '--yes', '--json', '--', '-p', 'hi'],
        { env: env() },
      )
      const { missing, written } = report(stdout)
      expect(code).toBe(1)
      expect(missing).toMatchObject([{ table: 'environment.from', key: 'MISTRAL_API_KEY' }])
      expect(written.map(({ key, value }) => `${key} ${String(value)}`)).toContain('own ~/.vibe')
      expect(world.read(PROFILE)).not.toContain('MISTRAL_API_KEY')
    },
  )

  where(kernel)(
    'with a person who says yes waits for its model in the fourth round; no path is granted that the hand-written profile does not grant',
    async (context) => {
      if (why) context.skip(why)
      fs.rmSync(path.join(world.home, '.vibe/logs'), { recursive: true, force: true })
      const yes = [
        ['expect', '[y/N]'],
        ['send', 'y\n'],
      ]
      const waits = [
        ['exists', path.join(world.home, '.vibe/logs/session/unified')],
        ['send', '\u0003'],
        ['expect', '[y/N]'],
        ['send', 'n\n'],
      ]
      const command = launcherCommand(world, ['learn', 'vibe', '--', '-p', 'hi'], { env: env() })
      const done = spawnSync(
        'python3',
        [DRIVER, JSON.stringify([...yes, ...yes, ...yes, ...waits]), command.file, ...command.args],
        {
          ...command.options,
          env: { ...command.options.env, PATH: `${world.home}/.local/bin:${process.env['PATH']}` },
          encoding: 'utf8',
          timeout: 150_000,
        },
      )
      const { output, failed } = JSON.parse(done.stdout) as {
        output: string
        failed: string | null
      }
      expect({ failed, output: failed === null ? '' : output }).toEqual({
        failed: null,
        output: '',
      })
      expect(output.match(/round \d+/g)).toEqual(['round 1', 'round 2', 'round 3', 'round 4'])
      const fourth = output.slice(output.indexOf('round 3'))
      expect(fourth).not.toMatch(/initialize failed|Traceback|PermissionError/)
      const own = world.read(PROFILE)
      expect(own).toContain('MISTRAL_API_KEY = ["env", "dotenv:~/.vibe/.env"')
      expect(own).not.toMatch(/\blift\b/)
      const granted = [...own.matchAll(/^(?:read|write|none) = \[\n([^\]]*)\]/gm)].flatMap(
        ([, items]) => [...items!.matchAll(/^ {2}"([^"]+)"/gm)].map(([, item]) => item!),
      )
      expect(granted.length).toBeGreaterThan(2)
      const allowed = await handWritten()
      // Named exceptions: none.
      expect(granted.filter((item) => !allowed.has(item))).toEqual([])
    },
    180_000,
  )
})

describe.each(users())('what launcher learn writes to, as $label', (user) => {
  let world: World
  const TOOL = '.config/launcher/profiles/tool.toml'
  const NEEDS_PROJECT = 'schema = 1\ncommand = "cat"\n'
  beforeEach(() => {
    world = newWorld(user)
    world.put('work/project/a', 'x')
  })
  afterEach(() => world.remove())
  const learn = (...words: string[]) => launcher(world, ['learn', 'tool', ...words])

  where(kernel)('is the user’s profile, atomically and for the user alone', async () => {
    world.put(TOOL, NEEDS_PROJECT, 0o600)
    const { code, stdout } = await learn('--yes', '--', 'a')
    expect({ code, stdout }).toMatchObject({ code: 0 })
    expect(world.read(TOOL)).toContain('"$PROJECT", # ')
    expect(fs.statSync(path.join(world.home, TOOL)).mode & 0o777).toBe(0o600)
  })

  where(kernel)('is never a file in the project, whatever link leads there', async () => {
    world.put('work/project/tool.toml', NEEDS_PROJECT, 0o600)
    world.put('.config/launcher/profiles/other.toml', NEEDS_PROJECT, 0o600)
    fs.symlinkSync(path.join(world.project, 'tool.toml'), path.join(world.home, TOOL))
    expect(await learn('--yes', '--', 'a')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/project/),
    })
    expect(world.read('work/project/tool.toml')).toBe(NEEDS_PROJECT)
  })

  where(kernel)('holds nothing that only the agent asks for', async () => {
    world.put(TOOL, NEEDS_PROJECT, 0o600)
    world.put('.ssh/id_example', 'x', 0o600)
    world.put('.mozilla/cookies', 'x', 0o600)
    world.put('diary', 'x')
    const { code, stdout } = await learn(
      '--yes',
      '--',
      'a',
      `${world.home}/.ssh/id_example`,
      `${world.home}/.mozilla/cookies`,
      `${world.home}/diary`,
    )
    expect(code).toBe(1)
    expect(world.read(TOOL)).not.toMatch(/ssh|mozilla|diary|"~"/)
    expect(stdout).toMatch(/asked for[\s\S]*read ~\/diary[\s\S]*launcher run tool --read ~\/diary/)
  })

  where(kernel)(
    'is nothing, and no start is claimed, where the tool ends with an error',
    async () => {
      world.put(TOOL, 'schema = 1\ncommand = "sh"\n[filesystem]\nread = ["$PROJECT"]\n', 0o600)
      const failed = await learn('--yes', '--', '-c', 'echo I cannot >&2; exit 3')
      expect(failed).toMatchObject({ code: 1 })
      expect(failed.stdout).toMatch(/tool ended with an error, .*the agent ended with 3/)
      expect(failed.stdout).not.toContain('starts')
      const json = await learn('--yes', '--json', '--', '-c', 'exit 3')
      expect(JSON.parse(json.stdout)).toMatchObject({ started: false, exit: 3 })
      // Its twin.
      const fine = await learn('--yes', '--', '-c', 'exit 0')
      expect(fine).toMatchObject({ code: 0 })
      expect(fine.stdout).toContain('tool starts')
    },
  )

  where(kernel)('takes a name, and no profile instead of it', async () => {
    expect((await launcher(world, ['learn'])).code).toBe(2)
    expect((await launcher(world, ['learn', 'vibe', '--profile', 'default'])).code).toBe(2)
  })
})
