/**
 * A POSIX path as pathlib takes it apart: `//x` keeps two slashes, any other run is one; empty
 * components and `.` are gone, `..` stays.
 */
export interface PurePath {
  readonly root: '' | '/' | '//'
  readonly tail: readonly string[]
}

/** Python's `PurePosixPath(text)`. */
export const parsePurePath = (text: string): PurePath => {
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  const path: PurePath = {
    root: !text.startsWith('/') ? '' : /^\/\/(?!\/)/.test(text) ? '//' : '/',
    tail: text.split('/').filter((part) => part !== '' && part !== '.'),
  }
  if (text.length <= LONGEST_KNOWN && KNOWN.size < MOST_KNOWN) KNOWN.set(text, path)
  return path
}

/** The same few paths are asked about under hundreds of patterns. */
const KNOWN = new Map<string, PurePath>()
const MOST_KNOWN = 2_000
const LONGEST_KNOWN = 200

/** Python's `str(PurePosixPath(text))`. */
export const pureText = (text: string): string => {
  const { root, tail } = parsePurePath(text)
  return root + tail.join('/') || '.'
}

/** Python's `PurePosixPath(text).parts`. */
export const pureParts = (text: string): string[] => {
  const { root, tail } = parsePurePath(text)
  return root === '' ? [...tail] : [root, ...tail]
}

/** Python's `posixpath.normpath(text)`: folds `..` by text alone. */
export const normalPath = (text: string): string => {
  const { root, tail } = parsePurePath(text)
  const parts: string[] = []
  for (const part of tail) {
    if (part !== '..' || (root === '' && (parts.length === 0 || parts.at(-1) === '..')))
      parts.push(part)
    else parts.pop()
  }
  return root + parts.join('/') || '.'
}

/** Python's `PurePath.is_relative_to`: the same path, or beneath it, by whole components. */
export const isRelativeTo = (path: string, root: string): boolean =>
  path === root || root === '/' || path.startsWith(`${root}/`)

/** Python's `Path(text).expanduser()`; undefined where it fails: `~name` of somebody unknown. */
export const expandHome = (
  text: string,
  { home, homeOf }: { readonly home: string; homeOf?(user: string): string | undefined },
): string | undefined => {
  const [, user = '', rest = ''] = /^~([^/]*)(.*)$/s.exec(text) ?? []
  if (!text.startsWith('~')) return text
  const directory = user === '' ? home : homeOf?.(user)
  return directory === undefined ? undefined : joinPaths(directory, rest.slice(1))
}

/** Python's `str(PurePosixPath(base) / path)`. */
export const joinPaths = (base: string, path: string): string =>
  path.startsWith('/')
    ? pureText(path)
    : pureText(base.endsWith('/') ? base + path : `${base}/${path}`)
