import type { FileType, Host } from '../../machine/host.ts'
import { type AbsolutePath, join } from '../../machine/paths.ts'
import type { NewName } from './new-name.ts'

/** Entries of one git directory that are looked at: refs and logs may be many. */
const BUDGET = 50_000

/**
 * What lies in git directories that git obeys or writes through on a later command: by kind, since
 * names are many. Any link (git writes through it), any lock (git stops at it), state of unfinished
 * work, and where objects come from. What ordinary commands leave is not among them.
 */
export const gitTraps = (gitDirs: readonly AbsolutePath[], host: Host): NewName[] =>
  gitDirs.flatMap((gitDir) => trapsIn(gitDir, host))

const trapsIn = (gitDir: AbsolutePath, host: Host): NewName[] => {
  const found: NewName[] = []
  let left = BUDGET
  const level = [{ directory: gitDir, within: '' }]
  for (const { directory, within } of level) {
    for (const { name, type } of host.list(directory) ?? []) {
      if (left-- <= 0) return found
      const place = within === '' ? name : `${within}/${name}`
      const path = join(directory, name)
      const trap = trapAt(place, path, type, host)
      if (trap) found.push(trap)
      if (type === 'directory' && isEntered(place)) level.push({ directory: path, within: place })
    }
  }
  return found
}

/**
 * Nothing in the object store's own directories is obeyed, and submodules' directories are git
 * directories of their own.
 */
const isEntered = (place: string): boolean =>
  place !== 'modules' && !/^objects\/(?:[0-9a-f]{2}|pack)$/.test(place) && !place.startsWith('lfs/')

const trapAt = (
  place: string,
  path: AbsolutePath,
  type: FileType,
  host: Host,
): NewName | undefined => {
  if (type === 'symlink')
    return {
      path,
      kind: 'git',
      because: `a link to ${host.readlink(path) ?? 'somewhere'}: git would write there`,
    }
  const state = STATES.find(({ names }) => names.test(place))
  if (state) return { path, kind: state.kind, because: state.because }
  return type === 'directory' ? undefined : lockAt(place, path)
}

const lockAt = (place: string, path: AbsolutePath): NewName | undefined =>
  place.endsWith('.lock')
    ? { path, kind: 'unfinished', because: 'a lock: git refuses to work until it is removed' }
    : undefined

/**
 * State in a git directory that a later command goes on with, by place; what git's own
 * documentation and sources name.
 */
const STATES: readonly {
  readonly names: RegExp
  readonly kind: NewName['kind']
  readonly because: string
}[] = [
  {
    names: /^objects\/info\/(?:http-)?alternates$/,
    kind: 'git',
    because: 'git takes objects from the places it names',
  },
  {
    names: /^info\/(?:attributes|grafts)$/,
    kind: 'git',
    because:
      'git obeys it: it chooses among the filters that your configuration defines, or rewrites history',
  },
  {
    names: /^worktrees\/[^/]+$/,
    kind: 'git',
    because: 'a worktree: git uses what it names',
  },
  {
    names: /^rebase-(?:apply|merge)$/,
    kind: 'unfinished',
    because: 'an unfinished rebase: `git rebase --continue` runs the commands in it',
  },
  {
    names: /^sequencer$/,
    kind: 'unfinished',
    because: 'an unfinished pick: `git cherry-pick --continue` goes on with it',
  },
  {
    names: /^BISECT_[A-Z_]+$/,
    kind: 'unfinished',
    because: 'an unfinished bisection: `git bisect` goes on with it',
  },
  {
    names: /^(?:AUTO_MERGE|MERGE_(?:AUTOSTASH|HEAD|MODE|MSG|RR)|SQUASH_MSG)$/,
    kind: 'unfinished',
    because: 'an unfinished merge: the next commit goes on with it',
  },
  {
    // What an ordinary command leaves behind is in no need of a word; any other name in capitals is
    // state that some command reads.
    names:
      /^(?!(?:COMMIT_EDITMSG|EDIT_DESCRIPTION|FETCH_HEAD|HEAD|NOTES_EDITMSG|ORIG_HEAD|TAG_EDITMSG)$)[A-Z][A-Z_]+$/,
    kind: 'unfinished',
    because: 'state that git, or a tool beside it, goes on with',
  },
]
