import { createHash } from 'node:crypto'
import type { Host } from '../../machine/host.ts'
import { type AbsolutePath, isWithin, join } from '../../machine/paths.ts'
import { shellWord } from '../../text/shell-word.ts'
import { INDEX_BUDGET, indexOf } from '../git-index-file.ts'
import { typeAt } from '../work-tree.ts'
import { type IndexEntry, parseGitIndex } from '../git-index.ts'
import type { Repository } from '../scan.ts'
import type { NewName } from './new-name.ts'

/** A protected file as git's index had it at the start. */
export interface TrackedFile {
  readonly path: AbsolutePath
  readonly id: string
}

const FILE_LIMIT = 1 << 20

/**
 * Protected files that the repositories' indexes name. Nothing of git is run: an index is read as
 * bytes.
 */
export const trackedFiles = (
  host: Host,
  repositories: readonly Repository[],
  known: readonly AbsolutePath[],
): TrackedFile[] =>
  protectedEntries(host, repositories, known).map(({ path, entry }) => ({ path, id: entry.id }))

/**
 * Protected files of which the index has come to name another content than what lies there: a
 * switch of branches inside went on without them, and the next `commit -a` would take their change
 * back. What differed before the run is the user's own affair.
 */
export const outdatedFiles = (
  host: Host,
  repositories: readonly Repository[],
  known: readonly AbsolutePath[],
  before: readonly TrackedFile[],
): NewName[] => {
  const old = new Map(before.map(({ path, id }) => [path, id]))
  const now = protectedEntries(host, repositories, known)
  const has = new Set(now.map(({ path }) => path))
  const places = repositories.map(({ place }) => place)
  return [
    ...now
      .filter(({ path, entry }) => old.get(path) !== entry.id && !isSame(host, path, entry))
      .map(({ path, place, entry }) => outdated(path, bringIn(host, place, entry.path))),
    ...[...old.keys()]
      .filter((path) => !has.has(path) && host.lstat(path) !== undefined)
      // An index that cannot be read any more tells nothing.
      .filter((path) =>
        places.some((place) => isWithin(path, place) && indexOf(host, place) !== undefined),
      )
      .map((path) => outdated(path, 'git has it no longer')),
  ]
}

const outdated = (path: AbsolutePath, because: string): NewName => ({
  path,
  kind: 'outdated',
  because,
})

interface Found {
  readonly path: AbsolutePath
  readonly place: AbsolutePath
  readonly entry: IndexEntry
}

const protectedEntries = (
  host: Host,
  repositories: readonly Repository[],
  known: readonly AbsolutePath[],
): Found[] => {
  let left = INDEX_BUDGET
  return repositories.flatMap(({ place, type }) => {
    if (type === 'bare' || type === 'symlink') return []
    const names = known.filter((path) => isWithin(path, place) && path !== place)
    const bytes = names.length === 0 ? undefined : indexOf(host, place, left)
    if (!bytes) return []
    left -= bytes.length
    const isCovered = coveredBy(names.map((path) => path.slice(place.length + 1)))
    return (parseGitIndex(bytes, isCovered) ?? [])
      .filter(({ type: kind }) => kind !== 'other')
      .map((entry) => ({ entry, place, path: join(place, entry.path) }))
  })
}

/**
 * True for the names and what lies beneath them; asked about every file of a work tree, so
 * directories are remembered.
 */
const coveredBy = (names: readonly string[]): ((path: string) => boolean) => {
  const known = new Map<string, boolean>(names.map((name) => [name, true]))
  const isCovered = (path: string): boolean => known.get(path) ?? isBeneath(path)
  const isBeneath = (path: string): boolean => {
    const slash = path.lastIndexOf('/')
    if (slash < 0) return false
    const above = path.slice(0, slash)
    const answer = isCovered(above)
    known.set(above, answer)
    return answer
  }
  return isCovered
}

const isSame = (host: Host, path: AbsolutePath, { id, type }: IndexEntry): boolean => {
  if (typeAt(host, path) !== type) return false
  if (type === 'symlink') return blobName(Buffer.from(host.readlink(path) ?? '')) === id
  const read = host.read(path, FILE_LIMIT)
  return read.ok && blobName(read.bytes) === id
}

const blobName = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')

/** Letters of a path that neither a terminal nor git's path patterns give a meaning to. */
const PLAIN = /^[\p{L}\p{N}._/@+ -]+$/u

const bringIn = (host: Host, place: AbsolutePath, path: string): string => {
  if (!PLAIN.test(path) || !PLAIN.test(place)) return 'git has another version of it'
  const at = place === host.cwd ? 'git' : `git -C ${shellWord(place)}`
  return `git has another version: see ${at} diff -R -- ${shellWord(path)}; to bring it in: ${at} restore -- ${shellWord(path)}`
}
