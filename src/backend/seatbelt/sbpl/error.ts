/** Where something stands in a profile; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** What kind of mistake an `SbplError` reports; it is the `code` of the checker's finding. */
export type SbplErrorCode =
  | 'syntax'
  | 'version'
  | 'unbound-variable'
  | 'illegal-argument'
  | 'not-applicable'
  | 'modifier'
  | 'network-address'
  | 'regex'
  | 'string-length'
  | 'unsupported'
  | 'limit'

/**
 * The one error of the SBPL reader, evaluator and matcher. `line` is 0 when the mistake is not in
 * the profile's text (a fact, a parameter).
 */
export class SbplError extends Error {
  readonly code: SbplErrorCode
  readonly line: number
  readonly column: number

  constructor(code: SbplErrorCode, message: string, at: Position = { line: 0, column: 0 }) {
    super(message)
    this.name = 'SbplError'
    this.code = code
    this.line = at.line
    this.column = at.column
  }
}

/** A piece of hostile or generated text, short and printable, for messages. */
export function excerpt(text: string, length = 80): string {
  const printable = text.replace(/[\u0000-\u001f\u007f]/g, '?')
  return printable.length > length ? `${printable.slice(0, length)}...` : printable
}
