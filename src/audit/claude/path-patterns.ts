import type { AuditWorld } from '../dialect.ts'
import { matchesStars } from '../shared/stars.ts'

/** Directories that patterns are relative to. */
export interface Anchors {
  readonly home: string
  readonly project: string
  readonly cwd: string
}

/**
 * A pattern of Read and Edit with the directory it is under: `//x` the root, `~/x` home, `/x` the
 * project's root, `x` and `./x` the working directory (code.claude.com/docs/en/permissions, Read
 * and Edit).
 */
const anchored = (
  specifier: string,
  { home, project, cwd }: Anchors,
): { readonly base: string; readonly pattern: string } => {
  if (specifier.startsWith('//')) return { base: '', pattern: specifier.slice(1) }
  if (specifier === '~') return { base: home, pattern: '/' }
  if (specifier.startsWith('./')) return { base: cwd, pattern: specifier.slice(1) }
  if (specifier.startsWith('~/')) return { base: home, pattern: specifier.slice(1) }
  if (specifier.startsWith('/')) return { base: project, pattern: specifier }
  return { base: cwd, pattern: specifier }
}

/**
 * True when a pattern covers an absolute path, as gitignore has it: a name without a slash at any
 * depth, everything beneath a directory that matches.
 */
export const coversPath = (specifier: string, path: string, anchors: Anchors): boolean => {
  const { base, pattern } = anchored(specifier, anchors)
  const root = base === '/' ? '' : base
  if (path !== root && !path.startsWith(`${root}/`)) return false
  const names = path
    .slice(root.length + 1)
    .split('/')
    .filter((name) => name !== '')
  const clean = pattern.replace(/\/+$/, '')
  // Several `**` in a row are one: no pattern takes longer than its names and the path's allow.
  const parts = clean
    .split('/')
    .filter((name, index, all) => name !== '' && !(name === '**' && all[index - 1] === '**'))
  if (parts.length === 0) return true
  return matchesNames(clean.includes('/') ? parts : ['**', ...parts], names)
}

/**
 * True when the parts match the first names, or all of them: what lies beneath a match is covered.
 * A trailing `**` needs one name more.
 */
const matchesNames = (parts: readonly string[], names: readonly string[]): boolean => {
  // reached: how many names the parts so far may have taken; at most names × parts steps.
  let reached = new Set([0])
  for (const [index, part] of parts.entries()) {
    const next = new Set<number>()
    for (const count of reached) {
      if (part === '**')
        for (
          let more = index === parts.length - 1 ? count + 1 : count;
          more <= names.length;
          more++
        )
          next.add(more)
      else if (count < names.length && matchesName(part, names[count]!)) next.add(count + 1)
    }
    if (next.size === 0) return false
    reached = next
  }
  return true
}

/** `*` and `?` within one name; what else there is, {@link isPlain} keeps away. */
const matchesName = (pattern: string, name: string): boolean => matchesStars(pattern, name, '?')

/**
 * False for a pattern that uses what {@link coversPath} does not know: classes, escapes, negation.
 */
export const isPlain = (specifier: string): boolean => !/[[\]\\!]/.test(specifier)

/**
 * A pattern with one slash in front that was meant from the root: it names the home directory, a
 * directory of the system, or something that is there.
 */
export const looksAbsolute = (
  specifier: string,
  { host, project }: Pick<AuditWorld, 'host' | 'project'>,
): boolean => {
  if (!specifier.startsWith('/') || specifier.startsWith('//')) return false
  const first = specifier.slice(1).split('/')[0] ?? ''
  return (
    specifier.startsWith(`${host.home}/`) ||
    (/^(?:Applications|Library|System|Users|Volumes|etc|home|opt|private|root|tmp|usr|var)$/.test(
      first,
    ) &&
      host.lstat(`${project}/${first}`) === undefined)
  )
}
