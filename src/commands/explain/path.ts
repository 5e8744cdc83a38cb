import { LauncherError } from '../../errors.ts'
import { screenOf } from '../../machine/real/screen.ts'
import type { ChangeFlag } from '../../explain/change.ts'
import { answerFor, type PathAnswer } from '../../explain/path.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Operation } from '../../policy/model.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import type { Request } from '../../policy/request.ts'
import { pathExplanationJson, pathExplanationText } from '../../report/explain-path.ts'
import { envelope } from '../../report/json.ts'
import { paletteFor } from '../../report/text.ts'
import { createExpander } from '../../resolve/expand.ts'
import { physical } from '../../machine/physical.ts'
import { createWalker, walkPath } from '../../machine/walk.ts'
import type { CommandContext } from '../context.ts'
import { look, type Prepared } from '../../run/prepare.ts'

/** What can be asked about a path. */
export type Question = 'read' | 'write' | 'exec' | 'connect'

/**
 * `launcher explain PATH`: allowed or not, by what, what lost, and the smallest change. 0 allowed,
 * 1 denied; without a question, reading decides.
 */
export const explainPath = async (
  text: string,
  questions: readonly Question[],
  request: Request,
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const prepared = await prepareAgain(request, context)
  const path = walkPath(host, typedPath(text, prepared, context))
  const stat = host.lstat(path.real)
  const isSocket = stat !== undefined && stat !== 'denied' && stat.type === 'socket'
  const asked: readonly Operation[] =
    questions.length > 0 ? questions : isSocket ? ['connect'] : ['read', 'write']
  const answers: PathAnswer[] = []
  for (const operation of asked)
    answers.push(
      await checked(
        answerFor(prepared.resolution.resolved, operation, path),
        path.real,
        request,
        context,
      ),
    )
  const explanation = { profile: prepared.profile, home: host.home, path, answers }
  if (context.json) context.out(envelope('explain-path', pathExplanationJson(explanation)))
  else context.out(pathExplanationText(explanation, paletteFor(screenOf(1).isTerminal, host.env)))
  return answers[0]?.decision.allowed === true ? 0 : 1
}

const prepareAgain = (request: Request, context: CommandContext): Promise<Prepared> =>
  look(request, context)

/**
 * As people type it: relative to the working directory, or with `~` or a variable; each `..` as the
 * kernel takes it.
 */
const typedPath = (
  text: string,
  { resolution, place }: Prepared,
  { host }: CommandContext,
): AbsolutePath => {
  if (/^(~(\/|$)|\$)/.test(text)) {
    return createExpander(host, {
      project: resolution.resolved.project,
      tmp: place.tmp,
    }).path(text, { strength: 'flag', file: 'explain', key: 'path' })
  }
  const path = physical(createWalker(host), host.cwd, text)
  if (path === undefined)
    throw new LauncherError('E_USAGE', 'not a path', { hint: 'launcher explain PATH' })
  return path
}

/**
 * A change is proposed only if the whole way from flags to policy agrees: resolution may refuse
 * what the bare policy would take.
 */
const checked = async (
  answer: PathAnswer,
  real: AbsolutePath,
  request: Request,
  context: CommandContext,
): Promise<PathAnswer> => {
  for (const change of answer.changes) {
    const changed = await prepareAgain(withFlags(request, change.flags), context).catch(
      (error: unknown) => {
        if (error instanceof LauncherError) return undefined
        throw error
      },
    )
    if (
      changed &&
      compilePolicy(changed.resolution.resolved).decide(answer.operation, real).allowed !==
        answer.decision.allowed
    )
      return { ...answer, changes: [change] }
  }
  return { ...answer, changes: [] }
}

const withFlags = (request: Request, flags: readonly ChangeFlag[]): Request => {
  const pathsOf = (flag: ChangeFlag['flag']): AbsolutePath[] =>
    flags.filter((one) => one.flag === flag).map((one) => one.path)
  const grants = flags.flatMap(({ flag, path }) =>
    flag === '--read' || flag === '--write' || flag === '--none'
      ? [{ path, access: flag.slice(2) as 'read' | 'write' | 'none' }]
      : [],
  )
  return {
    ...request,
    grants: [...request.grants, ...grants],
    lifts: [...request.lifts, ...pathsOf('--lift')],
    connect: [...request.connect, ...pathsOf('--connect')],
  }
}
