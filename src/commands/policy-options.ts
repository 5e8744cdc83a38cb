import type { Command } from 'commander'
import { LauncherError } from '../errors.ts'
import type { GrantAccess, NetworkMode } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'

/** What a shell offers for a word: names of a kind, or these words. */
export type Completes =
  | 'directory'
  | 'file'
  | 'host'
  | 'profile'
  | 'profile-or-file'
  | 'subject'
  | 'variable'
  | readonly string[]

/** One flag as it is written in the help, with its argument if it has one. */
export interface Flag {
  readonly flag: string
  readonly text: string
  readonly completes?: Completes
  /**
   * Called for each time that the flag is given; the value of a flag without an argument is empty.
   */
  readonly take: (value: string) => void
}

/**
 * The grant flags that every command about a policy takes, gathered in the order they were given.
 */
export interface PolicyOptions {
  readonly flags: readonly Flag[]
  /** Adds the flags to a command; those in `bare` may stand without their value, as a question. */
  addTo(command: Command, bare?: readonly string[]): Command
  /** The request they amount to. */
  request(name: string | undefined, words: readonly string[]): Request
}

const NETWORK_MODES: readonly NetworkMode[] = ['none', 'allowlist', 'any', 'host']

/** A fresh collector; one for each parse, since flags are taken while they are read. */
export const policyOptions = (): PolicyOptions => {
  const grants: { path: string; access: GrantAccess }[] = []
  const lists = {
    lifts: [] as string[],
    connect: [] as string[],
    hosts: [] as string[],
    listen: [] as number[],
  }
  const env: { name: string; value?: string }[] = []
  const single: { profile?: string; network?: NetworkMode; project?: string } = {}
  const switches = { allowBroadProject: false, settingsCopy: false, strict: false }
  const flags: readonly Flag[] = [
    ...(['read', 'write', 'none'] as const).map((access) => ({
      flag: `--${access} <path>`,
      text: GRANT_HELP[access],
      completes: 'file' as const,
      take: (path: string) => void grants.push({ path, access }),
    })),
    {
      flag: '--lift <path>',
      text: 'lift a protection, or make a hole in one (grants nothing)',
      completes: 'file',
      take: (value) => void lists.lifts.push(value),
    },
    {
      flag: '--connect <socket>',
      text: 'let it connect to a unix socket',
      completes: 'file',
      take: (value) => void lists.connect.push(value),
    },
    {
      flag: '--network <mode>',
      text: 'none, allowlist, any or host',
      completes: NETWORK_MODES,
      take: (value) => void (single.network = networkMode(value)),
    },
    {
      flag: '--allow-host <host[:port]>',
      text: 'add a host to the allowlist',
      completes: 'host',
      take: (value) => void lists.hosts.push(value),
    },
    {
      flag: '--listen <port>',
      text: 'let it listen on a port',
      take: (value) => void lists.listen.push(port(value)),
    },
    {
      flag: '--env <name[=value]>',
      text: 'pass or set a variable',
      completes: 'variable',
      take: (value) => void env.push(variable(value)),
    },
    {
      flag: '--profile <name|file>',
      text: 'use this profile for the command',
      completes: 'profile-or-file',
      take: (value) => void (single.profile = value),
    },
    {
      flag: '--project <dir>',
      text: 'the project, instead of the working directory',
      completes: 'directory',
      take: (value) => void (single.project = value),
    },
    {
      flag: '--allow-broad-project',
      text: 'allow $HOME, / or a directory above secrets as project',
      take: () => void (switches.allowBroadProject = true),
    },
    {
      flag: '--settings-copy',
      text: 'give the agent a copy of its own settings that it may rewrite, for this run',
      take: () => void (switches.settingsCopy = true),
    },
    {
      flag: '--strict',
      text: 'refuse to start on a critical finding or warning',
      take: () => void (switches.strict = true),
    },
  ]
  return {
    flags,
    addTo: (command, bare = []) => {
      for (const { flag, text, take } of flags) {
        const form = bare.some((name) => flag.startsWith(`${name} `))
          ? flag.replace(/<(.*)>/, '[$1]')
          : flag
        command.addOption(
          command
            .createOption(form, text)
            .argParser((value: string) => take(flag.includes('<') ? plain(flag, value) : value)),
        )
      }
      return command
    },
    request: (name, words) => ({
      ...(name === undefined ? {} : { name }),
      words,
      grants,
      ...lists,
      env,
      ...single,
      ...switches,
    }),
  }
}

const GRANT_HELP: Readonly<Record<GrantAccess, string>> = {
  read: 'let it read a file or a directory with all beneath it',
  write: 'let it read and write a file or a directory with all beneath it',
  none: 'take a path away',
}

/**
 * A flag in the place of a value is a value that was forgotten: taken for one, it would start what
 * was meant to be a dry run.
 */
const plain = (flag: string, value: string): string => {
  if (!value.startsWith('--')) return value
  throw new LauncherError(
    'E_USAGE',
    `${flag.split(' ')[0]!} needs a value, and ${value} looks like a flag`,
    { hint: `write ./${value} for a file of that name` },
  )
}

const networkMode = (value: string): NetworkMode => {
  const mode = NETWORK_MODES.find((known) => known === value)
  if (!mode)
    throw new LauncherError('E_USAGE', `${value} is not a network mode`, {
      hint: `one of ${NETWORK_MODES.join(', ')}`,
    })
  return mode
}

const port = (value: string): number => {
  const number = Number(value)
  if (!/^\d{1,5}$/.test(value) || number < 1 || number > 65_535) {
    throw new LauncherError('E_USAGE', `${value} is not a port`, {
      hint: 'a number from 1 to 65535',
    })
  }
  return number
}

const OWN_VARIABLES: ReadonlySet<string> = new Set([
  'LAUNCHER_LIMITS',
  'LAUNCHER_LIMITS_SUMMARY',
  'LAUNCHER_RUN',
  'PATH',
  'TMPDIR',
])

const variable = (text: string): { name: string; value?: string } => {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new LauncherError('E_ENVIRONMENT', `${text} is not a variable`, {
      hint: '--env NAME passes it, --env NAME=VALUE sets it',
    })
  }
  if (OWN_VARIABLES.has(name))
    throw new LauncherError('E_ENVIRONMENT', `${name} is set by launcher itself`, {
      hint:
        name === 'PATH'
          ? 'launcher rebuilds PATH from the readable directories of yours'
          : 'leave it out',
    })
  return equals < 0 ? { name } : { name, value: text.slice(equals + 1) }
}
