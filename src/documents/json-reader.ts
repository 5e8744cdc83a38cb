import {
  type ConfigValue,
  MAX_DOCUMENT_BYTES,
  MAX_DOCUMENT_DEPTH,
  MAX_DOCUMENT_ENTRIES,
  type Span,
} from './document.ts'
import { setOwn } from './text.ts'

/** A JSON value as it is written. */
export type JsonNode =
  | { readonly kind: 'scalar'; readonly span: Span; readonly value: ConfigValue }
  | {
      readonly kind: 'list'
      readonly span: Span
      readonly value: readonly ConfigValue[]
      readonly items: readonly JsonNode[]
    }
  | {
      readonly kind: 'table'
      readonly span: Span
      readonly value: { readonly [key: string]: ConfigValue }
      readonly members: readonly JsonMember[]
    }

/** `"key": value` in an object. */
export interface JsonMember {
  readonly name: string
  readonly key: Span
  readonly span: Span
  readonly node: JsonNode
}

/** What is wrong with a text, and the offset where that is seen. */
export interface JsonProblem {
  readonly kind: 'syntax' | 'duplicate' | 'limit'
  readonly message: string
  readonly at: number
}

class Stop extends Error {
  readonly problem: JsonProblem

  constructor(kind: JsonProblem['kind'], message: string, at: number) {
    super(message)
    this.problem = { kind, message, at }
  }
}

/**
 * Reads JSON with the place of every key. `comments` allows `//`, block comments and trailing
 * commas (JSONC). A leading byte order mark is skipped, as Node's readers do.
 */
export const readJson = (
  text: string,
  comments: boolean,
): { readonly node?: JsonNode; readonly problems: readonly JsonProblem[] } => {
  const problems: JsonProblem[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  let entries = 0
  const stop = (message: string, where = at, kind: JsonProblem['kind'] = 'syntax'): never => {
    throw new Stop(kind, message, where)
  }
  const skip = (): void => {
    for (;;) {
      while (at < text.length && /[ \t\r\n]/.test(text[at]!)) at++
      if (text[at] !== '/') return
      const start = at
      if (text[at + 1] === '/')
        at = text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at)
      else if (text[at + 1] === '*' && text.indexOf('*/', at + 2) >= 0)
        at = text.indexOf('*/', at + 2) + 2
      else stop('a slash begins no value')
      if (!comments) stop('comments are not allowed', start)
    }
  }
  const readString = (): string => {
    const start = at
    STRING.lastIndex = at
    const whole = STRING.exec(text)?.[0] ?? stop('a string has no end')
    at += whole.length
    try {
      return JSON.parse(whole) as string
    } catch {
      return stop('a string holds a bad escape or a control character', start)
    }
  }
  const readValue = (depth: number): JsonNode => {
    if (depth > MAX_DOCUMENT_DEPTH)
      stop(`nests deeper than ${MAX_DOCUMENT_DEPTH} levels`, at, 'limit')
    if (++entries > MAX_DOCUMENT_ENTRIES)
      stop(`holds more than ${MAX_DOCUMENT_ENTRIES} entries`, at, 'limit')
    const start = at
    if (text[at] === '{') return readTable(start, depth)
    if (text[at] === '[') return readItems(start, depth)
    if (text[at] === '"') {
      const value = readString()
      return { kind: 'scalar', span: { start, end: at }, value }
    }
    WORD.lastIndex = at
    const word =
      WORD.exec(text)?.[0] ?? stop(at >= text.length ? 'it ends too early' : 'a value is missing')
    at += word.length
    try {
      return { kind: 'scalar', span: { start, end: at }, value: JSON.parse(word) as ConfigValue }
    } catch {
      return stop('a value is neither a string, a number, true, false nor null', start)
    }
  }
  /** After an item: true when another follows. */
  const another = (close: string): boolean => {
    skip()
    if (text[at] !== ',') return false
    const comma = at++
    skip()
    if (text[at] !== close) return true
    if (!comments) stop('a comma stands before the end', comma)
    return false
  }
  const expect = (char: string): void => {
    if (text[at] !== char) stop(at >= text.length ? 'it ends too early' : `${char} is missing`)
    at++
  }
  const readTable = (start: number, depth: number): JsonNode => {
    at++
    const members: JsonMember[] = []
    const value: { [key: string]: ConfigValue } = {}
    skip()
    if (text[at] !== '}') {
      do {
        const from = at
        if (text[at] !== '"') stop('a key must stand in double quotes')
        const name = readString()
        const key = { start: from, end: at }
        skip()
        expect(':')
        skip()
        const node = readValue(depth + 1)
        if (Object.hasOwn(value, name))
          problems.push({
            kind: 'duplicate',
            message: `holds the key ${JSON.stringify(name)} twice: the last one counts`,
            at: from,
          })
        setOwn(value, name, node.value)
        members.push({ name, key, span: { start: from, end: at }, node })
      } while (another('}'))
    }
    expect('}')
    return { kind: 'table', span: { start, end: at }, value, members }
  }
  const readItems = (start: number, depth: number): JsonNode => {
    at++
    const items: JsonNode[] = []
    skip()
    if (text[at] !== ']') {
      do items.push(readValue(depth + 1))
      while (another(']'))
    }
    expect(']')
    return { kind: 'list', span: { start, end: at }, value: items.map((item) => item.value), items }
  }
  try {
    if (text.length > MAX_DOCUMENT_BYTES) stop('is larger than 1 MiB', 0, 'limit')
    skip()
    const node = readValue(0)
    skip()
    if (at < text.length) stop('something follows the end')
    return { node, problems }
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    return { problems: [error.problem] }
  }
}

const STRING = /"(?:[^"\\]|\\[\s\S])*"/y
const WORD = /[A-Za-z0-9+.-]+/y
