import { describe, expect, it } from 'vitest'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import {
  dir,
  fakeHost,
  file,
  link,
  type FakeOverrides,
  type FakeTree,
} from '../../fixtures/fake-host.ts'
import { program, pythonInstallation, systemTree } from '../../fixtures/uv-tool.ts'

const root = '/home/u/.pyenv'
const SHIM = `#!/usr/bin/env bash\nset -e\nprogram="\${0##*/}"\nexport PYENV_ROOT="${root}"\nexec "${root}/libexec/pyenv" exec "$program" "$@"\n`
const pyenv: FakeTree = {
  ...systemTree,
  ...pythonInstallation(`${root}/versions/3.12.1`),
  ...pythonInstallation(`${root}/versions/3.12.11`),
  ...pythonInstallation(`${root}/versions/3.11.7`, '3.11'),
  '/usr/bin/bash': program(),
  [`${root}/shims/python3`]: program(SHIM),
  [`${root}/libexec/pyenv`]: program('#!/usr/bin/env bash\n'),
  [`${root}/version`]: '3.11.7\n',
}
const resolve = (tree: FakeTree, command: string, overrides: FakeOverrides = {}) => {
  const host = fakeHost(tree, overrides)
  return resolveTarget(host, command, {
    searchPath: [`${root}/shims`, '/home/u/.asdf/shims', '/home/u/bin', '/usr/bin'],
    project: '/home/u/p' as AbsolutePath,
    cwd: host.cwd,
    platform: 'linux',
  })
}
const codes = (target: ReturnType<typeof resolve>) => target.notices.map((notice) => notice.code)

describe('pyenv', () => {
  it.each([
    ['version file', {}, {}, '3.11.7'],
    ['.python-version above', { '/home/u/.python-version': '3.12.1\n' }, {}, '3.12.1'],
    [
      'PYENV_VERSION',
      { '/home/u/.python-version': '3.12.1\n' },
      { PYENV_VERSION: '3.12.11:3.11.7' },
      '3.12.11',
    ],
    ['a prefix means its highest', {}, { PYENV_VERSION: '3.12' }, '3.12.11'],
    [
      'a version that is not installed is passed over',
      {},
      { PYENV_VERSION: '3.9.1:3.12.1' },
      '3.12.1',
    ],
  ] as const)('%s', (_, tree, env, version) => {
    const target = resolve({ ...pyenv, ...tree }, 'python3', { env })
    expect(target.file).toBe(`${root}/versions/${version}/bin/python3`)
    expect(target.reads.map((part) => part.path.real)).toEqual([`${root}/versions/${version}`])
    expect(codes(target)).toEqual(['shim'])
  })
  it.each(['../../../secret', '..', 'system', ''])('.python-version %j leads nowhere', (text) =>
    expect(
      codes(
        resolve(
          { ...pyenv, '/home/u/p/.python-version': text, '/home/u/secret/bin/python3': program() },
          'python3',
        ),
      ),
    ).toContain('shim-unknown'),
  )
  it('env finds the shim: pyenv is part of the target, and so is what it starts', () => {
    const target = resolve({ ...pyenv, '/home/u/bin/x': program('#!/usr/bin/env python3\n') }, 'x')
    expect(target.executables.map((part) => part.path.real)).toEqual([
      '/home/u/bin/x',
      '/usr/bin/env',
      `${root}/shims/python3`,
      '/usr/bin/bash',
      `${root}/versions/3.11.7/bin/python3.11`,
    ])
    expect(target.reads.map((part) => part.path.real)).toEqual([
      `${root}/libexec`,
      `${root}/version`,
      `${root}/versions/3.11.7`,
    ])
  })
})

describe('others', () => {
  const asdf = (comment: string): FakeTree => ({
    ...systemTree,
    '/usr/bin/bash': program(),
    '/home/u/.asdf/shims/x': program(`#!/usr/bin/env bash\n${comment}exec asdf exec "x" "$@"\n`),
    '/home/u/.asdf/installs/nodejs/20.1.0/bin/x': program(),
  })
  it('asdf with one version', () =>
    expect(resolve(asdf('# asdf-plugin: nodejs 20.1.0\n'), 'x').file).toBe(
      '/home/u/.asdf/installs/nodejs/20.1.0/bin/x',
    ))
  it('asdf with two is not guessed', () =>
    expect(
      codes(resolve(asdf('# asdf-plugin: nodejs 20.1.0\n# asdf-plugin: nodejs 22.1.0\n'), 'x')),
    ).toEqual(['shim-unknown']))
  it.each([
    [
      '.tool-versions of the project',
      { '/home/u/p/.tool-versions': 'nodejs 20.1.0 # comment\n' },
      {},
    ],
    [
      '.tool-versions of the home directory',
      { '/home/u/.tool-versions': 'python 3.12.1\nnodejs 9.9.9 20.1.0\n' },
      {},
    ],
    ['a variable', {}, { ASDF_NODEJS_VERSION: '20.1.0' }],
  ])('asdf with two, %s chooses', (_, tree: FakeTree, env) =>
    expect(
      resolve(
        { ...asdf('# asdf-plugin: nodejs 22.1.0\n# asdf-plugin: nodejs 20.1.0\n'), ...tree },
        'x',
        { env },
      ).file,
    ).toBe('/home/u/.asdf/installs/nodejs/20.1.0/bin/x'),
  )
  it.each(['mise', 'volta-shim'])(
    '%s itself is no shim; a link to it that no file explains is not guessed',
    (name) => {
      expect(
        codes(
          resolve(
            {
              [`/opt/${name}`]: program(),
              '/home/u/bin/x': link(`/opt/${name}`),
              '/home/u/p': dir(),
            },
            'x',
          ),
        ),
      ).toEqual(['shim-unknown'])
      expect(codes(resolve({ [`/opt/${name}`]: program() }, `/opt/${name}`))).toEqual([])
    },
  )
})

