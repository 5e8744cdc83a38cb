/**
 * A key in a document: names of tables and indexes of lists, outermost first; empty for the
 * document itself.
 */
export type KeyPath = readonly (string | number)[]

/** What TOML and JSON hold. Dates of TOML are `Date`s. */
export type ConfigValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | readonly ConfigValue[]
  | { readonly [key: string]: ConfigValue }

/** A place in a text, one-based; columns count UTF-16 units as editors do. */
export interface Position {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/**
 * One minimal change of a document. Comments, order and quoting of everything else stay as they
 * are.
 */
export type Edit =
  | { readonly op: 'set'; readonly path: KeyPath; readonly value: ConfigValue }
  | { readonly op: 'remove'; readonly path: KeyPath }
  /** Gives a key another name, which must be free; its value stays. */
  | { readonly op: 'rename'; readonly path: KeyPath; readonly name: string }
  /**
   * Adds items at the end of a list, which is made if it is not there. Items that are there already
   * are left out.
   */
  | { readonly op: 'append'; readonly path: KeyPath; readonly values: readonly ConfigValue[] }
  /** Puts other items (or none) in the place of one item of a list; `path` ends with its index. */
  | { readonly op: 'replace'; readonly path: KeyPath; readonly values: readonly ConfigValue[] }

/** A range of a text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Something a parser saw that a value does not show. */
export interface DocumentProblem {
  /**
   * `syntax`: not valid, `values` is empty; `duplicate`: a key stands twice (JSON: the last one
   * counts); `limit`: too large or too deep to look at.
   */
  readonly kind: 'syntax' | 'duplicate' | 'limit'
  /** A clause: what is wrong. */
  readonly message: string
  readonly position: Position
}

/** A configuration file with the place of every key. */
export interface AuditDocument {
  readonly file: string
  readonly syntax: 'toml' | 'json'
  readonly text: string
  /** Empty when the text is not valid. */
  readonly values: { readonly [key: string]: ConfigValue }
  readonly problems: readonly DocumentProblem[]
  /**
   * Place of a key or an item; for a missing one, of the nearest table that is there (or the start
   * of the file).
   */
  locate(path: KeyPath): { readonly position: Position; readonly isNearest: boolean }
  /**
   * The text with edits applied, or why that is not possible without a person. The result is parsed
   * again before it is returned.
   */
  edit(edits: readonly Edit[]): { readonly text: string } | { readonly impossible: string }
}

/** Larger documents are not looked at: a parser took 600 MB for 6 MB of TOML. */
export const MAX_DOCUMENT_BYTES = 1 << 20

/** Deeper than any agent's configuration; keeps every recursion shallow. */
export const MAX_DOCUMENT_DEPTH = 64

/** A hundred times the largest configuration. */
export const MAX_DOCUMENT_ENTRIES = 20_000
