import type { GrantAccess, NetworkMode } from './model.ts'

/** What the command line asked for, parsed and nothing more: no path resolved, no profile read. */
export interface Request {
  /** NAME operand of `run`: a profile. */
  readonly name?: string
  /** WORDS after `--`: appended to the profile's command, or the command itself without NAME. */
  readonly words: readonly string[]
  /**
   * `--profile`: a name, or (with `/` or `.toml`) a file; replaces the profile, not the command.
   */
  readonly profile?: string
  /**
   * `--read`, `--write`, `--none` in the order given; paths as typed, relative to the working
   * directory.
   */
  readonly grants: readonly { readonly path: string; readonly access: GrantAccess }[]
  readonly lifts: readonly string[]
  readonly connect: readonly string[]
  readonly hosts: readonly string[]
  readonly network?: NetworkMode
  readonly listen: readonly number[]
  /** `--env NAME` (pass) or `--env NAME=VALUE` (set). */
  readonly env: readonly { readonly name: string; readonly value?: string }[]
  readonly project?: string
  readonly allowBroadProject: boolean
  /** `--settings-copy`: the agent's own settings are a copy, for this run. */
  readonly settingsCopy: boolean
  readonly strict: boolean
}

/** A request that asks for nothing: the start of every test and of commands without those flags. */
export const emptyRequest: Request = {
  words: [],
  grants: [],
  lifts: [],
  connect: [],
  hosts: [],
  listen: [],
  env: [],
  allowBroadProject: false,
  settingsCopy: false,
  strict: false,
}
