import { LauncherError } from '../../errors.ts'
import { changesFor } from '../../explain/change.ts'
import { readLog } from '../../explain/log/read.ts'
import { answer } from '../../explain/messages/answer.ts'
import { explainExit } from '../../explain/messages/exit.ts'
import { createJudge, type Judge } from '../../explain/messages/judge.ts'
import { decodeLoosely } from '../../text/decode.ts'
import { physical } from '../../machine/physical.ts'
import { createWalker } from '../../machine/walk.ts'
import { screenOf } from '../../machine/real/screen.ts'
import { readStandardInput } from '../../launch/standard-input.ts'
import { canonicalHost } from '../../policy/host-name.ts'
import { compilePolicy } from '../../policy/decide.ts'
import type { Request } from '../../policy/request.ts'
import { logExplanationJson, logExplanationText } from '../../report/explain-log.ts'
import { envelope } from '../../report/json.ts'
import { paletteFor } from '../../report/text.ts'
import { chooseBackend } from '../../backend/backends.ts'
import { factsFor } from '../../run/facts.ts'
import type { CommandContext } from '../context.ts'
import { lastProfile } from '../last-run.ts'
import { hostRules } from '../../run/network.ts'
import { look, type Prepared } from '../../run/prepare.ts'

/** Longest log that is read. */
const LIMIT = 64 << 20

/**
 * `launcher explain -` or `explain log FILE`: each failure in a log is answered through the policy.
 * 1 when the sandbox did one of them, else 0.
 */
export const explainLog = async (
  file: string,
  exit: string | undefined,
  request: Request,
  context: CommandContext,
): Promise<number> => {
  const { host } = context
  const code = exitCode(exit)
  const text = file === '-' ? pastedText() : textOf(file, context)
  const asked =
    request.name === undefined && request.words.length === 0
      ? { ...request, ...lastProfile(context) }
      : request
  const prepared = await look(asked, context)
  const judge = judgeFor(prepared, context)
  const reading = readLog(text)
  const explanation = {
    profile: prepared.profile,
    home: host.home,
    answers: answer(reading.sightings, judge),
    exit:
      code === undefined
        ? undefined
        : explainExit(code, judge, prepared.policy.command ?? prepared.argv[0]),
    skipped: reading.skipped,
    hasMore: reading.hasMore,
  }
  if (context.json) context.out(envelope('explain-log', logExplanationJson(explanation)))
  else context.out(logExplanationText(explanation, paletteFor(screenOf(1).isTerminal, host.env)))
  return [
    ...explanation.answers,
    ...(explanation.exit?.answer ? [explanation.exit.answer] : []),
  ].some(({ verdict }) => verdict === 'sandbox')
    ? 1
    : 0
}

const exitCode = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const code = Number(text)
  if (!/^\d{1,3}$/.test(text) || code > 255)
    throw new LauncherError('E_USAGE', `--exit ${text} is not an exit code`, {
      hint: 'a number from 0 to 255',
    })
  return code
}

const pastedText = (): string => {
  const bytes = readStandardInput(LIMIT)
  if (bytes === undefined)
    throw new LauncherError('E_USAGE', 'standard input is larger than 64 MiB', {
      hint: 'the end of a log is what matters: tail -n 10000 LOG | launcher explain -',
    })
  return decodeLoosely(bytes)
}

const textOf = (file: string, { host }: CommandContext): string => {
  const path = physical(createWalker(host), host.cwd, file)
  const read = host.read(path ?? file, LIMIT)
  if (!read.ok)
    throw new LauncherError(
      'E_USAGE',
      `${file} ${read.failure === 'missing' ? 'does not exist' : read.failure === 'too-large' ? 'is larger than 64 MiB' : 'cannot be read'}`,
      { hint: 'launcher explain - reads what is pasted' },
    )
  return decodeLoosely(read.bytes)
}

const judgeFor = (prepared: Prepared, { host }: CommandContext): Judge => {
  const { resolution } = prepared
  const { resolved } = resolution
  const decider = compilePolicy(resolved)
  const facts = factsFor(resolution, host)
  const rules = hostRules(resolved.network)
  return createJudge({
    backend: chooseBackend(undefined, host).name,
    profile: prepared.profile,
    decider,
    facts,
    cwd: host.cwd,
    searchPath: (host.env['PATH'] ?? '').split(':').filter((entry) => entry.startsWith('/')),
    change: (operation, path) => {
      const stat = host.lstat(path)
      const exists = stat !== undefined && stat !== 'denied'
      return changesFor(resolved, operation, path, {
        exists,
        kind: !exists ? undefined : stat.type === 'directory' ? 'directory' : 'file',
      })[0]?.flags
    },
    host: (name) => {
      const reading = canonicalHost(name)
      if (!reading.ok) return undefined
      const { allowed, because } = rules.decide(reading.host, 443, 'tunnel')
      return { allowed, because }
    },
  })
}
