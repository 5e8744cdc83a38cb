import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LauncherError } from '../../../src/errors.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { parsePnpmShim } from '../../../src/resolve/runtimes/shims/pnpm.ts'
import { execTarget } from '../../../src/resolve/runtimes/shim-exec.ts'
import { resolveTarget } from '../../../src/resolve/target.ts'
import type { Target } from '../../../src/resolve/types.ts'
import { cpuSince } from '../../fixtures/cpu.ts'
import { elfBytes } from '../../fixtures/elf-bytes.ts'
import { fakeHost, link, type FakeOverrides, type FakeTree } from '../../fixtures/fake-host.ts'
import { machBytes } from '../../fixtures/mach-bytes.ts'
import { program, systemTree } from '../../fixtures/uv-tool.ts'

const resolve = (
  tree: FakeTree,
  command: string,
  overrides: FakeOverrides & { path?: string[] } = {},
): Target => {
  const host = fakeHost(tree, overrides)
  return resolveTarget(host, command, {
    searchPath: [...(overrides.path ?? []), '/usr/bin', '/bin'],
    project: `${host.home}/p` as AbsolutePath,
    cwd: host.cwd,
    platform: host.platform,
  })
}
const reals = (parts: Target['reads']): string[] => parts.map((part) => part.path.real)
const hops = (target: Target): string[] => target.hops.map((hop) => hop.path)
const codes = (target: Target): string[] => target.notices.map((notice) => notice.code)

describe('Nix', () => {
  const store = '/nix/store/abc-vibe-1.0/bin'
  const wrapper = `#! /nix/store/sh-bash-5/bin/bash -e\nexport PATH='/nix/store/x/bin':$PATH\nexec -a "$0" "${store}/.vibe-wrapped"  "$@"\n`
  const tree = (vibe: FakeTree[string]): FakeTree => ({
    ...systemTree,
    '/nix/store/sh-bash-5/bin/bash': program(),
    [`${store}/vibe`]: vibe,
    [`${store}/.vibe-wrapped`]: program(),
    '/nix/store/env-9/bin/vibe': link(`${store}/vibe`),
    '/home/u/.nix-profile': link('.local/state/nix/profiles/profile'),
    '/home/u/.local/state/nix/profiles/profile': link('profile-12-link'),
    '/home/u/.local/state/nix/profiles/profile-12-link': link('/nix/store/env-9'),
  })
  it.each([
    [
      'a shell wrapper',
      program(wrapper),
      [`${store}/vibe`, '/nix/store/sh-bash-5/bin/bash', `${store}/.vibe-wrapped`],
    ],
    ['a binary wrapper', program(), [`${store}/vibe`, `${store}/.vibe-wrapped`]],
  ])('%s is followed to what it wraps, through every link of the profile', (_, vibe, executes) => {
    const target = resolve(tree(vibe), 'vibe', { path: ['/home/u/.nix-profile/bin'] })
    expect([target.runtime, reals(target.executables), reals(target.reads)]).toEqual([
      'nix',
      executes,
      ['/nix/store'],
    ])
    expect(hops(target)).toEqual(
      expect.arrayContaining([
        '/home/u/.nix-profile',
        '/home/u/.local/state/nix/profiles/profile',
        '/home/u/.local/state/nix/profiles/profile-12-link',
        '/nix/store/env-9/bin/vibe',
      ]),
    )
    expect(target.executables.at(-1)?.chain.at(-1)).toContain('.vibe-wrapped')
  })
  it('home-manager: a link farm in the home directory', () => {
    const farm = {
      ...tree(program()),
      '/home/u/.local/bin/vibe': link('/nix/store/hm-home-files/.local/bin/vibe'),
      '/nix/store/hm-home-files/.local/bin/vibe': link(`${store}/vibe`),
    }
    const target = resolve(farm, 'vibe', { path: ['/home/u/.local/bin'] })
    expect([reals(target.reads), hops(target)]).toEqual([
      ['/nix/store'],
      ['/home/u/.local/bin/vibe', '/nix/store/hm-home-files/.local/bin/vibe'],
    ])
  })
  it('nix-darwin: the profile of the system', () => {
    const mac = {
      '/run': link('private/var/run'),
      '/private/var/run/current-system': link('/nix/store/sys-1'),
      '/nix/store/sys-1/sw/bin/vibe': link(`${store}/vibe`),
      [`${store}/vibe`]: program(machBytes([])),
    }
    const target = resolve(mac, 'vibe', {
      platform: 'macos',
      arch: 'arm64',
      home: '/Users/u',
      path: ['/run/current-system/sw/bin'],
    })
    expect([reals(target.reads), hops(target)]).toEqual([
      ['/nix/store'],
      ['/run', '/private/var/run/current-system', '/nix/store/sys-1/sw/bin/vibe'],
    ])
  })
  it('a program that is called like a wrapped one elsewhere is none', () =>
    expect(
      reals(
        resolve({ '/home/u/bin/x': program(), '/home/u/bin/.x-wrapped': program() }, 'x', {
          path: ['/home/u/bin'],
        }).executables,
      ),
    ).toEqual(['/home/u/bin/x']))
})

