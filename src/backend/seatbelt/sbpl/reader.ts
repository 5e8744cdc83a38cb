import { SbplError, type Position } from './error.ts'
import { createLexer, type Token } from './lexer.ts'

/** An expression with the position of its first character. `'x` is read as `(quote x)`. */
export type Node = ListNode | AtomNode

export interface ListNode extends Position {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

export type AtomNode = Position &
  (
    | { readonly kind: 'string' | 'symbol'; readonly value: string }
    /** `isHex`: written as `#x…`. */
    | { readonly kind: 'number'; readonly value: number; readonly isHex?: true }
    | { readonly kind: 'boolean'; readonly value: boolean }
  )

/** Deepest nesting that is read; the deepest public profile uses about a dozen. */
const MAX_DEPTH = 200

/** Longest profile text that is read, in UTF-16 units. */
const MAX_TEXT = 16 * 1024 * 1024

/** Most tokens that are read: memory, not time, is what they cost. */
const MAX_TOKENS = 2_000_000

/**
 * The expressions of a profile, in order.
 * @throws SbplError `syntax` (unbalanced parentheses, bad tokens) or `limit` (too deep, too long).
 */
export function read(text: string): readonly Node[] {
  if (text.length > MAX_TEXT)
    throw new SbplError('limit', `profile is longer than ${MAX_TEXT} characters`)
  const next = createLexer(text)
  const forms: Node[] = []
  const open: Frame[] = []

  const add = (node: Node): void => {
    let done = node
    for (let frame = open.at(-1); ; frame = open.at(-1)) {
      if (frame === undefined) return void forms.push(done)
      frame.items.push(done)
      if (!frame.quote) return
      open.pop()
      done = listNode(frame)
    }
  }

  let tokens = 0
  for (let token = next(); token !== undefined; token = next()) {
    if (++tokens > MAX_TOKENS) throw new SbplError('limit', `more than ${MAX_TOKENS} tokens`, token)
    const { line, column } = token
    if (token.type === '(' || token.type === "'") {
      if (open.length >= MAX_DEPTH)
        throw new SbplError('limit', `nested deeper than ${MAX_DEPTH}`, token)
      const quote = token.type === "'"
      open.push({
        at: { line, column },
        quote,
        items: quote ? [{ line, column, kind: 'symbol', value: 'quote' }] : [],
      })
    } else if (token.type === ')') {
      const frame = open.pop()
      if (frame === undefined)
        throw new SbplError('syntax', 'unbalanced parentheses: `)` without `(`', token)
      if (frame.quote) throw new SbplError('syntax', "nothing after `'`", frame.at)
      add(listNode(frame))
    } else add(leaf(token))
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined)
    throw new SbplError('syntax', 'unbalanced parentheses: `(` is never closed', unclosed.at)
  return forms
}

type Punctuation = Extract<Token, { readonly type: '(' | ')' | "'" }>

interface Frame {
  readonly at: Position
  readonly quote: boolean
  readonly items: Node[]
}

function listNode({ at, items }: Frame): ListNode {
  return { line: at.line, column: at.column, kind: 'list', items }
}

function leaf(token: Exclude<Token, Punctuation>): AtomNode {
  const { line, column } = token
  switch (token.type) {
    case 'string':
    case 'symbol':
      return { line, column, kind: token.type, value: token.value }
    case 'number':
      return {
        line,
        column,
        kind: 'number',
        value: token.value,
        ...(token.isHex && { isHex: true }),
      }
    case 'boolean':
      return { line, column, kind: 'boolean', value: token.value }
    default:
      return token satisfies never
  }
}
