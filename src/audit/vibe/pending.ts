import { join, parentOf } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { SettingsInForce } from '../migrators.ts'
import type { Need } from '../model.ts'
import { type ConfigFile, configReader } from '../shared/config-file.ts'
import { loadVibe, type VibeLoaded } from './load.ts'
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

/** A file that Vibe loads as it starts, and whose it is. */
export interface FileInForce {
  readonly layer: 'user' | 'project'
  readonly file: ConfigFile
}

/** The files that Vibe loads as it starts, weakest first: of its old versions one alone. */
export const filesInForce = ({
  user,
  projects,
  version: { semantics },
}: VibeLoaded): readonly FileInForce[] => {
  const project = projects.at(-1)
  const isAlone = semantics.isProjectReplacing && project !== undefined
  return [
    ...(isAlone ? [] : [{ layer: 'user' as const, file: user }]),
    ...(project ? [{ layer: 'project' as const, file: project }] : []),
  ].filter(({ file }) => file.problem === undefined && file.failure === undefined)
}

/** The files that Vibe will rewrite as it starts. */
export const pendingFiles = (loaded: VibeLoaded, world: AuditWorld): readonly PendingFile[] => {
  const { semantics } = loaded.version
  const inForce = filesInForce(loaded)
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

/**
 * From 2.22.0 on a file beside it is renamed over it; a link to elsewhere would be replaced, too.
 */
const renaming = ({ file }: ConfigFile, { walk }: AuditWorld): readonly Need[] => {
  const directory = walk(parentOf(file)).real
  return [
    { kind: 'path', operation: 'create', path: join(directory, '.config.toml.new.tmp') },
    { kind: 'path', operation: 'rename-to', path: join(directory, 'config.toml') },
  ]
}

/** What Vibe would load here, each file with its document. */
export const settingsInForce = async (
  request: AuditRequest,
  world: AuditWorld,
): Promise<SettingsInForce> => {
  const loaded = loadVibe(request, world, await configReader(world, 'full', 'toml'))
  return { version: loaded.version, files: filesInForce(loaded) }
}
