import { namingOf } from '../machine/naming.ts'
import type { Host } from '../machine/host.ts'
import type { Policy } from '../policy/model.ts'
import { type AbsolutePath, join, parentOf } from '../machine/paths.ts'
import { findInAreas } from './areas.ts'
import type { Repository } from './scan.ts'
import { createExpander } from './expand.ts'
import type { Resolution } from './types.ts'
import { createWalker } from '../machine/walk.ts'

/** A name that appeared during a run and that the host, or the next run, gives a meaning to. */
export interface NewName {
  readonly path: AbsolutePath
  /** A clause: why it matters. */
  readonly because: string
}

/** Names in a git directory that git writes through if they are links, and what they would then overwrite on the host's next command. */
const WRITTEN_THROUGH = [
  'COMMIT_EDITMSG',
  'FETCH_HEAD',
  'MERGE_MSG',
  'ORIG_HEAD',
  'SQUASH_MSG',
  'TAG_EDITMSG',
  'index',
  'logs',
  'logs/HEAD',
  'packed-refs',
  'shallow',
] as const

/** Unfinished work in a git directory that runs commands, or takes objects from elsewhere, when it is continued or used. */
const CONTINUED: Readonly<Record<string, string>> = {
  'objects/info/alternates': 'git takes objects from the places it names',
  'rebase-apply': 'an unfinished rebase: `git rebase --continue` goes on with it',
  'rebase-merge': 'an unfinished rebase: `git rebase --continue` runs the commands in it',
  sequencer: 'an unfinished pick: `git cherry-pick --continue` goes on with it',
}

/** One of these lies in every git directory: a worktree's own, where its rebase would be, has no configuration. */
const IN_EVERY = /\/(?:commondir|config)$/

/** Traps in the repositories that a run could write, as they stand now; asked before the start and after the end, what is new is told. */
export const gitTraps = (resolution: Resolution, host: Host): NewName[] => {
  const directories = new Set(
    resolution.resolved.protections
      .filter((one) => one.exists && IN_EVERY.test(one.path) && one.origin.key === 'git')
      .map((one) => parentOf(one.path)),
  )
  return [...directories].flatMap((directory) => [
    ...WRITTEN_THROUGH.flatMap((name) => {
      const path = join(directory, name)
      const target = host.readlink(path)
      return target === undefined
        ? []
        : [{ path, because: `a link to ${target}: git would write there` }]
    }),
    ...Object.entries(CONTINUED).flatMap(([name, because]) =>
      host.lstat(join(directory, name)) === undefined
        ? []
        : [{ path: join(directory, name), because }],
    ),
  ])
}

/**
 * Names made during a run that a protected pattern names, and repositories that were planted: on Linux a pattern holds only for the names
 * that are there at the start. `earlier` is the resolution the run had; what it held must be taken away by now.
 */
export const newProtectedNames = (
  policy: Policy,
  earlier: Resolution,
  host: Host,
  tmp: AbsolutePath,
): NewName[] => {
  const { resolved } = earlier
  const expander = createExpander(host, { project: resolved.project, tmp })
  const areas = findInAreas({
    host,
    walk: createWalker(host),
    expander,
    project: resolved.project,
    grants: resolved.grants,
    protections: policy.protections,
    naming: namingOf(host.platform),
    tmp,
  })
  // An empty directory holds nothing and runs nothing: it is how another run holds a name.
  const isEmpty = (path: AbsolutePath): boolean => host.list(path)?.length === 0
  const known = new Set(resolved.protections.map((protection) => protection.path))
  const named = areas.candidates
    .filter((candidate) => !known.has(candidate.path) && !isEmpty(candidate.path))
    .map((candidate) => ({
      path: candidate.path,
      because: `${candidate.requested} names it, from the next run on`,
    }))
  const keyOf = ({ place, type }: Repository): string => `${type}\0${place}`
  const before = new Set(earlier.repositories.map(keyOf))
  const planted = areas.repositories.flatMap((repository) => {
    const { place, type } = repository
    const at = type === 'bare' ? place : join(place, '.git')
    return before.has(keyOf(repository)) || isEmpty(at)
      ? []
      : [
          {
            path: at,
            because: 'a repository: the next git command there runs what its config and hooks name',
          },
        ]
  })
  const byPath = (a: NewName, b: NewName): number => (a.path < b.path ? -1 : 1)
  const told = new Set<string>()
  // Repositories first: git obeys them unasked, and from any folder beneath.
  return [...planted.sort(byPath), ...named.sort(byPath)].filter(
    ({ path }) => !told.has(path) && told.add(path),
  )
}
