import type { Host } from '../machine/host.ts'
import { type AbsolutePath, absolute, ancestorsOf } from '../machine/paths.ts'
import type { Policy, StatGrant } from '../policy/model.ts'

/**
 * The folders above the project, where Bun runs on macOS: it opens each of them, and ends with
 * `CouldntReadCurrentDirectory` where it cannot (measured on 26.6.1), and the directory of
 * temporary files before it reads a flag. On Linux a folder that may not be listed can be opened
 * all the same. A toolchain's word counts only where Bun is on PATH: names of a home directory are
 * opened for nothing else.
 */
export const listedFolders = (
  { features, name }: Pick<Policy, 'features' | 'name'>,
  project: AbsolutePath,
  host: Host,
): StatGrant[] => {
  if (host.platform !== 'macos') return []
  const bun = features.find(
    ({ value }) => value === 'bun' && (name !== 'default' || isOnPath('bun', host)),
  )
  if (bun === undefined) return []
  return [...ancestorsOf(project), absolute('/private/tmp')]
    .filter((path) => path !== '/')
    .map((path) => ({ path, lists: true, origin: bun.origin }))
}

const isOnPath = (name: string, host: Host): boolean =>
  (host.env['PATH'] ?? '')
    .split(':')
    .some(
      (directory) => directory.startsWith('/') && host.stat(`${directory}/${name}`) !== undefined,
    )
