import { afterAll, beforeAll, describe, expect } from 'vitest'
import { inside, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(ordinary())('git inside, as $label', (user) => {
  let world: World
  const git = (...args: string[]): string => {
    const done = world.outside('git', args)
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  beforeAll(() => {
    world = newWorld(user)
    git('init', '-q', '-b', 'main')
    git('config', 'user.email', 't@example.com')
    git('config', 'user.name', 't')
    world.put('work/project/a', 'a\n')
    world.put('work/project/.env', 'TOKEN=secret\n')
    world.put('work/project/.vscode/tasks.json', '{}\n')
    world.put('work/project/.gitignore', '.env\n')
    git('add', '-A')
    git('commit', '-qm', 'first')
    git('branch', 'other')
    git('init', '-q', '--bare', `${world.home}/work/remote.git`)
    git('remote', 'add', 'here', `${world.home}/work/remote.git`)
  })
  afterAll(() => world.remove())

  where(reason).each([
    ['status', 'git status --porcelain', ''],
    [
      'add and commit',
      'echo b > b && git add b && git commit -qm second && git log --format=%s -1',
      'second\n',
    ],
    [
      'branch and checkout',
      'git checkout -q -b new && git checkout -q main && git branch --list new',
      '  new\n',
    ],
    [
      'merge',
      'git checkout -q other && echo c > c && git add c && git commit -qm third && git checkout -q main && git merge -q -m merged other && git log --format=%s -1',
      'merged\n',
    ],
    [
      'stash',
      'echo more >> a && git stash -q && cat a && git stash pop -q && cat a && git checkout -q a',
      'a\na\nmore\n',
    ],
    ['clone of itself', 'git clone -q . copy && cat copy/a && rm -rf copy', 'a\n'],
  ])('%s works', async (_, script, expected) => {
    const { stdout, stderr, code } = await inside(world, script)
    expect({ stdout, code, stderr }).toMatchObject({ stdout: expected, code: 0 })
  })

  where(reason).each([
    ['remote add', 'git remote add evil x', /could not|cannot|unable|Device|Read-only|Permission/i],
    [
      'config',
      'git config core.fsmonitor ./x',
      /could not|cannot|unable|Device|Read-only|Permission/i,
    ],
    ['a hook', 'echo x > .git/hooks/post-checkout', /Read-only|Permission|denied/i],
    ['commondir', 'echo ../x > .git/commondir', /Read-only|Permission|denied/i],
    [
      'a .git file in place of the directory',
      'mv .git .g && echo "gitdir: x" > .git',
      /busy|denied|permitted/i,
    ],
  ])('%s fails with its own message', async (_, script, message) => {
    const { stderr, code } = await inside(world, `LC_ALL=C; export LC_ALL; ${script}`)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(message)
  })

  where(reason)(
    'push -u pushes, says with its own message that it cannot remember the branch, and explain knows it',
    async () => {
      git('init', '-q', '--bare', 'near.git')
      git('remote', 'add', 'near', './near.git')
      const { stderr } = await inside(world, 'LC_ALL=C git push -u near main')
      expect(stderr).toMatch(/could not (write|lock) config file/)
      expect(git('-C', 'near.git', 'rev-parse', 'main')).toBe(git('rev-parse', 'main'))
      expect((await launcher(world, ['explain', 'default'])).stdout).toMatch(
        /\.git\/config: `git push -u`/,
      )
      world.outside('rm', ['-rf', 'near.git'])
    },
  )

  where(reason)(
    'commit -a never records a protected or hidden file as deleted or emptied',
    async () => {
      git('add', '-f', '.env')
      git('commit', '-qm', 'a secret that should not be here')
      await inside(
        world,
        'echo more >> a; git commit -qam "all of it"; git add -A; git commit -qm "really all"; true',
      )
      const changed = git('log', '--format=', '--name-status', 'main')
      expect(changed).not.toMatch(/^[DM]\t(\.env|\.vscode)/m)
      expect(git('show', 'main:.env')).toBe('TOKEN=secret\n')
      expect(git('ls-tree', '-r', '--name-only', 'main')).toContain('.vscode/tasks.json')
    },
  )

  where(reason)('and the host’s own git still works afterwards, with nothing planted', () => {
    expect(git('status', '--porcelain')).not.toMatch(/commondir|config\.worktree/)
    expect(world.exists('work/project/.git/commondir')).toBe(false)
    expect(world.exists('work/project/.git/config.worktree')).toBe(false)
    git('remote', 'add', 'later', 'x')
  })

  where(reason)(
    'what would make git write or run something on the host’s next command is told after the run',
    async () => {
      const script =
        'ln -s ~/.bashrc .git/COMMIT_EDITMSG2; rm -f .git/COMMIT_EDITMSG; ln -s ~/.bashrc .git/COMMIT_EDITMSG; mkdir .git/rebase-merge; echo "exec touch x" > .git/rebase-merge/git-rebase-todo'
      const { stderr } = await inside(world, script)
      expect(stderr).toMatch(
        /\.git\/COMMIT_EDITMSG \(a link to .*\.bashrc: git would write there\)/,
      )
      expect(stderr).toMatch(/\.git\/rebase-merge \(an unfinished rebase/)
      const again = await inside(
        world,
        'rm -r .git/COMMIT_EDITMSG .git/COMMIT_EDITMSG2 .git/rebase-merge',
      )
      expect(again.stderr).toBe('')
    },
  )

  where(reason).each<[string, string]>([
    ['remotes', 'mkdir -p .git/remotes && echo x > .git/remotes/origin'],
    ['branches', 'mkdir -p .git/branches && echo x > .git/branches/origin'],
    ['modules', 'mkdir -p .git/modules/lib'],
  ])('old and nested repositories cannot be planted in .git/%s', async (name, script) => {
    const { code, stderr } = await inside(world, script)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/Read-only|denied|permitted/)
    expect(world.exists(`work/project/.git/${name}/origin`)).toBe(false)
  })
})
