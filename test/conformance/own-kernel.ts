import fs from 'node:fs'
import path from 'node:path'
import { installation } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { PYTHON, whyNoPython } from './python.ts'
import { trial } from './trial.ts'

conformsInKernel('W25', (user) =>
  trial(user, {
    isWarm: true,
    setup: (world) => {
      world.put('.vibe/config.toml', 'enable_telemetry = false\n')
      world.put('.vibe/trusted_folders.toml', 'trusted = []\n')
      world.put('.vibe/tools/mine.py', 'x = 1\n')
      world.put('.config/launcher/config.toml', 'schema = 1\n')
      world.put('work/project/.launcher.toml', 'schema = 1\n')
    },
    flags: (world) => [
      '--profile',
      'vibe',
      '--network',
      'none',
      '--write',
      `${world.home}/.config`,
      '--write',
      installation(),
      '--write',
      `${world.home}/.local/state`,
    ],
    refused: {
      'the agent’s configuration': 'echo x >> "$HOME/.vibe/config.toml"',
      'its trusted folders': 'echo x >> "$HOME/.vibe/trusted_folders.toml"',
      'its hooks, absent': 'echo x > "$HOME/.vibe/hooks.toml"',
      'code that it imports': 'echo x > "$HOME/.vibe/tools/new.py"',
      'launcher’s configuration': 'echo x >> "$HOME/.config/launcher/config.toml"',
      'a profile':
        'mkdir -p "$HOME/.config/launcher/profiles" && echo x > "$HOME/.config/launcher/profiles/vibe.toml"',
      'the project’s own cap': 'echo x > .launcher.toml',
    },
    // Outside only its owner may write it, and a twin would break the installation for the tests
    // beside this one.
    refusedAnyway: {
      'launcher’s program': `: >> ${installation()}/dist/launcher.cjs`,
      'launcher’s profiles': `touch ${installation()}/profiles/new.toml`,
      'its state': 'echo x > "$HOME/.local/state/launcher/x"',
    },
    works: {
      'what lies beside': 'mkdir -p "$HOME/.config/other" && echo x > "$HOME/.config/other/file"',
      'reading the configuration': 'cat "$HOME/.vibe/config.toml"',
    },
  }),
)

conformsInKernel(
  'W26',
  (user) => {
    const shared = '.local/share/uv/python/cpython-3.12-test/lib/python3.12/site-packages'
    return trial(user, {
      setup: (world) => {
        world.put(`${shared}/module.py`, 'x = 1\n')
        fs.mkdirSync(path.join(world.project, '.venv/bin'), { recursive: true })
        fs.symlinkSync(PYTHON, path.join(world.project, '.venv/bin/python'))
        world.put('work/project/.venv/pyvenv.cfg', `home = ${path.dirname(PYTHON)}\n`)
      },
      refused: {
        'a .pth file': `echo "import os" > "$HOME/${shared}/evil.pth"`,
        sitecustomize: `echo "import os" > "$HOME/${shared}/sitecustomize.py"`,
        'a module': `echo "import os" >> "$HOME/${shared}/module.py"`,
      },
      refusedAnyway: {
        'the interpreter, through the link': ': >> .venv/bin/python',
        'the interpreter’s mode': 'chmod 755 .venv/bin/python',
        'what it imports': `f="$(${PYTHON} -c 'import os; print(os.__file__)')" && : >> "$f"`,
      },
      works: {
        'it runs': 'test "$(.venv/bin/python -c "import sys; print(sys.prefix)")" = "$PWD/.venv"',
        'the link and the interpreter are readable':
          'readlink .venv/bin/python && head -c 4 .venv/bin/python',
        'the shared tree is readable': `cat "$HOME/${shared}/module.py"`,
        'the project’s own venv is the agent’s':
          'mkdir -p .venv/lib && echo "x = 1" > .venv/lib/x.py',
      },
    })
  },
  { reason: whyNoPython() },
)
