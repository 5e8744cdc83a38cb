export type Shell = 'zsh' | 'bash' | 'fish'

/**
 * A profile whose agent was found: `command` is what the user types, `name` the profile that holds
 * it.
 */
export interface InstalledProfile {
  readonly name: string
  readonly command: string
}

/**
 * Text for `eval "$(launcher init SHELL)"`: one function per installed agent, then the completion.
 * Nothing that decides about security is in it.
 */
export const initShell = (
  shell: Shell,
  installed: readonly InstalledProfile[],
  files: { readonly completion: string },
): string => {
  const usable = installed.filter(isUsable)
  return [
    ...installed.filter((profile) => !isUsable(profile)).map((profile) => warning(profile)),
    ...onePerCommand(usable).map((profile) => wrapper(shell, profile)),
    withoutComments(files.completion),
    '',
  ].join('\n')
}

/**
 * Only names that mean themselves in all three shells, so that nothing needs quoting where quoting
 * is not possible: in a function's name.
 */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/
const PROFILE = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}(?:\/[A-Za-z0-9][A-Za-z0-9._+-]{0,63})*$/

/**
 * A function by one of these names would change the shell itself, or what the other functions here
 * call.
 */
const TAKEN = new Set(
  `alias and argparse autoload begin bg bind break builtin case cd command commandline compadd compdef complete compgen compopt contains continue coproc count declare
  dirs disown do done echo elif else emulate enable end end esac eval exec exit export false fc fg fi float for foreach function getopts hash help history if in integer
  jobs kill launcher let local logout math nocorrect not or popd printf pushd pwd read readonly repeat return rehash select set setopt shift shopt sleep source status
  string suspend switch test then time times trap true type typeset ulimit umask unalias unfunction unhash unset unsetopt until wait whence where which while zmodload zle`.split(
    /\s+/,
  ),
)

const isUsable = ({ name, command }: InstalledProfile): boolean =>
  PROFILE.test(name) && NAME.test(command) && !TAKEN.has(command)

/** The profile that is called like its command speaks for it, otherwise the first. */
const onePerCommand = (profiles: readonly InstalledProfile[]): InstalledProfile[] => {
  const chosen = new Map<string, InstalledProfile>()
  for (const profile of profiles) {
    if (!chosen.has(profile.command) || profile.name === profile.command)
      chosen.set(profile.command, profile)
  }
  return [...chosen.values()].sort((a, b) => (a.command < b.command ? -1 : 1))
}

/**
 * The `function` form, because with `NAME()` an alias of that name would be expanded in the
 * definition.
 */
const wrapper = (shell: Shell, { name, command }: InstalledProfile): string =>
  shell === 'fish'
    ? `function ${command} --wraps ${command}; command launcher run ${name} -- $argv; end`
    : `function ${command} { command launcher run ${name} -- "$@"; }`

/**
 * A name that is left out is said at every start of a shell: without its function the agent runs
 * unsandboxed.
 */
const warning = ({ name, command }: InstalledProfile): string =>
  `echo 'launcher: init makes no function for ${printable(command)} (profile ${printable(name)}): that name is not safe as a function of a shell' >&2`

const printable = (text: string): string =>
  [...text]
    .slice(0, 40)
    .map((char) => (/[A-Za-z0-9._+/-]/.test(char) ? char : '?'))
    .join('') || '?'

/** An interactive zsh reads `#` in eval as a command. */
const withoutComments = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
