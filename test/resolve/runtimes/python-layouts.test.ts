import { describe, expect, it } from 'vitest'
import {
  codesOf,
  condaTree,
  directUrl,
  linkedPackage,
  resolvePython,
  rootsOf,
  siteOf,
  sourceTree,
  venvTree,
} from '../../fixtures/python-trees.ts'
import { dir, file, link, type FakeTree } from '../../fixtures/fake-host.ts'
import { program, pythonInstallation, uvPaths, uvTool } from '../../fixtures/uv-tool.ts'

const uv = uvPaths()
const site = siteOf(uv.venv)
const cache = '/home/u/.cache/uv'
const python = '/opt/py/bin/python3.12'
const base = pythonInstallation('/opt/py')
const messages = (target: ReturnType<typeof resolvePython>): string =>
  target.notices.map((notice) => notice.message).join('\n')

describe('uv: link mode symlink', () => {
  const linked = {
    ...uvTool(),
    ...linkedPackage(site, cache, 'AbC_d-1', 'click'),
    ...linkedPackage(site, cache, 'XyZ', 'rich'),
    [`${cache}/archive-v0/other/x/__init__.py`]: '',
    [`${cache}/simple-v27/x`]: '',
  }

  it('grants the archives of its packages, never the cache', () =>
    expect(rootsOf(resolvePython(linked, 'vibe'))).toEqual([
      uv.venv,
      `${cache}/archive-v0/AbC_d-1`,
      `${cache}/archive-v0/XyZ`,
      uv.base,
    ]))
  it('says why as a sentence', () =>
    expect(resolvePython(linked, 'vibe').reads[1]?.chain.slice(-2)).toEqual([
      '~/.local/share/uv/tools/mistral-vibe is its virtual environment',
      "its package click-1.0 is links into uv's cache, to ~/.cache/uv/archive-v0/AbC_d-1",
    ]))
  it('finds the archive of a single module, and of a .pth file that is a link', () => {
    const tree = {
      ...uvTool(),
      [`${cache}/archive-v0/one/six.py`]: '',
      [`${cache}/archive-v0/one/six-1.0.dist-info/METADATA`]: '',
      [`${site}/six.py`]: link(`${cache}/archive-v0/one/six.py`),
    }
    expect(rootsOf(resolvePython(tree, 'vibe'))).toContain(`${cache}/archive-v0/one`)
  })
  it('a cache that was somewhere else when it was installed is known by its form', () => {
    const tree = { ...uvTool(), ...linkedPackage(site, '/data/uv', 'id', 'click') }
    expect(rootsOf(resolvePython(tree, 'vibe'))).toContain('/data/uv/archive-v0/id')
  })
  it('keeps the links on the way to the cache', () => {
    const archive = linkedPackage('/nowhere', cache, 'via', 'via')
    const target = resolvePython(
      {
        ...uvTool(),
        ...archive,
        '/home/u/cache': link('.cache'),
        [`${site}/via-1.0.dist-info/METADATA`]: link(
          '/home/u/cache/uv/archive-v0/via/via-1.0.dist-info/METADATA',
        ),
      },
      'vibe',
    )
    expect(rootsOf(target)).toContain(`${cache}/archive-v0/via`)
    expect(target.hops.map((hop) => hop.path)).toContain('/home/u/cache')
  })
  it('copies need nothing', () =>
    expect(
      rootsOf(
        resolvePython({ ...uvTool(), [`${cache}/archive-v0/AbC/x/__init__.py`]: '' }, 'vibe'),
      ),
    ).toEqual([uv.venv, uv.base]))
  it('a link to anywhere else is reported, not granted', () => {
    const target = resolvePython(
      {
        ...uvTool(),
        [`${site}/apt`]: link('/srv/modules/apt'),
        '/srv/modules/apt/__init__.py': '',
      },
      'vibe',
    )
    expect([rootsOf(target), codesOf(target)]).toEqual([[uv.venv, uv.base], ['package-link']])
    expect(messages(target)).toContain('--read /srv/modules/apt')
  })
})

