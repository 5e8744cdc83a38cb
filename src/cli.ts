import path from 'node:path'
import type { Command } from 'commander'
import { addAuditFlags, type AuditFlags } from './commands/audit-flags.ts'
import { type CommandContext, createContext } from './commands/context.ts'
import { type PolicyOptions, policyOptions } from './commands/policy-options.ts'
import type { ExplainFlags } from './commands/explain.ts'
import type { LearnFlags } from './commands/learn.ts'
import type { MigrateFlags } from './commands/migrate.ts'
import type { VerifyFlags } from './commands/verify.ts'
import type { RunFlags } from './commands/run-flags.ts'
import { addRunFlags, plainRun } from './commands/run-words.ts'
import { LauncherError } from './errors.ts'
import type { Host } from './machine/host.ts'
import { realHost } from './machine/real/host.ts'
import { writeAll } from './machine/real/screen.ts'
import { errorJson, errorText } from './report/error.ts'

/** Commands whose failures are 125, so that they are told apart from the agent's own codes; the others use 2. */
const STARTS_AN_AGENT = new Set(['run', 'demo'])

/** Parses the words after `launcher`, runs one command and sets the exit code. `installation` holds `dist/`. */
export const main = async (argv: readonly string[], installation: string): Promise<void> => {
  const startsAgent = STARTS_AN_AGENT.has(argv[0] ?? '')
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
  let result: Promise<number> | number = 0
  const host = realHost(installation)
  const words = argv.slice(splitAt(argv) + 1)
  const hasWords = splitAt(argv) < argv.length
  const context = (): Promise<CommandContext> => createContext(host, json)
  const runWith = async (
    name: string | undefined,
    flags: RunFlags,
    options: PolicyOptions,
  ): Promise<number> =>
    (await import('./commands/run.ts')).runCommand(
      options.request(name, words),
      { ...flags, json },
      await context(),
    )
  const run = policyOptions()
  const plain = argv[0] === 'run' ? plainRun(argv.slice(1, splitAt(argv)), run.flags) : undefined
  if (plain) return runWith(plain.name, plain.flags, run)

  const { Command: Program } = await import('commander')
  const program = new Program('launcher')
    .description('Start a coding agent under kernel enforcement.')
    .version(versionOf(host), '-V, --version', 'print the version')
    .helpCommand(false)
    .showHelpAfterError(false)
    .addHelpText('after', EXAMPLES)
  const settle = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, writeOut: (text) => writeAll(1, text) })
  settle(program)
  const add = (name: string, description: string): Command =>
    settle(program.command(name).description(description))

  addRunFlags(
    run.addTo(
      add('run', 'start an agent under its profile').argument(
        '[name]',
        'a profile; without it, -- COMMAND runs with the profile default',
      ),
    ),
  )
    .usage('[flags] [NAME] [flags] [-- WORDS]')
    .action((name: string | undefined, flags: RunFlags) => {
      result = start(() => runWith(name, flags, run))
    })
  const explain = policyOptions()
  explain
    .addTo(
      add('explain', 'say what is allowed, why, and the smallest change').argument(
        '[subject...]',
        'a profile, a path, a host, - for a log; or profile|path|host|env|socket|target|log X; nothing: the last run',
      ),
      ['--read', '--write', '--connect'],
    )
    .option('--exec', 'ask whether a path may be executed')
    .option(
      '--program',
      'with a profile: what the kernel would enforce, with the origin of each part',
    )
    .option('--exit <code>', 'with a log: the exit code that the run ended with')
    .option('--json', 'one JSON document on standard output')
    .action((subject: string[], flags: ExplainFlags) => {
      result = start(async () =>
        (await import('./commands/explain.ts')).explainCommand(
          subject,
          explain.request(undefined, words),
          flags,
          await context(),
        ),
      )
    })
  const learn = policyOptions()
  learn
    .addTo(
      add('learn', 'run an agent enforced, and write what its profile lacks').argument(
        '<name>',
        'a profile',
      ),
    )
    .usage('[flags] NAME [-- WORDS]')
    .option('--yes', 'write without asking what hands out no key and opens no network')
    .option('--json', 'one JSON document on standard output, after what the agent prints')
    .action((name: string, flags: LearnFlags) => {
      result = start(async () =>
        (await import('./commands/learn.ts')).learnCommand(
          learn.request(name, words),
          flags,
          await context(),
        ),
      )
    })
  const verify = policyOptions()
  verify
    .addTo(
      add('verify', 'start the real sandbox of a profile and try to get out of it').argument(
        '[name]',
        'a profile; nothing: look at this machine, as doctor does',
      ),
    )
    .addOption(
      program
        .createOption('--without-enforcement', 'try it without the sandbox: must fail')
        .hideHelp(),
    )
    .option('--json', 'one JSON document on standard output')
    .action((name: string | undefined, flags: VerifyFlags) => {
      result = start(async () =>
        name === undefined
          ? (await import('./commands/doctor.ts')).doctorCommand(await context())
          : (await import('./commands/verify.ts')).verifyCommand(
              verify.request(name, words),
              flags,
              await context(),
            ),
      )
    })
  add('doctor', 'look at this machine: what enforces, what is missing, and the fix')
    .option('--json', 'one JSON document on standard output')
    .action(() => {
      result = start(async () =>
        (await import('./commands/doctor.ts')).doctorCommand(await context()),
      )
    })
  const audit = policyOptions()
  addAuditFlags(
    audit.addTo(
      add(
        'audit',
        "what an agent's own configuration allows, and what the kernel shuts anyway",
      ).argument(
        '[path]',
        'a file, a directory, - for standard input; nothing: what the profile names',
      ),
      ['--write'],
    ),
  ).action((operand: string | undefined, flags: AuditFlags) => {
    result = start(async () =>
      (await import('./commands/audit.ts')).auditCommand(
        operand,
        audit.request(undefined, []),
        flags,
        await context(),
      ),
    )
  })
  add('migrate', 'show what an agent would make of its own settings, and write it on yes')
    .argument('<name>', 'the profile of an agent that rewrites its settings as it starts')
    .option('--yes', 'write without asking')
    .option('--json', 'one JSON document on standard output')
    .action((name: string, flags: MigrateFlags) => {
      result = start(async () =>
        (await import('./commands/migrate.ts')).migrateCommand(name, flags, await context()),
      )
    })
  addNet(add, context, (value) => void (result = value), words)
  addProfiles(add, context, (value) => void (result = value))
  add('init', 'print the shell functions and completions: eval "$(launcher init zsh)"')
    .argument('<shell>', 'zsh, bash or fish')
    .action((shell: string) => {
      result = start(async () =>
        (await import('./commands/init-command.ts')).initCommand(shell, await context()),
      )
    })
  addSbpl(add, host, json, (value) => void (result = value))
  add('demo', 'run a stand-in agent that tries to get out, and show what the kernel let it do')
    .option('--json', 'one JSON document on standard output')
    .action(() => {
      result = start(async () => (await import('./commands/demo.ts')).demoCommand(await context()))
    })
  if (argv.length === 0 || argv[0] === 'help') {
    program.outputHelp()
    return 0
  }
  if (hasWords && !['run', 'explain', 'learn'].includes(argv[0] ?? ''))
    throw new LauncherError('E_USAGE', 'only run, explain and learn take words after --')
  await program.parseAsync(argv.slice(0, splitAt(argv)), { from: 'user' })
  return result
}

