import { dir, file, link, type FakeTree } from '../fixtures/fake-host.ts'
import { conforms } from './conforms.ts'
import { HOME, mac, verdicts } from './mac.ts'

const CHANGE = ['write', 'unlink', 'rename-from', 'rename-to', 'chmod', 'link-from'] as const
const MAKE = ['create', 'mkdir', 'symlink', 'rename-to', 'link-to'] as const

conforms('W9', 'evaluator', async () => {
  const machine = await mac({ './.mcp.json': '', './.vscode/a/b/deep.json': '', './mcp.json': '' })
  verdicts(machine, {
    allowed: [
      ...CHANGE.map((operation) => [operation, './mcp.json'] as const),
      ['create', './vscode/x'],
      ['read', './.mcp.json', './.vscode/a/b/deep.json'],
    ],
    denied: [
      ...CHANGE.map(
        (operation) =>
          [
            operation,
            './.mcp.json',
            './.vscode/a/b/deep.json',
            './.vscode/a',
            './.vscode',
            './.VSCODE/a/b/deep.json',
            './.Mcp.json',
          ] as const,
      ),
      ...MAKE.map((operation) => [operation, './.vscode/new', './.vscode/a/new/deep'] as const),
    ],
  })
})

conforms('W10', 'evaluator', async () => {
  const config =
    'schema = 1\n[all.protect]\nread_only = ["$PROJECT/deep/a/b/rules.toml", "$PROJECT/there/c/d/rules.toml"]\n'
  const machine = await mac({ '~/.config/launcher/config.toml': config, './there/file': '' })
  verdicts(machine, {
    allowed: MAKE.map((operation) => [
      operation,
      './mcp.json',
      './deeper',
      './there/other',
      './.mcp.jsonx',
    ]),
    denied: MAKE.map((operation) => [
      operation,
      './.mcp.json',
      './.MCP.JSON',
      './.vscode',
      './.vscode/x',
      './.Idea',
      './deep',
      './deep/a/b/rules.toml',
      './there/c',
      './there/c/d/rules.toml',
    ]),
  })
})

conforms('W11', 'evaluator', async () => {
  const machine = await mac({ './.mcp.json': '', './.vscode/x': '', './plain': '' })
  verdicts(machine, {
    allowed: [
      ['rename-from', './plain'],
      ['rename-to', './plain2'],
    ],
    denied: [
      ['rename-from', './.mcp.json', './.vscode', './.vscode/x'],
      ['rename-to', './.mcp.json', './.vscode', './.vscode/y'],
      ['link-from', './.mcp.json'],
    ],
  })
})

conforms('W12', 'evaluator', async () => {
  const machine = await mac({
    './a/b/.vscode/x': '',
    './a/b/file': '',
    './plain/b': '',
    './a/n': dir(),
  })
  verdicts(machine, {
    allowed: [
      ['rename-from', './plain', './plain/b', './a/b/file', './a/n'],
      ['rename-to', './a/m', './a/b/m'],
    ],
    denied: [
      ['rename-from', './a', './a/b', './a/b/.vscode', '~/work/p', '~/work', './A', './a/B'],
      ['rename-to', './a', './a/b'],
      ['unlink', './a/b', './a/b/.vscode'],
    ],
  })
})

conforms('W13', 'evaluator', async () => {
  const machine = await mac({ './sub/.env': 'x', './sub/env': 'x' })
  verdicts(machine, {
    allowed: [
      ['read', './sub/env', './later/.env.example', './later/env'],
      ['create', './later/env', './later/.environment'],
    ],
    denied: [
      [
        'read',
        './sub/.env',
        './later/.env',
        './a/b/c/.env.local',
        './later/.ENV',
        './later/.git-credentials',
      ],
      ['create', './later/.env', './.env', './later/.Env'],
      ['rename-to', './later/.env'],
      ['link-from', './sub/.env'],
    ],
  })
})

