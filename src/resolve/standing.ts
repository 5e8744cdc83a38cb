import { namingOf } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, isWithin, join, parentOf } from '../machine/paths.ts'
import { ownPlaces } from '../machine/places.ts'
import type { Policy } from '../policy/model.ts'
import type { Candidate } from './candidate.ts'
import type { Expander } from './expand.ts'
import { ownCandidates } from './own.ts'
import type { PathEntry } from './path-env.ts'
import { isNamePattern, withoutTail } from './patterns.ts'
import type { ResolvedCaches, Target } from './types.ts'

/** Plain paths of `[protect]`; patterns are found by the walk. */
export const authored = (protections: Policy['protections'], expander: Expander): Candidate[] =>
  protections
    .filter((one) => !isNamePattern(one.path))
    .flatMap(({ path, kind, origin, held }) =>
      expander.every(withoutTail(path), origin).map((place) => ({
        path: place,
        kind,
        requested: path,
        origin,
        liftable: true,
        ...(held && { held }),
      })),
    )

/**
 * What the host runs later: directories of PATH and the target's own trees, where a write grant
 * would reach them.
 */
export const outsideCandidates = (
  entries: readonly PathEntry[],
  target: Target | undefined,
  project: AbsolutePath,
  isWritable: (directory: AbsolutePath) => boolean,
): Candidate[] => {
  const places = [
    ...entries.map(({ walked }) => ({
      path: walked.requested,
      real: walked.real,
      because: 'a directory of your PATH: the host runs what lies here',
    })),
    ...[...(target?.executables ?? []), ...(target?.reads ?? [])].map((part) => ({
      path: part.path.requested,
      real: part.path.real,
      because: part.chain.join(', '),
    })),
  ]
  return places
    .filter(
      ({ real }) => !isWithin(real, project) && (isWritable(real) || isWritable(parentOf(real))),
    )
    .map(({ path, because }) => ({
      path,
      kind: 'read_only',
      requested: path,
      liftable: true,
      origin: { strength: 'derived', file: 'resolution', key: 'outside', because },
    }))
}

/** Work on launcher's own checkout (named by --project) keeps only what runs from it. */
export const launcherCandidates = (
  host: Host,
  project: AbsolutePath,
  caches: ResolvedCaches,
): Candidate[] =>
  ownCandidates(host)
    // The project's own cache is closed by grants of its own.
    .filter(({ path }) => caches.directory === undefined || path !== ownPlaces(host).cache)
    .flatMap((candidate) =>
      candidate.path === host.installation &&
      namingOf(host.platform).isInside(project, host.installation)
        ? ['dist', 'profiles', 'shell'].map((name) => ({
            ...candidate,
            path: join(host.installation, name),
            requested: `${host.installation}/${name}`,
          }))
        : [candidate],
    )
