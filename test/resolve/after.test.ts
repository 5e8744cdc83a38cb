import { describe, expect, it } from 'vitest'
import { gitTraps } from '../../src/resolve/after.ts'
import { fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
import { resolveOn } from './policies.ts'

const MAIN = '/home/u/main/.git'
const repository: FakeTree = {
  [`${MAIN}/HEAD`]: 'ref: refs/heads/main\n',
  [`${MAIN}/config`]: '',
  [`${MAIN}/objects/x`]: '',
  [`${MAIN}/refs/x`]: '',
  [`${MAIN}/hooks/x`]: '',
}
const worktree = (name: string, place: string): FakeTree => ({
  [`${place}/.git`]: `gitdir: ${MAIN}/worktrees/${name}\n`,
  [`${MAIN}/worktrees/${name}/HEAD`]: 'ref: refs/heads/w\n',
  [`${MAIN}/worktrees/${name}/commondir`]: '../..\n',
  [`${MAIN}/worktrees/${name}/gitdir`]: `${place}/.git\n`,
})
const machine: FakeTree = { ...repository, ...worktree('w', '/home/u/p'), '/home/u/main/file': '' }

/** Traps that a run in `cwd` could have left: those that are there when the names are, and were not before. */
const trapsIn = async (cwd: string, planted: FakeTree): Promise<string[]> => {
  const host = fakeHost(machine, { cwd })
  const resolution = await resolveOn(host, { write: ['$PROJECT'] })
  expect(gitTraps(resolution, host)).toEqual([])
  return gitTraps(resolution, fakeHost({ ...machine, ...planted }, { cwd })).map(({ path }) => path)
}

describe('what a run leaves in a repository for the next git command', () => {
  it.each<[string, string, string, FakeTree]>([
    [
      'a rebase with commands, in the repository',
      '/home/u/main',
      `${MAIN}/rebase-merge`,
      { [`${MAIN}/rebase-merge/git-rebase-todo`]: 'exec x\n' },
    ],
    [
      'a rebase with commands, in a worktree of the project’s repository',
      '/home/u/main',
      `${MAIN}/worktrees/w/rebase-merge`,
      { [`${MAIN}/worktrees/w/rebase-merge/git-rebase-todo`]: 'exec x\n' },
    ],
    [
      'a rebase with commands, in the worktree that is the project',
      '/home/u/p',
      `${MAIN}/worktrees/w/rebase-merge`,
      { [`${MAIN}/worktrees/w/rebase-merge/git-rebase-todo`]: 'exec x\n' },
    ],
    [
      'a link that git would write through, in that worktree',
      '/home/u/p',
      `${MAIN}/worktrees/w/COMMIT_EDITMSG`,
      { [`${MAIN}/worktrees/w/COMMIT_EDITMSG`]: link('/home/u/.profile') },
    ],
    [
      'objects from elsewhere, for the repository of that worktree',
      '/home/u/p',
      `${MAIN}/objects/info/alternates`,
      { [`${MAIN}/objects/info/alternates`]: '/tmp/o\n' },
    ],
  ])('%s is told', async (_, cwd, path, planted) =>
    expect(await trapsIn(cwd, planted)).toEqual([path]),
  )
  it.each([['/home/u/main'], ['/home/u/p']])('what git itself leaves in %s is not', async (cwd) =>
    expect(
      await trapsIn(cwd, {
        [`${MAIN}/worktrees/w/COMMIT_EDITMSG`]: 'x',
        [`${MAIN}/worktrees/w/ORIG_HEAD`]: 'x',
        [`${MAIN}/objects/ab/cd`]: '',
      }),
    ).toEqual([]),
  )
})
