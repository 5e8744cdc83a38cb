import type { Host } from '../host.ts'
import type { ProtectionKind } from '../policy/model.ts'
import { type AbsolutePath, join } from '../policy/paths.ts'
import type { Candidate } from './candidate.ts'
import { readVariables } from './variables.ts'

/** Where launcher itself lives on this machine. */
export interface OwnPlaces {
  readonly installation: AbsolutePath
  readonly state: AbsolutePath
  readonly configuration: AbsolutePath
}

export const ownPlaces = (host: Host): OwnPlaces => {
  const variables = readVariables(host)
  const base = (name: string, rest: string): AbsolutePath => variables.get(name) ?? join(host.home, rest)
  return {
    installation: host.installation,
    state: join(base('XDG_STATE_HOME', '.local/state'), 'launcher'),
    configuration: join(base('XDG_CONFIG_HOME', '.config'), 'launcher'),
  }
}

/** What launcher stands on: an agent that could change it would choose its own policy next time. Nothing lifts these. */
export const ownCandidates = (host: Host): Candidate[] => {
  const { installation, state, configuration } = ownPlaces(host)
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
  ]
}
