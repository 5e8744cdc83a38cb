import type { Host } from '../../machine/host.ts'
import {
  type AbsolutePath,
  isWithin,
  join,
  nameOf,
  parentOf,
  toAbsolutePath,
} from '../../machine/paths.ts'
import type { Origin, PolicyProtection, ResolvedPolicy } from '../../policy/model.ts'
import type { RootedPattern } from '../patterns.ts'
import type { CalledFile } from '../git-called.ts'
import type { Repository } from '../scan.ts'
import type { Surroundings } from '../types.ts'
import { gitTraps } from './git-traps.ts'
import { type TrackedFile, trackedFiles } from './tracked.ts'

/**
 * What is there before a run, as far as it decides what is told after it: plain data that can be
 * written down, so that a run whose launcher was killed is told, too.
 */
export interface Baseline {
  readonly version: 2
  readonly project: AbsolutePath
  /** Milliseconds since the epoch. */
  readonly started: number
  /** The project and what else the agent may fill, none within another. */
  readonly roots: readonly AbsolutePath[]
  readonly patterns: readonly RootedPattern<PatternRule>[]
  /** Names that were protected during the run, or lifted: nothing to be told. */
  readonly known: readonly AbsolutePath[]
  readonly lifted: readonly AbsolutePath[]
  readonly repositories: readonly Repository[]
  /** Large trees of tools. */
  readonly heavy: readonly AbsolutePath[]
  readonly gitDirs: readonly AbsolutePath[]
  /** Files that something protected runs. */
  readonly called: readonly CalledFile[]
  readonly traps: readonly AbsolutePath[]
  /** Protected files that git tracks. */
  readonly tracked: readonly TrackedFile[]
  /** Folders that are kept from being bare repositories, where no HEAD lies yet. */
  readonly headless: readonly AbsolutePath[]
  /** Directories in the project that the user's PATH names. */
  readonly searched: readonly AbsolutePath[]
}

/** What a protected pattern says, without where it was written. */
export interface PatternRule extends Pick<PolicyProtection, 'path' | 'kind'> {
  readonly because?: string | undefined
  /** Place of its family among the others, soonest obeyed first. */
  readonly rank?: number
}

/** Takes down what is there before a run. */
export const takeBaseline = (
  host: Host,
  { project, protections, lifts }: ResolvedPolicy,
  { called, heavy, patterns, repositories, roots }: Surroundings,
  started: number,
): Baseline => {
  const gitDirs = gitDirsOf(protections)
  return {
    version: 2,
    project,
    started,
    called,
    roots,
    patterns: patterns.map(({ root, pattern, rule: { path, kind, origin } }) => ({
      root,
      pattern,
      rule: { path, kind, because: origin.because, rank: rankOf(origin) },
    })),
    known: protections.map(({ path }) => path),
    lifted: lifts.map(({ path }) => path),
    repositories,
    heavy,
    gitDirs,
    tracked: trackedFiles(
      host,
      repositories,
      protections.map(({ path }) => path),
    ),
    traps: gitTraps(gitDirs, host).map(({ path }) => path),
    headless: protections
      .filter(({ path, origin }) => origin.key === 'git-bare' && nameOf(path) === 'commondir')
      .map(({ path }) => parentOf(path))
      .filter((place) => host.lstat(join(place, 'HEAD')) === undefined),
    searched: (host.env['PATH'] ?? '')
      .split(':')
      .flatMap((written) => toAbsolutePath(written) ?? [])
      .filter((path) => isWithin(path, project)),
  }
}

/**
 * Families of protected names, by how soon the host obeys them: on `cd`, on the next git command,
 * on opening the folder, on the agent's next start.
 */
const FAMILIES = ['shell-hooks', 'git-hooks', 'version-control', 'editors', 'coding-agents']

const rankOf = ({ file }: Origin): number => {
  const at = FAMILIES.findIndex((family) => file.endsWith(`protected/${family}.toml`))
  return at < 0 ? FAMILIES.length : at
}

/**
 * One of these lies in every git directory: a worktree's own, where its rebase would be, has no
 * configuration.
 */
const IN_EVERY = /\/(?:commondir|config)$/

const gitDirsOf = (protections: ResolvedPolicy['protections']): AbsolutePath[] => [
  ...new Set(
    protections
      .filter(({ exists, path, origin }) => exists && IN_EVERY.test(path) && origin.key === 'git')
      .map(({ path }) => parentOf(path)),
  ),
]
