import type { Table } from '../../../../documents/values.ts'
import type { VibeSemantics } from '../versions.ts'

/** One thing that a migration does to a file. */
export interface MigrationChange {
  /** The key that it happens to, outermost table first. */
  readonly key: readonly string[]
  /** What is done, a clause: `adds "find" to the allowlist of bash`. */
  readonly clause: string
}

/** A configuration after what Vibe does to it on loading, and what was done. */
export interface Migrated {
  readonly values: Table
  readonly changes: readonly MigrationChange[]
}

/** The place of a file among those that Vibe loads: some migrations look at the others, too. */
export interface MigratedFile {
  readonly layer: 'user' | 'project'
  /** The values of the other files that are loaded with it. */
  readonly others: readonly Table[]
}

/** One migration; undefined when it leaves the file as it is. */
export type Migrate = (
  values: Table,
  semantics: VibeSemantics,
  file: MigratedFile,
) => Migrated | undefined
