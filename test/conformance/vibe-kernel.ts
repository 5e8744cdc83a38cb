import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, launcher, newWorld, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { PYTHON, whyNoPython } from './python.ts'
import { symlink, trial } from './trial.ts'

const FLAGS = ['--profile', 'vibe', '--network', 'none']

/**
 * A uv tool as uv lays it out, on the machine's own Python: a link on PATH, a console script, a
 * venv, an interpreter behind two links.
 */
const installTool = (world: World): void => {
  const real = fs.realpathSync(PYTHON)
  const name = path.basename(real)
  const share = path.join(world.home, '.local/share/uv')
  const tree = `${share}/python/cpython-${name.replace('python', '')}.9-test`
  const venv = `${share}/tools/mistral-vibe`
  for (const directory of [
    `${tree}/bin`,
    `${tree}/lib`,
    `${venv}/bin`,
    `${venv}/lib/${name}/site-packages`,
  ])
    fs.mkdirSync(directory, { recursive: true })
  fs.copyFileSync(real, `${tree}/bin/${name}`)
  fs.symlinkSync(`/usr/lib/${name}`, `${tree}/lib/${name}`)
  fs.symlinkSync(path.basename(tree), `${share}/python/cpython-minor`)
  fs.symlinkSync(`${share}/python/cpython-minor/bin/${name}`, `${venv}/bin/python`)
  world.put(
    `${venv}/pyvenv.cfg`,
    `home = ${share}/python/cpython-minor/bin\ninclude-system-site-packages = false\n`,
  )
  world.put(`${venv}/uv-receipt.toml`, '[tool]\nrequirements = [{ name = "mistral-vibe" }]\n')
  world.put(`${venv}/lib/${name}/site-packages/vibe_inside.py`, 'word = "imported"\n')
  world.put(
    `${venv}/bin/vibe`,
    `#!${venv}/bin/python\nimport os, sys, vibe_inside\nprint("vibe", vibe_inside.word, *sys.argv[1:])\nfor place in (${JSON.stringify(`${share}/tools`)}, ${JSON.stringify(`${world.home}/.local/share`)}, ${JSON.stringify(`${world.home}/.local/bin`)}, ${JSON.stringify(world.home)}):\n    try:\n        os.listdir(place); print("listed", place)\n    except OSError: pass\nfor place in (sys.prefix, sys.base_prefix, vibe_inside.__file__, __file__, sys.executable):\n    try:\n        target = os.path.join(place, "new") if os.path.isdir(place) else place\n        open(target, "a").close(); print("wrote", target)\n    except OSError: pass\n`,
    0o755,
  )
  symlink(world, `${venv}/bin/vibe`, '.local/bin/vibe')
  world.put('.local/share/uv/tools/other/secret', 'x\n')
}

conformsInKernel(
  'E1',
  async (user) => {
    const world = newWorld(user)
    try {
      installTool(world)
      const env = { PATH: `${world.home}/.local/bin:/usr/bin:/bin` }
      const { code, stdout, stderr } = await launcher(
        world,
        ['run', '--quiet', 'vibe', '--network', 'none', '--', 'word'],
        { env },
      )
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'vibe imported word\n' })
      const outside = world.outside(`${world.home}/.local/bin/vibe`, ['word'])
      expect(outside.stdout).toContain('vibe imported word\nlisted')
      expect(outside.stdout).toContain('wrote')
      const planned = await launcher(world, ['run', '--dry-run', '--network', 'none', 'vibe'], {
        env,
      })
      expect(planned.stderr).toContain('uv/tools/mistral-vibe')
    } finally {
      world.remove()
    }
  },
  {
    reason:
      whyNoPython() ??
      (process.platform === 'darwin' ? 'its interpreter is a copy of a Linux one' : undefined),
  },
)

conformsInKernel('E2', (user) =>
  trial(user, {
    isWarm: true,
    flags: FLAGS,
    setup: (world) => void world.put('.vibe/trusted_folders.toml', 'trusted = ["/x"]\n'),
    refused: {
      appending: 'echo x >> "$HOME/.vibe/trusted_folders.toml"',
      replacing:
        'cp "$HOME/.vibe/trusted_folders.toml" n; mv -f n "$HOME/.vibe/trusted_folders.toml"; s=$?; rm -f n; exit $s',
      removing: 'rm "$HOME/.vibe/trusted_folders.toml" < /dev/null',
    },
    works: {
      reading: 'grep trusted "$HOME/.vibe/trusted_folders.toml"',
      'its history': 'echo x >> "$HOME/.vibe/vibehistory"',
      'its logs': 'echo x > "$HOME/.vibe/logs/new"',
    },
  }),
)

conformsInKernel('E3', (user) =>
  trial(user, {
    isWarm: true,
    flags: FLAGS,
    setup: (world) => {
      world.put('dotfiles/vibe/config.toml', 'enable_telemetry = false\n')
      world.put('dotfiles/vibe/other', 'x\n')
      world.put('.vibe/logs/x', 'x\n')
      symlink(world, '../dotfiles/vibe/config.toml', '.vibe/config.toml')
    },
    refused: {
      'writing through the link': 'echo x >> "$HOME/.vibe/config.toml"',
      'writing the target': 'echo x >> "$HOME/dotfiles/vibe/config.toml"',
      'removing the link': 'rm "$HOME/.vibe/config.toml"',
      'removing the target': 'rm "$HOME/dotfiles/vibe/config.toml" < /dev/null',
      'another link in its place': 'ln -sf /etc/passwd "$HOME/.vibe/config.toml"',
      'what lies beside the target': 'cat "$HOME/dotfiles/vibe/other"',
    },
    works: {
      'reading through the link': 'grep telemetry "$HOME/.vibe/config.toml"',
      'reading the target': 'grep telemetry "$HOME/dotfiles/vibe/config.toml"',
      'seeing the link': 'readlink "$HOME/.vibe/config.toml"',
    },
  }),
)

conformsInKernel('E6', async (user) => {
  const world = newWorld(user)
  try {
    world.put('.vibe/config.toml', 'enable_telemetry = false\n')
    const closed = await inside(world, 'echo started', [
      ...FLAGS,
      '--none',
      `${world.home}/.vibe/config.toml`,
    ])
    expect(closed).toMatchObject({ code: 125, stdout: '' })
    expect(closed.stderr).toMatch(
      /config\.toml exists but could not be read inside[\s\S]*defaults[\s\S]*--read/,
    )
    expect((await inside(world, 'cat "$HOME/.vibe/config.toml"', FLAGS)).stdout).toContain(
      'telemetry',
    )
    if (user.uid !== undefined) {
      fs.chmodSync(path.join(world.home, '.vibe/config.toml'), 0o000)
      expect(await inside(world, 'echo started', FLAGS)).toMatchObject({ code: 125, stdout: '' })
    }
    fs.rmSync(path.join(world.home, '.vibe/config.toml'))
    symlink(world, 'config-elsewhere.toml', '.vibe/config.toml')
    expect(await inside(world, 'echo started', FLAGS), 'a link to nothing').toMatchObject({
      code: 125,
      stdout: '',
    })
    fs.rmSync(path.join(world.home, '.vibe/config.toml'))
    expect(await inside(world, 'echo started', FLAGS)).toMatchObject({
      code: 0,
      stdout: 'started\n',
    })
  } finally {
    world.remove()
  }
})
