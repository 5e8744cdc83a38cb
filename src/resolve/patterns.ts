import { compilePattern, isPattern, type PatternMatcher } from '../policy/pattern.ts'
import { type AbsolutePath, isWithin } from '../machine/paths.ts'

/**
 * A protection pattern: where it applies and what it says there. `root` undefined: in every place
 * that is walked.
 */
export interface RootedPattern<T> {
  readonly root: AbsolutePath | undefined
  /** Relative to the root. */
  readonly pattern: string
  readonly rule: T
}

/**
 * Finds the rules that match a name in a directory; made so that a name that matches nothing costs
 * one look-up.
 */
export interface NameMatcher<T> {
  /**
   * Rules for `name` in `directory`; `walkRoot` is the place being walked. Empty for almost every
   * name.
   */
  match(name: string, directory: AbsolutePath, walkRoot: AbsolutePath): readonly T[]
}

interface Compiled<T> {
  readonly root: AbsolutePath | undefined
  readonly rule: T
  readonly matches: PatternMatcher['matches']
}

/** A protection covers its subtree, so `**` at the end says nothing more. */
export const withoutTail = (pattern: string): string =>
  /[/*]$/.test(pattern) ? pattern.replace(/(\/\*\*)+\/?$/, '').replace(/\/$/, '') : pattern

/** True for a protection that names what a walk must find; `secrets/**` is a plain path. */
export const isNamePattern = (path: string): boolean => isPattern(withoutTail(path))

/**
 * Compiles patterns for many names: by exact last name first, then by the last character, then by
 * the first.
 */
export const compileNames = <T>(
  patterns: readonly RootedPattern<T>[],
  fold: (name: string) => string,
): NameMatcher<T> => {
  const exact = new Map<string, Compiled<T>[]>()
  const byEnd = new Map<number, Compiled<T>[]>()
  const byStart = new Map<number, Compiled<T>[]>()
  const others: Compiled<T>[] = []
  const add = <K>(map: Map<K, Compiled<T>[]>, key: K, value: Compiled<T>): void => {
    const list = map.get(key)
    if (list) list.push(value)
    else map.set(key, [value])
  }
  for (const { root, pattern, rule } of patterns) {
    const text = withoutTail(pattern)
    const last = fold(text.slice(text.lastIndexOf('/') + 1))
    let matcher: PatternMatcher | undefined
    // Almost no pattern is ever asked: the last name decides first.
    const compiled: Compiled<T> = {
      root,
      rule,
      matches: (parts) => (matcher ??= compilePattern(text, fold)).matches(parts),
    }
    if (!isPattern(last)) add(exact, last, compiled)
    else if (!/[*?\]]$/.test(last)) add(byEnd, last.charCodeAt(last.length - 1), compiled)
    else if (!/^[*?[]/.test(last)) add(byStart, last.charCodeAt(0), compiled)
    else others.push(compiled)
  }
  const hasByEnd = byEnd.size > 0
  const hasByStart = byStart.size > 0
  const none: readonly T[] = []
  return {
    match: (stored, directory, walkRoot) => {
      const name = fold(stored)
      const same = exact.get(name)
      const end = hasByEnd ? byEnd.get(name.charCodeAt(name.length - 1)) : undefined
      const start = hasByStart ? byStart.get(name.charCodeAt(0)) : undefined
      if (same === undefined && end === undefined && start === undefined && others.length === 0)
        return none
      const found: T[] = []
      for (const candidate of [...(same ?? []), ...(end ?? []), ...(start ?? []), ...others]) {
        const root = candidate.root ?? walkRoot
        if (!isWithin(directory, root)) continue
        const beneath = directory.slice(root === '/' ? 1 : root.length + 1)
        const parts = beneath === '' ? [name] : [...beneath.split('/').map(fold), name]
        if (candidate.matches(parts)) found.push(candidate.rule)
      }
      return found
    },
  }
}