describe('uv: environments in the cache', () => {
  const environment = `${cache}/archive-v0/eVp5SOnJ7IKe`
  const tree = { ...base, ...venvTree(environment, { python, scripts: ['vibe'] }) }

  it.each([environment, `${cache}/environments-v2/demo-1234`, `${cache}/builds-v0/x`])(
    '%s is refused with the reason',
    (root) =>
      expect(() =>
        resolvePython(
          { ...base, ...venvTree(root, { python, scripts: ['vibe'] }) },
          `${root}/bin/vibe`,
        ),
      ).toThrow(/which uv makes for one run/),
  )
  it("is granted, and nothing beside it, when the user's own grant covers it", () =>
    expect(rootsOf(resolvePython(tree, `${environment}/bin/vibe`, { granted: [cache] }))).toEqual([
      environment,
      '/opt/py',
    ]))
  it.each([
    ['uvx', ['vibe']],
    ['uv', ['tool', 'run', 'vibe']],
    ['uv', ['x', 'vibe']],
    ['uv', ['run', '--with', 'rich', 'vibe']],
    ['uv', ['run', '--isolated', 'vibe']],
  ])('%s %j is refused, and the hint names the ways out', (command, args) => {
    const uvs = { ...tree, '/usr/bin/uv': program(), '/usr/bin/uvx': program() }
    expect(() => resolvePython(uvs, command, { args })).toThrow(
      expect.objectContaining({
        code: 'E_TARGET_BLOCKED',
        hint: expect.stringMatching(/uv tool install NAME.*--read \/home\/u\/\.cache\/uv/),
      }),
    )
    expect(codesOf(resolvePython(uvs, command, { args, granted: [cache] }))).toEqual([
      'uv-temporary',
    ])
  })
  it.each([
    [{ UV_CACHE_DIR: '/data/c' }, '/data/c'],
    [{ XDG_CACHE_HOME: '/data/x' }, '/data/x/uv'],
    [
      { XDG_CACHE_HOME: 'relative', UV_CACHE_DIR: 'relative' },
      '~/.cache/uv'.replace('~', '/home/u'),
    ],
  ])('%j: the cache is %s', (env, expected) =>
    expect(() => resolvePython({ '/usr/bin/uvx': program() }, 'uvx', { env, args: ['x'] })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining(`--read ${expected}`) }),
    ),
  )
})

describe('uv run', () => {
  const project = '/home/u/p'
  const tree = {
    ...base,
    '/usr/bin/uv': program(),
    [`${project}/pyproject.toml`]: '',
    ...venvTree(`${project}/.venv`, { python, scripts: ['demo'] }),
  }
  const run = (
    args: readonly string[],
    more: FakeTree = {},
    options: Parameters<typeof resolvePython>[2] = {},
  ) => resolvePython({ ...tree, ...more }, 'uv', { args: ['run', ...args], ...options })

  it('is uv and what it starts', () => {
    const target = run(['demo'])
    expect([target.runtime, target.file]).toEqual(['uv-run', '/usr/bin/uv'])
    expect(target.executables.map((part) => part.path.real)).toEqual([
      '/usr/bin/uv',
      `${project}/.venv/bin/demo`,
      python,
    ])
    expect(rootsOf(target)).toEqual([`${project}/.venv`, '/opt/py'])
  })
  it.each([
    [['--quiet', '--extra', 'dev', '--', 'demo']],
    [['--python=3.12', 'demo', '--with', 'its own flag']],
    [['-p', '3.12', 'demo']],
  ])('%j finds the program behind the flags', (args) =>
    expect(run(args).executables.map((part) => part.path.real)).toContain(
      `${project}/.venv/bin/demo`,
    ),
  )
  it.each([[['-m', 'demo']], [['main.py']], [['-']]])('%j starts the interpreter', (args) =>
    expect(run(args).executables.map((part) => part.path.real)).toEqual(['/usr/bin/uv', python]),
  )
  it('the project above, and its environment', () =>
    expect(
      rootsOf(run(['demo'], { [`${project}/sub`]: dir() }, { cwd: `${project}/sub` })),
    ).toContain(`${project}/.venv`))
  it('the environment of a workspace lies beside the outer pyproject.toml', () =>
    expect(
      rootsOf(
        run(['demo'], { [`${project}/member/pyproject.toml`]: '' }, { cwd: `${project}/member` }),
      ),
    ).toContain(`${project}/.venv`))
  it.each([
    ['/home/u/envs/e', '/home/u/envs/e'],
    ['env', `${project}/env`],
  ])('UV_PROJECT_ENVIRONMENT=%s', (value, root) =>
    expect(
      rootsOf(
        run(['other'], venvTree(root, { python, scripts: ['other'] }), {
          env: { UV_PROJECT_ENVIRONMENT: value },
        }),
      ),
    ).toContain(root),
  )
  it('what is not there is said', () => {
    expect(() => run(['nothing'])).toThrow(/would find no nothing/)
    expect(
      codesOf(resolvePython({ '/usr/bin/uv': program() }, 'uv', { args: ['run', 'x'] })),
    ).toEqual(['uv-environment-missing'])
  })
  it('other commands of uv need no environment', () =>
    expect(rootsOf(resolvePython(tree, 'uv', { args: ['sync'] }))).toEqual([]))
})

