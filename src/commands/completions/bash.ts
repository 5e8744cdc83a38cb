import type { Completes } from '../policy-options.ts'
import {
  commandWords,
  type CompletedCommand,
  type CompletedFlag,
  completedCommands,
} from './words.ts'

/** Completion for bash 3.2, which macOS has, and later. */
export const bashCompletion = (): string => {
  const commands = completedCommands()
  const flags = new Map(commands.flatMap((one) => one.flags).map((flag) => [flag.long, flag]))
  return `${HELPERS}
_launcher() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous= command=\${COMP_WORDS[1]-} index
  COMPREPLY=()
  ((COMP_CWORD > 0)) && previous=\${COMP_WORDS[COMP_CWORD - 1]}
  if ((COMP_CWORD == 1)); then
    _launcher_list "$current" ${commandWords().join(' ')} --help --version
    return
  fi
  case $command in
    ${namesOf(commands, ({ takesWords }) => takesWords)})
      for ((index = 2; index < COMP_CWORD; index++)); do
        if [[ \${COMP_WORDS[index]} == -- ]]; then
          _launcher_files -f "$current"
          return
        fi
      done ;;
  esac
  case $previous in
${[...flags.values()]
  .filter(({ value }) => value !== undefined)
  .map(valueCase)
  .join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${commands.map(flagCase).join('\n')}
    esac
    return
  fi
  case $command in
${commands.map(operandCase).join('\n')}
  esac
}

complete -F _launcher launcher
`
}

const namesOf = (
  commands: readonly CompletedCommand[],
  isOne: (command: CompletedCommand) => boolean,
): string =>
  commands
    .filter(isOne)
    .map(({ name }) => name)
    .join(' | ')

const valueCase = ({ long, completes }: CompletedFlag): string =>
  `    ${long}) ${[...actionsFor(completes), 'return'].join('; ')} ;;`

const flagCase = ({ name, flags }: CompletedCommand): string =>
  `      ${name}) _launcher_list "$current" ${flags.map(({ long }) => long).join(' ')} ;;`

const operandCase = ({ name, subs, completes }: CompletedCommand): string => {
  if (subs.length === 0) return `    ${name}) ${[...actionsFor(completes), ':'].join('; ')} ;;`
  const beneath = subs.map(
    (sub) => `${sub.name}) ${[...actionsFor(sub.completes), ':'].join('; ')} ;;`,
  )
  return `    ${name})
      if ((COMP_CWORD == 2)); then
        _launcher_list "$current" ${subs.map((sub) => sub.name).join(' ')}
      else
        case \${COMP_WORDS[2]} in
          ${beneath.join('\n          ')}
        esac
      fi ;;`
}

const actionsFor = (completes: Completes | undefined): readonly string[] => {
  if (completes === undefined || completes === 'host') return []
  if (typeof completes !== 'string') return [`_launcher_list "$current" ${completes.join(' ')}`]
  return ACTIONS[completes]
}

const PROFILES = '_launcher_profiles "$current"'
const FILES = '_launcher_files -f "$current"'

const ACTIONS: Readonly<Record<Exclude<Completes, 'host' | readonly string[]>, readonly string[]>> =
  {
    directory: ['_launcher_files -d "$current"'],
    file: [FILES],
    profile: [PROFILES],
    'profile-or-file': [PROFILES, FILES],
    subject: [
      '((COMP_CWORD == 2)) && _launcher_list "$current" env host log path profile socket target',
      PROFILES,
      FILES,
    ],
    variable: ['_launcher_variables "$current"'],
  }

const HELPERS = `_launcher_complete_words() {
  local word
  while IFS= read -r word; do
    [[ -n $word && $word == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done
}

# Not compgen -W: that would run what stands in a name.
_launcher_profiles() {
  _launcher_complete_words "$1" < <(command launcher profiles --names 2>/dev/null)
}

_launcher_files() {
  compopt -o filenames 2>/dev/null
  local word
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen "$1" -- "$2")
}

_launcher_variables() {
  local word
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen -e -- "$1")
}

_launcher_list() {
  local current=$1
  shift
  _launcher_complete_words "$current" < <(printf '%s\\n' "$@")
}
`
