import { type AbsolutePath, absolute, ancestorsOf } from '../machine/paths.ts'
import type { Policy, ResolvedPolicy, StatGrant } from '../policy/model.ts'

/**
 * The folders above the project, where Bun runs on macOS: it opens each of them, and ends with
 * `CouldntReadCurrentDirectory` where it cannot (measured on 26.6.1), and the directory of temporary
 * files before it reads a flag. On Linux a folder that may not be listed can be opened all the same.
 */
export const listedFolders = (
  { features }: Pick<Policy, 'features'>,
  project: AbsolutePath,
  platform: ResolvedPolicy['platform'],
): StatGrant[] => {
  const bun = features.find(({ value }) => value === 'bun')
  if (bun === undefined || platform !== 'macos') return []
  return [...ancestorsOf(project), absolute('/private/tmp')]
    .filter((path) => path !== '/')
    .map((path) => ({ path, lists: true, origin: bun.origin }))
}
