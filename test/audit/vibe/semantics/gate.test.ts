import fs from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideBash } from '../../../../src/audit/vibe/semantics/bash-gate.ts'
import { createBashParser } from '../../../../src/audit/vibe/semantics/bash-parse.ts'
import { decideFile } from '../../../../src/audit/vibe/semantics/file-gate.ts'
import { effectiveConfig } from '../../../../src/audit/vibe/semantics/layers.ts'
import { normalPath } from '../../../../src/audit/vibe/semantics/python-path.ts'
import {
  FILE_TOOLS,
  type FileTool,
  type GateWorld,
} from '../../../../src/audit/vibe/semantics/types.ts'
import { NEWEST_KNOWN, semanticsOf } from '../../../../src/audit/vibe/semantics/versions.ts'
import type { AbsolutePath } from '../../../../src/machine/paths.ts'
import { cpuSince } from '../../../fixtures/cpu.ts'
import { COMMANDS } from '../../../fixtures/vibe-oracle-commands.ts'

const LINKS: Readonly<Record<string, string>> = {
  '/h/p/link': '/h/.ssh/id_rsa',
  '/h/dot': '/h/.ssh',
}
const resolve = (path: string): string => {
  const plain = normalPath(path)
  const link = Object.keys(LINKS).find((name) => plain === name || plain.startsWith(`${name}/`))
  return link === undefined ? plain : `${LINKS[link]}${plain.slice(link.length)}`
}
const world = (cwd = '/h/p', more: Partial<GateWorld> = {}): GateWorld => ({
  home: '/h' as AbsolutePath,
  cwd: cwd as AbsolutePath,
  resolve,
  ...more,
})
const configOf = (values: Record<string, unknown>, version: string) =>
  effectiveConfig([{ name: 'user', values }], semanticsOf(version).semantics)