describe('packages that are links to their sources', () => {
  const source = '/home/u/code/demo'
  const tree = { ...uvTool(), ...sourceTree(source, 'demo') }
  const finder = (mapping: string, namespaces = '{}') =>
    `import sys\nMAPPING: dict[str, str] = ${mapping}\nNAMESPACES: dict[str, list[str]] = ${namespaces}\n`
  const finderTree = (mapping: string, namespaces?: string): FakeTree => ({
    [`${site}/__editable__.demo-1.0.pth`]:
      'import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()',
    [`${site}/__editable___demo_1_0_finder.py`]: finder(mapping, namespaces),
  })

  it.each<[string, FakeTree, string[]]>([
    [
      '.pth of uv and hatch',
      { [`${site}/_editable_impl_demo.pth`]: `${source}/src` },
      [`${source}/src`],
    ],
    [
      '.pth with a byte order mark, a remark and Windows line ends',
      { [`${site}/demo.pth`]: `\ufeff# here\r\n${source}/src\r\n` },
      [`${source}/src`],
    ],
    [
      '.pth relative to site-packages',
      { [`${site}/demo.pth`]: '../../../../../../../../code/demo/src' },
      [`${source}/src`],
    ],
    ['.egg-link', { [`${site}/demo.egg-link`]: `${source}/src\n../` }, [`${source}/src`]],
    [
      'a finder of setuptools',
      finderTree(`{'demo': '${source}/src/demo'}`),
      [`${source}/src/demo`],
    ],
    [
      'a finder with a single module',
      { ...finderTree(`{'one': '${source}/src/one'}`), [`${source}/src/one.py`]: '' },
      [`${source}/src/one.py`],
    ],
    [
      'a finder with a namespace',
      finderTree('{}', `{'ns': ['${source}/src/demo']}`),
      [`${source}/src/demo`],
    ],
    [
      'direct_url.json, where only code leads to the source',
      {
        ...directUrl(site, 'demo', `file://${source}`),
        [`${site}/_demo_editable.pth`]: 'import _demo_loader',
      },
      [source],
    ],
    [
      'direct_url.json beside a .pth that is narrower',
      { ...directUrl(site, 'demo', `file://${source}`), [`${site}/demo.pth`]: `${source}/src` },
      [`${source}/src`],
    ],
    [
      'direct_url.json with %20',
      {
        ...directUrl(site, 'demo', 'file:///home/u/my%20code'),
        [`${site}/x.pth`]: 'import x',
        '/home/u/my code/setup.py': '',
      },
      ['/home/u/my code'],
    ],
    [
      'a receipt, where nothing else names the source',
      {
        [`${uv.venv}/uv-receipt.toml`]: `[tool]\nrequirements = [{ name = "demo", editable = "${source}" }]\n`,
      },
      [source],
    ],
    [
      'an old receipt',
      {
        [`${uv.venv}/uv-receipt.toml`]: `[tool]\nrequirements = [{ name = "demo", directory = "${source}", editable = true }]\n`,
      },
      [source],
    ],
    [
      "Homebrew's site.addsitedir",
      {
        [`${site}/homebrew_deps.pth`]:
          "import site; site.addsitedir('/opt/x/lib/python3.12/site-packages')\n",
        '/opt/x/lib/python3.12/site-packages/y.py': '',
      },
      ['/opt/x/lib/python3.12/site-packages'],
    ],
  ])('%s', (_, more, roots) =>
    expect(rootsOf(resolvePython({ ...tree, ...more }, 'vibe'))).toEqual([
      uv.venv,
      ...roots,
      uv.base,
    ]),
  )

  it('a package that was copied from a directory needs none of it', () => {
    const copied = {
      ...tree,
      [`${site}/demo-1.0.dist-info/direct_url.json`]: JSON.stringify({
        url: `file://${source}`,
        dir_info: {},
      }),
      [`${site}/x.pth`]: 'import x',
    }
    expect(rootsOf(resolvePython(copied, 'vibe'))).toEqual([uv.venv, uv.base])
  })
  it('a source inside the project stays as writable as the project, and is said', () => {
    const target = resolvePython(
      { ...uvTool(), ...sourceTree('/home/u/p', 'demo'), [`${site}/demo.pth`]: '/home/u/p/src' },
      'vibe',
    )
    expect([rootsOf(target), codesOf(target)]).toEqual([
      [uv.venv, uv.base],
      ['editable-in-project'],
    ])
    expect(target.notices[0]?.level).toBe('warning')
  })
  it('so is the project itself in its own environment, as a remark', () => {
    const root = '/home/u/p/.venv'
    const target = resolvePython(
      {
        ...base,
        ...venvTree(root, { python, scripts: ['demo'] }),
        [`${siteOf(root)}/demo.pth`]: '/home/u/p/src',
        '/home/u/p/src/demo/__init__.py': '',
      },
      './.venv/bin/demo',
    )
    expect(rootsOf(target)).toEqual([root, '/opt/py'])
    expect(target.notices).toContainEqual(
      expect.objectContaining({ level: 'info', code: 'editable-in-project' }),
    )
  })
  it('a source that is gone is said', () =>
    expect(
      codesOf(
        resolvePython(
          {
            ...uvTool(),
            ...directUrl(site, 'demo', 'file:///home/u/gone'),
            [`${site}/x.pth`]: 'import x',
          },
          'vibe',
        ),
      ),
    ).toEqual(['editable-package']))
  it('a world-writable source is said', () => {
    const target = resolvePython(
      {
        ...uvTool(),
        '/home/u/code/demo': dir({}, { mode: 0o777 }),
        ...sourceTree(source, 'demo'),
        [`${site}/demo.pth`]: source,
      },
      'vibe',
    )
    expect([rootsOf(target), codesOf(target)]).toEqual([
      [uv.venv, source, uv.base],
      ['target-world-writable'],
    ])
  })
})

