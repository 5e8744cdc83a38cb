import { parse } from 'smol-toml'
import type { TextFile } from './machine.ts'

/** A table of a TOML or JSON file: nothing about it is known but that it has keys. */
export type Table = Readonly<Record<string, unknown>>

/**
 * A settings file as a table; undefined when it cannot be parsed, as its own reader would then say.
 */
export const parseToml = (file: TextFile): Table | undefined => {
  try {
    return parse(file.text)
  } catch {
    return undefined
  }
}

/** The table at a key path; an empty one when there is none. */
export const tableAt = (table: unknown, ...keys: readonly string[]): Table => {
  let here: unknown = table
  for (const key of keys) here = isTable(here) && Object.hasOwn(here, key) ? here[key] : undefined
  return isTable(here) ? here : {}
}

/** The text at a key; undefined for anything else. */
export const textAt = (table: Table, key: string): string | undefined => {
  const value = Object.hasOwn(table, key) ? table[key] : undefined
  return typeof value === 'string' ? value : undefined
}

/** The texts or tables of a list at a key. */
export const listAt = (table: Table, key: string): readonly unknown[] => {
  const value = Object.hasOwn(table, key) ? table[key] : undefined
  return Array.isArray(value) ? value : []
}

/** True for a table, not a list or a date. */
export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
