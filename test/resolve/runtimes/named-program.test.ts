import { describe, expect, it } from 'vitest'
import { projectCache } from '../../../src/resolve/own.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { cpuSince } from '../../fixtures/cpu.ts'
import { dir, fakeHost, link, type FakeTree } from '../../fixtures/fake-host.ts'
import {
  condaTree,
  directUrl,
  resolvePython,
  rootsOf,
  siteOf,
  sourceTree,
  venvTree,
} from '../../fixtures/python-trees.ts'
import { program, pythonInstallation, uvPaths, uvTool } from '../../fixtures/uv-tool.ts'

const P = '/home/u/p'
const OTHER = '/home/u/other'
const CACHE = projectCache(fakeHost({}), P as AbsolutePath)
const uv = uvPaths()

/**
 * Another project of the user: a package of Python and of Node, with a program and an environment
 * of its own.
 */
const other: FakeTree = {
  ...sourceTree(OTHER, 'secret'),
  ...venvTree(`${OTHER}/.venv`, { python: '/opt/py/bin/python3.12', scripts: ['serve'] }),
  ...pythonInstallation('/opt/py'),
  [`${OTHER}/package.json`]: '{"name":"other"}',
  [`${OTHER}/build.js`]: program('#!/usr/bin/env node\n'),
  [`${OTHER}/tool-1.2.3/bin/tool`]: program(),
  [`${OTHER}/plugins/x`]: '',
  [`${OTHER}/versions/3.12/bin/tool`]: program(),
  '/usr/bin/node': program(),
  '/usr/bin/python3.12': program(),
  '/usr/lib/python3.12/os.py': '',
}
const opened = (tree: FakeTree, command: string, path?: readonly string[]): string[] => {
  const target = resolvePython({ ...other, ...tree }, command, { cwd: P, ...(path && { path }) })
  return [...target.executables, ...target.reads].map((part) => part.path.real)
}
const within = (paths: readonly string[], root: string): string[] =>
  paths.filter((path) => path === root || path.startsWith(`${root}/`))

describe('a script of the project that names a program elsewhere', () => {
  it.each<[string, string]>([
    ['a script of another package', `#!${OTHER}/build.js\n`],
    ['a program beside its version’s files', `#!${OTHER}/tool-1.2.3/bin/tool\n`],
    ['the Python of another environment', `#!${OTHER}/.venv/bin/python\n`],
    ['a console script of another environment', `#!${OTHER}/.venv/bin/serve\n`],
    ['one through env', `#!/usr/bin/env ${OTHER}/build.js\n`],
    [
      'one through env -S and a PATH of its own',
      `#!/usr/bin/env -S PATH=${OTHER}:/usr/bin build.js\n`,
    ],
    ['one on the second line', `#!/bin/sh\n'''exec' ${OTHER}/.venv/bin/python "$0" "$@"\n' '''\n`],
  ])('%s: refused, with the way out', (_, head) => {
    expect(() => opened({ [`${P}/x`]: program(head) }, './x')).toThrow(
      expect.objectContaining({
        code: 'E_TARGET_BLOCKED',
        message: expect.stringContaining(`${P.replace('/home/u', '~')}/x names it`),
      }),
    )
  })
  it.each<[string, string, FakeTree]>([
    [
      'one of the project itself',
      `#!${P}/.venv/bin/python\n`,
      venvTree(`${P}/.venv`, { python: '/opt/py/bin/python3.12' }),
    ],
    ['one of the system', '#!/usr/bin/python3.12\n', {}],
    ['an installation of Python', '#!/opt/py/bin/python3.12\n', {}],
    [
      'one that is on PATH',
      '#!/home/u/.local/bin/vibe-python\n',
      { ...uvTool(), '/home/u/.local/bin/vibe-python': link(`${uv.venv}/bin/python`) },
    ],
    ['one that env finds on PATH', '#!/usr/bin/env node\n', {}],
  ])('%s is followed', (_, head, tree) => {
    expect(opened({ ...tree, [`${P}/x`]: program(head) }, './x').length).toBeGreaterThan(1)
  })
  it('the same script outside the project is the user’s own word', () =>
    expect(
      within(
        opened({ '/home/u/bin/x': program(`#!${OTHER}/.venv/bin/python\n`) }, '/home/u/bin/x'),
        `${OTHER}/.venv`,
      ),
    ).toContain(`${OTHER}/.venv`))
  it('the program that the user names before the script is, too', () =>
    expect(opened({}, `${OTHER}/.venv/bin/python`)).toContain(`${OTHER}/.venv`))
})

