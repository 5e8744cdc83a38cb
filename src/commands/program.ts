import { type Command, Command as Program } from 'commander'
import { writeAll } from '../machine/real/screen.ts'
import { policyOptions } from './policy-options.ts'
import type { Call, CommandRow, FlagRow } from './row.ts'
import { COMMANDS } from './table.ts'

/** The command line as commander reads it. */
export interface CommandLine {
  /** Prints the help of all. */
  help(): void
  /** Runs one command; gives its exit code. Throws commander's error for words that fit none. */
  run(argv: readonly string[]): Promise<number>
}

/** What every call is given. */
type Surroundings = Pick<Call, 'context' | 'host' | 'json'> & { readonly words: readonly string[] }

/** Makes the command line of the table. */
export const createProgram = (version: string, around: Surroundings): CommandLine => {
  const running: { result: Promise<number> | number } = { result: 0 }
  const program = settle(new Program('launcher'))
    .description('Start a coding agent under kernel enforcement.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText('after', EXAMPLES)
  for (const row of COMMANDS) addRow(program, row, around, (started) => (running.result = started))
  return {
    help: () => program.outputHelp(),
    run: async (argv) => {
      await program.parseAsync(argv, { from: 'user' })
      return running.result
    },
  }
}

const settle = (command: Command): Command =>
  command
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: (text) => writeAll(1, text) })

const addRow = (
  parent: Command,
  row: CommandRow,
  around: Surroundings,
  onStart: (started: Promise<number>) => void,
): void => {
  const command = settle(parent.command(row.name).description(row.text))
  for (const { form, text } of row.operands ?? []) command.argument(form, text)
  const policy = policyOptions()
  if (row.policy) policy.addTo(command, row.policy)
  for (const flag of row.flags ?? []) addFlag(command, flag)
  if (row.usage !== undefined) command.usage(row.usage)
  for (const sub of row.subs ?? []) addRow(command, sub, around, onStart)
  const { run } = row
  command.action((...given: unknown[]) => {
    if (!run) return command.outputHelp()
    const operands = given.slice(0, row.operands?.length ?? 0)
    const started = run({
      operands: operands.map((one) => (typeof one === 'string' ? one : undefined)),
      many: operands.flatMap((one) => (Array.isArray(one) ? (one as string[]) : [])),
      flags: command.optsWithGlobals<Record<string, unknown>>(),
      request: (name) => policy.request(name, around.words),
      host: around.host,
      json: around.json,
      context: around.context,
    })
    // Awaited by whoever runs the line; commander's own await must not see it first as unhandled.
    started.catch(() => undefined)
    onStart(started)
    return undefined
  })
}

const addFlag = (command: Command, row: FlagRow): void => {
  const option = command.createOption(row.flag, row.text)
  if (row.isList)
    option
      .argParser((value: string, all: readonly string[] | undefined) => [...(all ?? []), value])
      .default([])
  if (row.isRequired) option.makeOptionMandatory()
  if (row.isHidden) option.hideHelp()
  command.addOption(option)
}

const EXAMPLES = `
Examples:
  launcher run vibe                   Mistral Vibe in this directory
  launcher run vibe -- -p "fix it"    words after -- go to the agent
  launcher run -- npm test            any command; no network, project writable
  launcher run vibe --dry-run         what it could touch, without starting it
  launcher explain vibe               all of it, with the origin of every line
`
