import { excerpt, SbplError, type Position } from './error.ts'

/** A parsed AppleMatch expression; `set` has 256 entries, 1 where a byte is taken. */
export type Pattern =
  | { readonly kind: 'bytes'; readonly set: Uint8Array }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Pattern[] }
  | { readonly kind: 'star' | 'plus' | 'optional'; readonly item: Pattern }

/**
 * Longest expression accepted; a literal in a profile cannot exceed 1025 bytes, a concatenated one
 * can.
 */
const MAX_PATTERN = 16 * 1024

/**
 * Parses an expression given as bytes (one character each).
 * @throws SbplError `regex`, naming what AppleMatch does not have; `limit` when too long or nested
 * too deep.
 */
export function parsePattern(source: string, at?: Position): Pattern {
  if (source.length > MAX_PATTERN)
    throw new SbplError('limit', `regular expression longer than ${MAX_PATTERN} bytes`, at)
  let index = 0

  const fail = (message: string): SbplError =>
    new SbplError(
      'regex',
      `${message} in regular expression ${JSON.stringify(excerpt(source))}`,
      at,
    )

  function choice(depth: number): Pattern {
    if (depth > MAX_GROUPS)
      throw new SbplError(
        'limit',
        `groups nested deeper than ${MAX_GROUPS} in regular expression`,
        at,
      )
    const items = [sequence(depth)]
    while (source[index] === '|') {
      index++
      items.push(sequence(depth))
    }
    return items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'choice', items }
  }

  function sequence(depth: number): Pattern {
    const items: Pattern[] = []
    while (index < source.length && source[index] !== '|' && source[index] !== ')')
      items.push(repeated(depth))
    return { kind: 'sequence', items }
  }

  function repeated(depth: number): Pattern {
    let item = piece(depth)
    let repeats = 0
    for (
      let kind = REPEATS[source[index] ?? ''];
      kind !== undefined;
      kind = REPEATS[source[index] ?? '']
    ) {
      if (++repeats > MAX_REPEATS) throw fail('too many repetition signs')
      if (item.kind === 'start' || item.kind === 'end')
        throw fail(`\`${source[index]}\` after an anchor`)
      item = { kind, item }
      index++
    }
    if (source[index] === '{')
      throw fail('`{n,m}` is not supported by AppleMatch (a literal brace is `[{]`)')
    return item
  }

  function piece(depth: number): Pattern {
    const char = source[index++] ?? ''
    switch (char) {
      case '(': {
        if (source[index] === '?')
          throw fail(
            source[index + 1] === ':'
              ? '`(?:` makes Seatbelt ignore the rule: use a plain group'
              : '`(?` is not supported by AppleMatch',
          )
        const group = choice(depth + 1)
        if (source[index++] !== ')') throw fail('`(` is never closed')
        return group
      }
      case '[':
        return { kind: 'bytes', set: bracket() }
      case '.':
        return { kind: 'bytes', set: ANY }
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '*':
      case '+':
      case '?':
      case '{':
        throw fail(`nothing to repeat before \`${char}\``)
      default:
        return { kind: 'bytes', set: single(char === '\\' ? escaped() : char) }
    }
  }

  function escaped(): string {
    const char = source[index++]
    if (char === undefined) throw fail('backslash at the end')
    if (/[A-Za-z0-9]/.test(char)) throw fail(`\`\\${char}\` is not supported by AppleMatch`)
    return char
  }

  // POSIX: `]` is literal when first. That a backslash escapes here too is assumed, not measured.
  function bracket(): Uint8Array {
    const set = new Uint8Array(256)
    const negated = source[index] === '^'
    if (negated) index++
    for (let first = true; first || source[index] !== ']'; first = false) {
      const low = member()
      if (source[index] === '-' && source[index + 1] !== ']') {
        index++
        const high = member()
        if (high < low) throw fail('range out of order')
        set.fill(1, low, high + 1)
      } else set[low] = 1
    }
    index++
    return negated ? set.map((taken) => 1 - taken) : set
  }

  function member(): number {
    const char = source[index++]
    if (char === undefined) throw fail('`[` is never closed')
    if (char === '[' && /[:.=]/.test(source[index] ?? ''))
      throw fail('`[:class:]` is not supported')
    return (char === '\\' ? escaped() : char).charCodeAt(0)
  }

  const pattern = choice(0)
  if (index < source.length) throw fail('`)` without `(`')
  return pattern
}

function single(char: string): Uint8Array {
  const byte = char.charCodeAt(0)
  return (SINGLES[byte] ??= new Uint8Array(256).fill(1, byte, byte + 1))
}

const ANY = new Uint8Array(256).fill(1)
const SINGLES: Uint8Array[] = []

const REPEATS: Readonly<Record<string, 'star' | 'plus' | 'optional'>> = {
  '*': 'star',
  '+': 'plus',
  '?': 'optional',
}
const MAX_GROUPS = 100
const MAX_REPEATS = 10
