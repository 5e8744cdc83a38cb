import type { Decision } from '../backend/seatbelt/sbpl/decision.ts'
import type { Finding } from '../backend/seatbelt/sbpl/finding.ts'

/** One line per finding, `FILE:LINE:COL severity code message`; empty text for none. */
export function findingsText(file: string, findings: readonly Finding[]): string {
  return findings
    .map(
      ({ line, column, severity, code, message }) =>
        `${file}:${line}:${column} ${severity} ${code} ${message}\n`,
    )
    .join('')
}

/** The findings in the envelope of `--json`. */
export function findingsJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ version: 1, kind: 'sbpl-check', findings }, undefined, 2)}\n`
}

/** The verdict, the rule that gave it, and why it was that rule. */
export function decisionText(
  file: string,
  operation: string,
  { allowed, line, rule, why, disputed }: Decision,
): string {
  const place = line === undefined ? '' : `\n  ${file}:${line}`
  return `${allowed ? 'allowed' : 'denied'} ${operation}${place}${rule === undefined ? '' : `\n  ${rule}`}\n  ${why}\n${disputed === undefined ? '' : `  disputed: ${disputed}\n`}`
}

/**
 * The verdict in the envelope of `--json`; `line` and `rule` are null when no rule of the profile
 * decided.
 */
export function decisionJson(
  operation: string,
  { allowed, line, rule, why, disputed }: Decision,
): string {
  return `${JSON.stringify({ version: 1, kind: 'sbpl-decision', allowed, operation, line: line ?? null, rule: rule ?? null, why, ...(disputed !== undefined && { disputed }) }, undefined, 2)}\n`
}
