import type { ConfigValue, Edit, KeyPath, Position } from '../model.ts'

/** A range of a text: UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Something a parser saw that a value does not show. */
export interface DocumentProblem {
  /** `syntax`: not valid, `values` is empty; `duplicate`: a key stands twice (JSON: the last one counts); `limit`: too large or too deep to look at. */
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
  /** Place of a key or an item; for a missing one, of the nearest table that is there (or the start of the file). */
  locate(path: KeyPath): { readonly position: Position; readonly isNearest: boolean }
  /** The text with edits applied, or why that is not possible without a person. The result is parsed again before it is returned. */
  edit(edits: readonly Edit[]): { readonly text: string } | { readonly impossible: string }
}

/** Larger documents are not looked at: a parser took 600 MB for 6 MB of TOML. */
export const MAX_DOCUMENT_BYTES = 1 << 20

/** Deeper than any agent's configuration; keeps every recursion shallow. */
export const MAX_DOCUMENT_DEPTH = 64

/** A hundred times the largest configuration. */
export const MAX_DOCUMENT_ENTRIES = 20_000
