import type { EntryKind } from '../machine/host.ts'
import type { Notice, Origin, Sourced } from '../policy/model.ts'
import { ancestorsOf, type AbsolutePath } from '../machine/paths.ts'
import type { Expander } from './expand.ts'
import type { WalkedPath, Walker } from '../machine/walk.ts'

/** A path that is absent and will be made before the start. */
export interface Made {
  readonly walked: WalkedPath
  readonly kind: EntryKind
  readonly requested: string
  readonly origin: Origin
}

export interface MadePaths {
  /** By real path. */
  readonly made: ReadonlyMap<AbsolutePath, Made>
  readonly notices: readonly Notice[]
}

/** The `create` entries that are absent. A link that leads nowhere is never made good: its end is not ours to choose. */
export const absentCreates = (
  create: readonly Sourced<string>[],
  expander: Expander,
  walk: Walker,
): MadePaths => {
  const made = new Map<AbsolutePath, Made>()
  const notices: Notice[] = []
  for (const { value, origin } of create) {
    const walked = walk(expander.path(value, origin))
    const kind: EntryKind = value.endsWith('/') ? 'directory' : 'file'
    if (walked.status === 'missing') {
      const other = made.get(walked.real)
      if (!other || (other.kind === 'file' && kind === 'directory'))
        made.set(walked.real, { walked, kind, requested: value, origin })
    } else if (walked.status !== 'exists') {
      notices.push({
        level: 'warning',
        code: 'create-skipped',
        message: `${value} is not made: ${whyNot(walked.status)}`,
        origin,
      })
    }
  }
  return { made, notices }
}

const whyNot = (status: WalkedPath['status']): string =>
  status === 'dangling'
    ? 'a link on the way leads to nothing'
    : status === 'cycle'
      ? 'its links go round in a circle'
      : 'its directory cannot be entered'

/** Everything to make for the accepted entries, their absent parents included, outermost first. */
export const creationOrder = (
  accepted: readonly Made[],
  walk: Walker,
): { readonly path: AbsolutePath; readonly kind: EntryKind }[] => {
  const all = new Map<AbsolutePath, EntryKind>()
  for (const { walked, kind } of accepted) {
    for (const above of ancestorsOf(walked.real))
      if (walk(above).status === 'missing') all.set(above, 'directory')
    if (all.get(walked.real) !== 'directory') all.set(walked.real, kind)
  }
  return [...all].map(([path, kind]) => ({ path, kind })).sort((a, b) => (a.path < b.path ? -1 : 1))
}
