import { LauncherError } from '../errors.ts'
import { changesFor } from '../explain/change.ts'
import { rankDenials } from '../explain/denials/fold.ts'
import type { Denial } from '../explain/denials/model.ts'
import { learnFrom, learnHosts, type PatchLine } from '../explain/learn.ts'
import { adviceFor } from '../explain/messages/fix.ts'
import { screenOf } from '../machine/real/screen.ts'
import { askOnTerminal } from '../launch/ask.ts'
import { createFile } from '../machine/own/new-file.ts'
import { replaceFile } from '../machine/own/replace-file.ts'
import { compilePolicy } from '../policy/decide.ts'
import { type Operation, OPERATIONS } from '../policy/model.ts'
import { type AbsolutePath, isAbsolutePath, join } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { additionsText, amendProfile } from '../profile/amend.ts'
import { allowHostFlag } from '../policy/run-command.ts'
import { canonicalName, shortName } from '../profile/names.ts'
import { namingOf } from '../machine/naming.ts'
import { walkPath } from '../machine/walk.ts'
import { configFolder, readOwnFile, userProfileFiles } from '../profile/user-files.ts'
import { type Lesson, lessonText, type LearnReport, reportText } from '../report/learn.ts'
import { envelope } from '../report/json.ts'
import { paletteFor } from '../report/text.ts'
import type { CommandContext } from './context.ts'
import { knownFor } from './known.ts'
import { look, type Prepared } from '../run/prepare.ts'
import type { EndedRun } from '../run/record.ts'
import { runCommand } from './run.ts'

/** Flags of `learn` besides those about the policy. */
export interface LearnFlags {
  /** Writes without asking what hands out no key and opens no network. */
  readonly yes?: boolean
}

/**
 * `launcher learn NAME [-- WORDS]`: runs the agent enforced, shows the lines that its profile lacks
 * and writes them on yes; again until nothing known is missing. 0 it ran to its end without an
 * error and nothing is missing, else 1. What only the agent's own behaviour suggests is listed,
 * never written.
 */
export const learnCommand = async (
  request: Request,
  flags: LearnFlags,
  context: CommandContext,
): Promise<number> => {
  const { name } = request
  if (name === undefined || request.profile !== undefined)
    throw new LauncherError('E_USAGE', 'learn writes to the profile that it is given by name', {
      hint: 'launcher learn NAME -- WORDS',
    })
  const palette = paletteFor(screenOf(1).isTerminal, context.host.env)
  const done: LearnReport['written'][number][] = []
  for (let round = 1; ; round++) {
    const { lesson, exit, project } = await roundOf(request, context)
    const lines = choose(lesson.lines, flags, context)
    const file = fileOf(name, context)
    if (lesson.lines.length > 0 && !context.json)
      context.out(
        lessonText(
          { ...lesson, round, file, home: context.host.home, patch: additionsText(lesson.lines) },
          palette,
        ),
      )
    const accepted = lines === 'ask' ? (wantsAll(lesson.lines, file) ? lesson.lines : []) : lines
    if (accepted.length > 0) {
      write(name, accepted, project, context)
      done.push(...accepted)
      if (accepted.length === lesson.lines.length) continue
    }
    const left = lesson.lines.filter((line) => !accepted.includes(line))
    const report: LearnReport = {
      profile: shortName(name),
      file,
      rounds: round,
      written: done,
      missing: left,
      patch: additionsText(left),
      asked: lesson.asked,
      hosts: lesson.hosts,
      exit: exit ?? null,
      started: exit === 0 && left.length === 0,
    }
    context.out(
      context.json
        ? envelope('learn', { ...report })
        : reportText(report, context.host.home, palette),
    )
    return report.started ? 0 : 1
  }
}

/**
 * What is written without a question: all but the loud lines under `--yes`; nothing where nobody
 * can be asked.
 */
const choose = (
  lines: readonly PatchLine[],
  { yes }: LearnFlags,
  { json }: CommandContext,
): readonly PatchLine[] | 'ask' => {
  if (yes === true) return lines.filter((line) => !line.isLoud)
  return lines.length > 0 && !json ? 'ask' : []
}

const wantsAll = (lines: readonly PatchLine[], file: string): boolean => {
  const answer = askOnTerminal(
    `Write ${lines.length === 1 ? 'this line' : `these ${lines.length} lines`} to ${file}? [y/N] `,
  )
  return answer !== undefined && /^y(es)?$/i.test(answer)
}

