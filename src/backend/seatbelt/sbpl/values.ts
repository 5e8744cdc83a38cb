import { SbplError, type Position } from './error.ts'
import type { Node } from './reader.ts'
import type { Filter, Modifier } from './rules.ts'

/** A value of the Scheme subset. Lists are arrays; `undefined` is the unspecified value. */
export type Value =
  | undefined
  | string
  | number
  | boolean
  | readonly Value[]
  | Named
  | Procedure
  | Primitive
  | FilterValue
  | ModifierValue

/** A symbol, an operation, or a constant such as `AF_UNIX`, `self`, `SIGKILL`. */
export interface Named {
  readonly type: 'symbol' | 'operation' | 'constant'
  readonly name: string
}

export interface Procedure {
  readonly type: 'procedure'
  readonly parameters: readonly string[]
  /** Name that takes the remaining arguments. */
  readonly rest: string | undefined
  readonly body: readonly Node[]
  readonly scope: Scope
}

export interface Primitive {
  readonly type: 'primitive'
  readonly name: string
  readonly apply: (args: readonly Value[], at: Position) => Value
}

/**
 * A filter beside the categories of its leaves: whether it applies to an operation is a question to
 * these.
 */
export interface FilterValue {
  readonly type: 'filter'
  readonly filter: Filter
  /** Category → name of a filter of that category in it. */
  readonly categories: ReadonlyMap<string, string>
  /**
   * Number of leaves and depth, both bounded: shared parts could make a small text an endless
   * filter.
   */
  readonly size: number
  readonly depth: number
}

export interface ModifierValue extends Modifier {
  readonly type: 'modifier'
}

/** Variables of one function call or `let`, inside those around it. */
export interface Scope {
  readonly variables: Map<string, Value>
  readonly outer: Scope | undefined
}

/** The kind of a value as libsandbox's messages name it. */
export function typeName(value: Value): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object'
    ? (value as Exclude<Value, readonly Value[] | undefined | string | number | boolean>).type
    : typeof value
}

/** The value if it is of this kind, otherwise the error `illegal argument`. */
export function expectString(value: Value, what: string, at: Position): string {
  if (typeof value !== 'string')
    throw new SbplError(
      'illegal-argument',
      `illegal argument: ${what} needs a string, got ${typeName(value)}`,
      at,
    )
  return value
}

/** As `expectString`, for numbers. */
export function expectNumber(value: Value, what: string, at: Position): number {
  if (typeof value !== 'number')
    throw new SbplError(
      'illegal-argument',
      `illegal argument: ${what} needs a number, got ${typeName(value)}`,
      at,
    )
  return value
}

/** Whether a value is an object of this `type`. */
export function isType<
  T extends 'symbol' | 'operation' | 'constant' | 'procedure' | 'primitive' | 'filter' | 'modifier',
>(
  value: Value,
  type: T,
): value is Extract<Value, { readonly type: T }> | (T extends Named['type'] ? Named : never) {
  return (
    typeof value === 'object' && !Array.isArray(value) && (value as { type?: string }).type === type
  )
}
