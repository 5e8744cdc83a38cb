import { type Completes, policyOptions } from '../policy-options.ts'
import type { CommandRow } from '../row.ts'
import { COMMANDS } from '../table.ts'

/** One flag as completions offer it. */
export interface CompletedFlag {
  readonly long: string
  readonly short: string | undefined
  readonly text: string
  /** Name of its value; undefined where it takes none. */
  readonly value: string | undefined
  readonly completes: Completes | undefined
}

/** One command as completions offer it; those beneath it share its flags. */
export interface CompletedCommand {
  readonly name: string
  readonly flags: readonly CompletedFlag[]
  readonly subs: readonly CompletedCommand[]
  readonly completes: Completes | undefined
  /** What follows `--` is the agent's. */
  readonly takesWords: boolean
}

/** The commands of the table. */
export const completedCommands = (): readonly CompletedCommand[] => COMMANDS.map(completed)

/** What stands at the place of a command's name. */
export const commandWords = (): readonly string[] =>
  [...COMMANDS.map(({ name }) => name), 'help'].sort()

const VERSION: CompletedFlag = {
  long: '--version',
  short: undefined,
  text: 'print the version',
  value: undefined,
  completes: undefined,
}

const completed = (row: CommandRow): CompletedCommand => {
  const subs = (row.subs ?? []).map(completed)
  const own = [
    ...(row.policy ? policyOptions().flags : []),
    ...(row.flags ?? []).filter(({ isHidden }) => !isHidden),
  ].map(flagOf)
  const flags = [
    ...own,
    ...subs.flatMap((sub) => sub.flags),
    ...(row.startsAgent && row.policy ? [VERSION] : []),
  ]
  return {
    name: row.name,
    flags: [...new Map(flags.map((flag) => [flag.long, flag])).values()].sort((a, b) =>
      a.long < b.long ? -1 : 1,
    ),
    subs,
    completes: row.operands?.[0]?.completes,
    takesWords: row.takesWords === true,
  }
}

const flagOf = (row: {
  readonly flag: string
  readonly text: string
  readonly completes?: Completes
}): CompletedFlag => {
  const [, short, long = '', value] = FLAG.exec(row.flag) ?? []
  return { long, short, text: row.text, value, completes: row.completes }
}

/** `-D, --define <key=value>` */
const FLAG = /^(?:-(\w), )?(--[a-z-]+)(?: <(.+)>)?$/
