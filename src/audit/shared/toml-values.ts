import { parse, TomlError } from 'smol-toml'
import { tomlLimit } from '../../documents/toml-limits.ts'
import type { Table } from '../../documents/values.ts'

/**
 * The values of a TOML text without positions, or why it has none. smol-toml takes a byte order
 * mark for a blank; TOML 1.0 does not.
 */
export const tomlValues = (
  text: string,
): { readonly values: Table; readonly problem: string | undefined } => {
  const bad = (problem: string): ReturnType<typeof tomlValues> => ({ values: {}, problem })
  const limit = tomlLimit(text)
  if (limit) return bad(limit.message)
  if (text.startsWith('\ufeff')) return bad('is not valid TOML: it begins with a byte order mark')
  try {
    return { values: parse(text), problem: undefined }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    return bad(`is not valid TOML: ${error.message.split('\n')[0] ?? ''} (line ${error.line})`)
  }
}