describe('file tools', () => {
  const ask = (
    version: string,
    tool: FileTool,
    path: string,
    table: unknown,
    top: Record<string, unknown> = {},
    cwd = '/h/p',
  ) => {
    const { semantics } = semanticsOf(version)
    return decideFile(
      configOf({ ...top, tools: { [semantics.toolNames[tool]]: table } }, version),
      semantics,
      { tool, path },
      world(cwd),
    )
  }

  it.each<[string, FileTool, string, unknown, string, string]>([
    ['2.18.4', 'read', '~/.ssh/id_rsa', {}, '/h/p', 'ASKS it is outside the working directory'],
    ['2.18.4', 'read', '~/.ssh/id_rsa', {}, '/h', 'RUNS permission is "always"'],
    ['2.18.4', 'read', 'src/a', {}, '/h/p', 'RUNS permission is "always"'],
    ['2.18.4', 'read', '.env', {}, '/h/p', 'ASKS sensitive pattern "**/.env" matches'],
    [
      '2.18.4',
      'read',
      '~/.ssh/id_rsa',
      { denylist: ['~/.ssh/*', '/h/.ssh', '/h/.ssh/', '.ssh/*', '/h/{.ssh,.aws}/*'] },
      '/h',
      'RUNS permission is "always"',
    ],
    [
      '2.18.4',
      'read',
      '~/.ssh/id_rsa',
      { denylist: ['*/.ssh/*'] },
      '/h',
      'DENIED denylist entry "*/.ssh/*" matches',
    ],
    ['2.18.4', 'grep', '~/.ssh', { denylist: ['*/.ssh/*'] }, '/h', 'RUNS permission is "always"'],
    [
      '2.18.4',
      'grep',
      '~',
      { denylist: ['*/.ssh', '*/.ssh/*'] },
      '/h',
      'RUNS permission is "always"',
    ],
    [
      '2.18.4',
      'read',
      '~/.SSH/id_rsa',
      { denylist: ['*/.ssh/*'] },
      '/h',
      'RUNS permission is "always"',
    ],
    [
      '2.18.4',
      'read',
      'link',
      { denylist: ['*/.ssh/*'] },
      '/h/p',
      'DENIED denylist entry "*/.ssh/*" matches',
    ],
    [
      '2.2.1',
      'read',
      'link',
      { permission: 'always', denylist: ['*/.ssh/*'] },
      '/h/p',
      'RUNS permission is "always"',
    ],
    [
      '2.2.1',
      'read',
      '~/.ssh/id_rsa',
      { permission: 'always' },
      '/h/p',
      'RUNS permission is "always"',
    ],
    ['2.2.1', 'edit', 'a', { denylist: ['*'] }, '/h/p', 'ASKS permission is "ask"'],
    [
      '2.5.0',
      'grep',
      '~/.ssh',
      { permission: 'always', denylist: ['*'] },
      '/h/p',
      'RUNS permission is "always"',
    ],
    [
      '2.18.4',
      'read',
      '/etc/shadow',
      { allowlist: ['/etc/*'] },
      '/h/p',
      'RUNS allowlist entry "/etc/*" matches',
    ],
    [
      '2.25.7',
      'read',
      '/etc/a/b',
      { allowlist: ['/etc/*'] },
      '/h/p',
      'RUNS allowlist entry "/etc/*" matches',
    ],
    [
      '2.25.8',
      'read',
      '/etc/a/b',
      { allowlist: ['/etc/*'] },
      '/h/p',
      'ASKS it is outside the working directory',
    ],
    [
      '2.25.8',
      'read',
      '/etc/a/b',
      { allowlist: ['vibe-path:directory_recursive:/etc'] },
      '/h/p',
      'RUNS allowlist entry "vibe-path:directory_recursive:/etc" matches',
    ],
    [
      '2.25.8',
      'read',
      '/etc/a',
      { allowlist: ['vibe-path:exact:/etc'] },
      '/h/p',
      'ASKS it is outside the working directory',
    ],
    [
      '2.26.1',
      'read',
      '/h/.ssh/id_rsa',
      { denylist: ['/h/dot/*'] },
      '/h',
      'RUNS permission is "always"',
    ],
    [
      '3.0.3',
      'read',
      '/h/.ssh/id_rsa',
      { denylist: ['/h/dot/*'] },
      '/h',
      'DENIED denylist entry "/h/dot/*" matches',
    ],
    [
      '2.18.4',
      'write',
      'a',
      { permission: 'never', allowlist: ['*/p/*'] },
      '/h/p',
      'RUNS allowlist entry "*/p/*" matches',
    ],
    [
      '2.18.4',
      'write',
      '.env',
      { permission: 'never' },
      '/h/p',
      'ASKS sensitive pattern "**/.env" matches',
    ],
    ['2.26.1', 'write', '.env', { permission: 'never' }, '/h/p', 'DENIED permission is "never"'],
    ['2.26.1', 'grep', 'a', {}, '/h/p', 'DENIED this version offers its agent no grep'],
    [
      '2.18.4',
      'read',
      'a',
      { permission: 'Always' },
      '/h/p',
      'DENIED Vibe cannot use the table of read: permission "Always" is none of always, ask, never',
    ],
    [
      '2.18.4',
      'read',
      'a',
      { denylist: 'x' },
      '/h/p',
      'DENIED Vibe cannot use the table of read: denylist is no list of strings',
    ],
    [
      '2.18.4',
      'read',
      'a',
      { sensitive_patterns: [''] },
      '/h/p',
      'DENIED sensitive_patterns has an empty entry, and Vibe fails at it',
    ],
    [
      '2.18.4',
      'read',
      '~stranger/x',
      {},
      '/h/p',
      'DENIED Vibe fails at a user that it does not know',
    ],
  ])('%s: %s of %s with %j in %s', (version, tool, path, table, cwd, answer) => {
    const { verdict, because } = ask(version, tool, path, table, {}, cwd)
    expect(`${verdict} ${because}`).toBe(answer)
  })

  it('a bypass stands above every rule, but not above a tool that is not offered, nor where it is locked', () => {
    const table = { permission: 'never', denylist: ['*'] }
    expect(
      ask('2.18.4', 'read', '~/.ssh/id_rsa', table, { bypass_tool_permissions: true }).verdict,
    ).toBe('RUNS')
    expect(ask('2.18.4', 'read', '~/.ssh/id_rsa', table, { auto_approve: true }).verdict).toBe(
      'DENIED',
    )
    expect(ask('2.8.1', 'read', '~/.ssh/id_rsa', table, { auto_approve: true }).verdict).toBe(
      'RUNS',
    )
    expect(
      ask('2.18.4', 'read', 'a', {}, { bypass_tool_permissions: true, disabled_tools: ['re*'] })
        .verdict,
    ).toBe('DENIED')
    expect(
      ask(
        '3.0.3',
        'read',
        '~/.ssh/id_rsa',
        {},
        { bypass_tool_permissions: true, enable_auto_approve: false },
      ).verdict,
    ).toBe('ASKS')
  })

  it('outside_workdir = "deny" refuses instead of asking from 3.0.3', () => {
    expect(ask('3.0.3', 'read', '/etc/x', {}, { outside_workdir: 'deny' }).verdict).toBe('DENIED')
    expect(
      ask('3.0.3', 'read', '/etc/x', { outside_workdir: 'ask' }, { outside_workdir: 'deny' })
        .verdict,
    ).toBe('ASKS')
    expect(ask('3.0.2', 'read', '/etc/x', {}, { outside_workdir: 'deny' }).verdict).toBe('ASKS')
  })
})

