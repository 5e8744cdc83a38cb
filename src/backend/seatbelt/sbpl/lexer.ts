import { excerpt, SbplError, type Position } from './error.ts'

/** A token. Strings carry their value after escapes; numbers and booleans are converted. */
export type Token = Position &
  (
    | { readonly type: '(' }
    | { readonly type: ')' }
    | { readonly type: "'" }
    | { readonly type: 'string' | 'symbol'; readonly value: string }
    | { readonly type: 'number'; readonly value: number; readonly isHex?: true }
    | { readonly type: 'boolean'; readonly value: boolean }
  )

/**
 * Tokens of a profile, one per call, undefined at the end.
 * @throws SbplError (`syntax`) on control characters, unterminated strings and spellings outside
 * the Scheme subset.
 */
export function createLexer(text: string): () => Token | undefined {
  let index = 0
  let line = 1
  let lineStart = 0

  const here = (): Position => ({ line, column: index - lineStart + 1 })

  function skipBlank(): void {
    for (; index < text.length; index++) {
      const char = text[index]
      if (char === '\n') {
        line++
        lineStart = index + 1
      } else if (char === ';') {
        const end = text.indexOf('\n', index)
        const comment = text.slice(index, end === -1 ? text.length : end)
        const control = comment.search(CONTROL)
        if (control !== -1)
          throw new SbplError('syntax', 'control character in a comment', {
            line,
            column: index - lineStart + control + 1,
          })
        index += comment.length - 1
      } else if (char !== ' ' && char !== '\t' && char !== '\r') return
    }
  }

  function string(raw: boolean): Token {
    const at = here()
    index += raw ? 2 : 1
    const parts: string[] = []
    for (let start = index; ; index++) {
      const char = text[index]
      if (char === undefined) throw new SbplError('syntax', 'unterminated string', at)
      if (char === '"' || (char === '\\' && !raw)) {
        parts.push(text.slice(start, index))
        if (char === '"') {
          index++
          return { line: at.line, column: at.column, type: 'string', value: parts.join('') }
        }
        parts.push(escape(at))
        start = index + 1
      } else if (char === '\n') {
        line++
        lineStart = index + 1
      } else if (CONTROL.test(char))
        throw new SbplError('syntax', 'control character in a string', here())
    }
  }

  /** TinyScheme's escapes; any other escaped character stands for itself. */
  function escape(at: Position): string {
    const char = text[++index]
    if (char === undefined) throw new SbplError('syntax', 'unterminated string', at)
    if (char === '\n' || CONTROL.test(char))
      throw new SbplError('syntax', 'control character after a backslash', here())
    if (char === 'x' || char === 'X') {
      const hex = /^[0-9a-f]{2}/i.exec(text.slice(index + 1, index + 3))
      if (hex === null) throw new SbplError('syntax', '\\x needs two hexadecimal digits', here())
      const code = Number.parseInt(hex[0], 16)
      if (code < 32 || code === 127)
        throw new SbplError('syntax', 'control character in a string', here())
      index += 2
      return String.fromCharCode(code)
    }
    return ESCAPES[char] ?? char
  }

  return function next(): Token | undefined {
    skipBlank()
    const at = here()
    const char = text[index]
    if (char === undefined) return undefined
    if (char === '(' || char === ')' || char === "'") {
      index++
      const type: '(' | ')' | "'" = char
      return { line: at.line, column: at.column, type }
    }
    if (char === '"') return string(false)
    if (char === '#' && text[index + 1] === '"') return string(true)
    WORD.lastIndex = index
    const word = WORD.exec(text)?.[0] ?? ''
    if (word === '')
      throw new SbplError('syntax', `unexpected character ${JSON.stringify(excerpt(char))}`, at)
    index += word.length
    return atom(word, at)
  }
}

function atom(word: string, at: Position): Token {
  const { line, column } = at
  if (/^[+-]?\d+(\.\d+)?$/.test(word)) return { line, column, type: 'number', value: Number(word) }
  if (!word.startsWith('#')) return { line, column, type: 'symbol', value: word }
  if (word === '#t' || word === '#f') return { line, column, type: 'boolean', value: word === '#t' }
  const number = /^#(?:o([0-7]+)|x([0-9a-f]+)|b([01]+)|d(\d+))$/i.exec(word)
  if (number === null) throw new SbplError('syntax', `unsupported syntax: ${excerpt(word)}`, at)
  const [, octal, hex, binary, decimal] = number
  const value = octal
    ? Number.parseInt(octal, 8)
    : hex
      ? Number.parseInt(hex, 16)
      : binary
        ? Number.parseInt(binary, 2)
        : Number(decimal)
  return { line, column, type: 'number', value, ...(hex !== undefined && { isHex: true }) }
}

// A symbol is anything printable up to a delimiter; ` , [ ] { } | would be other Scheme syntax.
const WORD = /[^\s()"';`,[\]{}|\u0000-\u001f\u007f]+/y
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }
