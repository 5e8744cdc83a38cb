import { conformsInKernel } from './conforms.ts'
import { python } from './python.ts'
import { type Attempts, trial } from './trial.ts'

const isMac = process.platform === 'darwin'

conformsInKernel('W1', (user) =>
  trial(user, {
    refused: {
      'beside the project': 'echo x > ../beside',
      'in the home directory': 'echo x > "$HOME/new"',
      'a directory': 'mkdir "$HOME/new"',
    },
    works: {
      'in the project': 'echo x > new && test "$(cat new)" = x',
      'a directory': 'mkdir -p a/b && echo x > a/b/c',
    },
  }),
)

conformsInKernel('W2', (user) => {
  // Only root can make the same attempt outside; what it makes there is taken away at once.
  const system: Attempts = {
    '/etc': 'touch /etc/launcher-conformance && rm /etc/launcher-conformance',
    '/usr/local/bin':
      'touch /usr/local/bin/launcher-conformance && rm /usr/local/bin/launcher-conformance',
  }
  const isRoot = user.label === 'root'
  return trial(user, {
    setup: (world) => void world.put('Library/LaunchAgents/com.example.plist', 'x'),
    refused: {
      'a launch agent': 'echo x > "$HOME/Library/LaunchAgents/evil.plist"',
      'a launch agent that is there': 'echo x > "$HOME/Library/LaunchAgents/com.example.plist"',
      ...(isRoot ? system : {}),
    },
    refusedAnyway: isRoot ? {} : system,
    works: {
      'reading /etc/passwd': 'cat /etc/passwd',
      'a folder of that name in the project':
        'mkdir -p Library/LaunchAgents etc && echo x > Library/LaunchAgents/a && echo x > etc/a',
    },
  })
})

const changes = (file: string): Attempts => ({
  append: `echo x >> ${file}`,
  truncate: `: > ${file}`,
  'open for both': `exec 3<> ${file}`,
  mode: `chmod 600 ${file}`,
  times: `touch -t 202001010000 ${file}`,
  xattr: isMac
    ? `xattr -w launcher.test 1 ${file}`
    : python(
        `import os; os.setxattr("${file.replaceAll('"', '')}".replace("$HOME", os.environ["HOME"]), "user.launcher", b"1")`,
      ),
  ...(isMac ? { flags: `chflags nodump ${file}` } : {}),
})

conformsInKernel('W3', (user) => {
  const under = (name: string, file: string): Attempts =>
    Object.fromEntries(
      Object.entries(changes(file)).map(([what, script]) => [`${what} of ${name}`, script]),
    )
  return trial(user, {
    setup: (world) => {
      world.put('shared/file', 'shared\n')
      world.put('work/project/.vscode/settings.json', '{}\n')
      world.put('work/project/mine', 'mine\n')
    },
    flags: (world) => ['--read', `${world.home}/shared`],
    refused: {
      ...under('a read grant', '"$HOME/shared/file"'),
      ...under('a protection', '.vscode/settings.json'),
    },
    works: {
      ...changes('mine'),
      'reading what is read-only': 'cat "$HOME/shared/file" .vscode/settings.json',
    },
  })
})

conformsInKernel('W8', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('outside/file', 'outside\n')
      world.put('work/project/sub/file', 'x\n')
    },
    refused: {
      '../': 'echo x > ../new',
      'root/../outside': 'echo x > "$PWD/../../outside/file"',
      'down and up': 'echo x > sub/../../new',
      'by changing the directory': 'cd ../../outside && echo x > file',
      'from the root directory': 'echo x > "/..$HOME/outside/file"',
    },
    works: {
      'down and up to inside': 'echo x > sub/../new && test "$(cat new)" = x',
      'up and down to inside': 'echo x > "$PWD/../${PWD##*/}/sub/file"',
    },
  }),
)

conformsInKernel('W18', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('work/project/tree/a/b/c', 'x\n')
      world.put('work/project/tree/d', 'x\n', 0o400)
      world.put('work/project/file', 'x\n')
      world.put('outside/file', 'x\n')
    },
    refused: {
      'rm of an outside file': 'rm "$HOME/outside/file"',
      'rm -r of an outside directory': 'rm -r "$HOME/outside"',
    },
    works: {
      'rm of a file': 'rm file && test ! -e file',
      'rm -rf of a tree': 'rm -rf tree && test ! -e tree',
      'rm -rf of what the agent made': 'mkdir -p n/n && echo x > n/n/n && rm -rf n && test ! -e n',
    },
  }),
)
