import type { Protection, Seed } from '../policy/model.ts'
import { type AbsolutePath, nameOf, parentOf } from '../machine/paths.ts'
import type { Expander } from './expand.ts'
import type { Creation } from './types.ts'
import type { Walker } from '../machine/walk.ts'

export interface SeedsInput {
  readonly seeds: readonly Seed[]
  /** What is to be made, seeds among it. */
  readonly create: readonly Creation[]
  readonly protections: readonly Protection[]
  readonly expander: Expander
  readonly walk: Walker
  readonly isEmpty: (directory: AbsolutePath) => boolean
  /** True when the agent may make and replace names in this directory as far as grants go. */
  readonly isWritable: (directory: AbsolutePath) => boolean
}

/**
 * Seeds of a directory that holds a protected name are shown in it and not made on the host: it
 * must be empty to go when the run ends. One that is there and empty may be another run's.
 */
export const plantSeeds = (
  input: SeedsInput,
): { readonly create: readonly Creation[]; readonly protections: readonly Protection[] } => {
  const { protections, walk } = input
  const holders = new Map(
    protections
      .filter(
        ({ path, kind, entry, exists }) =>
          kind === 'read_only' &&
          entry === 'directory' &&
          (!exists || (input.isWritable(parentOf(path)) && input.isEmpty(path))),
      )
      .map((one) => [one.path, new Map<string, string>()]),
  )
  const shown = new Set<AbsolutePath>()
  for (const { path, content, origin } of input.seeds) {
    const { real, status } = walk(input.expander.path(path, origin))
    if (status !== 'missing') continue
    const files = holders.get(parentOf(real))
    if (files === undefined) continue
    files.set(nameOf(real), content)
    shown.add(real)
  }
  return {
    create: input.create.filter((one) => !shown.has(one.path)),
    protections: protections.map((one) => {
      const files = holders.get(one.path)
      return files === undefined || files.size === 0
        ? one
        : { ...one, files: Object.fromEntries(files) }
    }),
  }
}
