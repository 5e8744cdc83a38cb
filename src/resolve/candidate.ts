import type { EntryKind } from '../machine/host.ts'
import type { Origin, ProtectionKind } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** A protection before it is placed: what it names, not yet followed, lifted or held. */
export interface Candidate {
  readonly path: AbsolutePath
  readonly kind: ProtectionKind
  readonly requested: string
  readonly origin: Origin
  readonly liftable: boolean
  /** For an absent name that an empty directory would break: the file that holds it. */
  readonly held?: { readonly entry: EntryKind; readonly placeholder: string }
  /** False for what only matters where it exists. */
  readonly holdsAbsent?: boolean
}
