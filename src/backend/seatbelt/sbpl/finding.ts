import type { Position } from './error.ts'

/**
 * `error` Seatbelt refuses it or it is refused here; `warning` it does not do what it says;
 * `notice` worth knowing.
 */
export type Severity = 'error' | 'warning' | 'notice'

/** Something the checker has to say about a place in a profile. */
export interface Finding extends Position {
  readonly severity: Severity
  readonly code: string
  readonly message: string
}

/** A finding at a position. */
export function finding(
  { line, column }: Position,
  severity: Severity,
  code: string,
  message: string,
): Finding {
  return { line, column, severity, code, message }
}