describe('include-system-site-packages', () => {
  const yes = 'include-system-site-packages = true\n'
  const tree = (config: string): FakeTree => ({
    ...base,
    ...venvTree('/home/u/v', { python, config, scripts: ['x'] }),
    [`${siteOf('/opt/py')}/shared.pth`]: '/home/u/code/demo/src',
    '/home/u/.local/lib/python3.12/site-packages/mine.pth': '/home/u/code/own/src',
    ...sourceTree('/home/u/code/demo', 'demo'),
    ...sourceTree('/home/u/code/own', 'own'),
  })
  const beyond = [
    '/home/u/code/demo/src',
    '/home/u/.local/lib/python3.12/site-packages',
    '/home/u/code/own/src',
  ]
  it("true: the base's packages, the user's, and what both add", () =>
    expect(rootsOf(resolvePython(tree(yes), '/home/u/v/bin/x'))).toEqual([
      '/home/u/v',
      '/opt/py',
      ...beyond,
    ]))
  it('false: none of them', () =>
    expect(rootsOf(resolvePython(tree(''), '/home/u/v/bin/x'))).toEqual(['/home/u/v', '/opt/py']))
  it('no environment at all: the same as true', () =>
    expect(rootsOf(resolvePython(tree(''), '/opt/py/bin/python3'))).toEqual(['/opt/py', ...beyond]))
})

describe('pipx', () => {
  const record = JSON.stringify({ main_package: { package: 'vibe' } })
  const home = (root: string): FakeTree => ({
    ...base,
    ...venvTree(`${root}/venvs/vibe`, { python, scripts: ['vibe'] }),
    [`${root}/venvs/vibe/pipx_metadata.json`]: record,
    [`${siteOf(`${root}/venvs/vibe`)}/pipx_shared.pth`]: `${siteOf(`${root}/shared`)}\n`,
    [`${siteOf(`${root}/shared`)}/pip/__init__.py`]: '',
    [`${root}/venvs/other/pyvenv.cfg`]: '',
    '/home/u/.local/bin/vibe': link(`${root}/venvs/vibe/bin/vibe`),
  })
  it.each([
    '/home/u/.local/pipx',
    '/home/u/.local/share/pipx',
    '/home/u/Library/Application Support/pipx',
    '/data/pipx',
    '/opt/pipx',
  ])('home %s: the environment, the shared packages, the base', (root) => {
    const spaced = root.includes(' ')
      ? {
          [`${root}/venvs/vibe/bin/vibe`]: program(
            `#!/bin/sh\n'''exec' "${root}/venvs/vibe/bin/python" "$0" "$@"\n' '''\n`,
          ),
        }
      : {}
    const target = resolvePython({ ...home(root), ...spaced }, 'vibe')
    expect([target.runtime, rootsOf(target), codesOf(target)]).toEqual([
      'pipx',
      [`${root}/venvs/vibe`, siteOf(`${root}/shared`), '/opt/py'],
      [],
    ])
  })
})

