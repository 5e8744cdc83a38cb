import type { Answer } from '../explain/messages/answer.ts'
import type { ExitMeaning } from '../explain/messages/exit.ts'
import { sourceOf } from '../policy/decide.ts'
import type { Palette } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** Answers to the failures in one log. */
export interface LogExplanation {
  readonly profile: string
  readonly home: string
  readonly answers: readonly Answer[]
  readonly exit: ExitMeaning | undefined
  readonly skipped: number
  readonly hasMore: boolean
}

const WHOSE: Readonly<Record<Answer['verdict'], string>> = {
  sandbox: 'the sandbox did this',
  'not-sandbox': 'the sandbox did not',
  'cannot-tell': 'cannot tell',
}
const SHOWN = 200

/**
 * For each failure its line, whose doing it is, the cause, and one thing to do. The same answer is
 * given once.
 */
export const logExplanationText = (explanation: LogExplanation, palette: Palette): string => {
  const { profile, home, answers, exit, skipped, hasMore } = explanation
  const short = (text: string): string => printable(text).replaceAll(`${home}/`, '~/')
  const paint = (one: Answer, text: string): string =>
    one.verdict === 'sandbox'
      ? palette.red(text)
      : one.verdict === 'not-sandbox'
        ? palette.green(text)
        : palette.yellow(text)
  const body = (one: Answer): string[] => [
    `  ${paint(one, WHOSE[one.verdict])}: ${short(one.cause)}`,
    ...(one.fix === '' ? [] : [`  ${palette.dim('do')} ${printable(one.fix)}`]),
  ]
  const groups = grouped(answers)
  const sandbox = answers.filter(({ verdict }) => verdict === 'sandbox').length
  return `${[
    ...groups
      .slice(0, SHOWN)
      .flatMap(({ one, lines }) => [
        `${palette.bold(`line ${lines.join(', ')}`)}  ${palette.dim(short(headline(one)).slice(0, 160))}`,
        ...body(one),
      ]),
    ...(groups.length > SHOWN ? [`and ${groups.length - SHOWN} more`] : []),
    ...(exit
      ? [
          `${palette.bold(`exit ${exit.code}`)}  ${exit.meaning}`,
          ...(exit.answer ? body(exit.answer) : []),
        ]
      : []),
    ...(skipped > 0
      ? [palette.yellow(`${skipped} characters in the middle of the log were not looked at`)]
      : []),
    ...(hasMore ? [palette.yellow('there are more failures than are told')] : []),
    answers.length === 0
      ? `nothing in it is a failure that launcher knows${exit ? '' : '; --exit CODE adds what the exit code means'}`
      : `${sandbox} of ${answers.length} by the sandbox, under the profile ${printable(profile)}`,
  ].join('\n')}\n`
}

/** A traceback says what happened in its last line. */
const headline = ({ sighting }: Answer): string => {
  const lines = sighting.raw.split('\n').filter((line) => line.trim() !== '')
  return (lines[0]?.startsWith('Traceback ') === true ? lines.at(-1) : lines[0]) ?? ''
}

interface Group {
  readonly one: Answer
  readonly lines: readonly number[]
}

const grouped = (answers: readonly Answer[]): Group[] => {
  const groups = new Map<string, { one: Answer; lines: number[] }>()
  for (const one of answers) {
    const key = `${one.verdict}\0${one.cause}\0${one.fix}`
    const group = groups.get(key)
    if (group) group.lines.push(one.sighting.line)
    else groups.set(key, { one, lines: [one.sighting.line] })
  }
  return [...groups.values()]
}

/** The same for programs. */
export const logExplanationJson = ({
  profile,
  answers,
  exit,
  skipped,
  hasMore,
}: LogExplanation): Record<string, unknown> => ({
  profile,
  answers: answers.map(answerJson),
  exit: exit
    ? {
        code: exit.code,
        meaning: exit.meaning,
        answer: exit.answer ? answerJson(exit.answer) : null,
      }
    : null,
  skipped,
  more: hasMore,
})

const answerJson = ({
  sighting,
  verdict,
  cause,
  operation,
  path,
  origin,
  fix,
}: Answer): Record<string, unknown> => ({
  line: sighting.line,
  row: sighting.row,
  raw: printable(sighting.raw),
  verdict,
  cause,
  operation: operation ?? null,
  path: path ?? null,
  origin: origin === undefined ? null : sourceOf(origin),
  fix,
})
