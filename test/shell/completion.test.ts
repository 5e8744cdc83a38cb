import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { bashCompletion } from '../../src/commands/completions/bash.ts'
import { fishCompletion } from '../../src/commands/completions/fish.ts'
import { zshCompletion } from '../../src/commands/completions/zsh.ts'
import { isInstalled, standIn } from './stand-in.ts'

const COMMANDS = [
  'audit',
  'demo',
  'doctor',
  'explain',
  'help',
  'init',
  'learn',
  'migrate',
  'net',
  'profiles',
  'run',
  'sbpl',
  'verify',
]

/** Every flag of `run`. */
const RUN_FLAGS =
  `--allow-broad-project --allow-host --ask --backend --connect --debug --dry-run --env --exec --json --lift --listen --map-host --network --none --print-program --profile
  --project --quiet --read --settings-copy --strict --trace --version --write`.split(/\s+/)

const HOSTILE = '$(touch $HOME/owned)'
const PROFILES = ['claude', 'vibe', 'vibe-strict', HOSTILE]

const TEXTS = {
  _launcher: zshCompletion,
  'launcher.bash': bashCompletion,
  'launcher.fish': fishCompletion,
} as const

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'launcher-completions-'))
for (const [name, text] of Object.entries(TEXTS)) fs.writeFileSync(path.join(folder, name), text())
afterAll(() => fs.rmSync(folder, { recursive: true }))

const shellFile = (name: string): string => path.join(folder, name)

const withPrograms = <T>(work: (programs: ReturnType<typeof standIn>) => T): T => {
  const programs = standIn(['launcher'], PROFILES)
  try {
    const result = work(programs)
    expect(fs.existsSync(`${programs.home}/owned`)).toBe(false)
    return result
  } finally {
    programs.remove()
  }
}

const lines = (text: string): string[] => text.split('\n').filter(Boolean).sort()

describe('completions', () => {
  it.each(['_launcher', 'launcher.bash', 'launcher.fish'])(
    '%s knows every command and every flag of run',
    (file) => {
      const text = fs.readFileSync(shellFile(file), 'utf8')
      const known = new Set(
        file.endsWith('fish')
          ? [...text.matchAll(/ -l ([a-z-]+)/g)].map(([, flag]) => `--${flag}`)
          : text.match(/--[a-z][a-z-]+/g),
      )
      expect(RUN_FLAGS.filter((flag) => !known.has(flag))).toEqual([])
      for (const command of COMMANDS) expect(text).toMatch(new RegExp(`\\b${command}\\b`))
    },
  )
})

describe.skipIf(!isInstalled('bash'))(
  'completion in bash (skipped where bash is not installed)',
  () => {
    const complete = (...words: string[]): string[] =>
      withPrograms((programs) => {
        const script = `source ${shellFile('launcher.bash')}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _launcher; printf '%s\\n' "\${COMPREPLY[@]}"`
        const result = programs.run('bash', [
          '--norc',
          '--noprofile',
          '-c',
          script,
          'bash',
          ...words,
        ])
        expect(result.stderr).toBe('')
        return lines(result.stdout)
      })

    it.each([
      ['commands', ['launcher', ''], [...COMMANDS, '--help', '--version'].sort()],
      ['flags', ['launcher', 'run', '--no'], ['--none']],
      ['every flag of run', ['launcher', 'run', '-'], RUN_FLAGS],
      ['profiles', ['launcher', 'run', 'vi'], ['vibe', 'vibe-strict']],
      ['a hostile profile, quoted', ['launcher', 'run', '$'], ['\\$\\(touch\\ \\$HOME/owned\\)']],
      ['modes', ['launcher', 'run', '--network', ''], ['allowlist', 'any', 'host', 'none']],
      ['files after --', ['launcher', 'run', 'vibe', '--', 'b'], ['bin']],
      ['shells', ['launcher', 'init', ''], ['bash', 'fish', 'zsh']],
    ])('%s', (_, words, expected) => {
      expect(complete(...words)).toEqual(expected)
    })
  },
)

describe.skipIf(!isInstalled('fish'))(
  'completion in fish (skipped where fish is not installed)',
  () => {
    const complete = (line: string): string[] =>
      withPrograms((programs) => {
        const result = programs.run('fish', [
          '--no-config',
          '-c',
          `source ${shellFile('launcher.fish')}; complete -C $argv[1]`,
          line,
        ])
        expect(result.stderr).toBe('')
        return lines(result.stdout).map((entry) => entry.split('\t')[0] ?? '')
      })

    it.each([
      ['commands', 'launcher ', COMMANDS],
      ['flags', 'launcher run --no', ['--none']],
      ['every flag of run', 'launcher run --', [...RUN_FLAGS].sort()],
      ['profiles', 'launcher run vi', ['vibe', 'vibe-strict']],
      ['modes', 'launcher run --network ', ['allowlist', 'any', 'host', 'none']],
      ['shells', 'launcher init ', ['bash', 'fish', 'zsh']],
    ])('%s', (_, line, expected) => {
      expect(complete(line)).toEqual(expected)
    })

    it('nothing of launcher after --', () => {
      expect(complete('launcher run vibe -- --no')).toEqual([])
    })
  },
)

describe.skipIf(!isInstalled('zsh'))(
  'completion in zsh (skipped where zsh is not installed)',
  () => {
    /**
     * Completion runs inside the line editor only, so a second zsh is driven over a pty; its
     * answers are written to a file by the widget.
     */
    const complete = (line: string): string[] =>
      withPrograms((programs) => {
        const session = `
autoload -Uz compinit; compinit -u -D
source ${shellFile('_launcher')}
compadd() {
  local -a seen; builtin compadd -O seen "$@"; (( $#seen )) && print -rl -- "$seen[@]" >> $HOME/seen; builtin compadd "$@"
}
finish() { zle complete-word; print done > $HOME/finished; exit }
zle -N finish; bindkey '^X' finish; PROMPT='ready>'`
        fs.writeFileSync(`${programs.home}/session`, session)
        const driver = `
zmodload zsh/zpty; zpty z zsh -f -i
zpty -w z "source $HOME/session"
zpty -r -m z line '*ready>*'
zpty -w -n z "$1"$'\\x18'
for i in {1..100}; do [[ -e $HOME/finished ]] && break; sleep 0.1; done
zpty -d z`
        programs.run('zsh', ['-f', '-c', driver, 'zsh', line])
        expect(fs.existsSync(`${programs.home}/finished`)).toBe(true)
        const seen = `${programs.home}/seen`
        return fs.existsSync(seen) ? [...new Set(lines(fs.readFileSync(seen, 'utf8')))] : []
      })

    it('loads under zsh -f without a word, with and without compinit', () => {
      withPrograms((programs) => {
        for (const before of ['', 'autoload -Uz compinit; compinit -u -D; ']) {
          expect(
            programs.run('zsh', ['-f', '-c', `${before}source ${shellFile('_launcher')}`]),
          ).toEqual({ status: 0, stdout: '', stderr: '' })
        }
      })
    })

    it.each([
      ['commands', 'launcher ', COMMANDS],
      ['a flag', 'launcher run --no', ['--none']],
      ['profiles', 'launcher run vi', ['vibe', 'vibe-strict']],
      ['modes', 'launcher run --network a', ['allowlist', 'any']],
      ['shells', 'launcher init ', ['bash', 'fish', 'zsh']],
      ['files after --', 'launcher run vibe -- b', ['bin']],
    ])('%s', (_, line, expected) => {
      expect(complete(line)).toEqual(expect.arrayContaining(expected))
    })
  },
)
