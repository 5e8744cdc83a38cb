import { describe, expect, it } from 'vitest'
import type { AbsolutePath } from '../../../src/policy/paths.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import { dir, fakeHost, link } from '../../fixtures/fake-host.ts'
import type { FakeOverrides, FakeTree } from '../../fixtures/fake-host.ts'
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
  return resolveTarget(host, command, { searchPath: [`${root}/shims`, '/home/u/.asdf/shims', '/home/u/bin', '/usr/bin'], project: '/home/u/p' as AbsolutePath, cwd: host.cwd, platform: 'linux' })
}
const codes = (target: ReturnType<typeof resolve>) => target.notices.map((notice) => notice.code)

describe('pyenv', () => {
  it.each([
    ['version file', {}, {}, '3.11.7'],
    ['.python-version above', { '/home/u/.python-version': '3.12.1\n' }, {}, '3.12.1'],
    ['PYENV_VERSION', { '/home/u/.python-version': '3.12.1\n' }, { PYENV_VERSION: '3.12.11:3.11.7' }, '3.12.11'],
    ['a prefix means its highest', {}, { PYENV_VERSION: '3.12' }, '3.12.11'],
    ['a version that is not installed is passed over', {}, { PYENV_VERSION: '3.9.1:3.12.1' }, '3.12.1'],
  ] as const)('%s', (_, tree, env, version) => {
    const target = resolve({ ...pyenv, ...tree }, 'python3', { env })
    expect(target.file).toBe(`${root}/versions/${version}/bin/python3`)
    expect(target.reads.map((part) => part.path.real)).toEqual([`${root}/versions/${version}`])
    expect(codes(target)).toEqual(['shim'])
  })
  it.each(['../../../secret', '..', 'system', ''])('.python-version %j leads nowhere', (text) =>
    expect(codes(resolve({ ...pyenv, '/home/u/p/.python-version': text, '/home/u/secret/bin/python3': program() }, 'python3'))).toContain('shim-unknown'))
  it('env finds the shim: pyenv is part of the target, and so is what it starts', () => {
    const target = resolve({ ...pyenv, '/home/u/bin/x': program('#!/usr/bin/env python3\n') }, 'x')
    expect(target.executables.map((part) => part.path.real)).toEqual(['/home/u/bin/x', '/usr/bin/env', `${root}/shims/python3`, '/usr/bin/bash', `${root}/versions/3.11.7/bin/python3.11`])
    expect(target.reads.map((part) => part.path.real)).toEqual([`${root}/libexec`, `${root}/version`, `${root}/versions/3.11.7`])
  })
})

describe('others', () => {
  const asdf = (comment: string): FakeTree => ({ ...systemTree, '/usr/bin/bash': program(), '/home/u/.asdf/shims/x': program(`#!/usr/bin/env bash\n${comment}exec asdf exec "x" "$@"\n`), '/home/u/.asdf/installs/nodejs/20.1.0/bin/x': program() })
  it('asdf with one version', () => expect(resolve(asdf('# asdf-plugin: nodejs 20.1.0\n'), 'x').file).toBe('/home/u/.asdf/installs/nodejs/20.1.0/bin/x'))
  it('asdf with two is not guessed', () => expect(codes(resolve(asdf('# asdf-plugin: nodejs 20.1.0\n# asdf-plugin: nodejs 22.1.0\n'), 'x'))).toEqual(['shim-unknown']))
  it.each(['mise', 'volta-shim'])('%s is not guessed', (name) => {
    expect(codes(resolve({ [`/opt/${name}`]: program(), '/home/u/bin/x': link(`/opt/${name}`), '/home/u/p': dir() }, 'x'))).toEqual(['shim-unknown'])
    expect(codes(resolve({ [`/opt/${name}`]: program() }, `/opt/${name}`))).toEqual([])
  })
})
