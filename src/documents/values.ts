/** A table of a configuration, as parsed. */
export type Table = Readonly<Record<string, unknown>>

/** True for a table, and for nothing else that JSON or TOML hold. */
export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)

/** A table, or an empty one for anything else. */
export const tableOf = (value: unknown): Table => (isTable(value) ? value : {})

/** The strings of a list; nothing for anything else. */
export const stringsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

/** True for a list that holds nothing but strings. */
export const isStringList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

/** The tables of a list of tables. */
export const tablesOf = (value: unknown): readonly Table[] =>
  Array.isArray(value) ? value.map(tableOf) : []

/** The value at a key, own properties only: a key named `constructor` finds nothing. */
export const own = (table: unknown, key: string): unknown =>
  isTable(table) && Object.hasOwn(table, key) ? table[key] : undefined

/** What stands at a path of keys and indexes; undefined as soon as something is missing. */
export const valueAt = (values: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, part)
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    values,
  )

/** A value as a message shows it, at most 120 characters of it. */
export const shown = (value: unknown): string => {
  const text =
    value === undefined
      ? 'not set'
      : (JSON.stringify(value, (_, inner: unknown) =>
          typeof inner === 'bigint' ? String(inner) : inner,
        ) ?? String(value))
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}
