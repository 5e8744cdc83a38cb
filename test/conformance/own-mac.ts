import { expect } from 'vitest'
import { guardStart } from '../run/harness.ts'
import { link } from '../fixtures/fake-host.ts'
import { pythonInstallation, uvPaths, uvTool } from '../fixtures/uv-tool.ts'
import { errorOf } from '../profile/harness.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, verdicts } from './mac.ts'

const NO_NETWORK = { network: 'none' } as const
const { '/bin': _, ...tool } = uvTool({ home: HOME })
const paths = uvPaths(HOME)

conforms('W26', 'evaluator', async () => {
  const base = `${HOME}/.local/share/uv/python/cpython-3.12.13-macos-aarch64-none`
  const machine = await mac({
    ...pythonInstallation(base),
    './.venv/bin/python': link(`${base}/bin/python3.12`),
    './.venv/lib/x.py': '',
    [`${base}/lib/python3.12/site-packages/m.py`]: '',
  })
  const shared = [
    `${base}/bin/python3.12`,
    './.venv/bin/python',
    `${base}/lib/python3.12/site-packages/m.py`,
  ]
  verdicts(machine, {
    allowed: [
      ['read', ...shared],
      ['exec', './.venv/bin/python'],
      ['write', './.venv/lib/x.py'],
      ['create', './.venv/lib/new.pth'],
    ],
    denied: [
      ['write', ...shared],
      ['chmod', ...shared],
      ['link-from', ...shared],
      [
        'create',
        `${base}/lib/python3.12/site-packages/evil.pth`,
        `${base}/lib/python3.12/site-packages/sitecustomize.py`,
        `${base}/lib/python3.12/sitecustomize.py`,
      ],
    ],
  })
})

conforms('U6', 'evaluator', async () => {
  // A uv tool runs through four links; each must be passable, and the interpreter executable.
  const machine = await mac(
    { ...tool, '~/.local/bin/uv': link('/usr/bin/env') },
    { profile: 'vibe', request: { ...NO_NETWORK, words: ['vibe'] } },
  )
  expect(machine.prepared.resolution.target?.runtime).toBe('uv-tool')
  verdicts(machine, {
    allowed: [
      ['exec', paths.command, `${paths.venv}/bin/python`],
      ['stat', paths.command, paths.minor, `${paths.venv}/bin/python`],
    ],
    denied: [
      ['exec', '~/.local/bin/other'],
      ['write', `${paths.base}/bin/python3.12`],
    ],
  })
})

conforms('E1', 'evaluator', async () => {
  const machine = await mac(
    {
      ...tool,
      '~/.local/share/uv/tools/other/secret': '',
      '~/.local/share/secret': '',
      '~/.local/bin/other': '',
    },
    { request: { ...NO_NETWORK, name: 'vibe', words: [] } },
  )
  guardStart(machine.prepared, machine.host)
  expect(machine.prepared.argv[0]).toBe(paths.command)
  verdicts(machine, {
    allowed: [
      [
        'read',
        `${paths.venv}/bin/vibe`,
        `${paths.venv}/pyvenv.cfg`,
        `${paths.venv}/lib/python3.12/site-packages/vibe/__init__.py`,
        `${paths.base}/lib/python3.12/os.py`,
      ],
      ['stat', paths.command, `${paths.venv}/bin/python`, paths.minor],
    ],
    denied: [
      [
        'list',
        HOME,
        '~/.local',
        '~/.local/bin',
        '~/.local/share',
        '~/.local/share/uv',
        '~/.local/share/uv/tools',
      ],
      [
        'read',
        '~/.local/share/uv/tools/other/secret',
        '~/.local/share/secret',
        '~/.local/bin/other',
      ],
      [
        'write',
        `${paths.venv}/bin/vibe`,
        `${paths.venv}/lib/python3.12/site-packages/vibe/__init__.py`,
        `${paths.base}/bin/python3.12`,
      ],
      ['create', `${paths.venv}/lib/python3.12/site-packages/evil.pth`],
      ['unlink', paths.command],
    ],
  })
})

conforms('E2', 'evaluator', async () => {
  const machine = await mac(
    { '~/.vibe/trusted_folders.toml': '' },
    { profile: 'vibe', request: NO_NETWORK },
  )
  const file = '~/.vibe/trusted_folders.toml'
  verdicts(machine, {
    allowed: [
      ['read', file],
      ['stat', file],
      ['create', '~/.vibe/logs/x'],
    ],
    denied: [
      ['write', file],
      ['unlink', file],
      ['rename-to', file],
      ['rename-from', file],
      ['create', '~/.vibe/trusted_folders.toml.tmp'],
    ],
  })
  const absent = await mac({ '~/.vibe/logs/x': '' }, { profile: 'vibe', request: NO_NETWORK })
  verdicts(absent, {
    allowed: [
      ['stat', file],
      ['read', file],
    ],
    denied: [
      ['create', file],
      ['write', file],
    ],
  })
})

conforms('E3', 'evaluator', async () => {
  const machine = await mac(
    {
      '~/.vibe/config.toml': link('../dotfiles/vibe/config.toml'),
      '~/dotfiles/vibe/config.toml': '',
      '~/dotfiles/vibe/other': '',
    },
    { profile: 'vibe', request: NO_NETWORK },
  )
  const [name, target] = ['~/.vibe/config.toml', '~/dotfiles/vibe/config.toml']
  verdicts(machine, {
    allowed: [
      ['read', name, target],
      ['stat', '~/dotfiles', '~/dotfiles/vibe'],
    ],
    denied: [
      ['write', name, target],
      ['unlink', name, target],
      ['rename-to', name, target],
      ['symlink', name],
      ['read', '~/dotfiles/vibe/other'],
      ['list', '~/dotfiles/vibe', '~/dotfiles'],
    ],
  })
  expect(machine.asks('file-read-metadata', { path: `${HOME}/.vibe/config.toml` })).toBe(true)
})

conforms('E6', 'launcher', async () => {
  const file = '~/.vibe/config.toml'
  const prepared = async (tree: Parameters<typeof mac>[0], none: readonly string[]) => {
    const machine = await mac(tree, {
      profile: 'vibe',
      request: NO_NETWORK,
      grants: none.map((path) => ['none', path] as const),
    })
    return () => guardStart(machine.prepared, machine.host)
  }
  expect(await errorOf(await prepared({ [file]: '' }, [file]))).toMatchObject({
    code: 'E_AGENT_CONFIG',
    message: expect.stringMatching(/defaults/) as string,
    hint: expect.stringMatching(/--read/) as string,
  })
  expect(await errorOf(await prepared({ [file]: link('nowhere') }, []))).toMatchObject({
    code: 'E_AGENT_CONFIG',
  })
  expect(
    await errorOf(
      await prepared({ [file]: link('../dot/config.toml'), '~/dot/config.toml': '' }, [
        '~/dot/config.toml',
      ]),
    ),
  ).toMatchObject({ code: 'E_AGENT_CONFIG' })
  expect(await prepared({ [file]: '' }, [])).not.toThrow()
  expect(await prepared({}, [])).not.toThrow()
})
