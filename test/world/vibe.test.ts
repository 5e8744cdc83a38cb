import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { installVibe } from '../fixtures/real-vibe.ts'
import { launcher, newWorld, users, whyNoKernel, type World } from '../e2e/harness.ts'
import { where } from '../e2e/where.ts'

const kernel =
  whyNoKernel() ??
  (process.platform === 'darwin'
    ? 'the tree of uv’s own Pythons is built for Linux here'
    : undefined)

describe('real Mistral Vibe from PyPI behind a uv tool, with its config in a dotfiles repository', () => {
  let world: World
  let why: string | undefined
  beforeAll(() => {
    world = newWorld(users()[0]!)
    if (kernel) return
    const installed = installVibe(world.home)
    if ('reason' in installed) why = installed.reason
    world.put('dotfiles/.vibe/config.toml', 'enable_telemetry = false\n')
    world.put('.vibe/.env', 'MISTRAL_API_KEY=secret-key\n', 0o600)
    fs.symlinkSync('../dotfiles/.vibe/config.toml', path.join(world.home, '.vibe/config.toml'))
  })
  afterAll(() => world.remove())
  const env = (): Record<string, string> => ({ PATH: `${world.home}/.local/bin:/usr/bin:/bin` })

  where(kernel)(
    'prints its version; the contract names the target of the config’s link and the interpreter’s root',
    async (context) => {
      if (why) context.skip(why)
      const { code, stdout, stderr } = await launcher(
        world,
        ['run', 'vibe', '--network', 'none', '--', '--version'],
        { env: env() },
      )
      expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
      expect(stdout).toMatch(/\d+\.\d+\.\d+/)
      expect(stderr).toContain('~/dotfiles/.vibe/config.toml')
      expect(stderr).toMatch(/~\/\.local\/share\/uv\/python\/cpython-3\.\d+\.\d+-/)
      expect(stderr).toContain('~/.local/share/uv/tools/mistral-vibe')
      const explained = await launcher(world, ['explain', 'vibe'], { env: env() })
      expect(explained.stdout).toMatch(/interpreter ~\/\.local\/share\/uv/)
      expect(explained.stdout).toMatch(/is a link to|names/)
    },
  )

  where(kernel)(
    'with its tree taken away is refused before the start, 126, naming the interpreter and the chain',
    async (context) => {
      if (why) context.skip(why)
      const { code, stdout, stderr } = await launcher(
        world,
        [
          'run',
          'vibe',
          '--network',
          'none',
          '--none',
          `${world.home}/.local/share/uv`,
          '--',
          '--version',
        ],
        { env: env() },
      )
      expect(code).toBe(126)
      expect(stdout).toBe('')
      expect(stderr).toMatch(/interpreter|executable/)
      expect(stderr).toMatch(/\.local\/share\/uv\/(tools|python)/)
      expect(stderr).toMatch(/link|first line/)
    },
  )

  where(kernel)('finds its key although the file that holds it is hidden', async (context) => {
    if (why) context.skip(why)
    const probe = [
      'run',
      '--quiet',
      '--profile',
      'vibe',
      '--network',
      'none',
      '--',
      '/bin/sh',
      '-c',
      'echo "$MISTRAL_API_KEY"; cat ~/.vibe/.env; cat ~/.vibe/config.toml; echo x >> ~/.vibe/config.toml',
    ]
    const { stdout } = await launcher(world, probe, { env: env() })
    expect(stdout).toBe('secret-key\nenable_telemetry = false\n')
    expect(world.read('dotfiles/.vibe/config.toml')).toBe('enable_telemetry = false\n')
  })

  where(kernel)(
    'is refused when its configuration exists and could not be read inside',
    async (context) => {
      if (why) context.skip(why)
      const { code, stderr } = await launcher(
        world,
        [
          'run',
          'vibe',
          '--network',
          'none',
          '--none',
          `${world.home}/.vibe/config.toml`,
          '--',
          '--version',
        ],
        { env: env() },
      )
      expect(code).toBe(125)
      expect(stderr).toMatch(/config\.toml.*defaults/s)
    },
  )

  where(kernel)(
    'gets as far as its model: nothing that it needs to start is refused',
    async (context) => {
      if (why) context.skip(why)
      const { stdout, stderr } = await launcher(
        world,
        [
          'run',
          '--profile',
          'vibe',
          '--quiet',
          '--network',
          'none',
          '--',
          '/usr/bin/timeout',
          '8',
          `${world.home}/.local/bin/vibe`,
          '-p',
          'hi',
        ],
        { env: env() },
      )
      expect(`${stdout}${stderr}`).not.toMatch(
        /initialize failed|Traceback|PermissionError|Read-only file system/,
      )
      expect(world.exists('.vibe/trusted_folders.toml')).toBe(true)
    },
  )
})
