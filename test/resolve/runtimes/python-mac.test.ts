import { describe, expect, it } from 'vitest'
import { HOME, mac } from '../../conformance/mac.ts'
import { link, type FakeTree } from '../../fixtures/fake-host.ts'
import {
  frameworkPython,
  homebrewPython,
  linkedPackage,
  macProgram,
  siteOf,
  sourceTree,
  venvTree,
} from '../../fixtures/python-trees.ts'
import { machBytes } from '../../fixtures/mach-bytes.ts'
import { program } from '../../fixtures/uv-tool.ts'

interface Layout {
  readonly title: string
  readonly tree: FakeTree
  readonly command: string
  /** Files that are executed. */
  readonly runs: readonly string[]
  /** Files that are opened. */
  readonly opens: readonly string[]
  /** Links on the way. */
  readonly links: readonly string[]
  /** What lies beside it and stays closed. */
  readonly closed: readonly string[]
}

const FRAMEWORK = '/Library/Frameworks/Python.framework/Versions'
const framework = frameworkPython(FRAMEWORK)
const app = (prefix: string): string => `${prefix}/Resources/Python.app/Contents/MacOS/Python`
const record = { pipx_metadata: '{"main_package":{"package":"vibe"}}' }

const brewLayout = (brew: string): Layout => {
  const keg = `${brew}/Cellar/python@3.12/3.12.4`
  const prefix = `${keg}/Frameworks/Python.framework/Versions/3.12`
  const libexec = `${brew}/Cellar/vibe/2.0/libexec`
  return {
    title: `a formula of Homebrew in ${brew}: its keg, the Python's and those that its receipt lists`,
    tree: {
      ...homebrewPython(brew),
      ...venvTree(libexec, {
        python: '../../../../../opt/python@3.12/bin/python3.12',
        base: `${brew}/opt/python@3.12/bin`,
        config: 'include-system-site-packages = true\n',
        scripts: ['vibe'],
      }),
      [`${brew}/bin/vibe`]: link('../Cellar/vibe/2.0/bin/vibe'),
      [`${brew}/Cellar/vibe/2.0/bin/vibe`]: link('../libexec/bin/vibe'),
      [`${siteOf(libexec)}/homebrew_deps.pth`]: `import site; site.addsitedir('${brew}/opt/certifi/lib/python3.12/site-packages')\n`,
      [`${brew}/opt/certifi`]: link('../Cellar/certifi/2026'),
      [`${brew}/Cellar/certifi/2026/lib/python3.12/site-packages/certifi/cacert.pem`]: '',
      [`${brew}/Cellar/certifi/2026/secret`]: '',
    },
    command: `${brew}/bin/vibe`,
    runs: [`${libexec}/bin/vibe`, `${prefix}/bin/python3.12`, app(prefix)],
    opens: [
      `${prefix}/Python`,
      `${prefix}/lib/python3.12/os.py`,
      `${siteOf(libexec)}/dep/__init__.py`,
      `${brew}/opt/openssl@3/lib/libssl.3.dylib`,
      `${brew}/opt/xz/lib/liblzma.5.dylib`,
      `${brew}/etc/openssl@3/openssl.cnf`,
      `${brew}/etc/ca-certificates/cert.pem`,
      `${brew}/lib/python3.12/site-packages/wheel/__init__.py`,
      `${brew}/opt/certifi/lib/python3.12/site-packages/certifi/cacert.pem`,
    ],
    links: [
      `${brew}/bin/vibe`,
      `${brew}/Cellar/vibe/2.0/bin/vibe`,
      `${libexec}/bin/python`,
      `${brew}/opt/python@3.12`,
      `${keg}/bin/python3.12`,
      `${brew}/opt/openssl@3`,
      `${brew}/opt/certifi`,
    ],
    closed: [
      `${brew}/Cellar/private-formula/1/lib/private.dylib`,
      `${brew}/opt/private-formula/lib/private.dylib`,
      `${brew}/etc/my.cnf`,
      `${brew}/Cellar/certifi/2026/secret`,
    ],
  }
}

