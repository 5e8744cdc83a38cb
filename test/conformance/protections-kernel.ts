import { conformsInKernel } from './conforms.ts'
import { python } from './python.ts'
import { git, trial } from './trial.ts'

const isMac = process.platform === 'darwin'

conformsInKernel('W9', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('work/project/.mcp.json', '{}\n')
      world.put('work/project/.vscode/a/b/deep.json', '{}\n')
      world.put('work/project/.idea/empty', '')
    },
    refused: {
      'the file': 'echo x > .mcp.json',
      'the file removed': 'rm -f .mcp.json',
      'a file in the directory': 'echo x > .idea/empty',
      'a new file in the directory': 'echo x > .idea/new',
      'a file deep in the subtree': 'echo x > .vscode/a/b/deep.json',
      'a new directory deep in the subtree': 'mkdir .vscode/a/b/c',
      'rm -rf of the subtree': 'rm -rf .vscode/a',
      'mode of the directory': 'chmod 700 .idea',
    },
    works: {
      'reading them': 'cat .mcp.json .vscode/a/b/deep.json',
      'their neighbours':
        'echo x > mcp.json && mkdir -p vscode/a && echo x > vscode/a/b && rm -rf vscode',
    },
  }),
)

conformsInKernel('W10', (user) =>
  trial(user, {
    setup: (world) => {
      world.put(
        '.config/launcher/config.toml',
        'schema = 1\n[all.protect]\nread_only = ["$PROJECT/deep/a/b/rules.toml", "$PROJECT/there/c/d/rules.toml"]\nhidden = ["$PROJECT/keys/k.pem"]\n',
      )
      world.put('work/project/there/file', 'x\n')
    },
    refused: {
      'a file': 'echo x > .mcp.json',
      'a file by rename': 'echo x > a; mv a .mcp.json; s=$?; test ! -e a; rm -f a; exit $s',
      'a file by link': 'ln -s /etc/passwd .mcp.json',
      'a directory': 'mkdir .vscode',
      'a directory with content': 'mkdir -p .idea && echo x > .idea/x',
      'deep parents': 'mkdir -p deep/a/b && echo x > deep/a/b/rules.toml',
      'deep parents moved into place':
        'mkdir -p t/a/b && echo x > t/a/b/rules.toml; mv t deep; s=$?; test -e deep/a/b/rules.toml; s=$?; rm -rf t; exit $s',
      'parents of which the first is there': 'mkdir -p there/c/d && echo x > there/c/d/rules.toml',
      'a hidden name': 'mkdir -p keys && echo x > keys/k.pem',
    },
    works: {
      'names beside them':
        'echo x > mcp.json && mkdir -p deeper/a/b && echo x > deeper/a/b/rules.toml && mkdir -p there/other && echo x > there/rules.toml',
    },
  }),
)

conformsInKernel('W11', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('work/project/.mcp.json', '{}\n')
      world.put('work/project/.vscode/settings.json', '{}\n')
      world.put('work/project/file', 'x\n')
    },
    refused: {
      'mv of the file': 'mv -f .mcp.json x < /dev/null',
      'mv of the directory': 'mv .vscode x',
      // Across mounts mv copies before it finds that it cannot remove.
      'mv of a file out of the directory': 'mv .vscode/settings.json x; s=$?; rm -f x; exit $s',
      'mv onto the file': 'cp file y; mv -f y .mcp.json; s=$?; rm -f y; exit $s',
      'mv into the directory': 'cp file y; mv y .vscode/y; s=$?; rm -f y; exit $s',
      'a hard link away': 'ln .mcp.json x',
      ...(isMac
        ? {}
        : {
            'an exchange': python(
              'import ctypes, os, sys; sys.exit(0 if ctypes.CDLL(None).renameat2(-100, b".mcp.json", -100, b"file", 2) == 0 else 1)',
            ),
          }),
    },
    works: {
      'mv of ordinary names':
        'mv file file2 && mkdir d && mv file2 d/ && mv d e && test -f e/file2',
      'cp of the file': 'cp .mcp.json copy',
    },
  }),
)

conformsInKernel('W12', (user) =>
  trial(user, {
    setup: (world) => {
      world.put('work/project/a/b/.vscode/settings.json', '{}\n')
      world.put('work/project/a/b/file', 'x\n')
      world.put('work/project/plain/b/c', 'x\n')
    },
    refused: {
      'mv of the parent': 'mv a/b a/c',
      'mv of the grandparent': 'mv a x',
      'mv of the parent elsewhere': 'mv a/b plain/moved',
      'rm -rf of the protected directory': 'rm -rf a/b/.vscode',
      'mv of the project': 'cd .. && mv project elsewhere',
      ...(isMac
        ? {}
        : {
            'an exchange of the parent': python(
              'import ctypes, sys; sys.exit(0 if ctypes.CDLL(None).renameat2(-100, b"a/b", -100, b"plain/b", 2) == 0 else 1)',
            ),
          }),
    },
    works: {
      'mv of a plain tree': 'mv plain/b plain/d && mv plain other',
      'mv beside the protected name':
        'mv a/b/file a/b/file2 && mv a/b/file2 a/file3 && mkdir a/n && mv a/n a/b/n',
    },
  }),
)

conformsInKernel('W21', (user) =>
  trial(user, {
    setup: (world) => {
      for (const name of ['.bashrc', '.profile', '.gitconfig']) world.put(name, '# mine\n')
      world.put('work/project/.gitmodules', '\n')
    },
    flags: (world) => ['--write', world.home],
    refused: {
      ...Object.fromEntries(
        [
          '.bashrc',
          '.zshrc',
          '.profile',
          '.gitconfig',
          '.ripgreprc',
          '.zshenv',
          '.bash_profile',
        ].map((name) => [`~/${name}`, `echo x >> "$HOME/${name}"`]),
      ),
      ...Object.fromEntries(
        ['.gitmodules', '.mcp.json', '.ripgreprc', '.envrc'].map((name) => [
          name,
          `echo x >> ${name}`,
        ]),
      ),
      'a moved start-up file': 'mv "$HOME/.bashrc" "$HOME/x"',
    },
    works: {
      'other names': 'echo x > "$HOME/bashrc" && echo x > "$HOME/.mine" && echo x > gitmodules',
      'reading them': 'cat "$HOME/.bashrc" .gitmodules',
    },
  }),
)

conformsInKernel('W24', (user) =>
  trial(user, {
    setup: (world) => git(world, ['init', '-q']),
    refused: Object.fromEntries(
      ['.vscode', '.idea', '.claude', '.codex', '.agents', '.vibe'].map((name) => [
        name,
        `mkdir ${name} && echo x > ${name}/settings.json`,
      ]),
    ),
    works: {
      'other folders': 'mkdir .github .cache vscode && echo x > .github/x',
      'git sees none of them':
        'test -z "$(git status --porcelain | grep -E "vscode/|idea|claude|codex|agents|vibe" | grep -v " vscode/")"',
    },
  }),
)
