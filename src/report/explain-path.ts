import type { ChangeFlag } from '../explain/change.ts'
import type { PathAnswer, PathExplanation } from '../explain/path.ts'
import { sourceOf } from '../policy/decide.ts'
import { type AbsolutePath, isWithin, parentOf } from '../machine/paths.ts'
import { pathWord, runCommand } from '../policy/run-command.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

const LABEL = 14

/**
 * What is said about a path: links, a verdict for each operation with its entry, what lost, and the
 * smallest change with its price.
 */
export const pathExplanationText = (explanation: PathExplanation, palette: Palette): string => {
  const { path, home, profile } = explanation
  const short = (text: string): string => tilde(text, home)
  const row = (label: string, text: string): string => `  ${label.padEnd(LABEL - 2)}${text}`
  return `${[
    `${palette.bold(short(path.requested))} under the profile ${printable(profile)}`,
    ...path.hops.map((hop) => row('link', `${short(hop.path)} -> ${printable(hop.target)}`)),
    ...(path.real === path.requested ? [] : [row('real path', short(path.real))]),
    ...(path.status === 'exists' ? [] : [row('here', STATUS[path.status])]),
    ...explanation.answers.flatMap((answer) => answerLines(answer, explanation, palette, row)),
  ].join('\n')}\n`
}

const STATUS: Readonly<Record<Exclude<PathExplanation['path']['status'], 'exists'>, string>> = {
  missing: 'nothing of that name exists',
  dangling: 'a link on the way leads to nothing',
  cycle: 'its links lead in a circle',
  denied: 'you yourself may not look there',
}

const answerLines = (
  answer: PathAnswer,
  { home, profile, path }: PathExplanation,
  palette: Palette,
  row: (label: string, text: string) => string,
): string[] => {
  const { operation, decision, lost, changes } = answer
  const [change] = changes
  const short = (text: string): string => tilde(text, home)
  const verdict = decision.allowed ? palette.green('allowed') : palette.red('denied')
  const because =
    decision.origin?.because === undefined ? '' : `: ${printable(decision.origin.because)}`
  return [
    row(
      operation,
      `${verdict}: ${printable(decision.because).replaceAll(path.real, short(path.real))}${because}`,
    ),
    ...lost
      .slice(0, 5)
      .map((runner) =>
        palette.dim(
          row(
            '',
            `not ${runner.what} ${short(runner.path)} (${printable(sourceOf(runner.origin))}): ${runner.lost}`,
          ),
        ),
      ),
    ...(change === undefined
      ? [
          row(
            '',
            decision.allowed
              ? 'no flag takes it away'
              : whyNone(answer, path.status === 'missing', path.real, home),
          ),
        ]
      : [
          row(decision.allowed ? 'to deny' : 'to allow', command(change.flags, profile, home)),
          ...change.consequences.map((text) =>
            row('', palette.yellow(printable(text).replaceAll(home, '~'))),
          ),
        ]),
  ]
}

/** What to type. */
const command = (flags: readonly ChangeFlag[], profile: string, home: string): string =>
  printable(
    runCommand(
      profile,
      flags.map(({ flag, path }) => `${flag} ${pathWord(path, home)}`),
    ),
  )

/**
 * A grant needs something to stand on, and a name in the home directory itself would take all of
 * it.
 */
const whyNone = (
  { operation }: PathAnswer,
  isMissing: boolean,
  real: AbsolutePath,
  home: AbsolutePath,
): string => {
  if (!isMissing) return 'no flag allows it'
  if (operation !== 'create') return 'there is nothing to grant: make it first, and ask again'
  return isWithin(home, parentOf(real))
    ? 'only your whole home directory would allow it: make it yourself, and ask again'
    : 'no flag allows it: make it yourself, and ask again'
}

/** The same for programs. */
export const pathExplanationJson = ({
  profile,
  path,
  answers,
}: PathExplanation): Record<string, unknown> => ({
  profile,
  requested: path.requested,
  links: path.hops,
  real: path.real,
  status: path.status,
  kind: path.kind ?? null,
  answers: answers.map(({ operation, decision, lost, changes }) => ({
    operation,
    allowed: decision.allowed,
    because: decision.because,
    origin: decision.origin ?? null,
    lost,
    change: changes[0] ?? null,
  })),
})