interface Round {
  readonly lesson: Lesson
  /** The agent's exit code; undefined when it could not be started yet. */
  readonly exit: number | undefined
  readonly project: AbsolutePath
}

const roundOf = async (request: Request, context: CommandContext): Promise<Round> => {
  const prepared = await look(request, context)
  const needed = neededBefore(prepared)
  const { project } = prepared.resolution.resolved
  if (needed.length > 0)
    return { lesson: await lessonOf(prepared, needed, [], context), exit: undefined, project }
  let heard = undefined as EndedRun | undefined
  const exit = await runCommand(
    request,
    { quiet: true, trace: true, json: false },
    context,
    (run) => (heard = run),
  )
  const denials = heard?.ended.denials ?? []
  const refused = heard?.events?.refused().map(({ host }) => host) ?? []
  return {
    lesson: await lessonOf(heard?.prepared ?? prepared, denials, refused, context),
    exit,
    project,
  }
}

/**
 * What `run` would refuse to start without: the project and everything that the target is made of.
 */
const neededBefore = ({ resolution }: Prepared): Denial[] => {
  const decider = compilePolicy(resolution.resolved)
  const parts = [
    { role: 'project', real: resolution.resolved.project },
    ...[...(resolution.target?.executables ?? []), ...(resolution.target?.reads ?? [])].map(
      ({ role, path }) => ({ role, real: path.real }),
    ),
  ]
  return parts.flatMap(({ role, real }) => {
    const { allowed, because } = decider.decide('read', real)
    return allowed
      ? []
      : [
          {
            operation: 'read',
            kind: 'path',
            path: real,
            program: role,
            count: 1,
            first: 0,
            last: 0,
            source: 'strace',
            because,
          },
        ]
  })
}

const lessonOf = async (
  prepared: Prepared,
  denials: readonly Denial[],
  refused: readonly string[],
  context: CommandContext,
): Promise<Lesson> => {
  const { resolved } = prepared.resolution
  const known = await knownFor(prepared, context)
  const paths = learnFrom(denials, resolved, prepared.policy, known)
  const hosts = learnHosts(refused, prepared.policy, known)
  return {
    lines: [...paths.lines, ...hosts.lines],
    asked: rankDenials(paths.asked).map((denial) => ({
      denial,
      command: commandOf(denial, prepared, context),
    })),
    hosts: hosts.asked.map((host) => ({
      host,
      command: `launcher run ${shortName(prepared.profile)} ${allowHostFlag(host)}`,
    })),
  }
}

const commandOf = (
  { operation, path, wouldWork, kind }: Denial,
  { resolution, profile }: Prepared,
  { host }: CommandContext,
): string | null => {
  const known: Operation | undefined = OPERATIONS.find((one) => one === operation)
  if (kind !== 'path' || known === undefined || wouldWork === false || !isAbsolutePath(path))
    return null
  const stat = host.lstat(path)
  const exists = stat !== undefined && stat !== 'denied'
  const [change] = changesFor(resolution.resolved, known, path, {
    exists,
    kind: !exists ? undefined : stat.type === 'directory' ? 'directory' : 'file',
  })
  return change ? adviceFor(shortName(profile), change.flags, host.home) : null
}

/** The user's own file of a profile, whether it is there or not. */
const fileOf = (name: string, { host, builtins }: CommandContext): AbsolutePath =>
  userProfileFiles(host, builtins).get(canonicalName(name, builtins)) ??
  join(configFolder(host), `profiles/${shortName(canonicalName(name, builtins))}.toml`)

/** Puts the lines into the file, which must be as it was read and lie where no agent writes. */
const write = (
  name: string,
  lines: readonly PatchLine[],
  project: AbsolutePath,
  context: CommandContext,
): void => {
  const { host } = context
  const file = fileOf(name, context)
  const { real } = walkPath(host, file)
  const { isInside } = namingOf(host.platform)
  if (isInside(real, project) && !isInside(host.home, project))
    throw new LauncherError(
      'E_CONFIG',
      `${file} leads into the project (${real}), where the agent can write`,
      { hint: 'keep your profiles outside of it' },
    )
  const before = readOwnFile(host, file)
  const after = amendProfile(before, lines, file)
  if (before === undefined) createFile(file, after)
  else replaceFile({ file: real, before, after })
}
