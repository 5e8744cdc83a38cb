import type { Position, Span } from './document.ts'

/** Turns offsets of a text into lines and columns, each in logarithmic time. */
export const positionsIn = (text: string): ((span: Span) => Position) => {
  const starts = lineStartsOf(text)
  const at = (offset: number): { line: number; column: number } => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - starts[low]! + 1 }
  }
  return ({ start, end }) => {
    const first = at(start)
    const last = at(Math.max(start, end))
    return { line: first.line, column: first.column, endLine: last.line, endColumn: last.column }
  }
}

const lineStartsOf = (text: string): number[] => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Offset of the first character of the line that holds `offset`. */
export const lineStart = (text: string, offset: number): number =>
  text.lastIndexOf('\n', offset - 1) + 1

/** Offset of the line end (`\r\n` or `\n`, or the end of the text) at or after `offset`. */
export const lineEnd = (text: string, offset: number): number => {
  const end = text.indexOf('\n', offset)
  if (end < 0) return text.length
  return text[end - 1] === '\r' && end > offset ? end - 1 : end
}

/** Blanks at the beginning of the line that holds `offset`. */
export const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''

/** The line end that a text uses: that of its first line. */
export const newlineOf = (text: string): string =>
  /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n'

/** A key path as one string. */
export const pathKey = (path: readonly (string | number)[]): string => JSON.stringify(path)

/** Sets an own key whatever its name is: an assignment to `__proto__` would set no key. */
export const setOwn = <T>(target: { [key: string]: T }, key: string, value: T): void => {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
