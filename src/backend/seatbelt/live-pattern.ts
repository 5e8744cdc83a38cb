import { compilePattern } from '../../policy/pattern.ts'
import { type AbsolutePath, components } from '../../machine/paths.ts'
import { charSpelling, exactText, FOREIGN, spellingsOf } from './spelling.ts'

/**
 * Regex text matching every name below `root` that the pattern matches, unfinished: the caller adds
 * what may follow.
 */
export const patternText = (root: AbsolutePath, segments: readonly string[]): string => {
  const last = segments.findLastIndex((segment) => segment !== '**')
  // What a match holds covers everything beneath it, so `**` at the end adds nothing; alone it
  // takes any name.
  const kept = last < 0 ? ['*'] : segments.slice(0, last + 1)
  const middle = kept.map((segment, i) =>
    segment === '**' ? ANY_DEPTH : segmentText(segment) + (i < kept.length - 1 ? '/' : ''),
  )
  return `^${exactText(root)}/${middle.join('')}`
}

/** The parts of a pattern. */
export const segmentsOf = (pattern: string): string[] =>
  pattern.split('/').filter((part) => part !== '')

/**
 * What is left to match of a pattern once the names from `root` down to `place` have been taken:
 * beneath a lifted name a pattern holds only where it matches beneath it.
 */
export const restBeneath = (
  root: AbsolutePath,
  place: AbsolutePath,
  segments: readonly string[],
  fold: (name: string) => string,
): readonly (readonly string[])[] => {
  let states = closure([0], segments)
  for (const name of components(place).slice(components(root).length)) {
    const next = new Set<number>()
    for (const state of states) {
      const segment = segments[state]
      if (segment === undefined) continue
      if (segment === '**') next.add(state)
      else if (compilePattern(segment, fold).matches([fold(name)])) next.add(state + 1)
    }
    states = closure(next, segments)
  }
  return [...states]
    .filter((state) => state < segments.length)
    .map((state) => segments.slice(state))
}

/** `**` also takes no name at all. */
const closure = (states: Iterable<number>, segments: readonly string[]): Set<number> => {
  const result = new Set<number>()
  for (let state of states) {
    result.add(state)
    while (segments[state] === '**') result.add(++state)
  }
  return result
}

/** `[^/]` and not `.`: it is not known whether the engine's dot takes a line feed. */
const ANY_DEPTH = '([^/]*/)*'

/** A character of a folded name is one to four bytes in the path. */
const ANY_CHAR = `([^/]|${[2, 3, 4].map((count) => FOREIGN.repeat(count)).join('|')})`

const segmentText = (segment: string): string => {
  let text = ''
  for (let i = 0; i < segment.length; ) {
    const char = segment[i]!
    const close =
      char === '[' ? segment.indexOf(']', i + (/[!^]/.test(segment[i + 1] ?? '') ? 3 : 2)) : -1
    if (char === '*' || char === '?') {
      text += char === '*' ? '[^/]*' : ANY_CHAR
      i += 1
    } else if (close > 0) {
      text += classText(segment.slice(i, close + 1))
      i = close + 1
    } else {
      // An unclosed bracket is text, as in a shell.
      const plain = /^[*?[\]]?[^*?[\]]*/.exec(segment.slice(i))![0]
      text += spellingsOf(plain)
      i += plain.length
    }
  }
  return text
}

/**
 * Members are asked from the policy's own matcher, one ASCII character at a time, so that both read
 * a class the same way.
 */
const classText = (source: string): string => {
  const matcher = compilePattern(source, (name) => name.toLowerCase())
  const members = ASCII.filter((char) => matcher.matches([char])).map(charSpelling)
  const others = /^\[[!^]/.test(source) ? [1, 2, 3, 4] : /[^ -~]/.test(source) ? [2, 3, 4] : []
  return `(${[...members, ...others.map((count) => FOREIGN.repeat(count))].join('|')})`
}

const ASCII = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(
  (char) => char !== '/' && char === char.toLowerCase(),
)
