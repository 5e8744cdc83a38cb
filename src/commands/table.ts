import type { AuditFlags } from './audit/flags.ts'
import { AUDIT_FLAGS } from './audit/flags.ts'
import type { ExplainFlags } from './explain/command.ts'
import type { LearnFlags } from './learn.ts'
import type { MigrateFlags } from './migrate.ts'
import type { NetLogFlags } from './net.ts'
import type { Call, CommandRow, FlagRow } from './row.ts'
import type { RunFlags } from './run-flags.ts'
import { RUN_FLAGS, TRIAL } from './run-words.ts'
import type { SbplOptions } from './sbpl.ts'
import type { VerifyFlags } from './verify.ts'

const JSON_FLAG: FlagRow = { flag: '--json', text: 'one JSON document on standard output' }

const doctor = async ({ context }: Call): Promise<number> =>
  (await import('./doctor.ts')).doctorCommand(await context())

const profilesList = async ({ flags, context }: Call): Promise<number> =>
  (await import('./profiles.ts')).profilesList(await context(), flags['names'] === true)

const DEFINE: FlagRow = {
  flag: '-D, --define <key=value>',
  text: 'a parameter, as for sandbox-exec',
  isList: true,
}

const MACOS: FlagRow = {
  flag: '--macos <release>',
  text: 'the release that is meant: 13, 14, 15 or 26',
}

const sbplOptions = ({ flags, json }: Call): SbplOptions => ({ ...(flags as SbplOptions), json })

