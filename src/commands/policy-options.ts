import { type Command, Option } from 'commander'
import { LauncherError } from '../errors.ts'
import type { GrantAccess, NetworkMode } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'

/** The grant flags that every command about a policy takes, gathered in the order they were given. */
export interface PolicyOptions {
  /** Adds the flags to a command. */
  addTo(command: Command): Command
  /** The request they amount to. */
  request(name: string | undefined, words: readonly string[]): Request
}

const NETWORK_MODES: readonly NetworkMode[] = ['none', 'allowlist', 'any', 'host']

/** A fresh collector; one for each parse, since commander calls back while it reads. */
export const policyOptions = (): PolicyOptions => {
  const grants: { path: string; access: GrantAccess }[] = []
  const lists = { lifts: [] as string[], connect: [] as string[], hosts: [] as string[], listen: [] as number[] }
  const env: { name: string; value?: string }[] = []
  const single: { profile?: string; network?: NetworkMode; project?: string } = {}
  const flags = { allowBroadProject: false, strict: false }
  const option = (flag: string, text: string, take: (value: string) => void): Option => new Option(flag, text).argParser(take)
  return {
    addTo: (command) => {
      for (const access of ['read', 'write', 'none'] as const) {
        command.addOption(option(`--${access} <path>`, GRANT_HELP[access], (value) => grants.push({ path: value, access })))
      }
      return command
        .addOption(option('--lift <path>', 'lift a protection, or make a hole in one (grants nothing)', (value) => lists.lifts.push(value)))
        .addOption(option('--connect <socket>', 'let it connect to a unix socket', (value) => lists.connect.push(value)))
        .addOption(option('--network <mode>', 'none, allowlist, any or host', (value) => void (single.network = networkMode(value))))
        .addOption(option('--allow-host <host[:port]>', 'add a host to the allowlist', (value) => lists.hosts.push(value)))
        .addOption(option('--listen <port>', 'let it listen on a port', (value) => lists.listen.push(port(value))))
        .addOption(option('--env <name[=value]>', 'pass or set a variable', (value) => env.push(variable(value))))
        .addOption(option('--profile <name|file>', 'use this profile for the command', (value) => void (single.profile = value)))
        .addOption(option('--project <dir>', 'the project, instead of the working directory', (value) => void (single.project = value)))
        .addOption(option('--allow-broad-project', 'allow $HOME, / or a directory above secrets as project', () => void (flags.allowBroadProject = true)))
        .addOption(option('--strict', 'refuse to start on a critical finding or warning', () => void (flags.strict = true)))
    },
    request: (name, words) => ({ ...(name === undefined ? {} : { name }), words, grants, ...lists, env, ...single, ...flags }),
  }
}

const GRANT_HELP: Readonly<Record<GrantAccess, string>> = {
  read: 'let it read a file or a directory with all beneath it',
  write: 'let it read and write a file or a directory with all beneath it',
  none: 'take a path away',
}

const networkMode = (value: string): NetworkMode => {
  const mode = NETWORK_MODES.find((known) => known === value)
  if (!mode) throw new LauncherError('E_USAGE', `${value} is not a network mode`, { hint: `one of ${NETWORK_MODES.join(', ')}` })
  return mode
}

const port = (value: string): number => {
  const number = Number(value)
  if (!/^\d{1,5}$/.test(value) || number < 1 || number > 65_535) {
    throw new LauncherError('E_USAGE', `${value} is not a port`, { hint: 'a number from 1 to 65535' })
  }
  return number
}

const variable = (text: string): { name: string; value?: string } => {
  const equals = text.indexOf('=')
  const name = equals < 0 ? text : text.slice(0, equals)
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new LauncherError('E_ENVIRONMENT', `${text} is not a variable`, { hint: '--env NAME passes it, --env NAME=VALUE sets it' })
  }
  return equals < 0 ? { name } : { name, value: text.slice(equals + 1) }
}
