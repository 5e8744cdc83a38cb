import type { Host } from '../machine/host.ts'
import type { Grant, Notice } from '../policy/model.ts'
import { type AbsolutePath, isWithin, join } from '../machine/paths.ts'
import { isOwnCache } from './caches.ts'
import type { Coverage, Covering } from './coverage.ts'
import type { Walker } from '../machine/walk.ts'

const MAX_GRANTS = 64
/** A directory that the agent writes may hold any number. */
const MAX_LINKS = 256
const MAX_NAMED = 6

/**
 * Links right beneath a granted directory of the home directory that lead to where nothing is
 * granted: what dotfiles managers make. They are said, one notice for each directory, and followed
 * only when a profile names where they lead.
 */
export const outwardLinks = (
  host: Host,
  walk: Walker,
  project: AbsolutePath,
  grants: readonly Grant[],
  coverage: Coverage<Covering>,
): Notice[] =>
  grants
    .filter(
      (grant) =>
        grant.kind === 'directory' &&
        grant.access !== 'none' &&
        grant.provider === undefined &&
        isOwn(grant.path, host.home, project) &&
        !isOwnCache(grant),
    )
    .slice(0, MAX_GRANTS)
    .flatMap((grant) => {
      const links = (host.list(grant.path) ?? [])
        .filter((entry) => entry.type === 'symlink')
        .slice(0, MAX_LINKS)
        .map((entry) => walk(join(grant.path, entry.name)))
      const outward = links
        .filter((walked) => walked.status === 'exists' && !isGranted(walked.real, coverage))
        .map((walked) => `${walked.requested} (to ${walked.real})`)
      if (outward.length === 0) return []
      const more = outward.length > MAX_NAMED ? ` and ${outward.length - MAX_NAMED} more` : ''
      const message = `links in ${grant.requested} lead to where nothing is granted: ${outward.sort().slice(0, MAX_NAMED).join(', ')}${more}; name such a place itself if the agent needs it`
      return [{ level: 'info', code: 'link-leads-out', message, origin: grant.origin }]
    })

const isOwn = (path: AbsolutePath, home: AbsolutePath, project: AbsolutePath): boolean =>
  path !== home && isWithin(path, home) && !isWithin(path, project)

const isGranted = (path: AbsolutePath, coverage: Coverage<Covering>): boolean => {
  const over = coverage.over(path)
  return over !== undefined && over.access !== 'none'
}
