/** What Python's `str.isspace` calls a blank; JavaScript's `\s` differs by some. */
const BLANK =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const BLANKS = new RegExp(`[${BLANK}]+`)
const AT_THE_ENDS = new RegExp(`^[${BLANK}]+|[${BLANK}]+$`, 'g')

/** Python's `text.split()`. */
export const splitBlanks = (text: string): string[] =>
  text.split(BLANKS).filter((word) => word !== '')

/** Python's `text.strip()`. */
export const strip = (text: string): string => text.replace(AT_THE_ENDS, '')

/** Python's `str.isprintable`. */
export const isPrintable = (text: string): boolean =>
  !/[\p{C}\p{Z}]/u.test(text.replaceAll(' ', ''))

/**
 * Python's `text.partition(separator)`: what stands before it, whether it is there, and what stands
 * after.
 */
export const partition = (
  text: string,
  separator: string,
): readonly [before: string, isThere: boolean, after: string] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, false, ''] : [text.slice(0, at), true, text.slice(at + separator.length)]
}
