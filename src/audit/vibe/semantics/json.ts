/** A table: what TOML and JSON call one, with string keys and any values. */
export type Table = Readonly<Record<string, unknown>>

/** True for a plain table; lists, dates and null are none. */
export const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** True for a list that holds nothing but strings. */
export const isStringList = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((item) => typeof item === 'string')

/** The value at a key, own properties only: a key named `constructor` finds nothing. */
export const own = (table: unknown, key: string): unknown => (isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined)

/** The value at the end of a path of keys; undefined where a step is missing or no table. */
export const valueAt = (table: unknown, path: readonly string[]): unknown => path.reduce<unknown>(own, table)

