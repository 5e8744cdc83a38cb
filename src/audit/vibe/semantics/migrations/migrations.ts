import type { Table } from '../../../../documents/values.ts'
import { at, type Changes } from '../version-order.ts'
import type { VibeSemantics } from '../versions.ts'
import { addFind, addReadOnly, removeFind, stripWildcards } from './bash-lists.ts'
import type { Migrate, Migrated, MigratedFile } from './migration.ts'
import {
  completeLocal,
  dropDevstralSmall,
  dropDevstralSmallWithSetting,
  dropUnsetModelThresholds,
  dropUnsetThreshold,
  markImages,
  renameActiveModel,
  renameDevstral,
  stopThinking,
} from './models.ts'
import { renameAgents, renameTools } from './names.ts'
import { dropSeededTimeout } from './shell-timeout.ts'

const ALONE: MigratedFile = { layer: 'user', others: [] }

/**
 * What Vibe makes of a file before it reads it: the gate sees the result, and where `changes` is
 * not empty Vibe writes it back. Tables and lists that are no such thing are left alone (Vibe stops
 * there, with an error).
 */
export const migrated = (
  values: Table,
  semantics: VibeSemantics,
  file: MigratedFile = ALONE,
): Migrated =>
  at(semantics.release, MIGRATIONS).reduce<Migrated>(
    (before, migrate) => {
      const after = migrate(before.values, semantics, file)
      return after
        ? { values: after.values, changes: [...before.changes, ...after.changes] }
        : before
    },
    { values, changes: [] },
  )

const DEVSTRAL: readonly Migrate[] = [renameDevstral, renameActiveModel]
const IMAGES: readonly Migrate[] = [renameDevstral, markImages, renameActiveModel]
const LISTS: readonly Migrate[] = [addFind, stripWildcards]
const ALL_LISTS: readonly Migrate[] = [...LISTS, addReadOnly]
const NAMES: readonly Migrate[] = [renameTools, renameAgents]

/** Facts: `_migrate` of vibe/core/config, `_migration.py` from 2.19.0 on, release by release. */
const MIGRATIONS: Changes<readonly Migrate[]> = [
  ['1.0.0', []],
  ['2.5.0', [removeFind]],
  ['2.9.0', [addFind]],
  ['2.9.1', [addFind, ...DEVSTRAL]],
  ['2.9.6', [...LISTS, ...DEVSTRAL]],
  ['2.14.0', [...LISTS, ...IMAGES, renameTools]],
  ['2.15.0', [...ALL_LISTS, ...IMAGES, renameTools]],
  ['2.24.0', [...ALL_LISTS, ...IMAGES, stopThinking, renameTools]],
  ['2.24.1', [...ALL_LISTS, ...IMAGES, stopThinking, ...NAMES]],
  ['2.25.0', [...ALL_LISTS, ...IMAGES, dropDevstralSmallWithSetting, ...NAMES]],
  ['2.26.1', [...ALL_LISTS, ...IMAGES, dropDevstralSmall, completeLocal, ...NAMES]],
  [
    '3.0.3',
    [
      ...ALL_LISTS,
      ...IMAGES,
      dropDevstralSmall,
      completeLocal,
      ...NAMES,
      dropSeededTimeout,
      dropUnsetThreshold,
      dropUnsetModelThresholds,
    ],
  ],
]