describe('a wrapper script', () => {
  it.each([
    ['plain', '#!/bin/sh\nexec /opt/a/bin/x "$@"\n', '/opt/a/bin/x'],
    ['quoted', '#!/bin/sh\nexec "/opt/a b/x" "$@"\n', '/opt/a b/x'],
    ['in single quotes', '#!/bin/sh\nexec \'/opt/$a/x\' "$@"\n', '/opt/$a/x'],
    [
      "Homebrew's, with variables",
      '#!/bin/bash\nGOPATH="${GOPATH:-x}" FOO=bar exec "/opt/homebrew/Cellar/x/1.0/libexec/x"  "$@"\n',
      '/opt/homebrew/Cellar/x/1.0/libexec/x',
    ],
    ['with another argv[0]', '#!/bin/sh\n  exec -a "$0" "/opt/x"  --flag "$@"\n', '/opt/x'],
    ['twice the same', '#!/bin/sh\nexec /opt/x a\nexec /opt/x b\n', '/opt/x'],
    ['two programs', '#!/bin/sh\nexec /opt/x\nexec /opt/y\n', undefined],
    ['a variable', '#!/bin/sh\nexec "$HOME/x" "$@"\n', undefined],
    ['a command', '#!/bin/sh\nexec "/opt/$(id)" "$@"\n', undefined],
    ['a comment', '#!/bin/sh\n# exec /opt/x\n', undefined],
    ['a redirection', '#!/bin/sh\nexec > /dev/null\n', undefined],
    ['relative', '#!/bin/sh\nexec bin/x\n', undefined],
  ])('%s', (_, text, expected) => expect(execTarget(text)).toBe(expected))
  it('whatever the script says, the answer is an absolute path that stands in it, or none', () => {
    const piece = fc.constantFrom(
      'exec',
      ' ',
      '\n',
      '"',
      "'",
      '/opt/x',
      '$HOME',
      '$(id)',
      '`id`',
      '-a "$0"',
      'A=b',
      '"$@"',
      '\\',
      '"$basedir/x.js"',
      'node',
      '#',
      ';',
      '/',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = `#!/bin/sh\n${pieces.join('')}\n`
        const target = execTarget(text)
        expect(target === undefined || (target.startsWith('/') && text.includes(target))).toBe(true)
        const shim = parsePnpmShim(text)
        expect(
          shim === undefined ||
            (shim.program !== '' && text.includes(shim.program) && !/[$`]/.test(shim.program)),
        ).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
  it.each([
    'exec '.repeat(13_000),
    `${'A=b '.repeat(16_000)}x`,
    `exec ${'-a '.repeat(20_000)}`,
    ' '.repeat(64_000),
    `exec node ${'-x '.repeat(20_000)}`,
  ])('64 kB of one kind are read at once', (text) => {
    const start = process.cpuUsage()
    execTarget(text)
    parsePnpmShim(text)
    expect(cpuSince(start)).toBeLessThan(500)
  })
  it('brings what it starts, with its own needs', () => {
    const tree = {
      ...systemTree,
      '/home/u/bin/x': program('#!/bin/sh\nexec /opt/a/bin/x "$@"\n'),
      '/opt/a/bin/x': program(elfBytes({ needed: ['l.so'], runpath: '$ORIGIN/../lib' })),
      '/opt/a/lib/l.so': elfBytes(),
    }
    const target = resolve(tree, 'x', { path: ['/home/u/bin'] })
    expect([target.file, reals(target.executables), reals(target.reads)]).toEqual([
      '/home/u/bin/x',
      ['/home/u/bin/x', '/usr/bin/dash', '/opt/a/bin/x'],
      ['/opt/a/lib/l.so', '/opt/a'],
    ])
  })
  it('in the project leads nowhere', () =>
    expect(
      reals(
        resolve(
          {
            ...systemTree,
            '/home/u/p/x': program('#!/bin/sh\nexec /home/u/tax/x\n'),
            '/home/u/tax/x': program(),
          },
          './x',
        ).executables,
      ),
    ).toEqual(['/home/u/p/x', '/usr/bin/dash']))
  it('that names a secret is refused', () => {
    const tree = {
      ...systemTree,
      '/home/u/bin/x': program('#!/bin/sh\nexec /home/u/.ssh/x\n'),
      '/home/u/.ssh/x': program(),
    }
    expect(() => resolve(tree, 'x', { path: ['/home/u/bin'] })).toThrow(LauncherError)
  })
  it('wrappers that start each other end', () => {
    const tree = {
      ...systemTree,
      '/opt/a': program('#!/bin/sh\nexec /opt/b\n'),
      '/opt/b': program('#!/bin/sh\nexec /opt/a\n'),
    }
    expect(reals(resolve(tree, '/opt/a').executables)).toEqual([
      '/opt/a',
      '/usr/bin/dash',
      '/opt/b',
    ])
  })
})

describe("Apple's stand-ins", () => {
  const tools = '/Library/Developer/CommandLineTools'
  const shim = program(machBytes(['/usr/lib/libxcselect.dylib', '/usr/lib/libSystem.B.dylib']))
  const mac = (tree: FakeTree): FakeTree => ({
    '/usr/bin/git': shim,
    '/usr/bin/true': program(machBytes([])),
    '/Users/u/.ssh/usr/bin/git': program(machBytes([])),
    '/Users/u/usr/bin/git': program(machBytes([])),
    ...tree,
  })
  const options = { platform: 'macos', arch: 'arm64', home: '/Users/u' } as const
  const installed = {
    [`${tools}/usr/bin/git`]: program(machBytes([])),
    [`${tools}/usr/libexec/git-core/git-log`]: '',
  }
  const selected = '/private/var/db/xcode_select_link'
  it.each([
    [
      'the selected directory',
      { ...installed, [selected]: link(tools) },
      `${tools}/usr/bin/git`,
      tools,
    ],
    [
      'an Xcode that is selected',
      {
        ...installed,
        '/Applications/Xcode-16.app/Contents/Developer/usr/bin/git': program(machBytes([])),
        [selected]: link('/Applications/Xcode-16.app/Contents/Developer'),
      },
      '/Applications/Xcode-16.app/Contents/Developer/usr/bin/git',
      '/Applications/Xcode-16.app/Contents/Developer',
    ],
    ['the command line tools by default', installed, `${tools}/usr/bin/git`, tools],
  ])('git of %s', (_, tree: FakeTree, file, root) => {
    const target = resolve(mac(tree), 'git', options)
    expect([target.file, reals(target.executables), codes(target)]).toEqual([
      file,
      [`${root}/usr/bin/git`],
      ['shim'],
    ])
    expect(reals(target.reads)).toEqual([root === tools ? tools : '/Applications/Xcode-16.app'])
  })
  it('env starts the stand-in: it, the link and the developer directory are parts', () => {
    const tree = mac({
      '/usr/bin/python3': shim,
      '/usr/bin/env': program(machBytes([])),
      [`${tools}/usr/bin/python3`]: program(machBytes([])),
      [selected]: link(tools),
      '/Users/u/x': program('#!/usr/bin/env python3\n'),
    })
    const target = resolve(tree, '/Users/u/x', options)
    expect(reals(target.executables)).toEqual(
      expect.arrayContaining(['/usr/bin/python3', `${tools}/usr/bin/python3`]),
    )
    expect([reals(target.reads), hops(target)]).toEqual([
      [tools],
      expect.arrayContaining([selected]),
    ])
  })
  it.each([
    ['no tools are installed', {}, 'no developer directory'],
    [
      'the selected directory is gone',
      { ...installed, [selected]: link('/Applications/Old.app') },
      'no developer directory',
    ],
    [
      'the tool is not in it',
      { [selected]: link(tools), [`${tools}/usr/bin/other`]: '' },
      'holds no git',
    ],
    [
      'the home directory is selected',
      { [selected]: link('/Users/u') },
      'it is the home directory',
    ],
    ['a place of secrets is selected', { [selected]: link('/Users/u/.ssh') }, 'place of secrets'],
    ['the root is selected', { [selected]: link('/') }, 'holds the home directory'],
  ])('%s: said, and nothing is granted', (_, tree: FakeTree, reason) => {
    const target = resolve(mac(tree), 'git', options)
    expect([target.file, reals(target.reads).filter((root) => root !== tools)]).toEqual([
      '/usr/bin/git',
      [],
    ])
    expect(target.notices.map((notice) => notice.message).join('\n')).toContain(reason)
  })
  it('another program of the system is none', () =>
    expect(codes(resolve(mac(installed), 'true', options))).toEqual([]))
})

describe('a program that brings its own files', () => {
  it.each([
    ['beneath /opt', '/opt/tool/lib/app/tool', '/opt/tool'],
    [
      'in the directory of its version',
      '/home/u/.local/share/cursor-agent/versions/2025.11.06-abc/cursor-agent',
      '/home/u/.local/share/cursor-agent/versions/2025.11.06-abc',
    ],
    [
      'with a bin in it',
      '/home/u/apps/tool-1.2.3-linux-x64/bin/tool',
      '/home/u/apps/tool-1.2.3-linux-x64',
    ],
  ])('%s', (_, path, root) =>
    expect(reals(resolve({ [path]: program() }, path).reads)).toEqual([root]),
  )
  it.each([
    '/opt/tool',
    '/opt/bin/tool',
    '/opt/local/bin/tool',
    '/home/u/.local/bin/tool',
    '/home/u/tool',
    '/home/u/2025-taxes',
    '/usr/local/tool-1.2/bin/tool',
  ])('%s stands alone', (path) =>
    expect(reals(resolve({ [path]: program() }, path).reads)).toEqual([]),
  )
  it('macOS: the application bundle', () =>
    expect(
      reals(
        resolve(
          {
            '/usr/local/bin/code': link('/Applications/Code.app/Contents/Resources/app/bin/code'),
            '/Applications/Code.app/Contents/Resources/app/bin/code': program(machBytes([])),
          },
          '/usr/local/bin/code',
          { platform: 'macos', home: '/Users/u' },
        ).reads,
      ),
    ).toEqual(['/Applications/Code.app']))
})
