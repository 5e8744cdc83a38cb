import { expect } from 'vitest'
import { inside, launcher, newWorld, type User } from '../e2e/harness.ts'
import { conformsInKernel } from './conforms.ts'
import { type Attempts, trial } from './trial.ts'

/**
 * What only a Mac can show. Should a sandbox fail, an attempt leaves nothing behind: no clipboard,
 * schedule or job of the user is replaced.
 */
const refuses = (refusedAnyway: Attempts, works: Attempts) => (user: User) =>
  trial(user, { refusedAnyway, works })

conformsInKernel('R7', async (user) => {
  const world = newWorld(user)
  try {
    for (const program of ['/usr/bin/true', '/bin/sh', '/usr/bin/env'])
      expect(
        (
          await launcher(world, [
            'run',
            '--quiet',
            '--',
            program,
            ...(program === '/bin/sh' ? ['-c', 'exit 0'] : []),
          ])
        ).code,
        program,
      ).toBe(0)
    expect((await inside(world, 'ls "$HOME" || echo refused')).stdout).toBe('refused\n')
  } finally {
    world.remove()
  }
})

conformsInKernel(
  'R8',
  refuses(
    {
      'a password': 'security find-generic-password -s launcher-none -w',
      keychains: 'security list-keychains | grep keychain',
      'trust settings': 'security dump-trust-settings -s | grep -i cert',
    },
    { 'a program beside it': '/usr/bin/true' },
  ),
)
conformsInKernel(
  'R9',
  refuses(
    {
      Spotlight: 'mdfind -count kind:folder | grep -v "^0$"',
      'Quick Look': 'qlmanage -t -o . "$HOME/Library"',
      history: 'cat "$HOME/Library/Safari/History.db"',
      TCC: 'cat "$HOME/Library/Application Support/com.apple.TCC/TCC.db"',
    },
    { 'a file of the project': 'echo x > f && cat f' },
  ),
)
conformsInKernel(
  'R10',
  refuses(
    { clipboard: 'pbpaste | grep -q .', screen: 'screencapture -x shot.png && test -s shot.png' },
    { 'a pipe': 'test "$(echo x | cat)" = x' },
  ),
)
conformsInKernel(
  'P2',
  refuses(
    {
      'launchctl submit':
        'launchctl submit -l launcher.conformance -- /usr/bin/true && launchctl remove launcher.conformance',
      open: 'open -g -a TextEdit',
      osascript: 'osascript -e "tell application \\"Finder\\" to get name of startup disk"',
      at: 'echo true | at now',
    },
    { 'a child of its own': 'sh -c true' },
  ),
)
conformsInKernel(
  'P3',
  refuses(
    { 'sandbox-exec in a sandbox': "sandbox-exec -p '(version 1)(allow default)' /usr/bin/true" },
    { 'the same program without one': '/usr/bin/true' },
  ),
)
