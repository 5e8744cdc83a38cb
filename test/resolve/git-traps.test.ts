import { describe, expect, it } from 'vitest'
import { takeBaseline } from '../../src/resolve/after/baseline.ts'
import { lookAfter } from '../../src/resolve/after/look.ts'
import { dir, fakeHost, type FakeTree, link } from '../fixtures/fake-host.ts'
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

/** What a run in `cwd` is told to have left when these names are there after it. */
const leftIn = async (cwd: string, planted: FakeTree): Promise<string[]> => {
  const host = fakeHost(machine, { cwd })
  const { resolved, surroundings } = await resolveOn(host, { write: ['$PROJECT'] })
  const baseline = takeBaseline(host, resolved, surroundings, 1)
  expect(lookAfter(baseline, host, new Set())).toEqual({ names: [], gaps: [] })
  const after = fakeHost({ ...machine, ...planted }, { cwd })
  return lookAfter(baseline, after, new Set()).names.map(({ path }) => path)
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
    [
      'a linked log of a branch',
      '/home/u/main',
      `${MAIN}/logs/refs/heads/main`,
      { [`${MAIN}/logs/refs/heads/main`]: link('/home/u/.profile') },
    ],
    [
      'a linked branch',
      '/home/u/main',
      `${MAIN}/refs/heads/x`,
      { [`${MAIN}/refs/heads/x`]: link('/home/u/.profile') },
    ],
    [
      'linked branches',
      '/home/u/main',
      `${MAIN}/refs/heads`,
      { [`${MAIN}/refs/heads`]: link('/home/u') },
    ],
    ['linked logs', '/home/u/main', `${MAIN}/logs`, { [`${MAIN}/logs`]: link('/home/u') }],
    [
      'a linked fan-out of the store',
      '/home/u/main',
      `${MAIN}/objects/ab`,
      { [`${MAIN}/objects/ab`]: link('/home/u') },
    ],
    [
      'a link of a name that nobody thought of',
      '/home/u/main',
      `${MAIN}/a/b/c`,
      { [`${MAIN}/a/b/c`]: link('/home/u') },
    ],
    [
      'an empty directory of a rebase',
      '/home/u/main',
      `${MAIN}/rebase-merge`,
      { [`${MAIN}/rebase-merge`]: dir() },
    ],
    [
      'a link to an empty directory',
      '/home/u/main',
      `${MAIN}/logs/refs`,
      { [`${MAIN}/logs/refs`]: link('/home/u/main/empty'), '/home/u/main/empty': dir() },
    ],
    [
      'a lock',
      '/home/u/main',
      `${MAIN}/refs/heads/main.lock`,
      { [`${MAIN}/refs/heads/main.lock`]: '' },
    ],
    [
      'the command of a bisection',
      '/home/u/main',
      `${MAIN}/BISECT_RUN`,
      { [`${MAIN}/BISECT_RUN`]: 'x\n' },
    ],
    [
      'a message for git gui',
      '/home/u/main',
      `${MAIN}/GITGUI_MSG`,
      { [`${MAIN}/GITGUI_MSG`]: 'x\n' },
    ],
    ['a merge by itself', '/home/u/main', `${MAIN}/AUTO_MERGE`, { [`${MAIN}/AUTO_MERGE`]: 'x\n' }],
    [
      'a worktree',
      '/home/u/main',
      `${MAIN}/worktrees/new`,
      { [`${MAIN}/worktrees/new/commondir`]: '../..\n' },
    ],
    [
      'attributes',
      '/home/u/main',
      `${MAIN}/info/attributes`,
      { [`${MAIN}/info/attributes`]: '* filter=x\n' },
    ],
  ])('%s is told', async (_, cwd, path, planted) =>
    expect(await leftIn(cwd, planted)).toEqual([path]),
  )
  it.each([['/home/u/main'], ['/home/u/p']])('what git itself leaves in %s is not', async (cwd) =>
    expect(
      await leftIn(cwd, {
        [`${MAIN}/worktrees/w/COMMIT_EDITMSG`]: 'x',
        [`${MAIN}/worktrees/w/ORIG_HEAD`]: 'x',
        [`${MAIN}/objects/ab/cd`]: '',
        [`${MAIN}/logs/refs/heads/x`]: '',
        [`${MAIN}/refs/heads/x`]: '',
        [`${MAIN}/FETCH_HEAD`]: '',
        [`${MAIN}/info/exclude`]: '',
        [`${MAIN}/opencode`]: '',
      }),
    ).toEqual([]),
  )
})
