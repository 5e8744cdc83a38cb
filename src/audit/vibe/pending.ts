import { join, parentOf } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { Need } from '../model.ts'
import type { ConfigFile } from '../shared/config-file.ts'
import type { VibeLoaded } from './load.ts'
import type { MigrationChange } from './semantics/migrations/migration.ts'
import { migrated } from './semantics/migrations/migrations.ts'
import { compareReleases, releaseOf } from './semantics/version-order.ts'

/** A file that Vibe rewrites when it loads it. */
export interface PendingFile {
  readonly file: ConfigFile
  readonly changes: readonly MigrationChange[]
  /** What it must be allowed for that; it ends with an error where one of these is refused. */
  readonly needs: readonly Need[]
}

/** The files that Vibe will rewrite as it starts: of its old versions the one in force, from 2.24.0 on each that is loaded. */
export const pendingFiles = (
  { user, projects, version: { semantics } }: VibeLoaded,
  world: AuditWorld,
): readonly PendingFile[] => {
  const project = projects.at(-1)
  const inForce = [
    ...(semantics.isProjectReplacing && project ? [] : [{ layer: 'user' as const, file: user }]),
    ...(project ? [{ layer: 'project' as const, file: project }] : []),
  ].filter(({ file }) => file.problem === undefined && file.failure === undefined)
  const isRenaming = compareReleases(semantics.release, releaseOf('2.22.0') ?? [2, 22, 0]) >= 0
  return inForce.flatMap(({ layer, file }) => {
    const others = inForce.flatMap((one) => (one.file === file ? [] : [one.file.values]))
    const { changes } = migrated(file.values, semantics, { layer, others })
    return changes.length === 0
      ? []
      : [{ file, changes, needs: isRenaming ? renaming(file, world) : inPlace(file, world) }]
  })
}

/** Until 2.21 the file itself is opened for writing. */
const inPlace = ({ file }: ConfigFile, { walk }: AuditWorld): readonly Need[] => [
  { kind: 'path', operation: 'write', path: walk(file).real },
]

/** From 2.22.0 on a file beside it is renamed over it; a link to elsewhere would be replaced, too. */
const renaming = ({ file }: ConfigFile, { walk }: AuditWorld): readonly Need[] => {
  const directory = walk(parentOf(file)).real
  return [
    { kind: 'path', operation: 'create', path: join(directory, '.config.toml.new.tmp') },
    { kind: 'path', operation: 'rename-to', path: join(directory, 'config.toml') },
  ]
}
