import {
  absolute,
  type AbsolutePath,
  isWithin,
  join,
  nameOf,
  parentOf,
  toAbsolutePath,
} from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import type { ResolveContext } from './context.ts'

const CONF = absolute('/etc/ld.so.conf')
const FILE_LIMIT = 64 * 1024
const MAX_FILES = 64
const MAX_DIRECTORIES = 128

/**
 * Directories that `/etc/ld.so.conf` and the files it includes name: ldconfig puts their libraries
 * into the loader's cache, so that programs find them without a path. Read as text; the cache
 * itself is the loader's own business.
 */
export const confDirectories = (context: ResolveContext): AbsolutePath[] => {
  const directories = new Set<AbsolutePath>()
  const queue: AbsolutePath[] = [CONF]
  const seen = new Set<AbsolutePath>()
  for (
    let file = queue.shift();
    file !== undefined && seen.size < MAX_FILES;
    file = queue.shift()
  ) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const line of (textOf(context.host, file, FILE_LIMIT) ?? '').split('\n')) {
      const text = line.replace(/#.*$/, '').trim()
      const included = /^include\s+(.+)$/.exec(text)?.[1]
      if (included !== undefined)
        queue.push(
          ...included.split(/\s+/).flatMap((pattern) => matching(context, parentOf(CONF), pattern)),
        )
      // `hwcap` lines are of another age, and `=` gave a type to a directory of libc5.
      else if (text !== '' && !text.startsWith('hwcap') && directories.size < MAX_DIRECTORIES)
        addAll(directories, text.split(/[\s:,=]+/))
    }
  }
  return [...directories]
}

const addAll = (directories: Set<AbsolutePath>, words: readonly string[]): void => {
  for (const word of words) {
    const path = toAbsolutePath(word)
    if (path !== undefined) directories.add(path)
  }
}

/**
 * Files that an `include` names: a pattern in its last component, as every distribution writes it.
 */
const matching = (context: ResolveContext, base: AbsolutePath, pattern: string): AbsolutePath[] => {
  const path = toAbsolutePath(pattern.startsWith('/') ? pattern : `${base}/${pattern}`)
  if (path === undefined || !isWithin(path, absolute('/etc'))) return []
  const [begin = '', ...rest] = nameOf(path).split('*')
  if (rest.length === 0) return [path]
  if (rest.length > 1) return []
  const names = (context.host.list(parentOf(path)) ?? []).map((entry) => entry.name)
  const isMatch = (name: string): boolean =>
    name.length >= begin.length + rest[0]!.length &&
    name.startsWith(begin) &&
    name.endsWith(rest[0]!) &&
    !name.startsWith('.')
  return names
    .filter(isMatch)
    .sort()
    .map((name) => join(parentOf(path), name))
}
