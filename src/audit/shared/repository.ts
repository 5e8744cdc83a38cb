import { type AbsolutePath, parentOf } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'

/**
 * The nearest repository that holds a directory, itself included; a worktree or submodule, whose
 * `.git` is a file, is one.
 */
export const repositoryOf = (
  { host }: Pick<AuditWorld, 'host'>,
  directory: AbsolutePath,
): AbsolutePath | undefined => {
  for (let here = directory; ; here = parentOf(here)) {
    if (host.lstat(`${here === '/' ? '' : here}/.git`) !== undefined) return here
    if (here === '/') return undefined
  }
}

/** The directories from `root` down to `directory`, both included. */
export const foldersDown = (root: AbsolutePath, directory: AbsolutePath): AbsolutePath[] => {
  const folders: AbsolutePath[] = []
  for (let here = directory; ; here = parentOf(here)) {
    folders.unshift(here)
    if (here === root || here === '/') return folders
  }
}
