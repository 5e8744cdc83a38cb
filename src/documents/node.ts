import type { ConfigValue, Span } from './document.ts'

/** A value as it is written: where it stands, and where its parts stand. */
export type ValueNode = { readonly kind: 'scalar'; readonly span: Span } | ListNode | TableNode

export interface ListNode {
  readonly kind: 'list'
  /** Brackets included. */
  readonly span: Span
  readonly items: readonly Span[]
}

interface TableNode {
  readonly kind: 'table'
  /** Braces included. */
  readonly span: Span
  /** Each key with its value. */
  readonly members: readonly Span[]
}

/** A list of values; `Array.isArray` does not narrow read-only arrays. */
export const isList = (value: ConfigValue | undefined): value is readonly ConfigValue[] =>
  Array.isArray(value)
