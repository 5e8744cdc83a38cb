import { changesFor } from '../../../src/explain/change.ts'
import { factsOf } from '../../../src/explain/denials/facts.ts'
import { createJudge, type Judge } from '../../../src/explain/messages/judge.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import { isAbsolutePath } from '../../../src/machine/paths.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import { createWalker } from '../../../src/machine/walk.ts'
import { dir, type FakeTree, fakeHost, file, link } from '../../fixtures/fake-host.ts'
import { at, grant, policyOf, protection } from '../../policy/builders.ts'

const script = (first: string): ReturnType<typeof file> =>
  file(`${first}\nprint()\n`, { mode: 0o755 })
const elf = file(
  new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...new Array<number>(57).fill(0)]),
  { mode: 0o755 },
)

/**
 * One home for every log: a project, dotfiles behind links, a uv tool, secrets. `H` stands for the
 * home directory.
 */
const treeOf = (home: string): FakeTree => ({
  [home]: dir({
    '.aws/credentials': 'x',
    '.cache/uv/x': 'x',
    '.cargo/.package-cache': 'x',
    '.gitconfig': 'x',
    '.local/bin/vibe': script(`#!${home}/.local/share/uv/tools/mistral-vibe/bin/python3`),
    '.local/share/uv/tools/mistral-vibe/bin/python3': link(
      `${home}/.local/share/uv/python/cpython-3.12/bin/python3.12`,
    ),
    '.local/share/uv/tools/mistral-vibe/pyvenv.cfg': `home = ${home}/.local/share/uv/python/cpython-3.12/bin\n`,
    '.local/share/uv/python/cpython-3.12': link('cpython-3.12.7'),
    '.local/share/uv/python/cpython-3.12.7/bin/python3.12': elf,
    '.local/share/uv/python/cpython-3.12.7/lib/python3.12/os.py': '',
    '.npm/_cacache/x': 'x',
    '.ssh/id_rsa': 'x',
    '.vibe/config.toml': link(`${home}/dotfiles/vibe/config.toml`),
    '.vibe/trusted_folders.toml': 'x',
    'Documents/report.txt': 'x',
    'dotfiles/vibe/config.toml': 'x',
    'go/pkg/mod/x': 'x',
    'p/.env': 'x',
    'p/.git/config': 'x',
    'p/closed.txt': file('x', { mode: 0 }),
    'p/main.py': 'x',
    'p/tool.sh': file('x', { mode: 0o644 }),
    'p/theirs': dir({}, { uid: 0, mode: 0o755 }),
  }),
  '/usr/bin/git': elf,
})

/** A judge over that home, as `explain -` has it. */
export const judgeOn = (platform: 'linux' | 'macos'): Judge => {
  const home = platform === 'macos' ? '/Users/u' : '/home/u'
  const host = fakeHost(treeOf(home), { platform, home, cwd: `${home}/p` })
  const inHome = (name: string): string => `${home}/${name}`
  const policy = policyOf({
    name: 'vibe',
    platform,
    home: at(home),
    project: at(inHome('p')),
    grants: [
      grant('read', '/usr'),
      grant('read', '/System'),
      grant('write', inHome('p')),
      grant('read', inHome('Documents')),
      grant('read', inHome('.local/bin')),
      grant('read', inHome('.local/share/uv/tools')),
      // The link is granted, what it points to is not.
      grant('read', inHome('.vibe/config.toml'), { kind: 'file' }),
    ],
    protections: [
      protection('hidden', inHome('.ssh')),
      protection('hidden', inHome('.aws')),
      protection('hidden', inHome('p/.env'), { entry: 'file' }),
      protection('read_only', inHome('p/.git/config'), { entry: 'file' }),
    ],
  })
  const walk = createWalker(host)
  return createJudge({
    backend: platform === 'macos' ? 'seatbelt' : 'bubblewrap',
    profile: 'vibe',
    decider: compilePolicy(policy),
    cwd: at(inHome('p')),
    searchPath: [inHome('.local/bin'), '/usr/bin'],
    facts: factsOf(host, walk, (needed) => {
      try {
        const target = resolveTarget(host, needed, {
          platform,
          cwd: host.cwd,
          project: at(inHome('p')),
          searchPath: [],
          args: [],
          walk,
        })
        return [
          ...target.executables.filter(({ path }) => path.requested !== needed),
          ...target.reads,
        ]
      } catch {
        return []
      }
    }),
    change: (operation, path) => {
      const stat = host.lstat(path)
      const kind =
        stat === undefined || stat === 'denied'
          ? undefined
          : stat.type === 'directory'
            ? ('directory' as const)
            : ('file' as const)
      const [change] = isAbsolutePath(path)
        ? changesFor(policy, operation, path, { exists: kind !== undefined, kind })
        : []
      return change?.flags
    },
    host: (name) =>
      name === 'api.mistral.ai'
        ? { allowed: true, because: 'api.mistral.ai is allowed (profiles/agents/vibe.toml)' }
        : { allowed: false, because: `no entry allows ${name}` },
  })
}
