import type { Held, Origin, ProtectionKind } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** A protection before it is placed: what it names, not yet followed, lifted or held. */
export interface Candidate {
  readonly path: AbsolutePath
  readonly kind: ProtectionKind
  readonly requested: string
  readonly origin: Origin
  readonly liftable: boolean
  /** What holds the name while it is absent; without it, its spelling tells. */
  readonly held?: Held
  /** False for what only matters where it exists. */
  readonly holdsAbsent?: boolean
}