const require = createRequire(import.meta.url)
const wasm = (name: string): Uint8Array => fs.readFileSync(require.resolve(name))
const parse = await createBashParser({
  runtime: wasm('web-tree-sitter/web-tree-sitter.wasm'),
  bash: wasm('tree-sitter-bash/tree-sitter-bash.wasm'),
})

describe('bash', () => {
  const verdict = (
    version: string,
    command: string,
    table: unknown = {},
    more: Partial<GateWorld> = {},
  ) => {
    const { semantics } = semanticsOf(version)
    return decideBash(
      configOf({ tools: { bash: table } }, version),
      semantics,
      command,
      parse,
      world('/h/p', more),
    ).verdict
  }

  it.each([
    'cat $HOME/.ssh/id_rsa',
    'cat "$HOME/.ssh/id_rsa"',
    "cat '/etc/passwd'",
    'cat < ~/.ssh/id_rsa',
    'cat =ls',
    'cat $(echo ~/.ssh/id_rsa)',
    'echo $(<~/.ssh/id_rsa)',
    'grep -r . ~/.ssh',
    'sort ~/.ssh/x',
    'git diff --no-index /dev/null /etc/passwd',
    'find . -delete',
    'sort -o ~/.zshrc f',
    'git log --output=x',
    'echo x > ~/.zshrc',
    'GIT_EXTERNAL_DIFF=./x git diff',
    'PATH=.:$PATH ls',
  ])('%s runs unasked in 2.18.4 and is asked about in 2.26.1', (command) => {
    expect([verdict('2.18.4', command), verdict('2.26.1', command)]).toEqual(['RUNS', 'ASKS'])
  })

  it.each([
    ['cat src/a', 'RUNS'],
    ['cat .env', 'RUNS'],
    ['ls 2>&1 > /dev/null', 'RUNS'],
    ['cat ~/.ssh/id_rsa', 'ASKS'],
    ['python3 -c 1', 'ASKS'],
    ['sudo ls', 'ASKS'],
    ['vim', 'DENIED'],
    ['vim x', 'DENIED'],
    ['eval "vim x"', 'DENIED'],
    ['exec -a y vim', 'DENIED'],
    ['python3', 'DENIED'],
    ['ls && bash', 'DENIED'],
  ])('2.26.1: %s %s', (command, answer) => {
    expect(verdict('2.26.1', command)).toBe(answer)
  })

  it('a link in the project hides its target from the gate until 3.0.3', () => {
    expect([verdict('2.26.1', 'cat link'), verdict('3.0.3', 'cat link')]).toEqual(['RUNS', 'ASKS'])
  })

  it('permission "always" covers outside paths until 3.0.3, and never what the syntax hides', () => {
    const table = { permission: 'always' }
    expect(
      ['2.18.4', '2.26.1', '3.0.3'].map((version) => verdict(version, 'cat /etc/passwd', table)),
    ).toEqual(['RUNS', 'RUNS', 'ASKS'])
    expect(
      ['2.18.4', '2.26.1', '3.0.3'].map((version) => verdict(version, 'cat x > y', table)),
    ).toEqual(['RUNS', 'ASKS', 'ASKS'])
  })

  it("the repository's own git configuration can make a reading command ask from 2.25.7", () => {
    const disk = {
      kindOf: (path: string) => (path === '/h/p/.git' ? ('directory' as const) : undefined),
      readText: (path: string) =>
        path === '/h/p/.git/config' ? '[core]\n\tfsmonitor = ./x\n' : undefined,
    }
    expect([
      verdict('2.25.5', 'git status', {}, disk),
      verdict('2.25.7', 'git status', {}, disk),
      verdict('2.25.7', 'git log', {}, disk),
      verdict('2.25.7', 'git status'),
    ]).toEqual(['RUNS', 'ASKS', 'RUNS', 'RUNS'])
  })

  it.each([
    ['forty thousand open parentheses', '('.repeat(40_000)],
    ['three thousand substitutions', `echo ${'$('.repeat(3000)}a${')'.repeat(3000)}`],
    ['two hundred thousand words', `ls ${'a '.repeat(200_000)}`],
    ['five thousand directories to be in', 'cd a; '.repeat(5000)],
    ['dollars for less', `less ${'$-'.repeat(400)}`],
    ['eval of eval', `${'eval '.repeat(5000)}vim`],
    ['a thousand letters behind less', `less -${'b5$'.repeat(300)}`],
  ])('%s: answered quickly', (_, command) => {
    const start = process.cpuUsage()
    for (const version of ['2.2.1', '2.18.4', '2.25.4', NEWEST_KNOWN]) verdict(version, command)
    expect(cpuSince(start)).toBeLessThan(10_000)
  })

  it('no configuration of any shape makes either gate throw', () => {
    const key = fc.constantFrom(
      'tools',
      'bash',
      'read_file',
      'permission',
      'allowlist',
      'denylist',
      'sensitive_patterns',
      'denylist_standalone',
      'enabled_tools',
      'disabled_tools',
      'bypass_tool_permissions',
      'outside_workdir',
    )
    const leaf = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'always',
        'never',
        'ask',
        '*',
        '',
        '/*',
        'vibe-path:exact:/',
        're:(',
        null,
        7,
        7n,
        true,
      ),
      fc.array(fc.string(), { maxLength: 3 }),
    )
    const { values } = fc.letrec((tie) => ({
      values: fc.dictionary(key, fc.oneof({ maxDepth: 3 }, leaf, tie('values'))),
    }))
    fc.assert(
      fc.property(
        values,
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...COMMANDS)),
        fc.constantFrom('1.0.0', '2.2.1', '2.7.0', '2.18.4', '2.25.4', NEWEST_KNOWN),
        (raw, text, version) => {
          const { semantics } = semanticsOf(version)
          const config = configOf(raw as Record<string, unknown>, version)
          for (const tool of FILE_TOOLS)
            expect(decideFile(config, semantics, { tool, path: text }, world()).because).not.toBe(
              '',
            )
          expect(decideBash(config, semantics, text, parse, world()).because).not.toBe('')
        },
      ),
      { numRuns: 400 },
    )
  })
})
