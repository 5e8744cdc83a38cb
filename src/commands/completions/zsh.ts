import type { Completes } from '../policy-options.ts'
import {
  commandWords,
  type CompletedCommand,
  type CompletedFlag,
  completedCommands,
} from './words.ts'

/** Completion for zsh: works as a file on fpath and inside `eval "$(launcher init zsh)"`. */
export const zshCompletion = (): string => `#compdef launcher
${HELPERS}
_launcher() {
  local curcontext=$curcontext state line
  local -A opt_args
  if (( CURRENT == 2 )); then
    _arguments '--help[how to use it]' '--version[print the version]' '1:command:(${commandWords().join(' ')})'
    return
  fi
  local command=$words[2]
  words=("\${(@)words[2,-1]}")
  (( CURRENT-- ))
  local -a before=("\${(@)words[1,CURRENT-1]}")
  case $command in
${completedCommands().map(caseOf).join('\n')}
  esac
}

if [[ \${funcstack[1]-} == _launcher ]]; then
  _launcher "$@"
elif (( $+functions[compdef] )); then
  compdef _launcher launcher
fi
`

const caseOf = ({ name, flags, subs, completes, takesWords }: CompletedCommand): string => {
  const operands =
    subs.length === 0
      ? operandsFor(completes)
      : [
          `'1:what:(${subs.map((sub) => sub.name).join(' ')})'`,
          ...new Set(subs.flatMap((sub) => operandsFor(sub.completes).slice(0, 1))),
        ].slice(0, 2)
  const line = ['_arguments', ...flags.map(specOf), ...operands].join(' ')
  return takesWords
    ? `    ${name})
      if (( $before[(I)--] )); then
        _default
      else
        ${line}
      fi ;;`
    : `    ${name}) ${line} ;;`
}

const operandsFor = (completes: Completes | undefined): string[] =>
  completes === undefined ? [] : [`'*:${messageOf(completes)}:${actionFor(completes)}'`]

const messageOf = (completes: Completes): string =>
  typeof completes === 'string' ? completes : 'word'

const specOf = ({ long, text, value, completes }: CompletedFlag): string => {
  const explained = `${long}[${text.replace(/[[\]\\]/g, '\\$&').replaceAll("'", "'\\''")}]`
  return value === undefined
    ? `'${explained}'`
    : `'*${explained}:${value.replace(/[^a-z]+/gi, ' ').trim()}:${completes === undefined ? '' : actionFor(completes)}'`
}

const actionFor = (completes: Completes): string =>
  typeof completes === 'string' ? ACTIONS[completes] : `(${completes.join(' ')})`

const ACTIONS: Readonly<Record<Exclude<Completes, readonly string[]>, string>> = {
  directory: '_directories',
  file: '_files',
  host: '_hosts',
  profile: '_launcher_profiles',
  'profile-or-file': '_launcher_profile_or_file',
  subject: '_launcher_subject',
  variable: '_parameters -g "*export*"',
}

const HELPERS = `
_launcher_profiles() {
  local -a names
  names=(\${(f)"$(command launcher profiles --names 2>/dev/null)"})
  compadd -a -- names
}

_launcher_subject() {
  _alternative 'kinds:kind:(env host log path profile socket target)' 'profiles:profile:_launcher_profiles' 'files:file:_files'
}

_launcher_profile_or_file() {
  _alternative 'profiles:profile:_launcher_profiles' 'files:file:_files'
}
`