describe('mise', () => {
  const installs = '/home/u/.local/share/mise/installs'
  const mise = (tree: FakeTree): FakeTree => ({
    ...systemTree,
    '/opt/mise': program(),
    '/home/u/bin/node': link('/opt/mise'),
    [`${installs}/node/22.1.0/bin/node`]: program(),
    [`${installs}/node/22.10.0/bin/node`]: program(),
    [`${installs}/node/20.1.0/bin/node`]: program(),
    ...tree,
  })
  const secret: FakeTree = {
    '/home/u/evil/bin/node': program(),
    '/home/u/p/evil/bin/node': program(),
  }
  it.each([
    [
      'the global file',
      { '/home/u/.config/mise/config.toml': '[tools]\nnode = "20.1.0"\n' },
      {},
      '20.1.0',
    ],
    [
      'a prefix means its highest, by number',
      { '/home/u/.config/mise/config.toml': '[tools]\nnode = "22"\n' },
      {},
      '22.10.0',
    ],
    [
      'the project before the global file',
      {
        '/home/u/.config/mise/config.toml': '[tools]\nnode = "20.1.0"\n',
        '/home/u/p/mise.toml': '[tools]\nnode = { version = "22.1.0" }\n',
      },
      {},
      '22.1.0',
    ],
    [
      'the nearest directory',
      {
        '/home/u/p/.mise.toml': '[tools]\nnode = ["20.1.0", "22.1.0"]\n',
        '/home/u/mise.toml': '[tools]\nnode = "22.1.0"\n',
      },
      {},
      '20.1.0',
    ],
    [
      '.tool-versions with the old name',
      { '/home/u/p/.tool-versions': 'nodejs 20.1.0\n' },
      {},
      '20.1.0',
    ],
    ['.node-version', { '/home/u/p/.node-version': 'v20.1.0\n' }, {}, '20.1.0'],
    [
      'a variable',
      { '/home/u/p/mise.toml': '[tools]\nnode = "22.1.0"\n' },
      { MISE_NODE_VERSION: '20.1.0' },
      '20.1.0',
    ],
  ] as const)('%s', (_, tree, env, version) =>
    expect(resolve(mise(tree), 'node', { env }).file).toBe(`${installs}/node/${version}/bin/node`),
  )
  it.each([
    ['a version that leads out', '[tools]\nnode = "../../../../../../evil"\n'],
    ['a path', '[tools]\nnode = "path:/home/u/evil"\n'],
    ['a tool that leads out', '[tools]\n"../../../../evil" = "bin"\n'],
    ['a version that is not installed', '[tools]\nnode = "18"\n'],
    ['broken', '[tools\nnode = "20.1.0"\n'],
    ['of the wrong type', '[tools]\nnode = 1979-05-27\n'],
    ['larger than such a file is', `[tools]\nnode = "20.1.0"\n#${'x'.repeat(100_000)}`],
  ])('a project file with %s chooses nothing', (_, text) => {
    const target = resolve(mise({ ...secret, '/home/u/p/mise.toml': text }), 'node')
    expect([target.file, codes(target), target.reads]).toEqual([
      '/home/u/bin/node',
      ['shim-unknown'],
      [],
    ])
  })
})

