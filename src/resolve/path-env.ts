import { namingOf } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import type { GrantAccess, Hop, Notice, Origin, StatGrant } from '../policy/model.ts'
import { type AbsolutePath, parentOf, ROOT } from '../machine/paths.ts'

import { physical } from '../machine/physical.ts'
import type { WalkedPath, Walker } from '../machine/walk.ts'

/** A directory of the user's PATH outside the project, followed. */
export interface PathEntry {
  readonly written: string
  readonly walked: WalkedPath
}

export interface PathEntries {
  readonly entries: readonly PathEntry[]
  readonly notices: readonly Notice[]
}

const originFor = (written: string): Origin => ({
  strength: 'derived',
  file: 'resolution',
  key: 'PATH',
  because: `${written} is a directory of your PATH`,
})

/**
 * The entries of PATH that can be of use inside, in order; those in the project are the agent's own
 * work and run nothing by name.
 */
export const pathEntries = (host: Host, walk: Walker, project: AbsolutePath): PathEntries => {
  const { isInside } = namingOf(host.platform)
  const entries: PathEntry[] = []
  const notices: Notice[] = []
  const seen = new Set<string>()
  for (const written of (host.env['PATH'] ?? '').split(':')) {
    if (seen.has(written)) continue
    seen.add(written)
    const path = written.startsWith('/') ? physical(walk, ROOT, written) : undefined
    if (path === undefined) {
      const what = written === '' ? 'An empty entry' : `The entry ${JSON.stringify(written)}`
      notices.push({
        level: 'info',
        code: 'path-entry',
        message: `${what} of PATH is left out: it means another directory wherever it is used`,
        origin: originFor(JSON.stringify(written)),
      })
      continue
    }
    const walked = walk(path)
    if ([path, walked.real].some((place) => isInside(place, project))) {
      notices.push({
        level: 'info',
        code: 'path-entry',
        message: `${written} is left out of PATH: it lies in the project`,
        origin: originFor(written),
      })
    } else entries.push({ written, walked })
  }
  return { entries, notices }
}

export interface SearchPath {
  readonly searchPath: readonly AbsolutePath[]
  readonly stats: readonly StatGrant[]
  readonly hops: readonly Hop[]
  readonly notices: readonly Notice[]
}

/**
 * PATH inside: what may be read, or holds something that may. Any other directory is a bare name on
 * Linux, so that a search passes it by; elsewhere it is left out.
 */
export const searchPathOf = (
  entries: readonly PathEntry[],
  host: Host,
  access: (path: AbsolutePath) => GrantAccess,
  isWritable: (directory: AbsolutePath) => boolean,
  holdsGranted: (directory: AbsolutePath) => boolean,
): SearchPath => {
  const searchPath = new Set<AbsolutePath>()
  const stats: StatGrant[] = []
  const hops: Hop[] = []
  const notices: Notice[] = []
  for (const { written, walked } of entries) {
    if (walked.status !== 'exists' || walked.kind !== 'directory') continue
    const origin = originFor(written)
    const planted = walked.hops.find((hop) => isWritable(parentOf(hop.path)))
    if (planted) {
      notices.push({
        level: 'warning',
        code: 'path-entry',
        message: `${written} is left out of PATH: ${planted.path} is a link that the agent could change`,
        origin,
      })
      continue
    }
    const isReadable = access(walked.real) !== 'none' || holdsGranted(walked.real)
    if (isReadable) {
      searchPath.add(walked.real)
      hops.push(
        ...walked.hops.map(
          ({ path, target }): Hop => ({
            path,
            target,
            origin: {
              ...origin,
              because: `a link on the way to ${written}, a directory of your PATH`,
            },
          }),
        ),
      )
    } else if (host.platform === 'linux') stats.push({ path: walked.real, origin })
    else
      notices.push({
        level: 'info',
        code: 'path-entry',
        message: `${written} is left out of PATH: nothing grants it`,
        origin,
      })
  }
  return {
    searchPath: [...searchPath],
    stats: [...new Map(stats.map((stat) => [stat.path, stat])).values()],
    hops,
    notices,
  }
}
