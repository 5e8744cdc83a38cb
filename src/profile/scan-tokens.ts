/** A text and a place in it; readers move `at` past what they read. */
export interface Cursor {
  readonly text: string
  at: number
}

/** A bare or quoted part of a key, decoded; undefined when there is none. */
export const readKeyPart = (cursor: Cursor): string | undefined => {
  const char = cursor.text[cursor.at]
  if (char === '"' || char === "'") return readString(cursor, false)
  BARE.lastIndex = cursor.at
  const match = BARE.exec(cursor.text)
  if (match === null) return undefined
  cursor.at += match[0].length
  return match[0]
}

/** A string of any of the four kinds, decoded; undefined when it does not end. */
export const readString = (cursor: Cursor, allowMultiline: boolean): string | undefined => {
  const quote = cursor.text[cursor.at]!
  const fence = quote.repeat(3)
  if (allowMultiline && cursor.text.startsWith(fence, cursor.at))
    return readFenced(cursor, quote, fence)
  const start = cursor.at + 1
  for (let at = start; at < cursor.text.length; at++) {
    const char = cursor.text[at]
    if (char === '\n') return undefined
    if (char === '\\' && quote === '"') at++
    else if (char === quote) {
      cursor.at = at + 1
      const raw = cursor.text.slice(start, at)
      return quote === '"' ? decodeEscapes(raw) : raw
    }
  }
  return undefined
}

/** Up to two quotes may stand right before the closing three. */
const readFenced = (cursor: Cursor, quote: string, fence: string): string | undefined => {
  const start = cursor.at + 3
  for (let at = start; at < cursor.text.length; at++) {
    if (cursor.text[at] === '\\' && quote === '"') at++
    else if (cursor.text.startsWith(fence, at)) {
      let end = at
      while (cursor.text[end + 3] === quote && end - at < 2) end++
      cursor.at = end + 3
      const raw = cursor.text.slice(start, end).replace(/^\r?\n/, '')
      return quote === '"' ? decodeEscapes(raw.replace(/\\[ \t]*\r?\n[ \t\r\n]*/g, '')) : raw
    }
  }
  return undefined
}

const decodeEscapes = (raw: string): string =>
  raw.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))/gs,
    (whole, four, eight, two, char: string | undefined) => {
      const hex: string | undefined = four ?? eight ?? two
      if (hex !== undefined) {
        const code = Number.parseInt(hex, 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      }
      return (char !== undefined && SIMPLE[char]) || whole
    },
  )

const SIMPLE: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\x1b',
  '"': '"',
  '\\': '\\',
}
const BARE = /[A-Za-z0-9_-]+/y
