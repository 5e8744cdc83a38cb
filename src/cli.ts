import path from 'node:path'
import { createContext } from './commands/context.ts'
import { policyOptions } from './commands/policy-options.ts'
import type { Call } from './commands/row.ts'
import { plainRun } from './commands/run-words.ts'
import { COMMANDS } from './commands/table.ts'
import { LauncherError } from './errors.ts'
import type { Host } from './machine/host.ts'
import { realHost } from './machine/real/host.ts'
import { writeAll } from './machine/real/screen.ts'
import { errorJson, errorText } from './report/error.ts'

/**
 * Parses the words after `launcher`, runs one command and sets the exit code. `installation` holds
 * `dist/`.
 */
export const main = async (argv: readonly string[], installation: string): Promise<void> => {
  const startsAgent = COMMANDS.some(({ name, startsAgent }) => name === argv[0] && startsAgent)
  const wantsJson = argv.slice(0, splitAt(argv)).includes('--json')
  try {
    process.exitCode = await dispatch(argv, installation, wantsJson)
  } catch (error) {
    const known = knownError(error)
    if (!known) throw error
    if (known === 'help') return
    writeAll(wantsJson ? 1 : 2, wantsJson ? errorJson(known) : errorText(known))
    process.exitCode = startsAgent ? known.exit : 2
  }
}

/** Where the words of the agent begin: at the first `--`, before anything is parsed. */
const splitAt = (argv: readonly string[]): number => {
  const at = argv.indexOf('--')
  return at < 0 ? argv.length : at
}

const knownError = (error: unknown): LauncherError | 'help' | undefined => {
  if (error instanceof LauncherError) return error
  // By its code, not its class: commander is loaded only where it is needed.
  if (
    !(
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      error.code.startsWith('commander.')
    )
  )
    return undefined
  if (
    error.code === 'commander.helpDisplayed' ||
    error.code === 'commander.help' ||
    error.code === 'commander.version'
  )
    return 'help'
  const hint =
    error.code === 'commander.excessArguments'
      ? 'one name only; words for the agent go after --: launcher run NAME -- WORDS'
      : 'launcher --help lists the commands, launcher COMMAND --help its flags'
  return new LauncherError('E_USAGE', error.message.replace(/^error: /, ''), { hint })
}

const dispatch = async (
  argv: readonly string[],
  installation: string,
  json: boolean,
): Promise<number> => {
  const host = realHost(installation)
  const own = argv.slice(0, splitAt(argv))
  const words = argv.slice(splitAt(argv) + 1)
  const context: Call['context'] = () => createContext(host, json)
  const [run] = COMMANDS
  const policy = policyOptions()
  const plain = run?.name === argv[0] ? plainRun(own.slice(1), policy.flags) : undefined
  if (plain && run?.run)
    return run.run({
      operands: [plain.name],
      many: [],
      flags: { ...plain.flags },
      request: (name) => policy.request(name, words),
      host,
      json,
      context,
    })
  const hasWords = own.length < argv.length
  const takers = COMMANDS.filter(({ takesWords }) => takesWords).map(({ name }) => name)
  const { createProgram } = await import('./commands/program.ts')
  const program = createProgram(versionOf(host), { host, json, words, context })
  if (argv.length === 0 || argv[0] === 'help') {
    program.help()
    return 0
  }
  if (hasWords && !takers.includes(argv[0] ?? ''))
    throw new LauncherError('E_USAGE', 'only run, explain and learn take words after --')
  return program.run(own)
}

const versionOf = (host: Host): string => {
  const content = host.read(path.join(host.installation, 'package.json'), 65_536)
  const parsed: unknown = content.ok ? JSON.parse(new TextDecoder().decode(content.bytes)) : {}
  return typeof parsed === 'object' &&
    parsed !== null &&
    'version' in parsed &&
    typeof parsed.version === 'string'
    ? parsed.version
    : 'unknown'
}
