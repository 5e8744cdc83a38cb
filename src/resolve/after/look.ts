import type { Host } from '../../machine/host.ts'
import { namingOf } from '../../machine/naming.ts'
import { type AbsolutePath, ancestorsOf, isWithin, join, parentOf } from '../../machine/paths.ts'
import { compileNames, type RootedPattern } from '../patterns.ts'
import { type Repository, type ScanResult, scanTree } from '../scan.ts'
import type { Baseline, PatternRule } from './baseline.ts'
import { changedPrograms, changedSince } from './changed-programs.ts'
import { gitTraps } from './git-traps.ts'
import { type NewName, worstFirst } from './new-name.ts'
import { outdatedFiles } from './tracked.ts'

/** What came during a run, and how far that is known. */
export interface Aftermath {
  /** Worst first, all of them. */
  readonly names: readonly NewName[]
  /** Why the list may not be complete, as sentences. */
  readonly gaps: readonly string[]
}

/** More than a start looks at: an agent that made a tree large must not hide in it. */
const BUDGET = 1_000_000

/**
 * Looks at what the agent could fill, and tells what is new since the baseline and has a meaning
 * for the host. `held` are names that other runs hold now. Never throws for what it finds: what
 * cannot be looked into is told as such.
 */
export const lookAfter = (
  { project, started, roots, patterns, heavy, ...before }: Baseline,
  host: Host,
  held: ReadonlySet<AbsolutePath>,
): Aftermath => {
  const { fold } = namingOf(host.platform)
  const matcher = compileNames([...patterns, ENVIRONMENT], fold)
  const isHidden = (rules: readonly PatternRule[]): boolean =>
    rules.some((rule) => rule.kind === 'hidden')
  const scans: ScanResult<PatternRule>[] = []
  const gaps: string[] = []
  let left = BUDGET
  const scan = (root: AbsolutePath, entersHeavy: boolean): ScanResult<PatternRule> => {
    const found = scanTree(host, root, {
      matcher: entersHeavy ? NOTHING : matcher,
      budget: left,
      covers: isHidden,
      entersHeavy,
    })
    left = Math.max(0, left - found.entries)
    if (found.stoppedAt !== undefined)
      gaps.push(
        `the search ended early, after ${BUDGET - left} names, at ${found.stoppedAt}: what lies there and deeper was not looked at`,
      )
    scans.push(found)
    return found
  }
  const trees = roots.flatMap((root) => scan(root, false).heavy)
  const old = new Set(heavy)
  // Last: such trees are large, and what lies in them is obeyed only by who goes there.
  for (const tree of trees) if (!old.has(tree)) scan(tree, true)

  const isOfEnvironment = ({ rules }: { readonly rules: readonly PatternRule[] }): boolean =>
    rules.includes(ENVIRONMENT.rule)
  const found = scans.flatMap(({ matches }) => matches)
  const known = new Set(before.known)
  const fresh = found.filter((one) => !known.has(one.path) && !isOfEnvironment(one))
  const tops = new Set(fresh.map(({ path }) => path))
  const isSilent = (path: AbsolutePath): boolean =>
    held.has(path) || before.lifted.some((lift) => isWithin(path, lift))
  // An empty directory holds nothing and runs nothing.
  const isEmpty = (path: AbsolutePath): boolean =>
    host.readlink(path) === undefined && host.list(path)?.length === 0
  // In a git directory it does: its name alone says that work is unfinished.
  const isNews = ({ kind, path }: NewName): boolean =>
    !isSilent(path) && (kind === 'git' || kind === 'unfinished' || !isEmpty(path))
  const traps = new Set(before.traps)
  const wasRepository = new Set(before.repositories.map(keyOf))
  const all = (pick: (found: ScanResult<PatternRule>) => readonly NewName[]): NewName[] =>
    scans.flatMap(pick)
  return {
    names: worstFirst([
      ...all(({ repositories }) =>
        repositories.filter((one) => !wasRepository.has(keyOf(one))).map(planted),
      ),
      ...all(({ closed }) => closed.map(unseen)),
      ...before.headless
        .map((place) => join(place, 'HEAD'))
        .filter((path) => isFile(host, path))
        .map(halfPlanted),
      ...before.called
        .filter(({ path }) => isFile(host, path) && changedSince(host, path, started))
        .map(
          ({ path, because }): NewName => ({ path, kind: 'git', because: `changed: ${because}` }),
        ),
      ...gitTraps(before.gitDirs, host).filter(({ path }) => !traps.has(path)),
      ...fresh
        .filter(({ path }) => !ancestorsOf(path).some((above) => tops.has(above)))
        .map(({ path, rules }) => named(path, rules)),
      ...changedPrograms({
        host,
        environments: [
          ...trees.filter((tree) => host.lstat(join(tree, 'pyvenv.cfg')) !== undefined),
          ...found.filter(isOfEnvironment).map(({ path }) => parentOf(path)),
        ],
        directories: [join(project, 'bin'), ...before.searched],
        since: started,
      }),
      ...outdatedFiles(host, before.repositories, before.known, before.tracked),
    ]).filter(isNews),
    gaps,
  }
}

/** The file that makes a directory a virtual environment of Python. */
const ENVIRONMENT: RootedPattern<PatternRule> = {
  root: undefined,
  pattern: '**/pyvenv.cfg',
  rule: { path: 'pyvenv.cfg', kind: 'read_only' },
}

const NOTHING = compileNames<PatternRule>([], (name) => name)

const keyOf = ({ place, type }: Repository): string => `${type}\0${place}`

const planted = ({ place, type }: Repository): NewName => ({
  path: type === 'bare' ? place : join(place, '.git'),
  kind: 'repository',
  because: 'a repository: the next git command there runs what its config and hooks name',
})

const isFile = (host: Host, path: AbsolutePath): boolean => {
  const stat = host.lstat(path)
  return stat !== undefined && stat !== 'denied' && stat.type !== 'directory'
}

const halfPlanted = (path: AbsolutePath): NewName => ({
  path,
  kind: 'unfinished',
  because: 'with objects and refs beside it git would take this folder for a repository',
})

const unseen = (path: AbsolutePath): NewName => ({
  path,
  kind: 'unseen',
  because: path.includes('\ufffd')
    ? 'its name is not text (UTF-8): what lies in it was not looked at'
    : 'it cannot be looked into',
})

const named = (path: AbsolutePath, rules: readonly PatternRule[]): NewName => {
  const rule = rules.find(({ kind }) => kind === 'read_only') ?? rules[0]!
  return {
    path,
    kind: rule.kind === 'hidden' ? 'hidden' : 'protected',
    because: rule.because ?? `${rule.path} names it, from the next run on`,
    ...(rule.rank !== undefined && { rank: rule.rank }),
  }
}
