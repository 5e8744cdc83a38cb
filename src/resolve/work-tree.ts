import type { FileType, Host } from '../machine/host.ts'
import { type AbsolutePath, components, join, parentOf } from '../machine/paths.ts'

/**
 * Type of what is at a path, links not followed; undefined when nothing is, or the kernel would not
 * say.
 */
export const typeAt = (host: Host, path: AbsolutePath): FileType | undefined => {
  const stat = host.lstat(path)
  return stat === undefined || stat === 'denied' ? undefined : stat.type
}

/**
 * True for a path in the work tree of a repository, outside of its `.git`: what appears there, git
 * lists as untracked.
 */
export const isInWorkTree = (host: Host, path: AbsolutePath): boolean => {
  if (components(path).includes('.git')) return false
  for (let above = path; above !== '/'; ) {
    above = parentOf(above)
    const dotGit = join(above, '.git')
    const type = typeAt(host, dotGit)
    // An empty directory is how a run holds the name where there is no repository.
    if (type === 'directory' ? host.lstat(join(dotGit, 'HEAD')) !== undefined : type !== undefined)
      return true
  }
  return false
}
