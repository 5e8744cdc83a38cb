import type { Host } from '../machine/host.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import { createWalker } from '../machine/walk.ts'
import { gitDirOf } from './git-files.ts'
import { typeAt } from './work-tree.ts'

/** Bytes of indexes that one look reads: some ten thousand files. */
export const INDEX_BUDGET = 4 << 20

/**
 * The index of the repository at a place; undefined when there is none to read. Never through a
 * link: the agent may have put one there.
 */
export const indexOf = (
  host: Host,
  place: AbsolutePath,
  limit = INDEX_BUDGET,
): Uint8Array | undefined => {
  const dotGit = join(place, '.git')
  const gitDir =
    typeAt(host, dotGit) === 'directory'
      ? dotGit
      : gitDirOf(host, createWalker(host), dotGit, place)
  if (gitDir === undefined || typeAt(host, join(gitDir, 'index')) !== 'file') return undefined
  const read = host.read(join(gitDir, 'index'), limit)
  return read.ok ? read.bytes : undefined
}
