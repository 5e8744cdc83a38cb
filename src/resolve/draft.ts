import type { EntryKind } from '../machine/host.ts'
import type { GrantAccess, Origin } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Covering } from './coverage.ts'
import type { WalkedPath } from '../machine/walk.ts'

/**
 * A grant whose path was followed but that is not yet accepted: {@link acceptLinks} and the grants
 * around it decide.
 */
export interface Draft extends Covering {
  /** Where it leads: the real path. */
  readonly path: AbsolutePath
  readonly access: GrantAccess
  readonly kind: EntryKind
  readonly requested: string
  readonly origin: Origin
  readonly walked: WalkedPath
  readonly provider?: 'backend'
}

/**
 * A grant that resolution derives (the target, `.git` of a worktree, the run's own directory), its
 * path followed already.
 */
export interface DerivedGrant {
  readonly walked: WalkedPath
  readonly access: GrantAccess
  readonly requested: string
  readonly origin: Origin
  /** For what is there only during the run. */
  readonly kind?: EntryKind
  readonly provider?: 'backend'
}
