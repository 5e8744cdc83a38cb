import { columnsOf, padColumns } from '../text/columns.ts'
import type { VerifiedRow } from '../explain/verification.ts'
import type { Palette } from './text.ts'
import { printable } from '../text/unsafe-text.ts'

/** What was verified, and how. */
export interface Verification {
  readonly profile: string
  readonly backend: string
  readonly isEnforced: boolean
  readonly home: string
  readonly rows: readonly VerifiedRow[]
}

const MARKS: Readonly<Record<VerifiedRow['verdict'], string>> = {
  holds: 'ok      ',
  differs: 'DIFFERS ',
  unproven: 'unproven',
  'not tried': 'not tried',
}

/**
 * A line for each attempt: what, what is expected, what the kernel answered; the odd ones last,
 * with their reason.
 */
export const verificationText = (
  { profile, backend, isEnforced, home, rows }: Verification,
  palette: Palette,
): string => {
  const short = (text: string): string => printable(text).replaceAll(home, '~')
  const width = Math.min(Math.max(...rows.map((row) => columnsOf(short(row.what)))), 64)
  const paint = (row: VerifiedRow, text: string): string =>
    row.verdict === 'holds'
      ? palette.green(text)
      : row.verdict === 'differs'
        ? palette.red(text)
        : palette.yellow(text)
  const count = (verdict: VerifiedRow['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length
  const odd = rows.filter((row) => row.verdict !== 'holds')
  return `${[
    palette.bold(`${profile} under ${isEnforced ? backend : 'NOTHING (--without-enforcement)'}`),
    palette.dim(`  ${'attempt'.padEnd(width + 10)} expected  kernel`),
    ...rows.map(
      (row) =>
        `  ${paint(row, MARKS[row.verdict].padEnd(9))} ${padColumns(short(row.what), width)} ${row.expected.padEnd(9)} ${printable(row.kernel)}`,
    ),
    '',
    ...odd.flatMap((row) => [
      `${paint(row, row.verdict)}: ${short(row.what)}`,
      `  ${explained(row, short)}`,
    ]),
    summary(rows.length, count, palette),
  ].join('\n')}\n`
}

const explained = (row: VerifiedRow, short: (text: string) => string): string => {
  if (row.verdict === 'differs')
    return row.expected === 'denied'
      ? `the kernel allowed it; it must not: ${short(row.because)}`
      : `the kernel refused it (${printable(row.kernel)}); it must not: ${short(row.because)}`
  if (row.verdict === 'unproven')
    return `it was refused inside (${printable(row.kernel)}), but outside, too (${printable(row.control)}): that proves nothing`
  if (row.control === 'EIO') return 'the kernel here refuses it to everybody, sandbox or not'
  return row.kernel === 'ENOTTY' || row.control === 'ENOTTY'
    ? 'there is no terminal to try it on'
    : 'it takes python3 or perl to try it'
}

const summary = (
  all: number,
  count: (verdict: VerifiedRow['verdict']) => number,
  palette: Palette,
): string => {
  const odd = (['differs', 'unproven', 'not tried'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
  const line = `${count('holds')} of ${all} attempts as expected${odd.length > 0 ? `, ${odd.join(', ')}` : ''}`
  return count('differs') > 0
    ? palette.red(`${line}: the gate does not hold`)
    : count('unproven') > 0
      ? palette.yellow(line)
      : palette.green(line)
}

/** The same for programs. */
export const verificationJson = ({
  profile,
  backend,
  isEnforced,
  rows,
}: Verification): Record<string, unknown> => ({ profile, backend, enforced: isEnforced, rows })
