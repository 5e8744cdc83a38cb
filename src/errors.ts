/**
 * Codes of every error launcher raises on purpose; the text is for people, the code is for `--json`
 * and tests.
 */
export type ErrorCode =
  | 'E_USAGE'
  | 'E_PROFILE'
  | 'E_CONFIG'
  | 'E_PATH'
  | 'E_PROJECT'
  | 'E_BACKEND'
  | 'E_NESTED'
  | 'E_UNSUPPORTED'
  | 'E_TARGET_NOT_FOUND'
  | 'E_TARGET_NOT_EXECUTABLE'
  | 'E_TARGET_BLOCKED'
  | 'E_NETWORK'
  | 'E_ENVIRONMENT'
  | 'E_STATE'
  | 'E_STDIO'
  | 'E_LIMIT'
  | 'E_AGENT_CONFIG'
  | 'E_ENFORCEMENT_LOST'
  | 'E_SBPL'
  | 'E_VERIFY'

export interface ErrorDetails {
  /** The next step, one sentence: a flag, a command, a file to edit. */
  readonly hint?: string
  /** Where the cause lies, `file:line:column` as far as it is known. */
  readonly at?: string
  /** Exit code that `run` ends with; 125 unless the situation names another. */
  readonly exit?: number
  readonly cause?: unknown
}

/** The one error that stages throw; only `cli.ts` turns it into text and an exit code. */
export class LauncherError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly at: string | undefined
  readonly exit: number

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'LauncherError'
    this.code = code
    this.hint = details.hint
    this.at = details.at
    this.exit = details.exit ?? 125
  }
}
