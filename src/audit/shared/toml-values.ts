import { parse, TomlError } from 'smol-toml'
import { tomlLimit } from '../documents/toml-limits.ts'
import type { Table } from './values.ts'

/** The values of a TOML text without positions, or why it has none. */
export const tomlValues = (text: string): { readonly values: Table; readonly problem: string | undefined } => {
  const limit = tomlLimit(text)?.message
  if (limit !== undefined) return { values: {}, problem: limit }
  try {
    return { values: parse(text), problem: undefined }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return { values: {}, problem: `is not valid TOML: ${error.message.split('\n')[0] ?? ''} (line ${error.line})` }
  }
}
