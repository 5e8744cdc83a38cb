import fs from 'node:fs'
import { bashCompletion } from '../../src/commands/completions/bash.ts'
import { fishCompletion } from '../../src/commands/completions/fish.ts'
import { zshCompletion } from '../../src/commands/completions/zsh.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initShell, type InstalledProfile, type Shell } from '../../src/commands/init.ts'
import { isInstalled, standIn, type StandIn } from './stand-in.ts'

const SHELLS: readonly {
  readonly shell: Shell
  readonly clean: readonly string[]
  readonly quote: (text: string) => string
}[] = [
  {
    shell: 'zsh',
    clean: ['-f', '-c'],
    quote: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  },
  {
    shell: 'bash',
    clean: ['--norc', '--noprofile', '-c'],
    quote: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  },
  {
    shell: 'fish',
    clean: ['--no-config', '-c'],
    quote: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  },
]

const AWKWARD = [
  'two words',
  "it's",
  'say "no"',
  'a\nb\n',
  '',
  '  ',
  '*',
  '~',
  '$HOME',
  '`id`',
  '$(id)',
  '--',
  '-n',
  '\\',
  '!!',
  'é ✓',
  '\t',
  '#x',
]

const VIBE: InstalledProfile = { name: 'vibe', command: 'vibe' }

const COMPLETIONS = { bash: bashCompletion, fish: fishCompletion, zsh: zshCompletion } as const

for (const { shell, clean, quote } of SHELLS) {
  const completion = COMPLETIONS[shell]()
  const init = (installed: readonly InstalledProfile[]): string =>
    initShell(shell, installed, { completion })

  describe.skipIf(!isInstalled(shell))(
    `init ${shell} (skipped where ${shell} is not installed)`,
    () => {
      let programs: StandIn
      beforeEach(() => {
        programs = standIn(['launcher', 'vibe'], ['claude', 'vibe'])
      })
      afterEach(() => programs.remove())

      it('passes every argument to launcher unchanged, and its exit status back', () => {
        const result = programs.run(shell, [
          ...clean,
          `${init([VIBE])}\nvibe ${AWKWARD.map(quote).join(' ')}`,
        ])
        expect(result).toEqual({ status: 7, stdout: '', stderr: '' })
        expect(programs.calls()).toEqual([['launcher', 'run', 'vibe', '--', ...AWKWARD]])
      })

      it('passes no argument as no argument', () => {
        programs.run(shell, [...clean, `${init([VIBE])}\nvibe`])
        expect(programs.calls()).toEqual([['launcher', 'run', 'vibe', '--']])
      })

      it('is passed by with `command vibe`', () => {
        programs.run(shell, [...clean, `${init([VIBE])}\ncommand vibe ${quote('a b')}`])
        expect(programs.calls()).toEqual([['vibe', 'a b']])
      })

      it('names the profile where the command is called otherwise', () => {
        programs.run(shell, [
          ...clean,
          `${init([{ name: 'agents/mistral', command: 'vibe' }])}\nvibe x`,
        ])
        expect(programs.calls()).toEqual([['launcher', 'run', 'agents/mistral', '--', 'x']])
      })

      it('loads through eval, in a script and in an interactive shell, without a word', () => {
        fs.writeFileSync(`${programs.home}/init`, init([VIBE]))
        const load =
          shell === 'fish' ? `source ${programs.home}/init` : `eval "$(cat ${programs.home}/init)"`
        expect(programs.run(shell, [...clean, load])).toEqual({ status: 0, stdout: '', stderr: '' })
        const started =
          shell === 'zsh'
            ? ['-f', '-i']
            : shell === 'bash'
              ? ['--norc', '--noprofile', '-i']
              : ['--no-config', '-i']
        const interactive = programs.run(shell, [
          ...started,
          '-c',
          `${load}${shell === 'fish' ? '' : '\nalias vibe="vibe --aliased"'}\n${load}`,
        ])
        expect(interactive.status).toBe(0)
        expect(
          interactive.stderr.replace(
            /^bash: (cannot set terminal process group|no job control).*\n/gm,
            '',
          ),
        ).toBe('')
      })

      it.each([
        ['a command that is code', { name: 'x', command: 'vibe; touch $HOME/owned #' }],
        ['a command substitution', { name: 'x', command: '$(touch $HOME/owned)' }],
        ['backquotes', { name: '`touch $HOME/owned`', command: 'vibe' }],
        ['a quote', { name: "x'; touch $HOME/owned; '", command: 'vibe' }],
        ['a newline', { name: 'x\ntouch $HOME/owned\n', command: 'vibe' }],
        ['a newline at the end', { name: 'vibe\n', command: 'vibe' }],
        ['a brace', { name: 'x }; touch $HOME/owned; {', command: 'vibe' }],
        ['an option', { name: '--profile=/tmp/evil', command: 'vibe' }],
        ['an empty name', { name: '', command: '' }],
        ['a parent directory', { name: '../../evil', command: 'vibe' }],
        ['a control character', { name: '\u001b]0;x\u0007', command: 'vibe' }],
        ['a builtin', { name: 'x', command: 'command' }],
        ['a keyword', { name: 'x', command: 'if' }],
        ['launcher itself', { name: 'x', command: 'launcher' }],
      ])('makes no function out of %s, runs nothing of it, and says so', (_, hostile) => {
        const result = programs.run(shell, [
          ...clean,
          `${init([hostile, { name: 'claude', command: 'claude' }])}\nclaude ok\ncommand vibe`,
        ])
        expect(fs.existsSync(`${programs.home}/owned`)).toBe(false)
        expect(result.stderr).toMatch(
          /^launcher: init makes no function for [\w?.+/-]+ \(profile [\w?.+/-]+\): that name is not safe as a function of a shell\n$/,
        )
        expect(programs.calls()).toEqual([['launcher', 'run', 'claude', '--', 'ok'], ['vibe']])
      })
    },
  )
}

describe('init', () => {
  it.each(SHELLS)(
    '$shell: a command with two profiles goes to the one of its name',
    ({ shell }) => {
      const text = initShell(
        shell,
        [{ name: 'vibe-strict', command: 'vibe' }, VIBE, { name: 'a', command: 'vibe' }],
        { completion: '' },
      )
      expect(text.match(/launcher run \S+/g)).toEqual(['launcher run vibe'])
    },
  )

  it.each(SHELLS)('$shell: without agents it is the completion alone', ({ shell }) => {
    expect(initShell(shell, [], { completion: '# reason\ncomplete x' })).toBe('complete x\n')
  })
})

describe.skipIf(!isInstalled('zsh'))('shell/vibe.zsh (skipped where zsh is not installed)', () => {
  it('defines vibe and nothing else', () => {
    const programs = standIn(['launcher', 'vibe'])
    try {
      const source = new URL('../../shell/vibe.zsh', import.meta.url).pathname
      expect(
        programs.run('zsh', [
          '-f',
          '-c',
          `source ${source}\nprint -l \${(k)functions}\nvibe 'a b' ''\ncommand vibe c`,
        ]).stdout,
      ).toBe('vibe\n')
      expect(programs.calls()).toEqual([
        ['launcher', 'run', 'vibe', '--', 'a b', ''],
        ['vibe', 'c'],
      ])
    } finally {
      programs.remove()
    }
  })
})