describe('volta', () => {
  const volta = '/home/u/.volta'
  const tree = (files: FakeTree): FakeTree => ({
    [volta]: dir({
      'bin/volta-shim': program(),
      'tools/image/node/22.1.0/bin/node': program(),
      'tools/image/node/20.1.0/bin/node': program(),
      'tools/image/node/22.1.0/bin/npm': program(),
      'tools/image/yarn/1.22.0/bin/yarn': program(),
      ...files,
    }),
    ...Object.fromEntries(
      ['node', 'npm', 'yarn', 'tool'].map((name) => [
        `/home/u/bin/${name}`,
        link(`${volta}/bin/volta-shim`),
      ]),
    ),
  })
  const platform = {
    'tools/user/platform.json':
      '{"node":{"runtime":"22.1.0","npm":null},"pnpm":null,"yarn":"1.22.0"}',
  }
  it.each([
    ['node', 'node/22.1.0/bin/node'],
    ['npm', 'node/22.1.0/bin/npm'],
    ['yarn', 'yarn/1.22.0/bin/yarn'],
  ])('%s of the platform', (name, path) =>
    expect(resolve(tree(platform), name).file).toBe(`${volta}/tools/image/${path}`),
  )
  it('a project pins a version that is installed', () => {
    expect(
      resolve(
        { ...tree(platform), '/home/u/p/package.json': '{"volta":{"node":"20.1.0"}}' },
        'node',
      ).file,
    ).toBe(`${volta}/tools/image/node/20.1.0/bin/node`)
    expect(
      resolve(
        { ...tree(platform), '/home/u/p/package.json': '{"volta":{"node":"18.0.0"}}' },
        'node',
      ).file,
    ).toBe(`${volta}/tools/image/node/22.1.0/bin/node`)
  })
  it.each([
    ['leads out of the images', '{"package":"../../../../evil","manager":"Npm"}'],
    ['is no text', '{"package":{"x":1}}'],
    ['is an array', '[]'],
    ['is broken', '{'],
    ['is 2 MB', `{"package":"evil","x":"${'x'.repeat(2 << 20)}"}`],
    ['has a prototype', '{"__proto__":{"package":"evil"}}'],
  ])('a package whose record %s is not followed', (_, text) => {
    const target = resolve(
      {
        ...tree({
          ...platform,
          'tools/user/bins/tool.json': text,
          'tools/image/packages/evil/bin/tool': program(),
        }),
        '/home/u/evil/bin/tool': program(),
      },
      'tool',
    )
    expect([codes(target), target.reads]).toEqual([['shim-unknown'], []])
  })
  it.each(['"../../../../evil"', '".."', '""', '7', 'null'])(
    'a platform that names %s is not followed',
    (version) =>
      expect(
        codes(
          resolve(
            {
              ...tree({ 'tools/user/platform.json': `{"node":{"runtime":${version}}}` }),
              '/home/u/evil/bin/node': program(),
            },
            'node',
          ),
        ),
      ).toEqual(['shim-unknown']),
  )
})

describe('pnpm', () => {
  const store = '/home/u/.local/share/pnpm/global/5'
  const at = (content: string): FakeTree => ({
    ...systemTree,
    '/usr/bin/node': program(),
    '/home/u/bin/x': program(content),
    [`${store}/x.js`]: program('#!/usr/bin/env node\n'),
    '/home/u/evil.js': program('#!/usr/bin/env node\n'),
    '/home/u/secret': 'x',
  })
  const shim = (word: string): string =>
    `#!/bin/sh\nbasedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")\nexec node  ${word} "$@"\n`
  it('a shim is stepped over', () =>
    expect(resolve(at(shim('"$basedir/../.local/share/pnpm/global/5/x.js"')), 'x').file).toBe(
      `${store}/x.js`,
    ))
  it.each([
    ['a command', '"$basedir/$(cat /home/u/secret)"'],
    ['a command in backquotes', '"$basedir/`id`"'],
    ['a variable', '"$basedir/$X/x.js"'],
    ['more words', '"$basedir/x.js" /home/u/secret'],
    ['nothing that is there', '"$basedir/none.js"'],
    ['a directory', '"$basedir/../.local"'],
    [
      'two programs',
      '"$basedir/../evil.js" "$@"\nexec node  "$basedir/../.local/share/pnpm/global/5/x.js"',
    ],
  ])('a shim that starts %s is not followed', (_, word) => {
    const target = resolve(at(shim(word)), 'x')
    expect([target.file, codes(target), target.reads]).toEqual([
      '/home/u/bin/x',
      ['shim-unknown'],
      [],
    ])
  })
  it('a shim of 10 MB is not read', () =>
    expect(
      codes(resolve(at(`${shim('"$basedir/../evil.js"')}#${'x'.repeat(10 << 20)}`), 'x')),
    ).toEqual(['shim-unknown']))
  it('a shim in the project leads nowhere', () => {
    const target = resolve(
      { ...at(''), '/home/u/p/x': program(shim('"$basedir/../evil.js"')) },
      './x',
    )
    expect([target.file, target.reads]).toEqual(['/home/u/p/x', []])
  })
  it('a program without a first line is started by the shim: the interpreter and the file are parts', () => {
    const target = resolve(
      {
        ...at(shim('"$basedir/../.local/share/pnpm/global/5/plain.js"')),
        [`${store}/plain.js`]: file('1', { mode: 0o755 }),
      },
      'x',
    )
    expect(target.file).toBe('/home/u/bin/x')
    expect(target.executables.map((part) => part.path.real)).toEqual([
      '/home/u/bin/x',
      '/usr/bin/dash',
      '/usr/bin/node',
    ])
    expect(target.reads.map((part) => part.path.real)).toEqual([`${store}/plain.js`])
  })
})
