import type { KeyPath, Position } from '../documents/document.ts'
import { lineStart, pathKey, positionsIn } from '../documents/text.ts'
import { type Cursor, readKeyPart, readString } from './scan-tokens.ts'

/** Where a key or a list item was written, and the last line of its value. */
export type Place = Pick<Position, 'line' | 'column' | 'endLine'>

export interface Scan {
  /** By {@link pathKey} of the path. For a table header, the place of its key. */
  readonly places: ReadonlyMap<string, Place>
  /** Comment text by line; `alone` when nothing else stands on the line. */
  readonly comments: ReadonlyMap<number, { readonly text: string; readonly alone: boolean }>
  /**
   * What must not reach a parser: too deep, too many, or `__proto__`. Where TOML itself is wrong,
   * scanning stops and says nothing: the parser does.
   */
  readonly problem?: Pick<Position, 'line' | 'column'> & { readonly kind: keyof typeof PROBLEMS }
}

/** Deeper than any profile; keeps every later recursion shallow. */
const MAX_DEPTH = 16

/**
 * A hundred times the largest profile; a schema spends a stack frame's worth on each problem it
 * finds.
 */
const MAX_ENTRIES = 20_000

/** What each problem is called in a message. */
export const PROBLEMS = {
  depth: 'nests deeper than any profile does',
  count: `holds more than ${MAX_ENTRIES} entries`,
  key: 'uses the key `__proto__`',
} as const

type Path = KeyPath
class Stop extends Error {}

/**
 * Finds the position of every key and list item of a TOML text, in one pass, without judging
 * values.
 */
export const scanToml = (text: string): Scan => {
  const places = new Map<string, Place>()
  const comments = new Map<number, { text: string; alone: boolean }>()
  const arrays = new Map<string, number>()
  const cursor: Cursor = { text, at: 0 }
  const positionOf = positionsIn(text)
  let problem: Scan['problem']

  const stop = (kind: keyof typeof PROBLEMS, at: number): never => {
    const { line, column } = positionOf({ start: at, end: at })
    problem = { kind, line, column }
    throw new Stop()
  }
  const record = (path: Path, start: number, end: number): void => {
    if (path.length > MAX_DEPTH) stop('depth', start)
    if (places.size >= MAX_ENTRIES) stop('count', start)
    const { line, column, endLine } = positionOf({ start, end })
    places.set(pathKey(path), { line, column, endLine })
  }
  const peek = (): string => text[cursor.at] ?? ''
  const expect = (char: string): void => {
    if (peek() !== char) throw new Stop()
    cursor.at++
  }
  const skipBlank = (): void => {
    while (peek() === ' ' || peek() === '\t') cursor.at++
  }
  /** Blanks, line ends and comments. */
  const skipAll = (): void => {
    for (;;) {
      while (/[ \t\r\n]/.test(peek())) cursor.at++
      if (peek() !== '#') return
      const end = text.indexOf('\n', cursor.at)
      const { line } = positionOf({ start: cursor.at, end: cursor.at })
      const alone = text.slice(lineStart(text, cursor.at), cursor.at).trim() === ''
      comments.set(line, {
        text: text.slice(cursor.at + 1, end < 0 ? undefined : end).trim(),
        alone,
      })
      cursor.at = end < 0 ? text.length : end
    }
  }
  const readKey = (): { parts: string[]; start: number } => {
    skipBlank()
    const start = cursor.at
    const parts: string[] = []
    for (;;) {
      skipBlank()
      const part = readKeyPart(cursor)
      if (part === undefined) throw new Stop()
      if (part === '__proto__') stop('key', start)
      parts.push(part)
      if (parts.length > MAX_DEPTH) stop('depth', start)
      skipBlank()
      if (peek() !== '.') return { parts, start }
      cursor.at++
    }
  }
  const recordKey = (prefix: Path, parts: readonly string[], start: number): void => {
    for (let count = 1; count <= parts.length; count++) {
      const path = [...prefix, ...parts.slice(0, count)]
      if (count === parts.length || !places.has(pathKey(path))) record(path, start, cursor.at)
    }
  }
  const readPair = (prefix: Path): void => {
    const { parts, start } = readKey()
    expect('=')
    skipBlank()
    const path = [...prefix, ...parts]
    recordKey(prefix, parts, start)
    readValue(path)
    record(path, start, cursor.at - 1)
  }
  const readValue = (path: Path): void => {
    const char = peek()
    if (char === '"' || char === "'") {
      if (readString(cursor, true) === undefined) throw new Stop()
    } else if (char === '[') readArray(path)
    else if (char === '{') readInlineTable(path)
    else {
      const start = cursor.at
      while (cursor.at < text.length && !/[,\]}\r\n#]/.test(peek())) cursor.at++
      while (/[ \t]/.test(text[cursor.at - 1] ?? '') && cursor.at > start) cursor.at--
      if (cursor.at === start) throw new Stop()
    }
  }
  const readArray = (path: Path): void => {
    if (path.length >= MAX_DEPTH) stop('depth', cursor.at)
    cursor.at++
    for (let index = 0; ; index++) {
      skipAll()
      if (peek() === ']') break
      const start = cursor.at
      readValue([...path, index])
      record([...path, index], start, cursor.at - 1)
      skipAll()
      if (peek() !== ',') break
      cursor.at++
    }
    expect(']')
  }
  const readInlineTable = (path: Path): void => {
    if (path.length >= MAX_DEPTH) stop('depth', cursor.at)
    cursor.at++
    for (;;) {
      skipAll()
      if (peek() === '}') break
      readPair(path)
      skipAll()
      if (peek() !== ',') break
      cursor.at++
    }
    expect('}')
  }
  /** `[a.b]` and `[[a.b]]`; parts that name an array of tables mean its last element. */
  const readHeader = (): Path => {
    cursor.at++
    const isArray = peek() === '['
    if (isArray) cursor.at++
    const { parts, start } = readKey()
    expect(']')
    if (isArray) expect(']')
    let path: Path = []
    parts.forEach((part, index) => {
      path = [...path, part]
      const isLast = index === parts.length - 1
      if (isLast || !places.has(pathKey(path))) record(path, start, cursor.at - 1)
      const key = pathKey(path)
      const count = arrays.get(key)
      if (isLast && isArray) arrays.set(key, (count ?? 0) + 1)
      const current = arrays.get(key)
      if (current !== undefined) {
        path = [...path, current - 1]
        if (isLast) record(path, start, cursor.at - 1)
      }
    })
    return path
  }

  try {
    let prefix: Path = []
    for (;;) {
      skipAll()
      if (cursor.at >= text.length) break
      if (peek() === '[') prefix = readHeader()
      else readPair(prefix)
      skipBlank()
      if (cursor.at < text.length && !/[\r\n#]/.test(peek())) break
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
  }
  return { places, comments, ...(problem && { problem }) }
}

/**
 * The reason written beside an entry: the comment at the end of its line, else the comment lines
 * right above it.
 */
export const reasonAt = (scan: Scan, place: Place): string | undefined => {
  const beside = scan.comments.get(place.endLine)
  if (beside !== undefined && !beside.alone) return beside.text || undefined
  const lines: string[] = []
  for (let line = place.line - 1; scan.comments.get(line)?.alone; line--)
    lines.unshift(scan.comments.get(line)!.text)
  return lines.join(' ').trim() || undefined
}
