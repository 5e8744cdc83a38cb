import type { Change } from '../explain/change.ts'
import type { Denial } from '../explain/denials/model.ts'
import type { RunRecord } from '../explain/record.ts'
import type { HostLine } from '../network/log.ts'
import { sourceOf } from '../policy/decide.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { allowHostFlag, runCommand } from '../policy/run-command.ts'
import type { ToldAftermath } from '../explain/aftermath.ts'
import { printable } from '../text/unsafe-text.ts'
import { aftermathLines } from './after.ts'
import { type Palette, tilde } from './text.ts'

/** One denial, what would change it, and what to type. */
interface DenialAdvice {
  readonly denial: Denial
  readonly change: Change | undefined
  readonly advice: string | undefined
}

/** The last run, and what would change each denial. */
export interface RunExplanation {
  readonly record: RunRecord
  readonly denials: readonly DenialAdvice[]
  readonly hosts: readonly HostLine[]
  /** What it left, or a later run that has no record. */
  readonly left: ToldAftermath | undefined
  readonly home: AbsolutePath
}

const SHOWN = 20

/** What was denied, by what, how often; folded to what matters. */
export const runExplanationText = (
  { record, denials, hosts, left, home }: RunExplanation,
  palette: Palette,
): string => {
  const short = (text: string): string => printable(text).replaceAll(`${home}/`, '~/')
  const likely = denials.filter(({ denial }) => denial.wouldWork !== false)
  const rest = denials.length - Math.min(likely.length, SHOWN)
  return `${[
    `${palette.bold(`${printable(record.profile)} in ${tilde(record.project, home)}`)}  exit ${record.exit}  ${new Date(record.started).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    palette.dim(`  ${printable(record.argv.join(' ')).slice(0, 160)}`),
    ...likely.slice(0, SHOWN).flatMap((advice) => denialLines(advice, short, palette)),
    ...(rest > 0
      ? [palette.dim(`  ${rest} more that are unlikely to matter: --json has all`)]
      : []),
    ...hosts
      .slice(0, SHOWN)
      .flatMap((line) => [
        `  ${palette.red('refused')} ${printable(line.host)}:${line.port} (${times(line.count)}): ${short(line.because)}`,
        palette.dim(
          `      ${printable(runCommand(record.profile, [allowHostFlag(line.host, line.port === 443 ? undefined : line.port)]))}`,
        ),
      ]),
    ...(record.exposed ?? []).map(({ path, because }) =>
      palette.yellow(`  look at ${short(path)}: ${printable(because)}`),
    ),
    ...changeLines(record.changes ?? [], short, palette),
    ...record.gaps.map((gap) => palette.yellow(`  not seen: ${printable(gap)}`)),
    ...verdict(record, denials.length + hosts.length),
  ].join('\n')}\n${left ? leftText(left, home, palette) : ''}`
}

/** All that is new and has a meaning for the host, worst first. */
export const leftText = (left: ToldAftermath, home: string, palette: Palette): string =>
  `${[
    palette.bold(
      `new since ${new Date(left.started).toISOString().slice(0, 16).replace('T', ' ')} UTC in ${tilde(left.project, home)}, worst first`,
    ),
    ...aftermathLines(left, home),
  ].join('\n')}\n`

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

const denialLines = (
  { denial, change, advice }: DenialAdvice,
  short: (text: string) => string,
  palette: Palette,
): string[] => [
  `  ${palette.red('denied')} ${printable(denial.operation)} ${short(denial.path)}${denial.names ? ` (${denial.names.map(printable).join(', ')}, …)` : ''} by ${printable(denial.program)}, ${times(denial.count)}`,
  `      ${short(denial.because ?? 'the policy does not speak of it')}`,
  ...(change && advice !== undefined
    ? [
        palette.dim(`      ${printable(advice)}`),
        ...change.consequences.map((text) => palette.dim(`      ${short(text)}`)),
      ]
    : []),
]

/** What became of mounted names while the agent ran. */
const changeLines = (
  changes: readonly string[],
  short: (text: string) => string,
  palette: Palette,
): string[] => [
  ...changes.slice(0, SHOWN).map((text) => palette.dim(`  during the run: ${short(text)}`)),
  ...(changes.length > SHOWN
    ? [palette.dim(`  during the run: ${changes.length - SHOWN} more; --json has all`)]
    : []),
]

/** Bubblewrap tells nobody what it refuses: silence must not be read as a clean run. */
const verdict = (record: RunRecord, count: number): string[] => {
  if (record.collector === 'none')
    return [
      `${record.backend} reports no denials of files by itself: ${printable(runCommand(record.profile, ['--trace']))} collects them, and launcher explain - answers a pasted error`,
    ]
  return count === 0 ? ['nothing was denied'] : []
}

/** The same for programs. */
export const runExplanationJson = ({
  record,
  denials,
  hosts,
  left,
}: RunExplanation): Record<string, unknown> => ({
  id: record.id,
  profile: record.profile,
  project: record.project,
  argv: record.argv,
  started: record.started,
  ended: record.ended,
  exit: record.exit,
  collector: record.collector,
  gaps: record.gaps,
  changes: record.changes ?? [],
  exposed: record.exposed ?? [],
  denials: denials.map(({ denial, change }) => ({
    ...denial,
    origin: denial.origin ? sourceOf(denial.origin) : null,
    change: change ?? null,
  })),
  hosts,
  left: left ?? null,
})