/** The command line: from this table its help, its completions and its starts are made. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'run',
    text: 'start an agent under its profile',
    operands: [
      {
        form: '[name]',
        text: 'a profile; without it, -- COMMAND runs with the profile default',
        completes: 'profile',
      },
    ],
    policy: [],
    flags: [...RUN_FLAGS, TRIAL],
    usage: '[flags] [NAME] [flags] [-- WORDS]',
    takesWords: true,
    startsAgent: true,
    run: async ({ operands: [name], flags, request, json, context }) =>
      (await import('./run.ts')).runCommand(
        request(name),
        { ...(flags as RunFlags), json },
        await context(),
      ),
  },
  {
    name: 'explain',
    text: 'say what is allowed, why, and the smallest change',
    operands: [
      {
        form: '[subject...]',
        text: 'a profile, a path, a host, - for a log; or profile|path|host|env|socket|target|log X; nothing: the last run',
        completes: 'subject',
      },
    ],
    policy: ['--read', '--write', '--connect'],
    flags: [
      { flag: '--exec', text: 'ask whether a path may be executed' },
      {
        flag: '--program',
        text: 'with a profile: what the kernel would enforce, with the origin of each part',
      },
      {
        flag: '--exit <code>',
        text: 'with a log: the exit code that the run ended with',
      },
      JSON_FLAG,
    ],
    takesWords: true,
    run: async ({ many, flags, request, context }) =>
      (await import('./explain/command.ts')).explainCommand(
        many,
        request(),
        flags as ExplainFlags,
        await context(),
      ),
  },
  {
    name: 'learn',
    text: 'run an agent enforced, and write what its profile lacks',
    operands: [{ form: '<name>', text: 'a profile', completes: 'profile' }],
    policy: [],
    flags: [
      {
        flag: '--yes',
        text: 'write without asking what hands out no key and opens no network',
      },
      {
        flag: '--json',
        text: 'one JSON document on standard output, after what the agent prints',
      },
    ],
    usage: '[flags] NAME [-- WORDS]',
    takesWords: true,
    run: async ({ operands: [name], flags, request, context }) =>
      (await import('./learn.ts')).learnCommand(
        request(name),
        flags as LearnFlags,
        await context(),
      ),
  },
  {
    name: 'verify',
    text: 'start the real sandbox of a profile and try to get out of it',
    operands: [
      {
        form: '[name]',
        text: 'a profile; nothing: look at this machine, as doctor does',
        completes: 'profile',
      },
    ],
    policy: [],
    flags: [
      {
        flag: '--without-enforcement',
        text: 'try it without the sandbox: must fail',
        isHidden: true,
      },
      JSON_FLAG,
    ],
    run: async (call) => {
      const [name] = call.operands
      return name === undefined
        ? doctor(call)
        : (await import('./verify.ts')).verifyCommand(
            call.request(name),
            call.flags as VerifyFlags,
            await call.context(),
          )
    },
  },
  {
    name: 'doctor',
    text: 'look at this machine: what enforces, what is missing, and the fix',
    flags: [JSON_FLAG],
    run: doctor,
  },
  {
    name: 'audit',
    text: "what an agent's own configuration allows, and what the kernel shuts anyway",
    operands: [
      {
        form: '[path]',
        text: 'a file, a directory, - for standard input; nothing: what the profile names',
        completes: 'file',
      },
    ],
    policy: ['--write'],
    flags: AUDIT_FLAGS,
    run: async ({ operands: [operand], flags, request, context }) =>
      (await import('./audit/command.ts')).auditCommand(
        operand,
        request(),
        flags as AuditFlags,
        await context(),
      ),
  },
  {
    name: 'migrate',
    text: 'show what an agent would make of its own settings, and write it on yes',
    operands: [
      {
        form: '<name>',
        text: 'the profile of an agent that rewrites its settings as it starts',
        completes: 'profile',
      },
    ],
    flags: [{ flag: '--yes', text: 'write without asking' }, JSON_FLAG],
    run: async ({ operands: [name = ''], flags, context }) =>
      (await import('./migrate.ts')).migrateCommand(name, flags as MigrateFlags, await context()),
  },
  {
    name: 'net',
    text: 'what a run asked of the network, and what it may ask',
    subs: [
      {
        name: 'log',
        text: 'hosts of the last run with a proxy, refused first',
        operands: [{ form: '[run]' }],
        flags: [
          JSON_FLAG,
          { flag: '--follow', text: 'each connection as it happens, until Ctrl-C' },
        ],
        run: async ({ operands: [run], flags, context }) =>
          (await import('./net.ts')).netLog(run, flags as NetLogFlags, await context()),
      },
      {
        name: 'approve',
        text: 'answer what a run with --ask asks: once, for this project, or no',
        operands: [{ form: '[run]' }],
        flags: [JSON_FLAG],
        run: async ({ operands: [run], context }) =>
          (await import('./net.ts')).netApprove(run, await context()),
      },
      {
        name: 'check',
        text: 'would the proxy let a host through: exit 0 allowed, 1 refused',
        operands: [{ form: '<host[:port]>' }],
        flags: [JSON_FLAG],
        policy: [],
        run: async ({ operands: [host = ''], request, context }) =>
          (await import('./explain/command.ts')).explainCommand(
            ['host', host],
            request(),
            {},
            await context(),
          ),
      },
      {
        name: 'export',
        text: 'the hosts of a profile for another firewall',
        operands: [{ form: '<name>', text: 'a profile', completes: 'profile' }],
        flags: [JSON_FLAG, { flag: '--lulu', text: 'as a rules file of LuLu', isRequired: true }],
        policy: [],
        run: async ({ operands: [name], request, context }) =>
          (await import('./net.ts')).netExport(request(name), await context()),
      },
    ],
  },
  {
    name: 'profiles',
    text: 'list, show and validate profiles',
    flags: [JSON_FLAG, { flag: '--names', text: 'names only' }],
    subs: [
      {
        name: 'list',
        text: 'every profile, with where it comes from',
        flags: [JSON_FLAG],
        run: profilesList,
      },
      {
        name: 'show',
        text: 'one profile as merged, with the origin of each line',
        operands: [{ form: '<name>', completes: 'profile' }],
        flags: [JSON_FLAG],
        run: async ({ operands: [name = ''], context }) =>
          (await import('./profiles.ts')).profilesShow(await context(), name),
      },
      {
        name: 'validate',
        text: 'check profile files; without FILE all of yours',
        operands: [{ form: '[file...]', completes: 'file' }],
        flags: [JSON_FLAG],
        run: async ({ many, context }) =>
          (await import('./profiles.ts')).profilesValidate(await context(), many),
      },
    ],
    run: profilesList,
  },
  {
    name: 'init',
    text: 'print the shell functions and completions: eval "$(launcher init zsh)"',
    operands: [{ form: '<shell>', text: 'zsh, bash or fish', completes: ['bash', 'fish', 'zsh'] }],
    run: async ({ operands: [shell = ''], context }) =>
      (await import('./init-command.ts')).initCommand(shell, await context()),
  },
  {
    name: 'sbpl',
    text: 'check a Seatbelt profile, or ask what it decides',
    subs: [
      {
        name: 'check',
        text: 'faults that sandbox-exec would not tell: dead rules, dead paths, what (deny default) leaves open',
        operands: [{ form: '<file>', completes: 'file' }],
        flags: [JSON_FLAG, DEFINE, MACOS],
        run: async (call) =>
          (await import('./sbpl.ts')).sbplCheck(
            call.operands[0] ?? '',
            sbplOptions(call),
            (await import('./sbpl-io.ts')).sbplIo(call.host, await call.context()),
          ),
      },
      {
        name: 'decide',
        text: 'exit 0 allowed, 1 denied; facts are path=, vnode-type=, global-name=, remote= …',
        operands: [
          { form: '<file>', completes: 'file' },
          { form: '<operation>' },
          { form: '[fact=value...]' },
        ],
        flags: [
          JSON_FLAG,
          DEFINE,
          MACOS,
          {
            flag: '--link <name=target>',
            text: 'a link that the path may pass; /etc, /home, /tmp and /var are known',
            isList: true,
          },
        ],
        run: async (call) =>
          (await import('./sbpl.ts')).sbplDecide(
            call.operands[0] ?? '',
            call.operands[1] ?? '',
            call.many,
            sbplOptions(call),
            (await import('./sbpl-io.ts')).sbplIo(call.host, await call.context()),
          ),
      },
    ],
  },
  {
    name: 'demo',
    text: 'run a stand-in agent that tries to get out, and show what the kernel let it do',
    flags: [JSON_FLAG],
    startsAgent: true,
    run: async ({ context }) => (await import('./demo.ts')).demoCommand(await context()),
  },
]