conforms('W14', 'evaluator', async () => {
  const machine = await mac({
    './.env': 'x',
    './a/.env': 'x',
    './a/b/c/.env': 'x',
    './x.env': 'x',
    './a/x.env': 'x',
  })
  verdicts(machine, {
    allowed: [['read', './x.env', './a/x.env', './a/b/.env.sample']],
    denied: [['read', './.env', './a/.env', './a/b/c/.env', './not/there/yet/.env']],
  })
})

conforms('W15', 'evaluator', async () => {
  const machine = await mac({
    '~/.config/launcher/config.toml':
      'schema = 1\n[all.protect]\nhidden = ["$PROJECT/**/vault-*"]\n',
    './b/vault-1/x/key': 'x',
    './a/.devcontainer/x/y.json': '',
  })
  verdicts(machine, {
    allowed: [
      ['read', './b/vault', './a/.devcontainer/x/y.json'],
      ['create', './b/vaults/x', './a/devcontainer/x'],
    ],
    denied: [
      ['read', './b/vault-1/x/key', './b/vault-1/new', './c/vault-2/deep/x'],
      ['list', './b/vault-1', './c/vault-2'],
      ['create', './c/vault-2/x', './a/.devcontainer/new/x'],
      ['write', './a/.devcontainer/x/y.json'],
      ['rename-from', './a/.devcontainer', './b/vault-1'],
    ],
  })
})

conforms('W21', 'evaluator', async () => {
  const names = ['.bashrc', '.zshrc', '.profile', '.gitconfig', '.ripgreprc', '.zshenv', '.ZSHRC']
  const machine = await mac(
    { '~/.bashrc': '', '~/.gitconfig': '', './.gitmodules': '', '~/file': '' },
    { grants: [['write', '~']] },
  )
  const home = names.map((name) => `~/${name}`)
  verdicts(machine, {
    allowed: [
      ['write', '~/file'],
      ['create', '~/bashrc', '~/.mine', './gitmodules'],
      ['read', '~/.bashrc', './.gitmodules'],
    ],
    denied: [...CHANGE, ...MAKE].map((operation) => [
      operation,
      ...home,
      './.gitmodules',
      './.mcp.json',
      './.ripgreprc',
    ]),
  })
})

const GIT = {
  HEAD: 'ref: refs/heads/main\n',
  config: '[core]\n',
  objects: dir({ ab: dir() }),
  refs: dir(),
  'hooks/pre-commit': '',
  'hooks/x.sample': '',
} satisfies FakeTree
const repository = (at: string): FakeTree =>
  Object.fromEntries(Object.entries(GIT).map(([name, value]) => [`${at}/${name}`, value]))

conforms('W22', 'evaluator', async () => {
  const machine = await mac({ ...repository('./.git'), ...repository('./nested/.git') })
  const held = (at: string): string[] =>
    [
      'hooks/pre-commit',
      'hooks/post-checkout',
      'hooks',
      'config',
      'config.worktree',
      'commondir',
      'Config',
      'HOOKS/x',
    ].map((name) => `${at}/${name}`)
  verdicts(machine, {
    allowed: [
      [
        'create',
        './.git/objects/ab/x',
        './.git/index.lock',
        './.git/refs/heads/x',
        './.git/COMMIT_EDITMSG',
      ],
      ['rename-to', './.git/index', './.git/HEAD'],
      ['read', './.git/config', './.git/hooks/pre-commit'],
    ],
    denied: [
      ...[...CHANGE, ...MAKE].map(
        (operation) => [operation, ...held('./.git'), ...held('./nested/.git')] as const,
      ),
      ['rename-from', './.git', './nested/.git', './nested'],
    ],
  })
})

