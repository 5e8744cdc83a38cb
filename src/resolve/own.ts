import type { Host } from '../machine/host.ts'
import type { ProtectionKind } from '../policy/model.ts'
import { type AbsolutePath, join, nameOf } from '../machine/paths.ts'
import { ownPlaces } from '../machine/places.ts'
import type { Candidate } from './candidate.ts'
import { digestOf } from './digest.ts'

/**
 * Where the caches of one project are kept (`$CACHE`): named after its real path by a digest that
 * nobody can meet by choosing the name of a folder.
 */
export const projectCache = (host: Host, project: AbsolutePath): AbsolutePath => {
  const shown = nameOf(project)
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 32)
  return join(ownPlaces(host).cache, `projects/${digestOf(project).slice(0, 24)}-${shown}`)
}

/**
 * What launcher stands on: an agent that could change it would choose its own policy next time.
 * Nothing lifts these.
 */
export const ownCandidates = (host: Host): Candidate[] => {
  const { installation, state, configuration, cache } = ownPlaces(host)
  const own = (path: AbsolutePath, kind: ProtectionKind, because: string): Candidate => ({
    path,
    kind,
    requested: path,
    liftable: false,
    origin: { strength: 'builtin', file: 'resolution', key: 'launcher', because },
  })
  return [
    own(installation, 'read_only', 'launcher is installed here'),
    own(configuration, 'read_only', "launcher's profiles and configuration"),
    own(state, 'hidden', "launcher's state"),
    own(cache, 'hidden', "launcher's caches, each for one project"),
  ]
}
