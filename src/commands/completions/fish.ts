import type { Completes } from '../policy-options.ts'
import {
  commandWords,
  type CompletedCommand,
  type CompletedFlag,
  completedCommands,
} from './words.ts'

/** Completion for fish. */
export const fishCompletion = (): string =>
  `${HELPERS}
complete -c launcher -n __launcher_no_command -f -a ${quoted(commandWords().join(' '))}
complete -c launcher -n __launcher_no_command -f -l help -d 'how to use it'
complete -c launcher -n __launcher_no_command -f -l version -d 'print the version'
${completedCommands().flatMap(linesOf).join('\n')}
`

const linesOf = (command: CompletedCommand): string[] => {
  const at = `-n '__launcher_at ${command.name}'`
  const words = command.subs.map(({ name }) => name)
  const beneath = command.subs.flatMap((sub) =>
    operandsFor(sub.completes).map(
      (form) => `complete -c launcher -n '__launcher_at ${command.name} ${sub.name}' ${form}`,
    ),
  )
  return [
    ...(words.length === 0 ? [] : [`complete -c launcher ${at} -f -a ${quoted(words.join(' '))}`]),
    ...beneath,
    ...operandsFor(command.completes).map((form) => `complete -c launcher ${at} ${form}`),
    ...command.flags.map((flag) => `complete -c launcher ${at} ${formOf(flag)}`),
  ]
}

const operandsFor = (completes: Completes | undefined): string[] => {
  if (completes === undefined) return []
  if (typeof completes !== 'string') return [`-f -a ${quoted(completes.join(' '))}`]
  switch (completes) {
    case 'profile':
      return [`-f -a '(__launcher_profiles)'`]
    case 'subject':
      return [`-a '(__launcher_profiles)'`, `-a 'env host log path profile socket target'`]
    default:
      return []
  }
}

const formOf = ({ long, short, text, value, completes }: CompletedFlag): string =>
  [
    ...(value === undefined ? [] : [valueOf(completes)]),
    `-l ${long.slice(2)}`,
    ...(short === undefined ? [] : [`-s ${short}`]),
    `-d ${quoted(text)}`,
  ].join(' ')

const valueOf = (completes: Completes | undefined): string => {
  if (completes === undefined) return '-x'
  if (typeof completes !== 'string') return `-x -a ${quoted(completes.join(' '))}`
  return VALUES[completes]
}

const VALUES: Readonly<Record<Exclude<Completes, readonly string[]>, string>> = {
  directory: `-r -a '(__fish_complete_directories)'`,
  file: '-r',
  host: `-x -a '(__fish_print_hostnames)'`,
  profile: `-x -a '(__launcher_profiles)'`,
  'profile-or-file': `-r -a '(__launcher_profiles)'`,
  subject: '-r',
  variable: `-x -a '(set -nx)'`,
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const HELPERS = `function __launcher_no_command
    test (count (commandline -opc)) -eq 1
end

# The command, and the one beneath it where two are named; the words after -- belong to the agent.
function __launcher_at
    set -l words (commandline -opc)
    contains -- -- $words; and return 1
    test (count $words) -gt (count $argv); and test "$words[2]" = "$argv[1]"; and begin
        test (count $argv) -eq 1; or test "$words[3]" = "$argv[2]"
    end
end

function __launcher_profiles
    command launcher profiles --names 2>/dev/null
end
`
