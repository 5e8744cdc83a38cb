import type { EntryKind } from '../machine/host.ts'
import type { Notice, Origin, Seed, Sourced } from '../policy/model.ts'
import { type AbsolutePath, ancestorsOf, join, parentOf } from '../machine/paths.ts'
import type { WalkedPath, Walker } from '../machine/walk.ts'
import type { Expander } from './expand.ts'
import type { Creation } from './types.ts'

/** A path that is absent and will be made before the start. */
export interface Made {
  readonly walked: WalkedPath
  readonly kind: EntryKind
  readonly requested: string
  readonly origin: Origin
  /** What stands in a file; nothing by default. */
  readonly content?: string
}

export interface MadePaths {
  /** By real path. */
  readonly made: ReadonlyMap<AbsolutePath, Made>
  readonly notices: readonly Notice[]
}

/**
 * The `create` entries and seeds that are absent. A link that leads nowhere is never made good: its
 * end is not ours to choose.
 */
export const absentCreates = (
  create: readonly Sourced<string>[],
  seeds: readonly Seed[],
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
  for (const { path, content, unless, origin } of seeds) {
    const walked = walk(expander.path(path, origin))
    const directory = parentOf(walked.real)
    const isThere =
      made.get(directory)?.kind === 'directory' || walk(directory).kind === 'directory'
    if (walked.status !== 'missing' || made.has(walked.real) || !isThere) continue
    if (unless.some((name) => walk(join(directory, name)).status === 'exists')) continue
    made.set(walked.real, { walked, kind: 'file', requested: path, origin, content })
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
export const creationOrder = (accepted: readonly Made[], walk: Walker): Creation[] => {
  const all = new Map<AbsolutePath, Creation>()
  for (const { walked, kind, content } of accepted) {
    for (const path of ancestorsOf(walked.real))
      if (walk(path).status === 'missing') all.set(path, { path, kind: 'directory' })
    if (all.get(walked.real)?.kind !== 'directory')
      all.set(walked.real, {
        path: walked.real,
        kind,
        ...(content !== undefined && { content }),
      })
  }
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