describe('what an earlier run left names nobody’s sources', () => {
  const source = {
    ...other,
    [`${siteOf(`${CACHE}/py`)}/x.pth`]: `${OTHER}/src\n`,
    ...directUrl(siteOf(`${CACHE}/py`), 'other', `file://${OTHER}`),
    ...pythonInstallation(`${CACHE}/py`),
  }
  const linked = {
    ...pythonInstallation('/opt/work'),
    [`${siteOf('/opt/work')}/x.pth`]: `${OTHER}/src\n`,
    ...directUrl(siteOf('/opt/work'), 'other', `file://${OTHER}`),
  }
  it.each<[string, string, FakeTree]>([
    [
      'a Python in the project’s cache, by a link',
      '.venv/bin/python',
      { [`${P}/.venv/bin/python`]: link(`${CACHE}/py/bin/python3.12`) },
    ],
    [
      'a Python in the cache, by a first line',
      './x',
      { [`${P}/x`]: program(`#!${CACHE}/py/bin/python3.12\n`) },
    ],
    [
      'a Python in the cache, by an environment’s home',
      '.venv/bin/python',
      venvTree(`${P}/.venv`, {
        python: '/opt/py/bin/python3.12',
        base: `${CACHE}/py/bin`,
        config: 'include-system-site-packages = true\n',
      }),
    ],
    [
      'an environment in the cache',
      '.venv/bin/python',
      {
        ...venvTree(`${CACHE}/v`, { python: '/opt/py/bin/python3.12' }),
        [`${siteOf(`${CACHE}/v`)}/x.pth`]: `${OTHER}/src\n`,
        [`${P}/.venv/bin/python`]: link(`${CACHE}/v/bin/python`),
      },
    ],
    [
      'an installation elsewhere, by a link',
      '.venv/bin/python',
      { ...linked, [`${P}/.venv/bin/python`]: link('/opt/work/bin/python3.12') },
    ],
    [
      'an installation elsewhere, by a first line',
      './x',
      { ...linked, [`${P}/x`]: program('#!/opt/work/bin/python3.12\n') },
    ],
    [
      'an installation elsewhere, by home',
      '.venv/bin/python',
      {
        ...linked,
        ...venvTree(`${P}/.venv`, {
          python: '/opt/work/bin/python3.12',
          config: 'include-system-site-packages = true\n',
        }),
      },
    ],
    [
      'conda in the cache with links to elsewhere',
      './x',
      {
        ...condaTree(`${CACHE}/c`),
        [`${CACHE}/c/lib/x`]: link(`${OTHER}/pkgs/a/info`),
        [`${OTHER}/pkgs/a/info/index.json`]: '{}',
        [`${CACHE}/c/conda-meta/a.json`]: '{}',
        [`${P}/x`]: program(`#!${CACHE}/c/bin/python\n`),
      },
    ],
    [
      'a shim of pyenv in the project',
      './shims/x',
      {
        [`${P}/shims/x`]: program(`#!/usr/bin/env bash\nexport PYENV_ROOT="${OTHER}"\n`),
        [`${P}/.python-version`]: '3.12\n',
        '/usr/bin/bash': program(),
      },
    ],
  ])('%s', (_, command, tree) =>
    expect(within(opened({ ...source, ...tree }, command), OTHER)).toEqual([]),
  )
  it('the same packages of a Python that the user starts by its name are followed', () =>
    expect(
      rootsOf(
        resolvePython({ ...other, ...linked }, 'python3.12', {
          cwd: P,
          path: ['/opt/work/bin', '/usr/bin'],
        }),
      ),
    ).toContain(`${OTHER}/src`))
  it('a script of the project gets them with the Python that PATH finds', () =>
    expect(
      opened({ ...linked, [`${P}/x`]: program('#!/usr/bin/env python3.12\n') }, './x', [
        '/opt/work/bin',
        '/usr/bin',
      ]),
    ).toContain(`${OTHER}/src`))
})

describe('names that take long to read', () => {
  it.each(['a_'.repeat(100), `${'a_'.repeat(60)}1.2!`, `${'a-1.'.repeat(50)}!`])(
    'a program in a directory called %.20s… is looked at in no time',
    (name) => {
      const start = process.cpuUsage()
      expect(opened({ [P]: dir({ [name]: dir({ x: program() }) }) }, `./${name}/x`)).toEqual([
        `${P}/${name}/x`,
      ])
      expect(cpuSince(start)).toBeLessThan(1_000)
    },
  )
})