const start = (action: () => Promise<number>): Promise<number> => {
  const running = action()
  // Awaited by `dispatch`; commander's own await must not see it first as unhandled.
  running.catch(() => undefined)
  return running
}

type Add = (name: string, description: string) => Command
type Context = () => Promise<CommandContext>
type Settle = (value: Promise<number>) => void

const addNet = (add: Add, context: Context, settle: Settle, words: readonly string[]): void => {
  const net = add('net', 'what a run asked of the network, and what it may ask').action(() =>
    net.outputHelp(),
  )
  const sub = (name: string, description: string): Command =>
    net
      .command(name)
      .description(description)
      .option('--json', 'one JSON document on standard output')
      .exitOverride()
      .configureOutput(net.configureOutput())
  sub('log', 'hosts of the last run with a proxy, refused first')
    .argument('[run]')
    .option('--follow', 'each connection as it happens, until Ctrl-C')
    .action((run: string | undefined, flags: { follow?: boolean }) => {
      settle(
        start(async () => (await import('./commands/net.ts')).netLog(run, flags, await context())),
      )
    })
  sub('approve', 'answer what a run with --ask asks: once, for this project, or no')
    .argument('[run]')
    .action((run: string | undefined) => {
      settle(
        start(async () => (await import('./commands/net.ts')).netApprove(run, await context())),
      )
    })
  const check = policyOptions()
  check
    .addTo(
      sub('check', 'would the proxy let a host through: exit 0 allowed, 1 refused').argument(
        '<host[:port]>',
      ),
    )
    .action((host: string) => {
      settle(
        start(async () =>
          (await import('./commands/explain.ts')).explainCommand(
            ['host', host],
            check.request(undefined, words),
            {},
            await context(),
          ),
        ),
      )
    })
  const exported = policyOptions()
  exported
    .addTo(
      sub('export', 'the hosts of a profile for another firewall').argument('<name>', 'a profile'),
    )
    .requiredOption('--lulu', 'as a rules file of LuLu')
    .action((name: string) => {
      settle(
        start(async () =>
          (await import('./commands/net.ts')).netExport(
            exported.request(name, words),
            await context(),
          ),
        ),
      )
    })
}

