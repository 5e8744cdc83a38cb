import { describe, expect, it } from 'vitest'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import { takeBaseline } from '../../src/resolve/after/baseline.ts'
import { lookAfter } from '../../src/resolve/after/look.ts'
import { dir, fakeHost, type FakeTree, file, link } from '../fixtures/fake-host.ts'
import { type PolicyText, resolveOn } from './policies.ts'

const P = '/home/u/p'
const TEXT: PolicyText = { write: ['$PROJECT'], readOnly: ['$PROJECT/**/.envrc'] }
const REPOSITORY: FakeTree = {
  [`${P}/.git/HEAD`]: 'ref: refs/heads/main\n',
  [`${P}/.git/objects/x`]: '',
  [`${P}/.git/refs/x`]: '',
  [`${P}/.git/hooks/x.sample`]: './sample.sh\n',
}

describe('a program in the project that a configuration of git names is read only', () => {
  it.each<[string, string, string]>([
    ['filter', '[filter "x"]\n\tclean = ./tools/run.sh %f', 'tools/run.sh'],
    ['filter, by its interpreter', '[filter "x"]\n\tsmudge = python3 tools/run.py', 'tools/run.py'],
    ['filter, without a slash', '[filter "x"]\n\tprocess = sh run.sh', 'run.sh'],
    ['textconv', '[diff "x"]\n\ttextconv = "tools/run.sh"', 'tools/run.sh'],
    ['merge driver', '[merge "x"]\n\tdriver = tools/run.sh %O %A %B', 'tools/run.sh'],
    ['fsmonitor', '[core]\n\tfsmonitor = .watch/run', '.watch/run'],
    ['alias', '[alias]\n\tst = "!./tools/run.sh"', 'tools/run.sh'],
    ['credential helper', '[credential]\n\thelper = "!tools/run.sh"', 'tools/run.sh'],
    ['included file', '[include]\n\tpath = ../shared.cfg', 'tools/run.sh'],
  ])('%s', async (_, config, path) => {
    const tree: FakeTree = {
      ...REPOSITORY,
      [`${P}/.git/config`]: config,
      [`${P}/shared.cfg`]: '[filter "x"]\n\tclean = tools/run.sh\n',
      [`${P}/tools/other`]: 'x',
      [`${P}/${path}`]: 'x',
    }
    const { resolved } = await resolveOn(fakeHost(tree), TEXT)
    const { access } = compilePolicy(resolved)
    const at = (name: string) => access(`${P}/${name}` as AbsolutePath)
    expect([at(path), at('tools/other')]).toEqual(['read', 'write'])
  })

  it.each([
    ['a program on PATH', '[core]\n\tpager = less -R'],
    ['a program elsewhere', '[filter "x"]\n\tclean = /usr/bin/less'],
    ['a folder', '[filter "x"]\n\tclean = find tools'],
  ])('%s is none', async (_, config) => {
    const tree = {
      ...REPOSITORY,
      [`${P}/.git/config`]: config,
      [`${P}/less`]: '',
      [`${P}/tools/x`]: '',
    }
    const { resolved } = await resolveOn(fakeHost(tree), TEXT)
    const { access } = compilePolicy(resolved)
    for (const name of ['less', 'tools/x'])
      expect(access(`${P}/${name}` as AbsolutePath)).toBe('write')
  })
})

describe('a file that something protected runs is told when it changed', () => {
  const START = 1_000
  it.each<[string, FakeTree, string]>([
    [
      'by a hook',
      { [`${P}/.git/hooks/pre-commit`]: '#!/bin/sh\nexec scripts/run.sh "$@"\n' },
      'scripts/run.sh',
    ],
    [
      'by a hook that looks for it',
      { [`${P}/.git/hooks/pre-commit`]: 'if [ -f scripts/run.sh ]; then . scripts/run.sh; fi\n' },
      'scripts/run.sh',
    ],
    [
      'by a hook of core.hooksPath',
      {
        [`${P}/.git/config`]: '[core]\n\thooksPath = .hooks\n',
        [`${P}/.hooks/pre-push`]: 'python3 scripts/run.py\n',
      },
      'scripts/run.py',
    ],
    ['by an .envrc', { [`${P}/sub/.envrc`]: 'source_env env.d/run.sh\n' }, 'sub/env.d/run.sh'],
    [
      'behind a link that the configuration names',
      {
        [`${P}/.git/config`]: '[filter "x"]\n\tclean = ./run\n',
        [`${P}/run`]: link('scripts/run.sh'),
      },
      'scripts/run.sh',
    ],
  ])('%s', async (_, extra, path) => {
    const before: FakeTree = { [P]: dir(), ...REPOSITORY, ...extra, [`${P}/scripts/other.sh`]: 'x' }
    const old = { [`${P}/${path}`]: file('x', { ctimeMs: START - 1 }) }
    const names = async (start: FakeTree, end: FakeTree): Promise<string[]> => {
      const host = fakeHost(start)
      const { resolved, surroundings } = await resolveOn(host, TEXT)
      const baseline = takeBaseline(host, resolved, surroundings, START)
      return lookAfter(baseline, fakeHost(end), new Set()).names.map((one) => one.path)
    }
    const changed = {
      [`${P}/${path}`]: file('y', { ctimeMs: START }),
      [`${P}/scripts/other.sh`]: file('y', { ctimeMs: START }),
    }
    expect(await names({ ...before, ...old }, { ...before, ...old, ...changed })).toEqual([
      `${P}/${path}`,
    ])
    expect(await names({ ...before, ...old }, { ...before, ...old })).toEqual([])
  })
})