describe('conda, mamba, micromamba and pixi', () => {
  const prefix = '/home/u/mamba/envs/vibe'
  it('an environment is its prefix', () => {
    const target = resolvePython(condaTree(prefix), `${prefix}/bin/vibe`)
    expect([target.runtime, rootsOf(target)]).toEqual(['conda', [prefix]])
  })
  it('a base installation is granted without its other environments and packages', () => {
    const root = '/home/u/miniconda3'
    const target = resolvePython(
      {
        ...condaTree(root),
        ...condaTree(`${root}/envs/other`),
        [`${root}/pkgs/x/info/index.json`]: '',
        [`${root}/.condarc`]: '',
      },
      `${root}/bin/vibe`,
    )
    expect(rootsOf(target)).toEqual([`${root}/bin`, `${root}/lib`, `${root}/conda-meta`])
  })
  it('soft links: the packages that conda-meta lists, not the cache', () => {
    const pkgs = '/opt/conda/pkgs'
    const soft = {
      [`${prefix}/lib/libssl.so.3`]: link(`${pkgs}/openssl-3.0.8-h2_0/lib/libssl.so.3`),
      [`${pkgs}/openssl-3.0.8-h2_0/lib/libssl.so.3`]: '',
      [`${pkgs}/openssl-3.0.8-h2_0/info/index.json`]: '{}',
      [`${pkgs}/other-1/info/index.json`]: '{}',
    }
    const { [`${prefix}/lib/libssl.so.3`]: _, ...hard } = condaTree(prefix)
    expect(rootsOf(resolvePython({ ...hard, ...soft }, `${prefix}/bin/vibe`))).toEqual([
      prefix,
      `${pkgs}/openssl-3.0.8-h2_0`,
    ])
  })
  it('a prefix that is reached through a link keeps the link', () => {
    const target = resolvePython(
      { ...condaTree(prefix), '/home/u/m': link('mamba') },
      '/home/u/m/envs/vibe/bin/vibe',
    )
    expect([rootsOf(target), target.hops.map((hop) => hop.path)]).toEqual([
      [prefix],
      ['/home/u/m', `${prefix}/bin/python`],
    ])
  })
  it("pixi's trampoline is stepped through", () => {
    const root = '/home/u/.pixi'
    const trampoline = (exe: string): FakeTree => ({
      ...condaTree(`${root}/envs/vibe`),
      [`${root}/bin/vibe`]: program(),
      [`${root}/bin/trampoline_configuration/vibe.json`]: JSON.stringify({
        exe,
        path_diff: '',
        env: {},
      }),
      '/home/u/tax/run': program(),
    })
    const target = resolvePython(trampoline(`${root}/envs/vibe/bin/vibe`), `${root}/bin/vibe`)
    expect([target.file, rootsOf(target), codesOf(target)]).toEqual([
      `${root}/envs/vibe/bin/vibe`,
      [`${root}/envs/vibe`],
      ['shim'],
    ])
    expect(codesOf(resolvePython(trampoline('/home/u/tax/run'), `${root}/bin/vibe`))).toEqual([
      'shim-unknown',
    ])
  })
})

