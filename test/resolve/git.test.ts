import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/machine/host.ts'
import { realHost } from '../../src/machine/real/host.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import type { AbsolutePath } from '../../src/machine/paths.ts'
import { parseGitConfig } from '../../src/resolve/git-config.ts'
import { resolveOn } from './policies.ts'

describe('git configuration', () => {
  it.each([
    ['[core]\n\thooksPath = .githooks', '.githooks'],
    ['[Core]\nHOOKSPATH=a b ; c', 'a b'],
    ['[core] hooksPath = "a;b" # c', 'a;b'],
    ['[core]\nhooksPath = a\\\nb', 'ab'],
    ['[core "x"]\nbare = true\n[core]\nhooksPath = one\nhooksPath = two', 'two'],
    ['# [core]\n# hooksPath = x', undefined],
  ])('%j', (text, hooksPath) => {
    expect(parseGitConfig(text).hooksPath).toBe(hooksPath)
  })

  it('notes includes', () => {
    expect(
      parseGitConfig('[include]\npath = a\n[includeIf "gitdir:~/w/"]\npath = ~/b').includes,
    ).toEqual(['a', '~/b'])
  })
})

describe('layouts made by git', () => {
  let root = ''
  const git = (cwd: string, ...args: string[]): void => {
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'protocol.file.allow=always', ...args],
      {
        cwd,
        stdio: 'pipe',
        env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      },
    )
  }
  const hostIn = (cwd: string): Host => ({
    ...realHost(process.cwd()),
    home: path.join(root, 'home') as AbsolutePath,
    cwd: path.join(root, cwd) as AbsolutePath,
    env: {},
  })
  const askIn = async (cwd: string) => {
    const { resolved } = await resolveOn(hostIn(cwd), { write: ['$PROJECT'] })
    const decider = compilePolicy(resolved)
    return {
      resolved,
      access: (place: string) => decider.access(path.join(root, place) as AbsolutePath),
      can: (place: string) =>
        decider.decide('create', path.join(root, place) as AbsolutePath).allowed,
    }
  }
  beforeAll(() => {
    root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-git-')))
    fs.mkdirSync(path.join(root, 'home'))
    for (const name of ['main', 'lib']) {
      git(root, 'init', '-q', name)
      fs.writeFileSync(path.join(root, name, 'f'), name)
      git(path.join(root, name), 'add', 'f')
      git(path.join(root, name), 'commit', '-qm', 'one')
    }
    git(path.join(root, 'main'), 'submodule', '--quiet', 'add', path.join(root, 'lib'), 'deep/lib')
    git(path.join(root, 'main'), 'worktree', 'add', '-q', path.join(root, 'wt'))
    git(root, 'init', '-q', '--bare', path.join(root, 'main/vendor.git'))
    fs.mkdirSync(path.join(root, 'evil'))
    fs.writeFileSync(
      path.join(root, 'evil/.git'),
      `gitdir: ${path.join(root, 'main/.git/worktrees/wt')}\n`,
    )
  })
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

  it('a repository with a worktree, a submodule and a bare repository inside', async () => {
    const { access, can } = await askIn('main')
    for (const place of [
      '.git/hooks/x',
      '.git/config',
      '.git/worktrees/wt/commondir',
      '.git/modules/deep/lib/config',
      '.git/modules/deep/lib/hooks/x',
      'deep/lib/.git',
      'vendor.git/config',
      'vendor.git/hooks/x',
    ]) {
      expect([place, access(`main/${place}`)]).toEqual([place, 'read'])
    }
    for (const place of [
      '.git/commondir',
      '.git/config.worktree',
      '.git/modules/deep/lib/commondir',
      'vendor.git/commondir',
    ])
      expect([place, can(`main/${place}`)]).toEqual([place, false])
    for (const place of [
      '.git/index.lock',
      '.git/refs/heads/x',
      '.git/worktrees/wt/HEAD',
      'deep/lib/g',
      'vendor.git/refs/x',
    ])
      expect([place, can(`main/${place}`)]).toEqual([place, true])
  })

  it('a linked worktree reaches its repository, and nothing that runs code', async () => {
    const { access, can, resolved } = await askIn('wt')
    expect(resolved.notices.filter((notice) => notice.code === 'git-link-refused')).toEqual([])
    expect([
      access('main/.git/HEAD'),
      access('main/.git/objects/x'),
      access('main/.git/worktrees/wt/index'),
      access('main/f'),
    ]).toEqual(['read', 'write', 'write', 'none'])
    for (const place of [
      'main/.git/config',
      'main/.git/hooks/x',
      'main/.git/worktrees/wt/commondir',
      'main/.git/worktrees/wt/gitdir',
      'wt/.git',
    ])
      expect([place, access(place)]).toEqual([place, 'read'])
    expect(can('main/.git/worktrees/wt/config.worktree')).toBe(false)
    expect(can('main/.git/worktrees/wt/index.lock')).toBe(true)
  })

  it('a submodule as the project', async () => {
    const { access, can } = await askIn('main/deep/lib')
    expect(can('main/.git/modules/deep/lib/index.lock')).toBe(true)
    expect(access('main/.git/modules/deep/lib/config')).toBe('read')
    expect([access('main/.git/HEAD'), access('main/.git')]).toEqual(['none', 'stat'])
    expect(can('main/.git/modules/deep/lib/commondir')).toBe(false)
  })

  it('a .git file whose place does not name the project in return gets nothing', async () => {
    const { access, resolved } = await askIn('evil')
    expect(access('main/.git/objects/x')).toBe('none')
    expect(resolved.notices.map((notice) => notice.code)).toContain('git-link-refused')
  })

  it('a project without a repository cannot be made one', async () => {
    const { can } = await askIn('home')
    expect([can('home/.git'), can('home/x')]).toEqual([false, true])
  })
})
