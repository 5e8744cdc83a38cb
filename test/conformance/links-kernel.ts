import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { inside, launcher, newWorld, type World } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { hold } from './held.ts'
import { snapshot, symlink, trial } from './trial.ts'

conformsInKernel('W4', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('shared/file', 'shared\n')
      world.put('secret/file', 'secret\n')
      world.put('work/project/.vscode/settings.json', '{}\n')
    },
    flags: (world) => ['--read', `${world.home}/shared`],
    refused: {
      'hard link of a readable file': 'ln "$HOME/shared/file" l',
      'hard link of an unreadable file': 'ln "$HOME/secret/file" l',
      'hard link of a protected file': 'ln .vscode/settings.json l',
      'symlink to a readable file, then a write':
        'ln -s "$HOME/shared/file" l; echo x > l; s=$?; rm -f l; exit $s',
      'symlink to a directory, then a new file':
        'ln -s "$HOME/secret" l; echo x > l/new; s=$?; rm -f l; exit $s',
    },
    works: {
      'a symlink is made and read': 'ln -s "$HOME/shared/file" l && cat l',
      'a hard link of its own file': 'echo a > a && ln a b && echo b > b && test "$(cat a)" = b',
    },
  }),
)

conformsInKernel('W5', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('outside/file', 'outside\n')
      world.put('work/project/real/file', 'x\n')
      symlink(world, '../../outside', 'work/project/out')
      symlink(world, path.join(world.home, 'outside/file'), 'work/project/out-file')
      symlink(world, 'out-file', 'work/project/twice')
      symlink(world, 'real', 'work/project/in')
    },
    refused: {
      'a file below the link': 'echo x > out/file',
      'a new file below the link': 'echo x > out/new',
      'the link itself': 'echo x > out-file',
      'a link to the link': 'echo x >> twice',
      'removal below the link': 'rm out/file',
      'out and back': 'echo x > out/../outside/file',
    },
    works: {
      'through a link that stays inside': 'echo x > in/file && test "$(cat real/file)" = x',
      'removing the link': 'rm out-file',
    },
  }),
)

conformsInKernel(
  'W6',
  async (user) => {
    const world = newWorld(user)
    try {
      world.put('outside/file', 'outside\n')
      // Two processes: one swaps a directory for a link and back, the other writes through the name
      // all the while.
      const race = (rounds: number): string => `mkdir d
(i=0; while [ $i -lt ${rounds} ]; do i=$((i+1)); rm -rf d; ln -s "$HOME/outside" d; rm -f d; mkdir d; done) &
swapper=$!
while kill -0 $swapper 2> /dev/null; do echo x > d/file; echo x > d/new; done 2> /dev/null
wait $swapper; rm -rf d; ln -s "$HOME/outside" d; echo x > d/last; rm d; mkdir d && echo ok > d/file && cat d/file`
      const before = snapshot(path.join(world.home, 'outside'))
      const { stdout } = await inside(world, race(150))
      expect(stdout).toBe('ok\n')
      expect(snapshot(path.join(world.home, 'outside'))).toEqual(before)
      fs.rmSync(path.join(world.project, 'd'), { recursive: true })
      world.outside('/bin/sh', ['-c', race(5)])
      expect(fs.readdirSync(path.join(world.home, 'outside'))).toContain('last')
    } finally {
      world.remove()
    }
  },
  { part: 'swapped by the agent' },
)

conformsInKernel(
  'W6',
  async (user) => {
    const world = newWorld(user)
    try {
      world.put('first/file', 'first\n')
      world.put('second/file', 'second\n')
      symlink(world, 'first', 'link')
      const run = await hold(
        world,
        ['--read', path.join(world.home, 'link')],
        'echo ready; read word; cat "$HOME/link/file" "$HOME/second/file" "$HOME/first/file"; echo x > "$HOME/link/file"; echo end',
      )
      fs.unlinkSync(path.join(world.home, 'link'))
      symlink(world, 'second', 'link')
      run.letGo()
      const { stdout } = await run.finished
      expect(stdout).not.toContain('second')
      expect(stdout).toContain('end')
      expect(world.read('second/file')).toBe('second\n')
      expect(
        (await inside(world, 'cat "$HOME/link/file"', ['--read', path.join(world.home, 'link')]))
          .stdout,
      ).toBe('second\n')
    } finally {
      world.remove()
    }
  },
  { part: 'swapped on the host after the check' },
)

conformsInKernel('W7', async (user) => {
  const planted = async (
    target: string,
    test: (world: World, link: string) => Promise<void>,
  ): Promise<void> => {
    const world = newWorld(user)
    try {
      world.put('.config/tool/file', 'x\n')
      symlink(world, target, 'work/project/dist')
      await test(world, path.join(world.project, 'dist'))
    } finally {
      world.remove()
    }
  }
  for (const target of ['/', '../..', '../../.config/tool']) {
    await planted(target, async (world, link) => {
      const { code, stdout, stderr } = await launcher(world, [
        'run',
        '--quiet',
        '--write',
        link,
        '--',
        '/bin/sh',
        '-c',
        'echo started',
      ])
      expect({ target, code, stdout }).toEqual({ target, code: 125, stdout: '' })
      expect(stderr).toMatch(/dist is a link to .* inside a directory that the agent can write/)
      // Without the flag the link is there and leads nowhere.
      const plain = await inside(world, 'echo x > dist/new || echo x > dist/file || echo refused')
      expect(plain.stdout).toBe('refused\n')
    })
  }
  const world = newWorld(user)
  try {
    world.put('data/file', 'x\n')
    symlink(world, 'data', 'link')
    expect(
      (
        await inside(world, 'echo y > "$HOME/link/file" && cat "$HOME/data/file"', [
          '--write',
          path.join(world.home, 'link'),
        ])
      ).stdout,
    ).toBe('y\n')
  } finally {
    world.remove()
  }
})
