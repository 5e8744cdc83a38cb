/**
 * An absolute, normalised path: starts with `/`, no `.`, `..`, empty component, trailing slash (but
 * `/`) or NUL. Not necessarily resolved.
 */
export type AbsolutePath = string & { readonly __brand: 'AbsolutePath' }

/** True for a path that is already in the form {@link AbsolutePath} promises. */
export const isAbsolutePath = (path: string): path is AbsolutePath =>
  path === '/' ||
  (path.startsWith('/') &&
    !path.includes('\0') &&
    path
      .slice(1)
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..'))

/** The one path without components. */
export const ROOT = '/' as AbsolutePath

/**
 * A path that is known to be one: a literal, or what the kernel gave. Throws for anything else,
 * which is a fault of ours.
 */
export const absolute = (path: string): AbsolutePath => {
  const normal = toAbsolutePath(path)
  if (normal === undefined) throw new Error(`${JSON.stringify(path)} is no absolute path`)
  return normal
}

/**
 * Normalises `//`, `/./` and a trailing slash; undefined for a relative path, a `..` component or a
 * NUL.
 */
export const toAbsolutePath = (path: string): AbsolutePath | undefined => {
  if (!path.startsWith('/') || path.includes('\0')) return undefined
  if (!NEEDS_WORK.test(path)) return path as AbsolutePath
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? undefined : (`/${parts.join('/')}` as AbsolutePath)
}

/**
 * An empty component, `.`, `..` or a trailing slash: rare among the hundreds of paths of a policy.
 */
const NEEDS_WORK = /\/\.{0,2}(?:\/|$)/

/** The components of an absolute path: `/a/b` gives `['a', 'b']`, `/` gives `[]`. */
export const components = (path: string): string[] => (path === '/' ? [] : path.slice(1).split('/'))

/** The directory that holds `path`; `/` is its own parent. */
export const parentOf = <P extends string>(path: P): P => {
  const cut = path.lastIndexOf('/')
  return (cut <= 0 ? '/' : path.slice(0, cut)) as P
}

/** The last component; empty for `/`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/**
 * `directory` and one or more further components (`join('/a', 'b/c')`); the rest must hold no `..`.
 */
export const join = (directory: AbsolutePath, rest: string): AbsolutePath =>
  (directory === '/'
    ? `/${rest}`
    : rest === ''
      ? directory
      : `${directory}/${rest}`) as AbsolutePath

/** The path with its last name made longer: `/a/b` and `.py` give `/a/b.py`. */
export const beside = (path: AbsolutePath, ending: string): AbsolutePath =>
  join(parentOf(path), `${nameOf(path)}${ending}`)

/** The path of these names from the root; they hold no slash, no `.` and no `..`. */
export const fromComponents = (names: readonly string[]): AbsolutePath =>
  join(ROOT, names.join('/'))

/** Every proper ancestor, `/` first. */
export const ancestorsOf = (path: AbsolutePath): AbsolutePath[] => {
  if (path === '/') return []
  const result: AbsolutePath[] = [ROOT]
  for (let cut = path.indexOf('/', 1); cut > 0; cut = path.indexOf('/', cut + 1)) {
    result.push(path.slice(0, cut) as AbsolutePath)
  }
  return result
}

/** True when `path` is `root` or lies beneath it; byte comparison. */
export const isWithin = (path: AbsolutePath, root: AbsolutePath): boolean =>
  path === root || root === '/' || (path.startsWith(root) && path.charCodeAt(root.length) === 47)

/** Number of components; `/` has none. */
export const depthOf = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1)
