import { shapeOf } from '../../src/policy/boundaries.ts'
import type { Decider } from '../../src/policy/decide.ts'
import { type AbsolutePath, isWithin } from '../../src/machine/paths.ts'
import type { Triple } from './triples.ts'

/** What the predicates below may look at besides the question and the kernel's answer. */
export interface Facts {
  readonly decider: Decider
  /** The write grant whose mount holds a path. */
  mountOf(path: AbsolutePath): string
  /** True where write access begins: a file there is a grant or a lift of that one name. */
  isOpenedHere(path: AbsolutePath): boolean
}

export interface Difference {
  readonly name: string
  explains(triple: Triple, errno: string, facts: Facts): boolean
}

/**
 * The closed list of what bubblewrap does otherwise than `decide()` says. Nothing else may differ.
 */
export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'a pattern holds only for names that exist at the start',
    explains: (triple, errno, { decider }) => {
      if (!triple.isFresh || errno !== 'ok') return false
      const refusing = triple.asks
        .map(([operation, path]) => decider.decide(operation, path))
        .find((decision) => !decision.allowed)
      return refusing?.rule !== undefined && 'pattern' in refusing.rule
    },
  },
  {
    name: 'rename and link across two write grants give EXDEV',
    explains: ({ deed, asks }, errno, { mountOf }) =>
      (deed === 'move' || deed === 'link') &&
      errno === 'EXDEV' &&
      mountOf(asks[0]![1]) !== mountOf(asks[1]![1]),
  },
  {
    name: 'a writable file is writable in place only: no second name for it beside it',
    explains: ({ deed, asks }, errno, { isOpenedHere }) =>
      deed === 'link-from' &&
      isOpenedHere(asks.at(-1)![1]) &&
      ['EACCES', 'EROFS', 'EXDEV'].includes(errno),
  },
]

export const factsOf = (decider: Decider): Facts => {
  const opened = shapeOf(decider.index).boundaries.filter(
    (boundary) => boundary.access === 'write' && boundary.above !== 'write',
  )
  return {
    decider,
    mountOf: (path) =>
      opened.filter((boundary) => isWithin(path, boundary.path)).at(-1)?.path ?? '',
    isOpenedHere: (path) => opened.some((boundary) => boundary.path === path),
  }
}
