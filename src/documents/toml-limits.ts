import { MAX_DOCUMENT_BYTES, MAX_DOCUMENT_DEPTH, MAX_DOCUMENT_ENTRIES } from './document.ts'

/**
 * Longer strings and comments are no settings, and toml-eslint-parser overflows the stack on them
 * (measured: a million characters).
 */
const MAX_TOKEN = 32_768

/**
 * Why a text must not reach a TOML parser, and the offset where that is seen; in one pass, without
 * memory. Undefined when it may.
 */
export const tomlLimit = (
  text: string,
): { readonly message: string; readonly at: number } | undefined => {
  if (text.length > MAX_DOCUMENT_BYTES) return { message: 'is larger than 1 MiB', at: 0 }
  let depth = 0
  let dots = 0
  let entries = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '#' || char === '"' || char === "'") {
      const end = char === '#' ? endOfLine(text, at) : endOfString(text, at, char)
      if (end - at > MAX_TOKEN)
        return {
          message: `holds a ${char === '#' ? 'comment' : 'string'} of ${end - at} characters`,
          at,
        }
      at = end - 1
      continue
    }
    if (char === '.') dots++
    else if (char === '\n' || char === '=' || char === ',') dots = 0
    if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth--
    else if (char === '\n' && depth < 0) depth = 0
    if (char === '=' || char === ',' || char === '[' || char === '{') entries++
    if (depth + dots > MAX_DOCUMENT_DEPTH)
      return { message: `nests deeper than ${MAX_DOCUMENT_DEPTH} levels`, at }
    if (entries > MAX_DOCUMENT_ENTRIES)
      return { message: `holds more than ${MAX_DOCUMENT_ENTRIES} entries`, at }
  }
  return undefined
}

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** A string that does not end goes to the end of its line, or of the text: the parser says so. */
const endOfString = (text: string, start: number, quote: string): number => {
  const fence = quote.repeat(3)
  const isFenced = text.startsWith(fence, start)
  for (let at = start + (isFenced ? 3 : 1); at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++
    else if (isFenced ? text.startsWith(fence, at) : text[at] === quote)
      return at + (isFenced ? 3 : 1)
    else if (!isFenced && text[at] === '\n') return at
  }
  return text.length
}
