import { fnmatch } from './fnmatch.ts'
import { isRelativeTo, joinPaths, normalPath, parsePurePath, pureParts } from './python-path.ts'
import { purePathMatch } from './purepath-match.ts'
import type { GateWorld } from './types.ts'
import type { VibeSemantics } from './versions.ts'

/**
 * How entries of a denylist and an allowlist are compared with a path, for one version and working
 * directory.
 */
export interface PatternMatcher {
  denies(file: string, pattern: string): boolean
  allows(file: string, pattern: string): boolean
  /**
   * True when an entry is a grant for paths (encoded, or an absolute glob) and covers this one:
   * only such entries count for the shell.
   */
  grants(file: string, pattern: string): boolean
}

/** The comparison as this version does it. */
export const patternMatcher = (
  semantics: VibeSemantics,
  world: GateWorld,
  cwd: string,
): PatternMatcher => {
  const { isAllowlistSegmented, isPatternResolved } = semantics
  const spellings = (
    pattern: string,
    resolve: (pattern: string) => string | undefined,
  ): string[] => {
    const other = isPatternResolved ? resolve(pattern) : undefined
    return other === undefined || other === pattern ? [pattern] : [pattern, other]
  }
  const allowSpellings = (pattern: string): string[] =>
    spellings(pattern, (text) => resolvedGrant(text, world, cwd))
  return {
    denies: (file, pattern) =>
      spellings(pattern, (text) => resolvedGlob(text, world)).some((spelling) =>
        fnmatch(file, spelling),
      ),
    allows: (file, pattern) =>
      allowSpellings(pattern).some((spelling) =>
        isAllowlistSegmented ? matchesGrantOrGlob(file, spelling, world) : fnmatch(file, spelling),
      ),
    grants: (file, pattern) =>
      allowSpellings(pattern).some(
        (spelling) =>
          (grantOf(spelling) !== undefined || isAbsoluteGlob(spelling)) &&
          matchesGrantOrGlob(file, spelling, world),
      ),
  }
}

/** What "always allow" answers wrote: one path, or a directory with all beneath it. */
interface PathGrant {
  readonly scope: 'exact' | 'directory_recursive'
  readonly path: string
}

const grantOf = (pattern: string): PathGrant | undefined => {
  const [, scope, path] = /^vibe-path:([^:]*):(.*)$/s.exec(pattern) ?? []
  return (scope === 'exact' || scope === 'directory_recursive') && path !== undefined
    ? { scope, path: normalized(path) }
    : undefined
}

/**
 * A backslash, a drive or two slashes at the start make Vibe take a text for a Windows path, which
 * has no regard to case.
 */
const isWindowsLike = (text: string): boolean =>
  text.includes('\\') || /^(?:[^/\\]:|[/\\]{2})/.test(text)

const isWindowsAbsolute = (text: string): boolean => /^(?:[^/\\]:[/\\]|[/\\]{2})/.test(text)

const windowsCase = (text: string): string => text.replaceAll('/', '\\').toLowerCase()

const normalized = (path: string): string =>
  isWindowsLike(path) ? windowsCase(normalPath(path.replaceAll('\\', '/'))) : normalPath(path)

const matchesGrantOrGlob = (file: string, pattern: string, { python }: GateWorld): boolean => {
  const path = normalized(file)
  const grant = grantOf(pattern)
  if (grant)
    return (
      path === grant.path ||
      (grant.scope === 'directory_recursive' &&
        path.startsWith(`${grant.path.replace(/\/+$/, '')}/`))
    )
  // A path of POSIX has no drive, and an absolute Windows pattern wants its own.
  if (isWindowsLike(file) || isWindowsLike(pattern))
    return !isWindowsAbsolute(pattern) && fnmatch(path, windowsCase(pattern))
  return pattern.startsWith('/')
    ? purePathMatch(path, pattern, python) === true
    : fnmatch(path, pattern)
}

const hasWildcard = (part: string): boolean => /[*?[]/.test(part)

const isAbsoluteGlob = (pattern: string): boolean =>
  hasWildcard(pattern) && pattern.startsWith('/') && !isWindowsLike(pattern)

/** An absolute pattern cut before its first component with a wildcard. */
const fixedPart = (
  pattern: string,
): { readonly parts: readonly string[]; readonly fixed: number } => {
  const parts = pureParts(pattern)
  const wild = parts.findIndex(hasWildcard)
  return { parts, fixed: wild < 0 ? parts.length : wild }
}

const rejoin = (prefix: string, rest: readonly string[]): string => rest.reduce(joinPaths, prefix)

const fixedText = (parts: readonly string[], fixed: number): string =>
  rejoin(parts[0] ?? '/', parts.slice(1, fixed))

const resolvedGlob = (pattern: string, world: GateWorld): string | undefined => {
  if (!pattern.startsWith('/') || pattern.includes('\0')) return undefined
  const { parts, fixed } = fixedPart(pattern)
  return rejoin(world.resolve(fixedText(parts, fixed)), parts.slice(fixed))
}

/**
 * For an allowlist only links outside the working directory are followed, and not the last fixed
 * component: the agent could turn the others elsewhere.
 */
const resolvedGrant = (pattern: string, world: GateWorld, cwd: string): string | undefined => {
  if (pattern.includes('\0')) return undefined
  const grant = grantOf(pattern)
  if (grant) {
    const target = grant.path.startsWith('/') ? followed(grant.path, world, cwd) : undefined
    return target === undefined ? undefined : `vibe-path:${grant.scope}:${normalized(target)}`
  }
  if (!pattern.startsWith('/')) return undefined
  const { parts, fixed } = fixedPart(pattern)
  if (fixed <= 1) return undefined
  const prefix = followed(fixedText(parts, fixed), world, cwd)
  return prefix === undefined ? undefined : rejoin(prefix, parts.slice(fixed))
}

const MACOS_LINKS: ReadonlyMap<string, string> = new Map(
  ['/etc', '/tmp', '/var'].map((path) => [path, `/private${path}`]),
)

const followed = (path: string, world: GateWorld, cwd: string): string | undefined => {
  const { root, tail } = parsePurePath(path)
  let here: string = root
  for (const part of tail.slice(0, -1)) {
    here = part === '..' ? parentText(here) : joinPaths(here, part)
    const target = world.resolve(here)
    if (target === here) continue
    if (isRelativeTo(here, cwd)) return undefined
    here = target
  }
  const target = tail.length === 0 ? here : joinPaths(here, tail.at(-1) ?? '')
  return world.isMacOS ? (MACOS_LINKS.get(target) ?? target) : target
}

const parentText = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 1))
