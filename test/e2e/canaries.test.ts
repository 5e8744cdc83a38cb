import { afterAll, beforeAll, describe, expect } from 'vitest'
import { inside, launcher, newWorld, users, whyNoKernel, type World } from './harness.ts'
import { where } from './where.ts'

const reason = whyNoKernel()

describe.each(users())('canaries, as $label', (user) => {
  let world: World
  beforeAll(() => {
    world = newWorld(user)
    world.put('.ssh/id_rsa', 'SECRET\n', 0o600)
    world.put('.zshrc', 'original\n')
    world.put('work/beside', 'original\n')
    world.outside('git', ['init', '-q'])
    world.outside('git', ['config', 'user.email', 't@example.com'])
    world.outside('git', ['config', 'user.name', 't'])
    world.put('work/project/.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n', 0o755)
  })
  afterAll(() => world.remove())

  where(reason)(
    'leaves everything outside and the hook untouched, writes the file, and prints the kernel’s errors',
    async () => {
      const script =
        'cat ~/.ssh/id_rsa; echo x > ~/.zshrc; echo x > .git/hooks/pre-commit; mv .git .g; echo ok > f'
      const { code, stdout, stderr } = await launcher(world, ['run', '--', 'sh', '-c', script])
      expect(code).toBe(0)
      expect(stdout).not.toContain('SECRET')
      expect(world.read('.zshrc')).toBe('original\n')
      expect(world.read('work/project/.git/hooks/pre-commit')).toContain('exit 0')
      expect(world.exists('work/project/.git/HEAD')).toBe(true)
      expect(world.read('work/project/f')).toBe('ok\n')
      expect(stderr).toMatch(/id_rsa/)
      expect(stderr).toMatch(/zshrc/)
      expect(stderr).toMatch(/hooks\/pre-commit/)
      expect(stderr).toMatch(/mv: cannot move|mv: rename/)
    },
  )

  where(reason)('prints the contract before the agent starts', async () => {
    const { stderr } = await launcher(world, ['run', '--', 'true'])
    for (const word of ['project', 'write', 'hidden', 'network', 'none', 'environment'])
      expect(stderr).toContain(word)
  })

  where(reason)(
    'names what appeared during the run and runs code on the host later, and is silent when nothing did',
    async () => {
      const planted = await inside(world, 'mkdir -p sub && git init -q sub && echo x > sub/.env')
      expect(planted.stderr).toMatch(/sub\/\.git \(a repository/)
      expect(planted.stderr).toMatch(/sub\/\.env/)
      const quiet = await inside(world, 'echo x > ordinary')
      expect(quiet.stderr).toBe('')
      await inside(world, 'rm -rf sub')
    },
  )

  where(reason)('what works outside works inside: the twin of each refusal', async () => {
    const { stdout, code } = await inside(
      world,
      'echo a > a && cat a && mkdir d && mv a d/b && ln d/b d/c && rm -r d && echo done',
    )
    expect(stdout).toBe('a\ndone\n')
    expect(code).toBe(0)
  })
})
