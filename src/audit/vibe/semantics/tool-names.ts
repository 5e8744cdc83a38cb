import { fnmatch } from './fnmatch.ts'

/**
 * Whether Vibe's patterns for names (`enabled_tools`, `disabled_agents` …) cover a name: globs
 * without regard to case, or `re:` and an expression that must match all of it. An expression that
 * is none, that JavaScript cannot read, or that repeats too much covers nothing.
 */
export const nameMatches = (name: string, patterns: readonly unknown[]): boolean =>
  patterns.some((raw) => {
    const pattern = typeof raw === 'string' ? raw.trim() : ''
    if (pattern === '' || pattern.length > LONGEST) return false
    if (!pattern.startsWith('re:')) return fnmatch(name.toLowerCase(), pattern.toLowerCase())
    return expressionOf(pattern.slice('re:'.length))?.test(name) ?? false
  })

const LONGEST = 1000

/**
 * Names are short, so that few repetitions cannot take long, nor one group that repeats one; with
 * more, an expression could outlast the audit (and Vibe).
 */
const isTame = (source: string): boolean =>
  (source.match(/[*+{]/g) ?? []).length <= (/\)[*+{]/.test(source) ? 2 : 6)

const expressionOf = (source: string): RegExp | undefined => {
  if (!isTame(source)) return undefined
  try {
    return new RegExp(`^(?:${source.replaceAll('(?P<', '(?<')})$`, 'i')
  } catch {
    return undefined
  }
}
