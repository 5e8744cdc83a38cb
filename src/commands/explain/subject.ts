import { LauncherError } from '../../errors.ts'

/**
 * What `launcher explain` can be asked about. `run` is the last run, asked for by no word at all.
 */
const SUBJECTS = ['profile', 'path', 'host', 'env', 'socket', 'target', 'log'] as const
type SubjectKind = (typeof SUBJECTS)[number] | 'run'

export interface Subject {
  readonly kind: SubjectKind
  /** The word itself; empty for `run`. */
  readonly value: string
}

/**
 * What the words after `explain` mean: `explain KIND X` always; else a word that begins with
 * `/ ~ . $` is a path, `-` a log, one with a dot or `:port` and no slash a host, any other with a
 * slash a path, and a bare word a profile. Throws E_USAGE for more.
 */
export const subjectOf = (words: readonly string[]): Subject => {
  const [first, second, ...rest] = words
  if (first === undefined) return { kind: 'run', value: '' }
  const kind = SUBJECTS.find((known) => known === first)
  if (second !== undefined) {
    if (kind === undefined || rest.length > 0) {
      throw new LauncherError(
        'E_USAGE',
        `explain takes one thing, and these are ${words.length}: ${words.join(' ')}`,
        { hint: `launcher explain X, or launcher explain ${SUBJECTS.join('|')} X` },
      )
    }
    return { kind, value: second }
  }
  if (first === '-') return { kind: 'log', value: first }
  if (/^[/~.$]/.test(first) || first.includes('/')) return { kind: 'path', value: first }
  if (/^\[|\.|:\d+$/.test(first)) return { kind: 'host', value: first }
  return { kind: 'profile', value: first }
}
