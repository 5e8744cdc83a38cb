import path from 'node:path'
import { afterEach, beforeEach, describe, expect } from 'vitest'
import { inside, launcher, newWorld, ordinary, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(ordinary())('git and protected names, as $label', (user) => {
  let world: World
  const git = (...args: string[]): string => {
    const done = world.outside('git', ['-c', 'user.name=t', '-c', 'user.email=t@x', ...args])
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
    return done.stdout
  }
  const put = (files: Readonly<Record<string, string>>): void => {
    for (const [name, content] of Object.entries(files)) world.put(`work/project/${name}`, content)
  }
  const commit = (message: string, files: Readonly<Record<string, string>>): void => {
    put(files)
    git('add', '-A')
    git('commit', '-qm', message)
  }
  beforeEach(() => {
    world = newWorld(user)
    git('init', '-q', '-b', 'main')
    commit('one', { '.vscode/settings.json': '1\n', app: '1\n' })
    git('checkout', '-qb', 'feature')
  })
  afterEach(() => world.remove())

  describe('a branch that adds a held name', () => {
    beforeEach(() => {
      commit('two', { '.mcp.json': '{}\n', 'sub/.envrc': 'x\n', app: '2\n' })
      git('checkout', '-q', 'main')
    })

    where(reason).each(['git checkout feature', 'git merge feature'])(
      '%s changes nothing, and explain says where it works',
      async (command) => {
        const { code, stderr } = await inside(world, `LC_ALL=C ${command}`)
        expect(code).toBe(1)
        expect(git('status', '--porcelain')).toBe('')
        expect(world.read('work/project/app')).toBe('1\n')
        const told = await launcher(world, ['explain', '-'], { input: stderr })
        expect(told.stdout.replaceAll(/\s+/g, ' ')).toMatch(
          /run this git command yourself, outside/,
        )
      },
    )

    where(reason)('git status says nothing of held names', async () => {
      expect(await inside(world, 'git status --porcelain')).toMatchObject({ code: 0, stdout: '' })
    })

    where(reason)(
      'git clean -fd takes what is untracked, and explain knows its lines',
      async () => {
        put({ left: 'x\n' })
        const { stderr } = await inside(world, 'LC_ALL=C git clean -qfd')
        expect(world.exists('work/project/left')).toBe(false)
        const told = await launcher(world, ['explain', '-'], { input: stderr })
        expect(told.stdout.replaceAll(/\s+/g, ' ')).toMatch(/nothing to do after `git clean`/)
      },
    )
  })

  describe('a branch that changes protected files', () => {
    beforeEach(() => {
      commit('two', { '.vscode/settings.json': '2\n', '.vscode/new.json': '2\n', app: '2\n' })
      git('checkout', '-q', 'main')
    })
    const bringsIn = /to bring it in: (git restore -- \S+)\)/g

    where(reason).each(['', 'git update-index --index-version 4; '])(
      'is checked out without them, and the commands that are told then bring them in: %s',
      async (first) => {
        const { code, stderr } = await inside(world, `${first}git checkout -q feature`)
        expect(code).toBe(0)
        expect(world.read('work/project/.vscode/settings.json')).toBe('1\n')
        const commands = [...stderr.matchAll(bringsIn)].map(([, command]) => command!)
        expect(commands).toEqual([
          'git restore -- .vscode/new.json',
          'git restore -- .vscode/settings.json',
        ])
        expect((await launcher(world, ['explain'])).stdout).toContain(commands[0])
        for (const command of commands) world.outside('sh', ['-c', command])
        expect(git('status', '--porcelain')).toBe('')
      },
    )

    where(reason).each([
      ['a commit', 'echo more >> app; git -c user.name=t -c user.email=t@x commit -qam more'],
      ['a branch of its own', 'git checkout -q -b own; git checkout -q main'],
      ['a merge that failed', 'git merge -q feature; git checkout -q -f main'],
    ])('nothing is told after %s', async (_, script) => {
      const { stderr } = await inside(world, script)
      expect(stderr).not.toContain('git has')
    })

    where(reason)('what the user had changed before the run is nothing to tell', async () => {
      put({ '.vscode/settings.json': 'mine\n' })
      expect((await inside(world, 'git status')).stderr).not.toContain('git has')
    })

    where(reason)('what git dropped is told, without a command that removes it', async () => {
      git('checkout', '-qb', 'without')
      git('rm', '-qr', '.vscode')
      git('commit', '-qm', 'three')
      git('checkout', '-q', 'main')
      const { stderr } = await inside(world, 'git checkout -q without')
      expect(stderr).toMatch(/settings\.json \(git has it no longer\)/)
    })

    where(reason)('an index that is a link or a pipe is not opened', async () => {
      const { code } = await inside(world, 'rm .git/index; mkfifo .git/index')
      expect(code).toBe(0)
      const linked = 'rm .git/index; ln -s /etc/passwd .git/index'
      expect((await inside(world, linked)).stderr).toContain('.git/index (a link to')
    })
  })

  describe('an .env', () => {
    const said = async (...flags: string[]): Promise<string> =>
      (await launcher(world, ['run', ...flags, '--', 'true'])).stderr.replaceAll(/\s+/g, ' ')

    where(reason)('that git tracks is announced, since its history is not hidden', async () => {
      commit('secret', { '.env': 'TOKEN=secret\n', '.gitignore': '.env\n' })
      expect(await said()).not.toContain('tracked by git')
      git('add', '-f', '.env')
      git('commit', '-qm', 'oops')
      expect(await said()).toMatch(/\.env is tracked by git/)
      expect((await inside(world, 'cat .env')).code).not.toBe(0)
      expect((await inside(world, 'git show HEAD:.env')).stdout).toBe('TOKEN=secret\n')
      expect(await said('--lift', '.env')).not.toContain('tracked by git')
    })

    where(reason).each([
      ['nothing', ''],
      ['another rule', '*.log\n# .env\n!.env\n/target/\n'],
    ])('that git does not ignore is announced: %s', async (_, rules) => {
      put({ 'sub/.env': 'TOKEN=secret\n', '.gitignore': rules })
      expect(await said()).toMatch(/sub\/\.env is not ignored by git/)
      expect((await inside(world, 'git add -A')).code).not.toBe(0)
    })

    where(reason).each([
      ['.gitignore', '.env\n'],
      ['.gitignore', '.e*\n'],
      ['.gitignore', '/sub/\n'],
      ['sub/.gitignore', '*\n'],
      ['.git/info/exclude', '**/.env\n'],
      ['../../.config/git/ignore', '.env\n'],
      ['../../.gitconfig', '[core]\nexcludesFile = ~/x\n'],
    ])('that %s may mean is nothing to say', async (file, rules) => {
      put({ 'sub/.env': 'TOKEN=secret\n', [file]: rules })
      expect(await said()).not.toContain('ignored by git')
    })
  })

  where(reason)('a link at .git works with the flags that its refusal names', async () => {
    world.outside('mkdir', ['../meta'])
    world.outside('mv', ['.git', '../meta/p.git'])
    world.outside('ln', ['-s', '../meta/p.git', '.git'])
    const repository = path.join(world.home, 'work/meta/p.git')
    const refused = await launcher(world, ['run', '--', 'git', 'status'])
    expect(refused.code).toBe(125)
    const flags = ['--lift', path.join(world.project, '.git'), '--write', repository]
    expect(refused.stderr).toContain(flags.join(' '))
    const half = await launcher(world, ['run', ...flags.slice(0, 2), '--', 'git', 'status'])
    expect(half.stderr.replaceAll(/\s+/g, ' ')).toContain('git will not work in the project')

    const script = [
      'git -c user.name=t -c user.email=t@x commit -q --allow-empty -m inside',
      'echo x >> .git/config',
      'echo x > .git/hooks/pre-commit',
    ].join('\n')
    const { stderr } = await launcher(world, ['run', ...flags, '--', 'sh', '-c', script])
    expect(git('log', '--format=%s', '-1')).toBe('inside\n')
    expect(stderr.match(/Read-only file system/g)).toHaveLength(2)
    const row = /\n {2}read only ([\s\S]*?)\n {2}\w/.exec(stderr)?.[1] ?? ''
    expect(row).toContain('p.git/config')
    expect(row).not.toMatch(/p\.git(?:,|\s)/)
  })

  where(reason)('a link at .git to what is no repository is nothing to grant', async () => {
    world.outside('rm', ['-rf', '.git'])
    world.put('.ssh/id', 'secret\n')
    world.outside('ln', ['-s', '../../.ssh', '.git'])
    const { code, stderr } = await launcher(world, ['run', '--', 'true'])
    expect(code).toBe(125)
    expect(stderr).not.toContain('--write')
  })
})
