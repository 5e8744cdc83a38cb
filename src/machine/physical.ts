import { type AbsolutePath, join, parentOf } from './paths.ts'
import type { Walker } from './walk.ts'

/** `text` from `base` as the kernel takes it: each `..` leaves the place that links led to. The last name is not followed. */
export const physical = (
  walk: Walker,
  base: AbsolutePath,
  text: string,
): AbsolutePath | undefined => {
  if (text === '' || text.includes('\0')) return undefined
  let current = text.startsWith('/') ? ('/' as AbsolutePath) : base
  for (const name of text.split('/')) {
    if (name === '' || name === '.') continue
    current = name === '..' ? parentOf(walk(current).real) : join(current, name)
  }
  return current
}
