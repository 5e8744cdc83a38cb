import type { AuditReport, Finding } from '../audit/model.ts'
import { envelope } from './json.ts'
import { type Palette, tilde } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** Changes to one file, shown or made. */
export interface AppliedFix {
  readonly file: string
  readonly real: string
  /** Unified diff. */
  readonly patch: string
  readonly mends: readonly { readonly id: string; readonly message: string }[]
  /** Where the old content is kept, when the changes were made. */
  readonly backup: string | undefined
}

type Left = readonly { readonly finding: Finding; readonly reason: string }[]

/**
 * The diffs, then what has to be done by hand. `command` makes the changes; undefined when they are
 * made.
 */
export const fixText = (
  report: AuditReport,
  applied: readonly AppliedFix[],
  left: Left,
  command: string | undefined,
  palette: Palette,
): string => {
  const short = (path: string): string => tilde(path, report.home)
  const diffs = applied.flatMap(({ patch, mends, backup, real }) => [
    ...patch
      .split('\n')
      .filter((line) => !/^(?:={5}|Index: )/.test(line) && line !== '')
      .map((line) => diffLine(line, palette)),
    palette.dim(
      `${short(real)}: mends ${[...new Set(mends.map(({ id }) => id))].join(', ')}${backup === undefined ? '' : `; the old content is in ${short(backup)}`}`,
    ),
    '',
  ])
  const hint =
    applied.length === 0
      ? ['nothing can be changed mechanically', '']
      : command === undefined
        ? []
        : [`${printable(command)} makes these changes`, '']
  const byHand = left.flatMap(({ finding, reason }) => [
    `  ${finding.severity.padEnd(8)} ${finding.id} ${printable(finding.message)}`,
    palette.dim(`           ${printable(reason)}`),
    ...(finding.paste === undefined
      ? []
      : finding.paste.split('\n').map((line) => `      ${printable(line)}`)),
  ])
  return `${[...diffs, ...hint, ...(byHand.length === 0 ? [] : [palette.bold('by hand'), ...byHand])].join('\n')}\n`
}

/** One line of a unified diff, safe to print. */
export const diffLine = (line: string, palette: Palette): string => {
  const safe = printable(line.replace(/\r$/, ''))
  return line.startsWith('+')
    ? palette.green(safe)
    : line.startsWith('-')
      ? palette.red(safe)
      : safe
}

/** The same for programs. */
export const fixJson = (report: AuditReport, applied: readonly AppliedFix[], left: Left): string =>
  envelope('audit-fix', {
    file: report.file,
    changes: applied.map(({ backup, ...change }) => ({ ...change, backup: backup ?? null })),
    byHand: left.map(({ finding, reason }) => ({
      id: finding.id,
      severity: finding.severity,
      message: finding.message,
      reason,
      paste: finding.paste ?? null,
    })),
  })
