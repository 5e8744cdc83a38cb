import type { Denial } from '../explain/denials/model.ts'
import type { PatchLine } from '../explain/learn.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** What one round taught, with the command that would allow each thing that is not proposed. */
export interface Lesson {
  readonly lines: readonly PatchLine[]
  /** Most likely cause first. */
  readonly asked: readonly { readonly denial: Denial; readonly command: string | null }[]
  readonly hosts: readonly { readonly host: string; readonly command: string }[]
}

/** How learning ended. */
export interface LearnReport {
  readonly profile: string
  /** The user's own file of the profile. */
  readonly file: string
  readonly rounds: number
  readonly written: readonly PatchLine[]
  /** Known to be missing and not written. */
  readonly missing: readonly PatchLine[]
  /** The missing lines as TOML. */
  readonly patch: string
  readonly asked: Lesson['asked']
  readonly hosts: Lesson['hosts']
  /** The agent's own exit code in the last round; null when it could not be started. */
  readonly exit: number | null
  /** It ran to its end without an error, and nothing known is missing. */
  readonly started: boolean
}

const SHOWN = 8

/** The proposal of one round. */
export const lessonText = (
  {
    round,
    lines,
    file,
    home,
    patch,
  }: Lesson & {
    readonly round: number
    readonly file: string
    readonly home: string
    readonly patch: string
  },
  palette: Palette,
): string =>
  `${palette.bold(`round ${round}: ${lines.length} ${lines.length === 1 ? 'line is' : 'lines are'} missing in ${tilde(file, home)}`)}\n${patch}`

/** Codes by which launcher says that the agent was not started. */
const isRefusal = (exit: number): boolean => exit >= 125 && exit <= 127

/**
 * The target's own trees are read-only by resolution; an agent that asks to write there asks for
 * its own next run.
 */
const isOwnCode = ({ denial }: Lesson['asked'][number]): boolean =>
  denial.origin?.strength === 'derived' && denial.operation !== 'read'

/** How it ended, and what the agent asked for besides. */
export const reportText = (
  { profile, rounds, written, missing, asked, hosts, exit, started }: LearnReport,
  home: string,
  palette: Palette,
): string => {
  const own = asked.filter(isOwnCode)
  const likely = asked.filter((one) => one.denial.wouldWork !== false && !isOwnCode(one))
  const rows = [
    ...likely
      .slice(0, SHOWN)
      .flatMap(({ denial, command }) => [
        `  ${printable(denial.operation)} ${tilde(denial.path, home)} by ${tilde(denial.program, home)}`,
        ...(command === null ? [] : [palette.dim(`      ${printable(command)}`)]),
      ]),
    ...hosts
      .slice(0, SHOWN)
      .flatMap(({ host, command }) => [
        `  host ${printable(host)}`,
        palette.dim(`      ${printable(command)}`),
      ]),
  ]
  const more =
    asked.length -
    own.length +
    hosts.length -
    Math.min(likely.length, SHOWN) -
    Math.min(hosts.length, SHOWN)
  const told = rounds === 1 ? 'one round' : `${rounds} rounds`
  const headline = started
    ? `${profile} starts: nothing that launcher knows of is missing`
    : missing.length > 0
      ? `${profile}: ${missing.length} known ${missing.length === 1 ? 'line is' : 'lines are'} still missing`
      : exit === null || isRefusal(exit)
        ? `${profile} does not start`
        : `${profile} ended with an error, and nothing that launcher knows of is missing: what it said stands above`
  return `${[
    `${(started ? palette.green : palette.yellow)(headline)} (${told}, ${written.length} lines written${exit === null ? '' : `, the agent ended with ${exit}`})`,
    ...(rows.length > 0
      ? ['asked for, and known to nobody but the agent: weigh each before you allow it', ...rows]
      : []),
    ...(own.length > 0
      ? [
          palette.dim(
            `  writing to its own code in ${own.length} places (bytecode caches): refused on purpose`,
          ),
        ]
      : []),
    ...(more > 0 ? [palette.dim(`  and ${more} more: launcher explain`)] : []),
  ].join('\n')}\n`
}