const layouts: readonly Layout[] = [
  {
    title: 'a uv tool on a framework build: the second binary in Python.app',
    tree: {
      ...framework,
      ...venvTree('~/.local/share/uv/tools/vibe', {
        python: `${FRAMEWORK}/3.12/bin/python3.12`,
        scripts: [],
      }),
      '~/.local/share/uv/tools/vibe/bin/vibe': program(
        `#!${HOME}/.local/share/uv/tools/vibe/bin/python\n`,
      ),
      '~/.local/share/uv/tools/other/secret': '',
      '~/.local/bin/vibe': link('../share/uv/tools/vibe/bin/vibe'),
    },
    command: 'vibe',
    runs: [
      '~/.local/share/uv/tools/vibe/bin/vibe',
      `${FRAMEWORK}/3.12/bin/python3.12`,
      app(`${FRAMEWORK}/3.12`),
    ],
    opens: [
      `${FRAMEWORK}/3.12/lib/python3.12/os.py`,
      `${FRAMEWORK}/3.12/Python`,
      '~/.local/share/uv/tools/vibe/pyvenv.cfg',
    ],
    links: ['~/.local/bin/vibe', '~/.local/share/uv/tools/vibe/bin/python'],
    closed: ['~/.local/share/uv/tools/other/secret'],
  },
  {
    title:
      "a uv tool in uv's old folder, on its own Python behind the link for the minor version, with packages linked into the old cache",
    tree: {
      '~/Library/Application Support/uv/python/cpython-3.12-macos-aarch64-none': link(
        'cpython-3.12.11-macos-aarch64-none',
      ),
      '~/Library/Application Support/uv/python/cpython-3.12.11-macos-aarch64-none/bin/python3.12':
        macProgram(),
      '~/Library/Application Support/uv/python/cpython-3.12.11-macos-aarch64-none/lib/python3.12/os.py':
        '',
      '~/Library/Application Support/uv/python/cpython-3.11.1-macos-aarch64-none/lib/python3.11/os.py':
        '',
      ...venvTree('~/Library/Application Support/uv/tools/vibe', {
        python: `${HOME}/Library/Application Support/uv/python/cpython-3.12-macos-aarch64-none/bin/python3.12`,
      }),
      '~/Library/Application Support/uv/tools/vibe/bin/vibe': program(
        `#!/bin/sh\n'''exec' '${HOME}/Library/Application Support/uv/tools/vibe/bin/python' "$0" "$@"\n' '''\n`,
      ),
      '~/Library/Application Support/uv/tools/other/secret': '',
      ...linkedPackage(
        `${HOME}/Library/Application Support/uv/tools/vibe/lib/python3.12/site-packages`,
        `${HOME}/Library/Caches/uv`,
        'AbC',
        'rich',
      ),
      '~/Library/Caches/uv/archive-v0/other/secret': '',
      '~/.local/bin/vibe': link(`${HOME}/Library/Application Support/uv/tools/vibe/bin/vibe`),
      '/bin/bash': macProgram(),
      '/private/var/select/sh': link('/bin/bash'),
    },
    command: 'vibe',
    runs: [
      '~/Library/Application Support/uv/tools/vibe/bin/vibe',
      '/bin/sh',
      '/bin/bash',
      '~/Library/Application Support/uv/python/cpython-3.12.11-macos-aarch64-none/bin/python3.12',
    ],
    opens: [
      '~/Library/Application Support/uv/python/cpython-3.12-macos-aarch64-none/lib/python3.12/os.py',
      '~/Library/Caches/uv/archive-v0/AbC/rich/__init__.py',
    ],
    links: [
      '~/.local/bin/vibe',
      '~/Library/Application Support/uv/tools/vibe/bin/python',
      '~/Library/Application Support/uv/python/cpython-3.12-macos-aarch64-none',
    ],
    closed: [
      '~/Library/Application Support/uv/tools/other/secret',
      '~/Library/Application Support/uv/python/cpython-3.11.1-macos-aarch64-none/lib/python3.11/os.py',
      '~/Library/Caches/uv/archive-v0/other/secret',
    ],
  },
  {
    title: 'pipx in Application Support, with its shared packages',
    tree: {
      ...framework,
      ...venvTree('~/Library/Application Support/pipx/venvs/vibe', {
        python: `${FRAMEWORK}/3.12/bin/python3.12`,
      }),
      '~/Library/Application Support/pipx/venvs/vibe/pipx_metadata.json': record.pipx_metadata,
      '~/Library/Application Support/pipx/venvs/vibe/bin/vibe': program(
        `#!/bin/sh\n'''exec' '${HOME}/Library/Application Support/pipx/venvs/vibe/bin/python' "$0" "$@"\n' '''\n`,
      ),
      '~/Library/Application Support/pipx/venvs/vibe/lib/python3.12/site-packages/pipx_shared.pth': `${HOME}/Library/Application Support/pipx/shared/lib/python3.12/site-packages\n`,
      '~/Library/Application Support/pipx/shared/lib/python3.12/site-packages/pip/__init__.py': '',
      '~/Library/Application Support/pipx/shared/secret': '',
      '~/Library/Application Support/pipx/venvs/other/secret': '',
      '~/.local/bin/vibe': link(`${HOME}/Library/Application Support/pipx/venvs/vibe/bin/vibe`),
    },
    command: 'vibe',
    runs: [
      '~/Library/Application Support/pipx/venvs/vibe/bin/vibe',
      '/bin/sh',
      `${FRAMEWORK}/3.12/bin/python3.12`,
      app(`${FRAMEWORK}/3.12`),
    ],
    opens: [
      '~/Library/Application Support/pipx/shared/lib/python3.12/site-packages/pip/__init__.py',
      '~/Library/Application Support/pipx/venvs/vibe/pyvenv.cfg',
    ],
    links: ['~/.local/bin/vibe', '~/Library/Application Support/pipx/venvs/vibe/bin/python'],
    closed: [
      '~/Library/Application Support/pipx/venvs/other/secret',
      '~/Library/Application Support/pipx/shared/secret',
    ],
  },
  brewLayout('/opt/homebrew'),
  brewLayout('/usr/local'),
  {
    title: "pyenv's Python, which was built against Homebrew's libraries",
    tree: {
      ...homebrewPython('/opt/homebrew'),
      '~/.pyenv/versions/3.12.1/bin/python3.12': macProgram(),
      '~/.pyenv/versions/3.12.1/bin/vibe': program(
        `#!${HOME}/.pyenv/versions/3.12.1/bin/python3.12\n`,
      ),
      '~/.pyenv/versions/3.12.1/lib/python3.12/os.py': '',
      '~/.pyenv/versions/3.12.1/lib/python3.12/lib-dynload/_ssl.cpython-312-darwin.so': machBytes([
        '/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib',
      ]),
      '~/.pyenv/versions/3.11.7/lib/python3.11/os.py': '',
      '~/.pyenv/shims/vibe': program(`#!/usr/bin/env bash\nexport PYENV_ROOT="${HOME}/.pyenv"\n`),
      '~/.pyenv/version': '3.12.1\n',
      '~/.local/bin/vibe': link(`${HOME}/.pyenv/shims/vibe`),
    },
    command: 'vibe',
    runs: ['~/.pyenv/versions/3.12.1/bin/vibe', '~/.pyenv/versions/3.12.1/bin/python3.12'],
    opens: [
      '~/.pyenv/versions/3.12.1/lib/python3.12/os.py',
      '/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib',
      '/opt/homebrew/etc/openssl@3/openssl.cnf',
    ],
    links: ['/opt/homebrew/opt/openssl@3'],
    closed: [
      '~/.pyenv/versions/3.11.7/lib/python3.11/os.py',
      '/opt/homebrew/Cellar/xz/5.8.1/lib/liblzma.5.dylib',
      '/opt/homebrew/Cellar/python@3.12/3.12.4/INSTALL_RECEIPT.json',
    ],
  },
  {
    title: "the Python of Apple's command line tools, with the user's packages",
    tree: {
      ...frameworkPython(
        '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions',
        '3.9',
      ),
      '/Library/Developer/CommandLineTools/usr/bin/python3': link(
        '../../Library/Frameworks/Python3.framework/Versions/3.9/bin/python3.9',
      ),
      '/Library/Developer/CommandLineTools/usr/lib/secret': '',
      '~/Library/Python/3.9/lib/python/site-packages/vibe/__init__.py': '',
      '~/Library/Python/3.9/secret': '',
      '~/.local/bin/vibe': program('#!/Library/Developer/CommandLineTools/usr/bin/python3\n'),
    },
    command: 'vibe',
    runs: [
      '~/.local/bin/vibe',
      '/Library/Developer/CommandLineTools/usr/bin/python3',
      app('/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9'),
    ],
    opens: [
      '/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9/lib/python3.9/os.py',
      '~/Library/Python/3.9/lib/python/site-packages/vibe/__init__.py',
    ],
    links: ['/Library/Developer/CommandLineTools/usr/bin/python3'],
    closed: ['/Library/Developer/CommandLineTools/usr/lib/secret', '~/Library/Python/3.9/secret'],
  },
  {
    title: 'an editable package: its modules, not the secrets beside them',
    tree: {
      ...framework,
      ...sourceTree(`${HOME}/code/demo`, 'demo'),
      ...venvTree('~/.local/share/uv/tools/demo', { python: `${FRAMEWORK}/3.12/bin/python3.12` }),
      '~/.local/share/uv/tools/demo/bin/demo': program(
        `#!${HOME}/.local/share/uv/tools/demo/bin/python\n`,
      ),
      '~/.local/share/uv/tools/demo/lib/python3.12/site-packages/demo.pth': `${HOME}/code/demo/src`,
      '~/.local/bin/demo': link('../share/uv/tools/demo/bin/demo'),
    },
    command: 'demo',
    runs: ['~/.local/share/uv/tools/demo/bin/demo'],
    opens: ['~/code/demo/src/demo/__init__.py'],
    links: ['~/.local/bin/demo'],
    closed: ['~/code/demo/.env', '~/code/demo/pyproject.toml'],
  },
]