conforms('W23', 'evaluator', async () => {
  const tree = {
    ...repository('~/main/.git'),
    '~/main/file': '',
    './.git': `gitdir: ${HOME}/main/.git/worktrees/p\n`,
    '~/main/.git/worktrees/p/HEAD': 'ref: refs/heads/topic\n',
    '~/main/.git/worktrees/p/commondir': '../..\n',
    '~/main/.git/worktrees/p/gitdir': `${HOME}/work/p/.git\n`,
    '~/main/.git/worktrees/p/index': '',
  }
  verdicts(await mac(tree), {
    allowed: [
      [
        'create',
        '~/main/.git/worktrees/p/index.lock',
        '~/main/.git/objects/ab/x',
        '~/main/.git/refs/heads/topic.lock',
      ],
      ['read', './.git', '~/main/.git/config'],
    ],
    denied: [
      ...CHANGE.map(
        (operation) =>
          [
            operation,
            './.git',
            '~/main/.git/config',
            '~/main/.git/hooks/pre-commit',
            '~/main/.git/worktrees/p/commondir',
            '~/main/.git/worktrees/p/gitdir',
            '~/main/file',
          ] as const,
      ),
      ['create', '~/main/.git/hooks/new', '~/main/.git/worktrees/p/config.worktree', '~/main/new'],
    ],
  })
  const sub = await mac({
    ...repository('./.git'),
    ...repository('./.git/modules/sub'),
    './sub/.git': 'gitdir: ../.git/modules/sub\n',
    './sub/file': '',
  })
  verdicts(sub, {
    allowed: [
      ['create', './.git/modules/sub/objects/ab/x', './.git/modules/sub/index.lock', './sub/new'],
      ['write', './sub/file'],
    ],
    denied: [
      ['rename-from', './sub', './.git/modules/sub', './.git/modules'],
      ...CHANGE.map(
        (operation) =>
          [
            operation,
            './sub/.git',
            './.git/modules/sub/config',
            './.git/modules/sub/hooks/pre-commit',
          ] as const,
      ),
      ['create', './.git/modules/sub/hooks/new'],
    ],
  })
})

conforms('W24', 'evaluator', async () => {
  const names = ['.vscode', '.idea', '.claude', '.codex', '.agents', '.vibe', '.VSCode', '.Vibe']
  verdicts(await mac(repository('./.git')), {
    allowed: [['mkdir', './.github', './vscode', './.cache']],
    denied: [
      ['mkdir', ...names.map((name) => `./${name}`)],
      ['create', ...names.map((name) => `./${name}/settings.json`)],
      ['symlink', ...names.map((name) => `./${name}`)],
    ],
  })
})

conforms('W25', 'evaluator', async () => {
  const tree = {
    '~/.vibe/config.toml': '',
    '~/.vibe/tools/mine.py': '',
    '~/.config/launcher/config.toml': 'schema = 1\n',
    '~/.config/other': '',
    '/opt/launcher/dist/launcher.cjs': file('', { uid: 501 }),
    './.launcher.toml': 'schema = 1\n',
  }
  const machine = await mac(tree, {
    profile: 'vibe',
    request: { network: 'none' },
    grants: [
      ['write', '~/.config'],
      ['write', '/opt/launcher'],
      ['write', '~/.local/state'],
    ],
  })
  const own = [
    '~/.vibe/config.toml',
    '~/.vibe/tools/mine.py',
    '~/.config/launcher/config.toml',
    '/opt/launcher/dist/launcher.cjs',
    './.launcher.toml',
  ]
  verdicts(machine, {
    allowed: [
      ['read', '~/.vibe/config.toml'],
      ['write', '~/.config/other'],
      ['create', '~/.config/new', '~/.vibe/logs/x'],
    ],
    denied: [
      ...CHANGE.map((operation) => [operation, ...own] as const),
      [
        'create',
        '~/.vibe/hooks.toml',
        '~/.vibe/tools/new.py',
        '~/.config/launcher/profiles/vibe.toml',
        '/opt/launcher/profiles/new.toml',
        '~/.local/state/launcher/x',
      ],
      ['rename-from', '~/.config/launcher', '~/.vibe'],
    ],
  })
  const linked = await mac(
    { ...tree, '~/.vibe/config.toml': link('../dot/config.toml'), '~/dot/config.toml': '' },
    { profile: 'vibe', request: { network: 'none' } },
  )
  verdicts(linked, {
    allowed: [['read', '~/.vibe/config.toml']],
    denied: [
      ['write', '~/.vibe/config.toml', '~/dot/config.toml'],
      ['unlink', '~/.vibe/config.toml', '~/dot/config.toml'],
    ],
  })
})
