import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { inside, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()
const NAMED = 'git -c user.name=t -c user.email=t@example.com'

describe.each(ordinary())('a project whose repository lies elsewhere, as $label', (user) => {
  let world: World
  const at = (name: string): string => path.join(world.home, 'work', name)
  const git = (place: string, ...args: string[]): string => {
    const done = world.outside(
      'git',
      [
        '-c',
        'protocol.file.allow=always',
        '-c',
        'user.name=t',
        '-c',
        'user.email=t@example.com',
        ...args,
      ],
      place,
    )
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
    return done.stdout.trim()
  }
  const repository = (name: string): void => {
    world.put(`work/${name}/file`, 'one\n')
    git(at(name), 'init', '-q', '-b', 'main')
    git(at(name), 'add', '-A')
    git(at(name), 'commit', '-qm', 'first')
  }
  beforeAll(() => {
    world = newWorld(user)
    repository('library')
    repository('main')
    git(at('main'), 'submodule', '--quiet', 'add', at('library'), 'sub')
    git(at('main'), 'commit', '-qm', 'a submodule')
    git(at('main'), 'worktree', 'add', '-q', '-b', 'topic', at('tree'))
    git(at('main'), 'worktree', 'add', '-q', '-b', 'other', at('other'))
    git(at('tree'), 'submodule', '--quiet', 'update', '--init')
    world.outside('ln', ['-s', at('tree'), path.join(world.home, 'shortcut')])
  })
  afterAll(() => world.remove())
  const commit = `echo more >> file && ${NAMED} commit -qam second && git log --format=%s -1`

  where(reason).each<[string, () => string, () => string]>([
    ['a worktree', () => at('tree'), () => at('tree')],
    [
      'a worktree that is reached through a link',
      () => path.join(world.home, 'shortcut'),
      () => at('tree'),
    ],
    ['a submodule', () => at('main/sub'), () => at('main/sub')],
    ['a submodule of a worktree', () => at('tree/sub'), () => at('tree/sub')],
  ])('%s: the agent commits, and the host sees the commit', async (_, place, real) => {
    const before = git(real(), 'rev-list', '--count', 'HEAD')
    const { stdout, stderr, code } = await inside(world, commit, [], { cwd: place() })
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'second\n' })
    expect(git(real(), 'rev-list', '--count', 'HEAD')).toBe(String(Number(before) + 1))
    expect(git(real(), 'status', '--porcelain', '--ignore-submodules')).toBe('')
    git(real(), 'fsck', '--no-dangling')
  })

  where(reason).each<[string, () => string, string]>([
    ['hooks of the repository', () => at('tree'), 'echo x > ../main/.git/hooks/pre-commit'],
    ['its configuration', () => at('tree'), 'echo "[alias]" >> ../main/.git/config'],
    [
      'its own index, which is the main worktree’s',
      () => at('tree'),
      'echo x > ../main/.git/index',
    ],
    ['HEAD of the main worktree', () => at('tree'), 'echo x > ../main/.git/HEAD'],
    [
      'the state of another worktree',
      () => at('tree'),
      'echo x > ../main/.git/worktrees/other/HEAD',
    ],
    ['files of the main worktree', () => at('tree'), 'echo x > ../main/file'],
    ['a new worktree', () => at('tree'), 'git worktree add -q ../new'],
    ['where the worktree’s repository is', () => at('tree'), 'echo "gitdir: /tmp" > .git'],
    ['hooks of a submodule', () => at('main/sub'), 'echo x > ../.git/modules/sub/hooks/pre-commit'],
    [
      'configuration of a submodule',
      () => at('main/sub'),
      'echo "[alias]" >> ../.git/modules/sub/config',
    ],
    [
      'the common directory of a submodule',
      () => at('main/sub'),
      'echo . > ../.git/modules/sub/commondir',
    ],
    ['files of the repository around a submodule', () => at('main/sub'), 'echo x > ../file'],
    ['HEAD of the repository around a submodule', () => at('main/sub'), 'echo x > ../.git/HEAD'],
  ])('the agent cannot write %s', async (_, place, script) => {
    const { code, stderr } = await inside(world, script, [], { cwd: place() })
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/Read-only|denied|permitted|No such file|nonexistent|busy/i)
    expect(git(at('main'), 'status', '--porcelain', '--ignore-submodules')).toBe('')
    expect([
      git(at('other'), 'rev-parse', '--abbrev-ref', 'HEAD'),
      fs.existsSync(at('new')),
    ]).toEqual(['other', false])
  })

  where(reason).each<[string, () => string, string, string]>([
    [
      'a rebase whose next step is a command, in a worktree',
      () => at('tree'),
      'mkdir ../main/.git/worktrees/tree/rebase-merge && echo "exec touch /tmp/x" > ../main/.git/worktrees/tree/rebase-merge/git-rebase-todo',
      'worktrees/tree/rebase-merge',
    ],
    [
      'a link that git writes through, in a worktree',
      () => at('tree'),
      'ln -sf ~/.profile ../main/.git/worktrees/tree/COMMIT_EDITMSG',
      'worktrees/tree/COMMIT_EDITMSG',
    ],
    [
      'a rebase whose next step is a command, in a submodule',
      () => at('main/sub'),
      'mkdir ../.git/modules/sub/rebase-merge',
      'modules/sub/rebase-merge',
    ],
  ])(
    'what the agent leaves for the host’s next git command is told after the run: %s',
    async (_, place, script, told) => {
      const left = path.join(at('main/.git'), told)
      fs.rmSync(left, { force: true })
      try {
        const { code, stderr } = await inside(world, script, [], { cwd: place() })
        expect({ code, stderr }).toMatchObject({
          code: 0,
          stderr: expect.stringContaining(`/main/.git/${told}`) as string,
        })
        expect((await inside(world, 'true', [], { cwd: place() })).stderr).not.toContain(told)
      } finally {
        fs.rmSync(left, { recursive: true, force: true })
      }
    },
  )

  where(reason)(
    'a .git file that names a repository which does not name it in return opens nothing',
    async () => {
      world.put('work/evil/.git', `gitdir: ${at('main/.git/worktrees/tree')}\n`)
      const { stdout } = await inside(
        world,
        `cat ${at('main/.git/config')}; ls ${at('main/.git')}; echo end`,
        [],
        { cwd: at('evil') },
      )
      expect(stdout).toBe('end\n')
    },
  )
})
