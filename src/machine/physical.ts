import { expandHome } from './home.ts'
import { type AbsolutePath, join, parentOf, ROOT } from './paths.ts'
import type { Walker } from './walk.ts'

/** What is needed of a walker to take a `..`. */
type Follow = (path: AbsolutePath) => { readonly real: AbsolutePath }

/**
 * `text` from `base` as the kernel takes it: each `..` leaves the place that links led to. The last
 * name is not followed. Undefined for an empty text and for one with a NUL, which name nothing.
 */
export const physical = (
  walk: Follow,
  base: AbsolutePath,
  text: string,
): AbsolutePath | undefined => {
  if (text === '' || text.includes('\0')) return undefined
  let current = text.startsWith('/') ? ROOT : base
  for (const name of text.split('/')) {
    if (name === '' || name === '.') continue
    current = name === '..' ? parentOf(walk(current).real) : join(current, name)
  }
  return current
}

/** Where an absolute text leads, every link followed; undefined when nothing is there. */
export const existing = (walk: Walker, text: string): AbsolutePath | undefined => {
  const path = text.startsWith('/') ? physical(walk, ROOT, text) : undefined
  if (path === undefined) return undefined
  const walked = walk(path)
  return walked.status === 'exists' ? walked.real : undefined
}

/**
 * A text as a person writes a path: `~` for home, relative to the working directory; see
 * {@link physical}.
 */
export const written = (
  walk: Follow,
  { home, cwd }: { readonly home: AbsolutePath; readonly cwd: AbsolutePath },
  text: string,
): AbsolutePath | undefined => physical(walk, cwd, expandHome(text, home))
