import fs from 'node:fs'
import path from 'node:path'
import type { World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { git, trial } from './trial.ts'

const NAMED =
  'export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.com GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.com;'

const repository = (world: World, at: string): void => {
  const place = path.join(world.home, at)
  git(world, ['init', '-q', '-b', 'main', place])
  world.put(path.join(at, 'file'), 'x\n')
  git(world, ['add', '-A'], place)
  git(world, ['commit', '-qm', 'first'], place)
}

conformsInKernel('W22', (user) =>
  trial(user, {
    setup: (world) => {
      repository(world, 'work/project')
      world.put('work/project/.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n', 0o755)
      repository(world, 'work/project/nested')
    },
    refused: {
      'a hook that is there': 'echo x > .git/hooks/pre-commit',
      'a hook that is not': 'echo x > .git/hooks/post-checkout',
      'the mode of a hook': 'chmod 700 .git/hooks/pre-commit',
      'core.hooksPath': 'git config core.hooksPath /x',
      'core.fsmonitor': 'git config core.fsmonitor ./x',
      'an alias': 'git config alias.st "!./x"',
      'the file of the configuration': 'echo "[alias]" >> .git/config',
      'its lock renamed over it':
        'cp .git/config .git/c; mv -f .git/c .git/config; s=$?; rm -f .git/c; exit $s',
      'config.worktree': 'echo "[alias]" > .git/config.worktree',
      commondir: 'echo x > .git/commondir',
      'moving .git': 'mv .git g',
      'moving .git/hooks': 'mv .git/hooks .git/h',
      'a nested repository': 'git -C nested config core.fsmonitor ./x',
      'a hook of a nested repository': 'echo x > nested/.git/hooks/pre-commit',
    },
    works: {
      objects:
        'test "$(echo data | git hash-object -w --stdin | wc -c)" -gt 40 && echo x > .git/objects/x',
      'add and commit': `${NAMED} echo y > new && git add new && git commit -qm second && test "$(git log --format=%s -1)" = second`,
      'branch and checkout': 'git checkout -q -b other && git checkout -q main',
      'a commit in a nested repository': `${NAMED} cd nested && echo y > new && git add new && git commit -qm second`,
      'reading the configuration': 'git config core.bare',
    },
  }),
)

conformsInKernel(
  'W23',
  (user) =>
    trial(user, {
      projectName: 'tree',
      setup: (world) => {
        repository(world, 'work/main')
        fs.rmdirSync(world.project)
        git(
          world,
          ['worktree', 'add', '-q', '-b', 'topic', world.project],
          path.join(world.home, 'work/main'),
        )
      },
      refused: {
        'the .git file': 'echo "gitdir: /x" > .git',
        'the .git file removed': 'rm .git < /dev/null',
        'the .git file moved': 'mv .git g',
        'a hook of the main repository': 'echo x > ../main/.git/hooks/pre-commit',
        'the configuration of the main repository': 'echo "[alias]" >> ../main/.git/config',
        'configuration by git': 'git config alias.st "!./x"',
        'commondir of the worktree': 'echo x > ../main/.git/worktrees/tree/commondir',
        'gitdir of the worktree': 'echo x > ../main/.git/worktrees/tree/gitdir',
        'the files of the main worktree': 'echo x > ../main/file',
      },
      works: {
        status: 'git status --porcelain',
        'add and commit (index.lock and objects in the main repository)': `${NAMED} echo y > new && git add new && git commit -qm second && test "$(git log --format=%s -1)" = second`,
      },
    }),
  { part: 'worktree' },
)

conformsInKernel(
  'W23',
  (user) =>
    trial(user, {
      setup: (world) => {
        repository(world, 'library')
        repository(world, 'work/project')
        git(
          world,
          ['submodule', '--quiet', 'add', path.join(world.home, 'library'), 'sub'],
          world.project,
        )
        git(world, ['commit', '-qm', 'a submodule'], world.project)
      },
      refused: {
        'the .git file': 'echo "gitdir: /x" > sub/.git',
        'the .git file moved': 'mv sub/.git sub/g',
        'the submodule moved': 'mv sub other',
        'a hook of the submodule': 'echo x > .git/modules/sub/hooks/pre-commit',
        'the configuration of the submodule': 'echo "[alias]" >> .git/modules/sub/config',
        'configuration by git': 'git -C sub config core.fsmonitor ./x',
        '.gitmodules': 'echo x >> .gitmodules',
        'the repository of the submodule moved': 'mv .git/modules/sub .git/modules/x',
      },
      works: {
        'a commit in the submodule, then of it': `${NAMED} cd sub && echo y > new && git add new && git commit -qm second && cd .. && git add sub && git commit -qm third`,
      },
    }),
  { part: 'submodule' },
)