describe('pyenv', () => {
  const root = '/home/u/.pyenv'
  const shim = program(
    `#!/usr/bin/env bash\nexport PYENV_ROOT="${root}"\nexec "${root}/libexec/pyenv" exec "$program" "$@"\n`,
  )
  const tree = {
    ...pythonInstallation(`${root}/versions/3.12.1`),
    ...pythonInstallation(`${root}/versions/3.11.7`, '3.11'),
    [`${root}/shims/python3`]: shim,
    '/usr/bin/python3.11': program(),
    '/usr/bin/python3': link('python3.11'),
    '/usr/lib/python3.11/os.py': '',
  }
  const found = (text: string) =>
    resolvePython({ ...tree, '/home/u/p/.python-version': text }, 'python3', {
      path: [`${root}/shims`, '/usr/bin'],
    }).file
  it.each([
    [
      'the first of several versions that is installed',
      '3.13.0\n3.12.1\n3.11.7\n',
      `${root}/versions/3.12.1/bin/python3`,
    ],
    ['a remark', '# use this\n3.11.7 # not that\n', `${root}/versions/3.11.7/bin/python3`],
    ['system: what PATH has without the shims', 'system\n', '/usr/bin/python3'],
  ])('%s', (_, text, file) => expect(found(text)).toBe(file))
  it('an environment of pyenv-virtualenv is granted beside the version that it stands on', () => {
    const environment = `${root}/versions/3.12.1/envs/e`
    const target = resolvePython(
      {
        ...tree,
        ...venvTree(environment, {
          python: `${root}/versions/3.12.1/bin/python3.12`,
          scripts: ['x'],
        }),
        [`${root}/versions/e`]: link('3.12.1/envs/e'),
        [`${root}/shims/x`]: shim,
        '/home/u/p/.python-version': 'e\n',
      },
      'x',
      { path: [`${root}/shims`] },
    )
    expect([target.file, rootsOf(target)]).toEqual([
      `${root}/versions/e/bin/x`,
      [environment, `${root}/versions/3.12.1`],
    ])
  })
})

describe('the Python that a package asks for', () => {
  const metadata = (name: string, wanted: string): FakeTree => ({
    [`${siteOf('/home/u/v', '3.9')}/${name}-1.0.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nRequires-Python: ${wanted}\n\nRequires-Python: >=9\n`,
  })
  const old = {
    ...pythonInstallation('/opt/py', '3.9'),
    ...venvTree('/home/u/v', {
      python: '/opt/py/bin/python3.9',
      version: '3.9',
      scripts: ['vibe'],
    }),
  }
  const entry = {
    [`${siteOf('/home/u/v', '3.9')}/mistral_vibe-1.0.dist-info/entry_points.txt`]:
      '[console_scripts]\nvibe = vibe.cli:main\n',
  }
  it.each<[string, FakeTree, string[]]>([
    [
      'too old, by the entry points',
      { ...entry, ...metadata('mistral_vibe', '>=3.12') },
      ['python-too-old'],
    ],
    ['new enough', { ...entry, ...metadata('mistral_vibe', '>=3.9,<4') }, []],
    [
      "too old, by uv's receipt",
      {
        ...metadata('mistral_vibe', '~=3.10'),
        '/home/u/v/uv-receipt.toml':
          '[tool]\nrequirements = [{ name = "mistral-vibe" }]\nentrypoints = [{ name = "vibe", install-path = "/x", from = "Mistral.Vibe" }]\n',
      },
      ['python-too-old'],
    ],
    [
      "too old, by pipx's record",
      {
        ...metadata('mistral_vibe', '>3.9, >=3.11'),
        '/home/u/v/pipx_metadata.json': '{"main_package":{"package":"mistral-vibe"}}',
      },
      ['python-too-old'],
    ],
    [
      'the requirement of another package does not count',
      { ...entry, ...metadata('mistral_vibe', '>=3.8'), ...metadata('other', '>=3.13') },
      [],
    ],
  ])('%s', (_, more, codes) =>
    expect(codesOf(resolvePython({ ...old, ...more }, '/home/u/v/bin/vibe'))).toEqual(codes),
  )
  it('the notice names both', () =>
    expect(
      messages(
        resolvePython(
          { ...old, ...entry, ...metadata('mistral_vibe', '>=3.12') },
          '/home/u/v/bin/vibe',
        ),
      ),
    ).toBe('mistral_vibe-1.0 needs Python >=3.12, and ~/v/bin/python is Python 3.9'))
  it('a world-writable environment is said', () =>
    expect(
      codesOf(
        resolvePython(
          {
            ...base,
            '/home/u/v': dir({}, { mode: 0o777 }),
            ...venvTree('/home/u/v', { python, scripts: ['x'] }),
            '/home/u/v/.lock': file('', { mode: 0o666 }),
          },
          '/home/u/v/bin/x',
        ),
      ),
    ).toEqual(['target-world-writable']))
})
