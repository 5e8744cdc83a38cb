import { LauncherError } from '../errors.ts'
import { attemptsFor } from '../explain/attempts.ts'
import { exitCodeOf, verify, type VerifiedRow } from '../explain/verification.ts'
import { screenOf } from '../machine/real/screen.ts'
import { self } from '../launch/self.ts'
import { plant, type ProbeRun, runProbe, startsWell } from '../launch/verify.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { envelope } from '../report/json.ts'
import { paletteFor } from '../report/text.ts'
import { verificationJson, verificationText } from '../report/verify.ts'
import { chooseBackend } from '../backend/backends.ts'
import type { CommandContext } from './context.ts'
import { flagWords } from './flag-words.ts'
import { look } from '../run/prepare.ts'

/** A variable that no profile passes on, so that the probe must not see it. */
const SECRET = 'LAUNCHER_VERIFY_SECRET'

export interface VerifyFlags {
  /**
   * For tests of `verify` itself: the probe runs in no sandbox, and every row that must be refused
   * has to differ.
   */
  readonly withoutEnforcement?: boolean
}

/**
 * `launcher verify NAME`: starts the real sandbox of a profile, tries inside what must fail and
 * what must work, and outside the same as a control. 0 all as expected, 1 a row differs, 2 a row is
 * unproven.
 */
export const verifyCommand = async (
  request: Request,
  flags: VerifyFlags,
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const { name } = request
  if (name === undefined)
    throw new LauncherError('E_USAGE', 'nothing to verify', {
      hint: 'launcher verify NAME; launcher profiles lists the names',
    })
  const backend = chooseBackend(undefined, host)
  const probed: Request = { ...withoutName(request), profile: name, words: [self().node] }
  const prepared = await look(probed, context, 'run')
  const { resolved } = prepared.resolution
  const planted = await plant(resolved.project)
  try {
    const attempts = attemptsFor(resolved, {
      canary: planted.canary,
      here: planted.here,
      abstract: planted.abstract,
      listening: planted.listening,
      answering: planted.answering,
      process: thisProcess(context),
      variable: SECRET,
      mark: planted.mark,
      isWritable: (path) => host.canAccess(path, 'write'),
      kindOf: (path) => kindOf(path, context),
    })
    const outside: ProbeRun = {
      before: [],
      environment: { ...host.env, [SECRET]: 'canary' },
      cwd: resolved.project,
    }
    const caged: ProbeRun = { ...outside, before: cageWords(probed, context) }
    const control = await runProbe(
      host.installation,
      attempts.map((one) => one.control),
      outside,
    )
    const inside = await runProbe(
      host.installation,
      attempts.map((one) => one.inside),
      flags.withoutEnforcement ? outside : caged,
    )
    const rows = [
      ...verify(attempts, inside, control),
      ...(flags.withoutEnforcement ? [] : await startRow(request, caged, context)),
    ]
    const verification = {
      profile: name,
      backend: backend.label,
      isEnforced: !flags.withoutEnforcement,
      home: host.home,
      rows,
    }
    if (context.json) context.out(envelope('verify', verificationJson(verification)))
    else context.out(verificationText(verification, paletteFor(screenOf(1).isTerminal, host.env)))
    return exitCodeOf(rows)
  } finally {
    planted.remove()
  }
}

/** This process, as another namespace could not name it by chance. */
const thisProcess = ({
  host,
}: CommandContext): { readonly pid: number; readonly started?: string } => {
  const { pid } = self()
  const stat = host.read(`/proc/${pid}/stat`, 4096)
  const started = stat.ok
    ? new TextDecoder().decode(stat.bytes).split(') ').at(-1)?.split(' ')[19]
    : undefined
  return { pid, ...(started === undefined ? {} : { started }) }
}

const withoutName = ({ name: _, ...request }: Request): Request => request

const kindOf = (
  path: AbsolutePath,
  { host }: CommandContext,
): 'file' | 'directory' | 'other' | undefined => {
  const stat = host.lstat(path)
  if (stat === undefined || stat === 'denied') return undefined
  return stat.type === 'file' || stat.type === 'directory' ? stat.type : 'other'
}

/** The command line of a caged run: the same launcher, the same flags. */
const cageWords = (request: Request, { host }: CommandContext): string[] => [
  self().node,
  join(host.installation, 'dist/launcher.cjs'),
  'run',
  '--quiet',
  '--trial',
  ...flagWords(request),
  '--',
]

/** The agent itself, asked for its version: what is expected to work needs no control. */
const startRow = async (
  request: Request,
  caged: ProbeRun,
  context: CommandContext,
): Promise<VerifiedRow[]> => {
  const { host } = context
  const { policy } = await look(request, context)
  if (policy.command === undefined || request.words.length > 0) return []
  const words = [
    self().node,
    join(host.installation, 'dist/launcher.cjs'),
    'run',
    '--quiet',
    '--trial',
    ...flagWords(request),
    request.name!,
    '--',
    '--version',
  ]
  const { isWell, how } = await startsWell(words, caged)
  return [
    {
      what: `start ${policy.command} --version`,
      expected: 'allowed',
      because: 'the agent must start',
      kernel: isWell ? 'allowed' : how,
      control: 'not needed',
      verdict: isWell ? 'holds' : 'differs',
    },
  ]
}
