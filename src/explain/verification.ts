import type { Attempt } from './attempts.ts'

/** One attempt with the kernel's answer. */
export interface VerifiedRow {
  readonly what: string
  readonly expected: Attempt['expected']
  readonly because: string
  /** `allowed`, or the error's code. */
  readonly kernel: string
  /** The same attempt outside: a refusal proves nothing unless it works there. */
  readonly control: string
  readonly verdict: 'holds' | 'differs' | 'unproven' | 'not tried'
}

/**
 * Joins attempts with what became of them. A name that only a missing tool could try is
 * `not tried`, which proves and refutes nothing.
 */
export const verify = (
  attempts: readonly Attempt[],
  inside: readonly (string | undefined)[],
  control: readonly (string | undefined)[],
): VerifiedRow[] =>
  attempts.map(({ what, expected, because }, index) => {
    const [kernel, outside] = [inside[index] ?? 'no answer', control[index] ?? 'no answer']
    return {
      what,
      expected,
      because,
      kernel: kernel === 'ok' ? 'allowed' : kernel,
      control: outside === 'ok' ? 'allowed' : outside,
      verdict: verdictOn(expected, kernel, outside),
    }
  })

/**
 * No interpreter, no terminal, a kernel that refuses terminal injection to everybody
 * (`dev.tty.legacy_tiocsti`).
 */
const CANNOT_TRY: ReadonlySet<string> = new Set(['EIO', 'ENOTOOL', 'ENOTTY'])

const verdictOn = (
  expected: Attempt['expected'],
  kernel: string,
  outside: string,
): VerifiedRow['verdict'] => {
  if (expected === 'allowed') return kernel === 'ok' ? 'holds' : 'differs'
  if (kernel === 'ok') return 'differs'
  if (CANNOT_TRY.has(kernel) || CANNOT_TRY.has(outside)) return 'not tried'
  return outside === 'ok' ? 'holds' : 'unproven'
}

/** The exit code: 1 when a row differs, 2 when one is unproven, else 0. */
export const exitCodeOf = (rows: readonly VerifiedRow[]): 0 | 1 | 2 =>
  rows.some((row) => row.verdict === 'differs')
    ? 1
    : rows.some((row) => row.verdict === 'unproven')
      ? 2
      : 0
