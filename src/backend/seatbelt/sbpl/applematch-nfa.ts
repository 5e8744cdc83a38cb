import type { Pattern } from './applematch-parser.ts'

/** A Thompson automaton in parallel arrays; node numbers index all of them. */
export interface Nfa {
  readonly start: number
  readonly kinds: readonly ('byte' | 'split' | 'start' | 'end' | 'match')[]
  /** 256 entries per byte node: 1 where the byte is taken. */
  readonly classes: readonly (Uint8Array | undefined)[]
  readonly next: readonly number[]
  readonly other: readonly number[]
}

/** The automaton of a pattern; its size is linear in the pattern's. */
export function compileNfa(pattern: Pattern): Nfa {
  const kinds: Nfa['kinds'][number][] = []
  const classes: (Uint8Array | undefined)[] = []
  const next: number[] = []
  const other: number[] = []

  const add = (kind: Nfa['kinds'][number], to: number, set?: Uint8Array): number => {
    classes.push(set)
    next.push(to)
    other.push(to)
    return kinds.push(kind) - 1
  }

  // Built from the end: each piece is given the node that follows it and returns the node it begins
  // with.
  const build = (piece: Pattern, to: number): number => {
    switch (piece.kind) {
      case 'bytes':
        return add('byte', to, piece.set)
      case 'start':
      case 'end':
        return add(piece.kind, to)
      case 'sequence':
        return piece.items.reduceRight((following, item) => build(item, following), to)
      case 'choice':
        return piece.items
          .map((item) => build(item, to))
          .reduceRight((second, first) => join(first, second))
      case 'optional':
        return join(build(piece.item, to), to)
      case 'star':
      case 'plus': {
        const loop = add('split', to)
        const body = build(piece.item, loop)
        other[loop] = body
        return piece.kind === 'star' ? loop : body
      }
      default:
        return piece satisfies never
    }
  }

  const join = (first: number, second: number): number => {
    const split = add('split', first)
    other[split] = second
    return split
  }

  const match = add('match', 0)
  const start = build(pattern, match)
  return { start, kinds, classes, next, other }
}
