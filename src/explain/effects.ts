import type { Protection } from '../policy/model.ts'

/** What people notice when a protection holds: what fails, how it shows, and what to do. */
export interface Effect {
  readonly protection: string
  readonly what: string
  readonly instead: string
}

interface EffectRule {
  readonly ends: string
  readonly what: string
  readonly instead: string
}

/** Measured with git 2.39 under bubblewrap. */
const RULES: readonly EffectRule[] = [
  {
    ends: '/.git',
    what: 'no repository can be made here: `git init` and tools that call it fail',
    instead: 'run git init yourself outside, or start with --lift .git',
  },
  {
    ends: '/.git/config',
    what: '`git push -u`, `git remote add`, `git config` and `git branch --set-upstream-to` say that they could not lock or write the config file; `push -u` pushes and then fails to remember the branch',
    instead:
      'run that one command yourself outside, or start with --lift .git/config (then the agent can name programs that your next git command runs)',
  },
  {
    ends: '/.git/hooks',
    what: 'hooks cannot be installed or changed (husky, pre-commit install, lefthook); existing hooks run inside the sandbox',
    instead: 'install hooks yourself outside: they run with your rights on your next commit',
  },
  {
    ends: '/.git/commondir',
    what: 'git cannot be pointed at another repository from inside; the file that says "." holds the name during the run',
    instead: 'nothing to do',
  },
  {
    ends: '/refs',
    what: 'no folder `refs` can be made here: with `HEAD`, `objects` and a configuration beside it git would take the folder for a repository and run what it names',
    instead: 'make it yourself before the run, or start with --lift refs',
  },
  {
    ends: '/.envrc',
    what: 'direnv files cannot be made or changed',
    instead: 'edit it yourself, or --lift .envrc',
  },
  {
    ends: '/.vscode',
    what: 'editor tasks and settings cannot be made or changed; switching to a branch that changes them leaves the old files and says so',
    instead: 'switch branches outside, or --lift .vscode',
  },
]

/** Effects of the protections that are in force, one for each rule. */
export const effectsOf = (protections: readonly Protection[]): Effect[] =>
  RULES.flatMap((rule) => {
    const held = protections.find((protection) => protection.path.endsWith(rule.ends))
    return held ? [{ protection: held.path, what: rule.what, instead: rule.instead }] : []
  })
