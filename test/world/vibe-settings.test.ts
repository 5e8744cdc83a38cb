import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { launcher, newWorld, users, whyNoKernel, type World } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'
import { type ModelServer, openModelServer } from '../fixtures/model-server.ts'
import { installVibe } from '../fixtures/real-vibe.ts'

const kernel =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'the tree of uv’s own Pythons is built for Linux here'
    : undefined)

/** Settings as an older Vibe left them, with what their owner wrote beside them. */
const settings = (port: number): string => `# mine
active_model = "mock-model" # not theirs

[tools.bash]
# what may run unasked
allowlist = [
  "ls", # harmless
  "npm *",
]

[tools.read]
permission = "ask" # it reads too much

[[providers]]
name = "mock-provider"
api_base = "http://model.example.test:${port}/v1"
api_key_env_var = "MISTRAL_API_KEY"
backend = "generic"

[[models]]
name = "mock-model"
provider = "mock-provider"
alias = "mock-model"
`

describe('settings that real Mistral Vibe (PyPI) would rewrite as it starts, behind a link to a dotfiles repository', () => {
  let world: World
  let model: ModelServer
  let why: string | undefined
  const REAL = 'dotfiles/vibe.toml'
  beforeAll(async () => {
    world = newWorld(users()[0]!)
    model = await openModelServer([{ text: 'I am here.' }])
    if (kernel) return
    const installed = installVibe(world.home)
    if ('reason' in installed) why = installed.reason
    world.put('.vibe/AGENTS.md', '')
    fs.symlinkSync('../dotfiles/vibe.toml', path.join(world.home, '.vibe/config.toml'))
  })
  beforeEach(() => void world.put(REAL, settings(model.port), 0o600))
  afterAll(async () => {
    world.remove()
    await model.close()
  })
  const env = { MISTRAL_API_KEY: 'fake' }
  const at = (): Parameters<typeof launcher>[2] => ({
    env: { ...env, PATH: `${world.home}/.local/bin:/usr/bin:/bin` },
  })
  const run = (...flags: string[]) =>
    launcher(
      world,
      [
        'run',
        'vibe',
        '--quiet',
        ...flags,
        '--allow-host',
        `model.example.test:${model.port}`,
        '--map-host',
        'model.example.test=127.0.0.1',
        '--',
        '-p',
        'are you there?',
      ],
      at(),
    )
  const isLink = (): boolean =>
    fs.lstatSync(path.join(world.home, '.vibe/config.toml')).isSymbolicLink()

  where(kernel)('refuse the start with every key and the ways out', async (context) => {
    if (why) context.skip(why)
    const refused = await run()
    expect(refused).toMatchObject({ code: 125, stdout: '' })
    for (const key of ['tools.bash.allowlist: ', 'applied_migrations: ', 'tools.read: '])
      expect(refused.stderr).toContain(`~/.vibe/config.toml: ${key}`)
    expect(refused.stderr).toContain('launcher migrate vibe')
    expect(refused.stderr).toContain('--settings-copy')
    expect(world.read(REAL)).toBe(settings(model.port))
  })

  where(kernel)(
    'are migrated on yes: what was there stays, link and comments too',
    async (context) => {
      if (why) context.skip(why)
      const shown = await launcher(world, ['migrate', 'vibe'], at())
      expect(shown).toMatchObject({ code: 1 })
      expect(shown.stdout).toContain('-  "npm *",')
      expect(shown.stdout).toContain('+[tools.read_file]')
      expect(world.read(REAL)).toBe(settings(model.port))

      const written = await launcher(world, ['migrate', 'vibe', '--yes'], at())
      expect(written).toMatchObject({ code: 0 })
      expect(isLink()).toBe(true)
      const now = world.read(REAL)
      for (const kept of ['# mine', '# not theirs', '"ls", # harmless', '# it reads too much'])
        expect(now).toContain(kept)
      expect(now).toContain('[tools.read_file]')
      expect(now).not.toContain('npm *')
      const backup = fs
        .readdirSync(path.join(world.home, 'dotfiles'))
        .find((name) => name.endsWith('.bak'))
      expect(world.read(`dotfiles/${backup}`)).toBe(settings(model.port))

      expect(await launcher(world, ['migrate', 'vibe'], at())).toMatchObject({ code: 0 })
      const started = await run()
      expect(started).toMatchObject({ code: 0 })
      expect(started.stdout).toContain('I am here.')
      expect(world.read(REAL)).toBe(now)
    },
  )

  where(kernel)('start as a copy for one run, which nothing is left of', async (context) => {
    if (why) context.skip(why)
    const started = await run('--settings-copy')
    expect(started).toMatchObject({ code: 0 })
    expect(started.stdout).toContain('I am here.')
    expect(isLink()).toBe(true)
    expect(world.read(REAL)).toBe(settings(model.port))
    expect(await run()).toMatchObject({ code: 125 })
  })

  where(kernel)('are copied for no agent that cannot be led to a copy', async () => {
    const refused = await launcher(world, ['run', '--settings-copy', '--', 'true'], at())
    expect(refused).toMatchObject({ code: 125 })
    expect(refused.stderr).toContain('cannot copy the settings of default')
  })
})