describe.each(layouts)('macOS: $title', ({ tree, command, runs, opens, links, closed }) => {
  // The profile of the base alone: what is let through is let through for the target.
  const machine = mac(tree, { request: { profile: 'base' }, words: [command], purpose: 'run' })

  it('lets each program run and each file be read', async () => {
    const { may, real } = await machine
    expect(Object.fromEntries(runs.map((path) => [path, may('exec', path)]))).toEqual(
      Object.fromEntries(runs.map((path) => [path, true])),
    )
    expect(Object.fromEntries(opens.map((path) => [path, may('read', path)]))).toEqual(
      Object.fromEntries(opens.map((path) => [path, true])),
    )
    expect(runs.map(real).filter((path) => path.includes('..'))).toEqual([])
  })
  it('lets each link be passed', async () => {
    const { asks } = await machine
    const at = (path: string): string => path.replace(/^~/, HOME)
    expect(
      links.filter(
        (path) => !asks('file-read-metadata', { path: at(path), 'vnode-type': 'SYMLINK' }),
      ),
    ).toEqual([])
  })
  it('opens nothing beside them, and nothing for writing', async () => {
    const { may } = await machine
    expect([
      ...closed.filter((path) => may('read', path)),
      ...[...runs, ...opens, ...closed].filter((path) => may('write', path)),
    ]).toEqual([])
    expect(closed.length).toBeGreaterThan(0)
  })
})
