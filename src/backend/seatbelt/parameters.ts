import type { PathFilter } from './rule.ts'

/** A `-D` definition. */
export interface Parameter {
  readonly name: string
  readonly value: string
}

/**
 * Names the values of filters as they are printed: one parameter for each different value, numbered
 * in the order of first use.
 */
export interface ParameterNames {
  nameOf(filter: PathFilter): string
  list(): readonly Parameter[]
}

/** `P` numbers paths, `R` regexes. */
export const createParameterNames = (): ParameterNames => {
  const paths = new Map<string, string>()
  const regexes = new Map<string, string>()
  return {
    nameOf: ({ kind, value }) => {
      const [map, letter] = kind === 'regex' ? [regexes, 'R'] : [paths, 'P']
      const known = map.get(value)
      if (known !== undefined) return known
      const name = `${letter}${map.size + 1}`
      map.set(value, name)
      return name
    },
    list: () => [...paths, ...regexes].map(([value, name]) => ({ name, value })),
  }
}