const addProfiles = (add: Add, context: Context, settle: Settle): void => {
  const profiles = add('profiles', 'list, show and validate profiles')
    .option('--json', 'one JSON document on standard output')
    .option('--names', 'names only')
  const module = async () => import('./commands/profiles.ts')
  profiles.action((flags: { names?: boolean }) => {
    settle(start(async () => (await module()).profilesList(await context(), flags.names === true)))
  })
  const sub = (name: string, description: string): Command =>
    profiles
      .command(name)
      .description(description)
      .option('--json', 'one JSON document on standard output')
      .exitOverride()
      .configureOutput(profiles.configureOutput())
  sub('list', 'every profile, with where it comes from').action(() => {
    settle(
      start(async () =>
        (await module()).profilesList(
          await context(),
          profiles.opts<{ names?: boolean }>().names === true,
        ),
      ),
    )
  })
  sub('show', 'one profile as merged, with the origin of each line')
    .argument('<name>')
    .action((name: string) => {
      settle(start(async () => (await module()).profilesShow(await context(), name)))
    })
  sub('validate', 'check profile files; without FILE all of yours')
    .argument('[file...]')
    .action((files: string[]) => {
      settle(start(async () => (await module()).profilesValidate(await context(), files)))
    })
}

const addSbpl = (add: Add, host: Host, json: boolean, settle: Settle): void => {
  const io = {
    readFile: (file: string) => {
      const content = host.read(path.resolve(host.cwd, file), 16 << 20)
      return content.ok ? new TextDecoder().decode(content.bytes) : undefined
    },
    out: (text: string) => writeAll(1, text),
    err: (text: string) => writeAll(2, text),
  }
  const sbpl = add('sbpl', 'check a Seatbelt profile, or ask what it decides').action(() =>
    sbpl.outputHelp(),
  )
  const sub = (name: string, description: string): Command =>
    sbpl
      .command(name)
      .description(description)
      .option('--json', 'one JSON document on standard output')
      .option(
        '-D, --define <key=value>',
        'a parameter, as for sandbox-exec',
        (value: string, all: string[]) => [...all, value],
        [] as string[],
      )
      .option('--macos <release>', 'the release that is meant: 13, 14, 15 or 26')
      .exitOverride()
      .configureOutput(sbpl.configureOutput())
  sub(
    'check',
    'faults that sandbox-exec would not tell: dead rules, dead paths, what (deny default) leaves open',
  )
    .argument('<file>')
    .action((file: string, flags: SbplFlags) => {
      settle(
        start(async () =>
          (await import('./commands/sbpl.ts')).sbplCheck(file, { json, ...flags }, io),
        ),
      )
    })
  sub('decide', 'exit 0 allowed, 1 denied; facts are path=, vnode-type=, global-name=, remote= …')
    .argument('<file>')
    .argument('<operation>')
    .argument('[fact=value...]')
    .option(
      '--link <name=target>',
      'a link that the path may pass; /etc, /home, /tmp and /var are known',
      (value: string, all: string[]) => [...all, value],
      [] as string[],
    )
    .action((file: string, operation: string, facts: string[], flags: SbplFlags) => {
      settle(
        start(async () =>
          (await import('./commands/sbpl.ts')).sbplDecide(
            file,
            operation,
            facts,
            { json, ...flags },
            io,
          ),
        ),
      )
    })
}

interface SbplFlags {
  readonly define: string[]
  readonly macos?: string
  readonly link?: string[]
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

const EXAMPLES = `
Examples:
  launcher run vibe                   Mistral Vibe in this directory
  launcher run vibe -- -p "fix it"    words after -- go to the agent
  launcher run -- npm test            any command; no network, project writable
  launcher run vibe --dry-run         what it could touch, without starting it
  launcher explain vibe               all of it, with the origin of every line
`
