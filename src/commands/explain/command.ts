import type { Request } from '../../policy/request.ts'
import type { CommandContext } from '../context.ts'
import type { Question } from './path.ts'
import { type Subject, subjectOf } from './subject.ts'

/**
 * Flags of `explain` besides those about the policy; the first four ask about a path and take no
 * value.
 */
export interface ExplainFlags {
  readonly read?: unknown
  readonly write?: unknown
  readonly connect?: unknown
  readonly exec?: boolean
  readonly program?: boolean
  readonly exit?: string
}

/**
 * `launcher explain …`: finds out what is asked about and answers it. Refuses nothing that `run`
 * would refuse only for safety.
 */
export const explainCommand = async (
  words: readonly string[],
  request: Request,
  flags: ExplainFlags,
  context: CommandContext,
): Promise<number> => {
  const { subject, questions, request: asked } = readQuestion(words, request, flags)
  const { value } = subject
  switch (subject.kind) {
    case 'profile':
      return (await import('./name.ts')).explainName(
        { ...asked, name: value },
        flags.program === true,
        context,
      )
    case 'path':
      return (await import('./path.ts')).explainPath(value, questions, asked, context)
    case 'socket':
      return (await import('./path.ts')).explainPath(value, ['connect'], asked, context)
    case 'target':
      return (await import('./target.ts')).explainTarget(value, asked, context)
    case 'env':
      return (await import('./env.ts')).explainEnv(value, asked, context)
    case 'run':
      if (request.words.length > 0)
        return (await import('./name.ts')).explainName(request, flags.program === true, context)
      return (await import('./run.ts')).explainRun(context)
    case 'host':
      return (await import('./host.ts')).explainHost(value, asked, context)
    case 'log':
      return (await import('./log.ts')).explainLog(value, flags.exit, asked, context)
    default:
      return subject.kind satisfies never
  }
}

interface Asked {
  readonly subject: Subject
  readonly questions: readonly Question[]
  readonly request: Request
}

/**
 * `--read` without a value asks; with one it grants, as everywhere. `explain --read PATH` alone can
 * only be a question.
 */
const readQuestion = (words: readonly string[], request: Request, flags: ExplainFlags): Asked => {
  const questions = (['read', 'write', 'exec', 'connect'] as const).filter(
    (flag) => flags[flag] === true,
  )
  const asked = inProfile(request)
  const [grant] = request.grants
  if (
    words.length === 0 &&
    grant !== undefined &&
    grant.access !== 'none' &&
    request.grants.length === 1 &&
    request.words.length === 0
  ) {
    return {
      subject: { kind: 'path', value: grant.path },
      questions: [grant.access],
      request: { ...asked, grants: [] },
    }
  }
  return { subject: subjectOf(words), questions, request: asked }
}

/**
 * What a profile grants depends on its agent, too: a named profile is explained as `run NAME` would
 * use it.
 */
const inProfile = (request: Request): Request => {
  const { profile, ...rest } = request
  return profile === undefined || request.words.length > 0 || /\/|\.toml$/.test(profile)
    ? request
    : { ...rest, name: profile }
}
