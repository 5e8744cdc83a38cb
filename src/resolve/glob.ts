import { namingOf } from '../machine/naming.ts'
import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'

import type { Origin } from '../policy/model.ts'
import { type AbsolutePath, components, fromComponents, join } from '../machine/paths.ts'
import { compilePattern } from '../policy/pattern.ts'
import { atOf } from './expand.ts'

/**
 * Names beneath `base` that match, relative to it; links are not followed. May stop after `limit`
 * names.
 */
export type GlobExpander = (
  base: AbsolutePath,
  pattern: string,
  limit: number,
) => Promise<readonly string[]>

/** More matches than this is a pattern that says too little. */
const GLOB_LIMIT = 1_000

const WILD = /[*?[]/

/** True when a grant's text is a glob. */
export const isGlob = (path: string): boolean => WILD.test(path)

/** Every path that a glob in a grant means at this moment, sorted. */
export const expandGlob = async (
  path: AbsolutePath,
  origin: Origin,
  expand: GlobExpander,
): Promise<AbsolutePath[]> => {
  const names = components(path)
  const first = names.findIndex((name) => WILD.test(name))
  const base = fromComponents(names.slice(0, first))
  const found = await expand(base, names.slice(first).join('/'), GLOB_LIMIT + 1)
  if (found.length > GLOB_LIMIT) {
    throw new LauncherError('E_LIMIT', `${path} matches more than ${GLOB_LIMIT} names`, {
      ...atOf(origin),
      hint: 'name the directory instead',
    })
  }
  return found.map((name) => join(base, name)).sort()
}

/**
 * Reads the directories itself where the depth is fixed; the host's glob, which costs more to load
 * than all of resolution, only for `**`.
 */
export const globFor =
  (host: Host): GlobExpander =>
  async (base, pattern, limit) =>
    pattern.split('/').includes('**')
      ? host.glob(base, pattern, limit)
      : matchNames(host, base, pattern.split('/'), limit)

/**
 * Level by level; links to directories are entered only where the pattern names them in full, as
 * with fast-glob.
 */
const matchNames = (
  host: Host,
  base: AbsolutePath,
  names: readonly string[],
  limit: number,
): string[] => {
  const { fold } = namingOf(host.platform)
  let found: string[] = ['']
  for (const [depth, name] of names.entries()) {
    const isLast = depth === names.length - 1
    const matcher = WILD.test(name) ? compilePattern(name, fold) : undefined
    const next: string[] = []
    for (const place of found) {
      const directory = place === '' ? base : join(base, place)
      const prefix = place === '' ? '' : `${place}/`
      if (!matcher) {
        if (!isLast || host.lstat(join(directory, name)) !== undefined) next.push(prefix + name)
        continue
      }
      for (const entry of host.list(directory) ?? []) {
        if ((isLast || entry.type === 'directory') && matcher.matches([fold(entry.name)]))
          next.push(prefix + entry.name)
      }
      if (next.length >= limit) break
    }
    found = next.slice(0, limit)
  }
  return found
}
