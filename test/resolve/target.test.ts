import { describe, expect, it } from 'vitest'
import { LauncherError } from '../../src/errors.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { describeChain, firstUnreadable, resolveTarget } from '../../src/resolve/target.ts'
import type { Target } from '../../src/resolve/types.ts'
import { elfBytes } from '../fixtures/elf-bytes.ts'
import {
  dir,
  fakeHost,
  file,
  link,
  type FakeOverrides,
  type FakeTree,
} from '../fixtures/fake-host.ts'
import { program, pythonInstallation, systemTree, uvPaths, uvTool } from '../fixtures/uv-tool.ts'

const PATH = ['/home/u/.local/bin', '/usr/bin', '/bin']
const at = (path: string) => path as AbsolutePath

const resolve = (
  tree: FakeTree,
  command: string,
  overrides: FakeOverrides & { path?: string[]; project?: string } = {},
): Target => {
  const host = fakeHost(tree, overrides)
  return resolveTarget(host, command, {
    searchPath: overrides.path ?? PATH,
    project: at(overrides.project ?? '/home/u/p'),
    cwd: host.cwd,
    platform: host.platform,
  })
}
const failure = (run: () => unknown): LauncherError => {
  try {
    run()
  } catch (error) {
    if (error instanceof LauncherError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const reals = (parts: Target['reads']) => parts.map((part) => part.path.real as string)
const hops = (target: Target) => target.hops.map((hop) => hop.path as string)
const codes = (target: Target) => target.notices.map((notice) => notice.code)

const uv = uvPaths()
const chainOf = (tree: FakeTree, options?: Parameters<typeof resolve>[2]) =>
  resolve(tree, 'vibe', options)

describe('a uv tool', () => {
  const target = chainOf(uvTool())

  it('is named, and started by the name that was found', () =>
    expect([target.runtime, target.file]).toEqual(['uv-tool', uv.command]))
  it('executes the script and its interpreter', () =>
    expect(reals(target.executables)).toEqual([`${uv.venv}/bin/vibe`, `${uv.base}/bin/python3.12`]))
  it('reads the venv and the base, and nothing else', () =>
    expect(reals(target.reads)).toEqual([uv.venv, uv.base]))
  it('keeps every link, the one for the minor version in the middle too', () =>
    expect(hops(target)).toEqual([
      uv.command,
      `${uv.venv}/bin/python`,
      uv.minor,
      `${uv.base}/bin/python`,
    ]))
  it('has nothing to remark', () => expect(target.notices).toEqual([]))
  it('tells the chain as a sentence, outermost first', () =>
    expect(describeChain(target)).toEqual([
      'vibe is ~/.local/bin/vibe',
      'which is a link to ~/.local/share/uv/tools/mistral-vibe/bin/vibe',
      'its first line names ~/.local/share/uv/tools/mistral-vibe/bin/python',
      'which is a link to ~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu/bin/python3.12',
      '~/.local/share/uv/python/cpython-3.12-linux-x86_64-gnu is a link to cpython-3.12.13-linux-x86_64-gnu',
    ]))
  it('names the first part that cannot be read', () => {
    expect(firstUnreadable(target, (path) => !path.startsWith(uv.base))?.path.real).toBe(
      `${uv.base}/bin/python3.12`,
    )
    expect(firstUnreadable(target, () => true)).toBeUndefined()
  })
  it('asks the machine a few dozen times', () => {
    const host = fakeHost(uvTool())
    resolveTarget(host, 'vibe', {
      searchPath: PATH,
      project: at('/home/u/p'),
      cwd: host.cwd,
      platform: 'linux',
    })
    expect(host.calls.lstat + host.calls.readlink + host.calls.list + host.calls.read).toBeLessThan(
      90,
    )
  })
  it('follows the base that pyvenv.cfg names when the interpreter is a copy', () => {
    const copied = chainOf({ ...uvTool(), [`${uv.venv}/bin/python`]: program() })
    expect(reals(copied.reads)).toContain(uv.base)
    expect(hops(copied)).toContain(uv.minor)
  })
  it('says what is installed as a link to its source', () =>
    expect(
      codes(
        chainOf(
          uvTool({
            receipt: '[tool]\nrequirements = [{ name = "x", editable = "/home/u/src/x" }]\n',
          }),
        ),
      ),
    ).toEqual(['editable-package']))
  it('says what a .pth file adds', () =>
    expect(
      chainOf({
        ...uvTool(),
        [`${uv.venv}/lib/python3.12/site-packages/x.pth`]: 'import os\n/home/u/dev/x\n',
        '/home/u/dev/x': dir(),
      }).notices.map((notice) => notice.message),
    ).toEqual([expect.stringContaining('adds ~/dev/x')]))
  it('adds the packages of the user when the venv sees those of the system', () => {
    const tree = {
      ...uvTool({ config: 'include-system-site-packages = true\n' }),
      '/home/u/.local/lib/python3.12/site-packages/x.py': '',
    }
    expect(reals(chainOf(tree).reads)).toContain('/home/u/.local/lib/python3.12/site-packages')
    expect(reals(chainOf({ ...tree, ...uvTool() }).reads)).not.toContain(
      '/home/u/.local/lib/python3.12/site-packages',
    )
  })
})

describe("the '''exec' form", () => {
  const long = uvPaths('/home/u', 't'.repeat(200))
  const spaced = uvPaths('/home/u', 'my tool')
  it.each([
    [
      'long path',
      uvTool({
        tool: 't'.repeat(200),
        head: `#!/bin/sh\n'''exec' '${long.venv}/bin/python' "$0" "$@"\n' '''\n`,
      }),
      long,
    ],
    [
      'space, quoted by pip',
      uvTool({
        tool: 'my tool',
        head: `#!/bin/sh\n'''exec' "${spaced.venv}/bin/python" "$0" "$@"\n' '''\n`,
      }),
      spaced,
    ],
    [
      'space, quoted by uv',
      uvTool({
        tool: 'my tool',
        head: `#!/bin/sh\n'''exec' '${spaced.venv}/bin/python' "$0" "$@"\n' '''\n`,
      }),
      spaced,
    ],
  ])('%s', (_, tree, paths) => {
    const target = chainOf(tree)
    expect(reals(target.executables)).toEqual([
      `${paths.venv}/bin/vibe`,
      '/usr/bin/dash',
      `${paths.base}/bin/python3.12`,
    ])
    expect(reals(target.reads)).toEqual([paths.venv, paths.base])
    expect(target.runtime).toBe('uv-tool')
  })
  it('relocatable: dirname and realpath are run too', () => {
    const target = chainOf(
      uvTool({
        head: `#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/'python3' "$0" "$@"\n' '''\n`,
      }),
    )
    expect(reals(target.executables)).toEqual([
      `${uv.venv}/bin/vibe`,
      '/usr/bin/dash',
      '/usr/bin/dirname',
      '/usr/bin/realpath',
      `${uv.base}/bin/python3.12`,
    ])
    expect(hops(target)).toContain(`${uv.venv}/bin/python3`)
  })
  it('an unknown form is said, not guessed', () =>
    expect(codes(chainOf(uvTool({ head: `#!/bin/sh\n'''exec' "$HOME/python" "$0"\n` })))).toEqual([
      'polyglot-unknown',
    ]))
  it('macOS: /bin/sh chooses a shell', () => {
    const tree = {
      '/bin/sh': program(),
      '/bin/bash': program(),
      '/private/var/select/sh': link('/bin/bash'),
      '/home/u/.local/bin/x': program('#!/bin/sh\necho\n'),
    }
    expect(reals(resolve(tree, 'x', { platform: 'macos' }).executables)).toEqual([
      '/home/u/.local/bin/x',
      '/bin/sh',
      '/bin/bash',
    ])
  })
})

describe('pyvenv.cfg that names a place it must not', () => {
  it.each([
    '/',
    '/home/u',
    '/home',
    '/home/u/p',
    '/home/u/.ssh',
    '/home/u/.ssh/bin',
    'relative/bin',
    '/home/u/x/../..',
    '/home/u/.local/share',
  ])('home = %s is refused', (base) => {
    const error = failure(() =>
      chainOf({ ...uvTool({ base }), '/home/u/.ssh/bin/python': program() }),
    )
    expect([error.code, error.exit]).toEqual(['E_TARGET_BLOCKED', 125])
  })
  it('home = $HOME through a link is refused as well', () =>
    expect(
      failure(() => chainOf({ ...uvTool({ base: '/opt/py/bin' }), '/opt/py/bin': link('/home/u') }))
        .code,
    ).toBe('E_TARGET_BLOCKED'))
  it('macOS: another spelling of $HOME is the same directory', () =>
    expect(failure(() => chainOf(uvTool({ base: '/HOME/U' }), { platform: 'macos' })).code).toBe(
      'E_TARGET_BLOCKED',
    ))
  it('home = $HOME/bin grants pieces of ~, never ~', () => {
    const target = chainOf({
      ...uvTool({ base: '/home/u/bin' }),
      '/home/u/bin/python3.12': program(),
      '/home/u/lib/python3.12/os.py': '',
    })
    expect(reals(target.reads)).toEqual([uv.venv, uv.base, '/home/u/lib/python3.12'])
  })
  it('a base that is no installation of Python widens nothing', () => {
    const target = chainOf({
      ...uvTool({ base: '/home/u/tax/bin' }),
      '/home/u/tax/bin/python': program(),
      '/home/u/tax/2025.pdf': '',
    })
    expect(reals(target.reads)).toEqual([uv.venv, uv.base])
    expect(codes(target)).toEqual(['python-base-unknown'])
  })
  it('a base that is gone is said', () =>
    expect(codes(chainOf(uvTool({ base: '/opt/gone/bin' })))).toEqual(['venv-home-missing']))
  it('pyvenv.cfg in ~ makes ~ no virtual environment', () => {
    const tree = {
      ...pythonInstallation('/opt/py'),
      '/home/u/bin/python3': link('/opt/py/bin/python3.12'),
      '/home/u/pyvenv.cfg': 'home = /opt/py/bin\n',
      '/home/u/lib/python3.12/site-packages/x.py': '',
    }
    const target = resolve(tree, '/home/u/bin/python3')
    expect(reals(target.reads)).toEqual(['/home/u/pyvenv.cfg', '/home/u/lib/python3.12', '/opt/py'])
    expect(codes(target)).toEqual(['target-tree-narrowed'])
  })
})

describe('other Pythons', () => {
  const venv = (root: string, python: string, home: string): FakeTree => ({
    [`${root}/bin/python`]: link(python),
    [`${root}/pyvenv.cfg`]: `home = ${home}\n`,
  })
  it('a plain venv', () => {
    const target = resolve(
      {
        ...pythonInstallation('/opt/py'),
        ...venv('/home/u/v', '/opt/py/bin/python3', '/opt/py/bin'),
      },
      '/home/u/v/bin/python',
    )
    expect([target.runtime, reals(target.reads), hops(target)]).toEqual([
      'venv',
      ['/home/u/v', '/opt/py'],
      ['/home/u/v/bin/python', '/opt/py/bin/python3', '/opt/py/bin/python'],
    ])
  })
  it('a venv of a venv', () => {
    const tree = {
      ...pythonInstallation('/opt/py'),
      ...venv('/home/u/a', '/opt/py/bin/python3.12', '/opt/py/bin'),
      ...venv('/home/u/b', '/home/u/a/bin/python', '/home/u/a/bin'),
    }
    const target = resolve(tree, '/home/u/b/bin/python')
    expect(reals(target.reads)).toEqual(['/home/u/b', '/opt/py', '/home/u/a/pyvenv.cfg'])
    expect(hops(target)).toEqual([
      '/home/u/b/bin/python',
      '/home/u/a/bin/python',
      '/opt/py/bin/python',
    ])
  })
  it('venvs that name each other end', () => {
    const tree = {
      ...pythonInstallation('/opt/py'),
      ...venv('/home/u/a', '/opt/py/bin/python3.12', '/home/u/b/bin'),
      ...venv('/home/u/b', '/opt/py/bin/python3.12', '/home/u/a/bin'),
    }
    expect(reals(resolve(tree, '/home/u/b/bin/python').reads)).toContain('/opt/py')
  })
  it('Debian: pieces of /usr, never /usr', () => {
    const target = resolve(
      {
        ...pythonInstallation('/usr', '3.11'),
        '/usr/lib/python3/dist-packages/x.py': '',
        '/usr/local/lib/python3.11/dist-packages/y.py': '',
      },
      'python3',
    )
    expect(reals(target.reads)).toEqual([
      '/usr/lib/python3.11',
      '/usr/lib/python3',
      '/usr/local/lib/python3.11',
    ])
  })
  it('/usr/local: the library and its shared object', () => {
    const tree = {
      ...pythonInstallation('/usr/local'),
      '/usr/local/lib/libpython3.12.so.1.0': elfBytes(),
    }
    expect(reals(resolve(tree, '/usr/local/bin/python3').reads)).toEqual([
      '/usr/local/lib/python3.12',
    ])
  })
  it('a framework build starts Python.app', () => {
    const prefix = '/Library/Frameworks/Python.framework/Versions/3.12'
    const target = resolve(
      {
        ...pythonInstallation(prefix),
        [`${prefix}/Resources/Python.app/Contents/MacOS/Python`]: program(),
      },
      `${prefix}/bin/python3`,
      { platform: 'macos' },
    )
    expect(reals(target.executables)).toEqual([
      `${prefix}/bin/python3.12`,
      `${prefix}/Resources/Python.app/Contents/MacOS/Python`,
    ])
    expect(reals(target.reads)).toEqual([prefix])
  })
  it('a venv in the project whose link was planted leads nowhere', () => {
    const tree = {
      ...venv('/home/u/p/.venv', '/home/u/tax/report', '/home/u/tax'),
      '/home/u/tax/report': program(),
      '/home/u/tax/secret': '',
    }
    expect(failure(() => resolve(tree, './.venv/bin/python')).code).toBe('E_TARGET_BLOCKED')
  })
  it('a venv in the project with a true base works', () => {
    const target = resolve(
      {
        ...pythonInstallation('/opt/py'),
        ...venv('/home/u/p/.venv', '/opt/py/bin/python3.12', '/opt/py/bin'),
      },
      './.venv/bin/python',
    )
    expect(reals(target.reads)).toEqual(['/home/u/p/.venv', '/opt/py'])
  })
})

describe('Node', () => {
  const nvm = '/home/u/.nvm/versions/node/v22.1.0'
  const codex = {
    'lib/node_modules/@openai/codex/package.json': '{"dependencies":{"a":"1"}}',
    'lib/node_modules/@openai/codex/node_modules/a/package.json': '{}',
  }
  it('npm -g under nvm: the version directory holds all', () => {
    const tree = {
      ...systemTree,
      [nvm]: dir({
        'bin/node': program(),
        'bin/codex': link('../lib/node_modules/@openai/codex/bin/codex.js'),
        'lib/node_modules/@openai/codex/bin/codex.js': program('#!/usr/bin/env node\n'),
        ...codex,
      }),
    }
    const target = resolve(tree, 'codex', { path: [`${nvm}/bin`, '/usr/bin'] })
    expect(target.runtime).toBe('node')
    expect(reals(target.executables)).toEqual([
      `${nvm}/lib/node_modules/@openai/codex/bin/codex.js`,
      '/usr/bin/env',
      `${nvm}/bin/node`,
    ])
    expect(reals(target.reads)).toEqual([nvm, `${nvm}/lib/node_modules/@openai/codex`])
  })
  it('npm -g under ~/.local: only the package, and only the binary of /usr/bin/node', () => {
    const tree = {
      ...systemTree,
      '/usr/bin/node': program(),
      '/home/u/.local': dir({
        'bin/codex': link('../lib/node_modules/@openai/codex/bin/codex.js'),
        'lib/node_modules/@openai/codex/bin/codex.js': program('#!/usr/bin/env node\n'),
        ...codex,
      }),
    }
    const target = resolve(tree, 'codex')
    expect(reals(target.executables).at(-1)).toBe('/usr/bin/node')
    expect(reals(target.reads)).toEqual(['/home/u/.local/lib/node_modules/@openai/codex'])
  })
  it('hoisted dependencies: those packages, not the node_modules above', () => {
    const tree = {
      ...systemTree,
      '/usr/bin/node': program(),
      '/home/u/t/node_modules': dir({
        '.bin/x': link('../x/cli.js'),
        'x/cli.js': program('#!/usr/bin/env -S node --no-warnings\n'),
        'x/package.json': '{"dependencies":{"y":"1"}}',
        'y/package.json': '{}',
      }),
    }
    expect(reals(resolve(tree, '/home/u/t/node_modules/.bin/x').reads)).toEqual([
      '/home/u/t/node_modules/x',
      '/home/u/t/node_modules/y',
    ])
  })
  it('package.json in ~ makes ~ no package', () => {
    const tree = {
      ...systemTree,
      '/usr/bin/node': program(),
      '/home/u/package.json': '{}',
      '/home/u/.local/bin/x': program('#!/usr/bin/env node\n'),
    }
    expect([reals(resolve(tree, 'x').reads), codes(resolve(tree, 'x'))]).toEqual([
      [],
      ['target-tree-refused'],
    ])
  })
  it('node is not taken from the project', () => {
    const tree = {
      ...systemTree,
      '/home/u/p/bin/node': program(),
      '/home/u/.local/bin/x': program('#!/usr/bin/env node\n'),
    }
    expect(failure(() => resolve(tree, 'x', { path: ['/home/u/p/bin', ...PATH] })).exit).toBe(126)
  })
})

describe('first lines', () => {
  const script = (line: string): FakeTree => ({
    ...systemTree,
    '/usr/bin/node': program(),
    '/home/u/.local/bin/x': program(line),
  })
  it.each([
    ['windows line ends', '#!/usr/bin/env node\r\n', 'linux', 'carriage return'],
    ['no interpreter', '#!\n', 'linux', 'names no interpreter'],
    ['relative', '#!python3\n', 'linux', 'working directory'],
    ['missing', '#!/opt/none/python\n', 'linux', 'does not exist'],
    ['beyond the limit', `#!/${'d'.repeat(4096)}\n`, 'linux', 'beyond the 255 bytes'],
    ['beyond the limit', `#!/${'d'.repeat(600)}\n`, 'macos', 'beyond the 512 bytes'],
    ['env without a program', '#!/usr/bin/env\n', 'linux', 'given no program'],
    ['env with an option and no -S', '#!/usr/bin/env node --flag\n', 'linux', 'as one word'],
    ['env -i and no -S', '#!/usr/bin/env -i node\n', 'linux', 'an option that'],
    ['env -S with a variable', '#!/usr/bin/env -S ${NODE}\n', 'linux', 'variable'],
    ['not a program', 'hello\n', 'linux', 'neither a program'],
    ['empty', '', 'linux', 'neither a program'],
    ['itself', '#!/home/u/.local/bin/x\n', 'linux', 'five scripts'],
  ] as const)('%s: 126', (_, line, platform, text) => {
    const error = failure(() => resolve(script(line), 'x', { platform }))
    expect([error.exit, error.message]).toEqual([126, expect.stringContaining(text)])
  })
  it.each([
    '#!/usr/bin/env node\n',
    '#! /usr/bin/env  node \n',
    '#!/usr/bin/env -S node --flag\n',
    '#!/usr/bin/env -S -i /usr/bin/node\n',
    '#!/usr/bin/env -iS A=b node\n',
    '#!/usr/bin/env -S -u X node\n',
    '#!/usr/bin/node --flag\n',
  ])('%j finds node', (line) =>
    expect(reals(resolve(script(line), 'x').executables).at(-1)).toBe('/usr/bin/node'),
  )
  it('macOS splits the words itself', () =>
    expect(
      reals(
        resolve(script('#!/usr/bin/env node --flag\n'), 'x', { platform: 'macos' }).executables,
      ).at(-1),
    ).toBe('/usr/bin/node'))
  it('a line that is cut after the interpreter is said', () =>
    expect(codes(resolve(script(`#!/usr/bin/node ${'a'.repeat(400)}\n`), 'x'))).toEqual([
      'shebang-cut',
    ]))
  it('an interpreter that is a script: said on Linux, refused on macOS', () => {
    const tree = { ...script('#!/opt/wrap\n'), '/opt/wrap': program('#!/usr/bin/node\n') }
    expect(codes(resolve(tree, 'x'))).toEqual(['nested-interpreter'])
    expect(failure(() => resolve(tree, 'x', { platform: 'macos' })).message).toContain(
      'macOS does not start',
    )
  })
})

describe('finding the command', () => {
  it.each([
    ['absent', {}, 'x', 127, 'E_TARGET_NOT_FOUND'],
    ['empty', {}, '', 127, 'E_TARGET_NOT_FOUND'],
    ['absent path', {}, './x', 127, 'E_TARGET_NOT_FOUND'],
    ['dangling link', { '/usr/bin/x': link('y') }, 'x', 127, 'E_TARGET_NOT_FOUND'],
    ['directory', { '/usr/bin/x': dir() }, 'x', 126, 'E_TARGET_NOT_EXECUTABLE'],
    ['directory by path', { '/opt/x': dir() }, '/opt/x', 126, 'E_TARGET_NOT_EXECUTABLE'],
    ['not executable', { '/usr/bin/x': file(elfBytes()) }, 'x', 126, 'E_TARGET_NOT_EXECUTABLE'],
    [
      'executable for another',
      { '/usr/bin/x': file(elfBytes(), { mode: 0o700, uid: 0 }) },
      'x',
      126,
      'E_TARGET_NOT_EXECUTABLE',
    ],
    ['trailing slash', { '/opt/x': program() }, '/opt/x/', 126, 'E_TARGET_NOT_EXECUTABLE'],
    [
      'circle',
      { '/usr/bin/x': link('y'), '/usr/bin/y': link('x') },
      'x',
      126,
      'E_TARGET_NOT_EXECUTABLE',
    ],
    [
      '300 links',
      Object.fromEntries(
        [...Array(300).keys()].map((n) => [
          `/usr/bin/x${n || ''}`,
          n === 299 ? program() : link(`x${n + 1}`),
        ]),
      ),
      'x',
      126,
      'E_TARGET_NOT_EXECUTABLE',
    ],
    [
      'secret',
      { '/home/u/.ssh/id_rsa': program() },
      '/home/u/.ssh/id_rsa',
      125,
      'E_TARGET_BLOCKED',
    ],
    [
      'link planted in the project',
      { '/home/u/p/x': link('/opt/x'), '/opt/x': program() },
      './x',
      125,
      'E_TARGET_BLOCKED',
    ],
  ] as const)('%s', (_, tree: FakeTree, command, exit, code) => {
    const error = failure(() => resolve(tree, command))
    expect([error.exit, error.code]).toEqual([exit, code])
  })
  it('passes over what cannot run, as a shell does', () =>
    expect(
      resolve({ '/home/u/.local/bin/x': file(elfBytes()), '/usr/bin/x': program() }, 'x').file,
    ).toBe('/usr/bin/x'))
  it('relative and empty entries of PATH mean nothing', () =>
    expect(
      failure(() =>
        resolve({ '/home/u/p/x': program() }, 'x', { path: ['', '.', 'bin', '/usr/bin'] }),
      ).exit,
    ).toBe(127))
  it('a hit inside the project is passed over', () => {
    const target = resolve({ '/home/u/p/bin/x': program(), '/usr/bin/x': program() }, 'x', {
      path: ['/home/u/p/bin', '/usr/bin'],
    })
    expect([target.file, codes(target)]).toEqual(['/usr/bin/x', ['target-in-project']])
  })
  it.each([
    ['directly', { '/home/u/p/bin/x': program() }, '/home/u/p/bin'],
    [
      'through a directory link',
      { '/home/u/p/bin/x': program(), '/home/u/bin': link('p/bin') },
      '/home/u/bin',
    ],
    [
      'through a file link',
      { '/home/u/p/x': program(), '/home/u/bin/x': link('../p/x') },
      '/home/u/bin',
    ],
  ])('the only hit is inside the project, %s', (_, tree: FakeTree, directory) => {
    const error = failure(() => resolve(tree, 'x', { path: [directory] }))
    expect([error.exit, error.message]).toEqual([
      127,
      expect.stringContaining('only inside the project'),
    ])
  })
  it('a project that holds the home directory takes the hit, with a warning', () =>
    expect(
      codes(resolve({ '/home/u/.local/bin/x': program() }, 'x', { project: '/home/u' })),
    ).toEqual(['target-in-project']))
  it('a path in the project is the user’s own word', () =>
    expect(resolve({ '/home/u/p/x': program() }, './x').file).toBe('/home/u/p/x'))
  it('.. leaves the directory that a link leads to', () =>
    expect(
      resolve(
        { '/home/u/p/l': link('/opt/a/b'), '/opt/a/b': dir(), '/opt/a/x': program() },
        'l/../x',
      ).file,
    ).toBe('/opt/a/x'))
})
