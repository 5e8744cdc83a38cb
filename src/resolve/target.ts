import type { Host, Platform } from '../machine/host.ts'
import type { Hop, Notice } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { projectCache } from './own.ts'
import { findCommand, searchDirectories } from './runtimes/command.ts'
import {
  findings,
  hopsOf,
  isInside,
  merge,
  type Findings,
  type Place,
  type ResolveContext,
} from './runtimes/context.ts'
import { examine } from './runtimes/examine.ts'
import { throughShim } from './runtimes/shims/table.ts'
import type { Target, TargetPart } from './types.ts'
import { createWalker, type Walker } from '../machine/walk.ts'

/** What resolution of a target has to know beside the machine. */
export interface TargetOptions {
  /** Entries of PATH, in order, as the user has them. */
  readonly searchPath: readonly string[]
  readonly project: AbsolutePath
  readonly cwd: AbsolutePath
  readonly platform: Platform
  /** Words after the command; `uv run` starts what they name. */
  readonly args?: readonly string[] | undefined
  /**
   * True for what the user's own grants let the agent read: an environment in uv's cache is part of
   * a target only then.
   */
  readonly isGranted?: ((path: AbsolutePath) => boolean) | undefined
  /** A walker to share with the rest of resolution; a new one by default. */
  readonly walk?: Walker
}

/**
 * From a command name to all that it needs to start, found by looking at files alone. Throws
 * E_TARGET_* with the exit code a shell would give.
 */
export const resolveTarget = (host: Host, command: string, options: TargetOptions): Target => {
  const walk = options.walk ?? createWalker(host)
  const directories = searchDirectories({ walk }, options.searchPath)
  const isBroadProject = isInside(options, host.home, options.project)
  const context: ResolveContext = {
    host,
    platform: options.platform,
    home: host.home,
    cwd: options.cwd,
    project: options.project,
    isBroadProject,
    agentRoots: [
      ...(isBroadProject ? [] : [options.project]),
      walk(projectCache(host, options.project)).real,
    ],
    searchPath: directories.filter(
      (directory) => isBroadProject || !isInside(options, walk(directory).real, options.project),
    ),
    isAgentsChoice: false,
    args: options.args,
    isGranted: options.isGranted,
    walk,
    examine,
  }
  const found = findCommand(context, command, directories)
  const start = stepOver(context, found.place)
  const all = merge(examine(context, start.place, 'executable', 0), start.findings)
  return {
    command,
    file: start.place.file,
    runtime: all.runtime,
    executables: uniqueParts(all.executables),
    reads: uniqueParts(all.reads),
    hops: uniqueHops([...hopsOf(found.place), ...all.hops]),
    notices: uniqueNotices([...found.notices, ...all.notices]),
  }
}

/**
 * The chain of the deepest part, as lines for a message: how the command leads to the last thing it
 * needs to start.
 */
export const describeChain = (target: Target): string[] => [
  ...((target.executables.findLast((part) => part.role === 'interpreter') ?? target.executables[0])
    ?.chain ?? []),
]

/**
 * The first part that the given policy would not let be read, outermost first: what the agent would
 * die of, before it dies.
 */
export const firstUnreadable = (
  target: Target,
  canRead: (path: AbsolutePath) => boolean,
): TargetPart | undefined =>
  [...target.executables, ...target.reads].find((part) => !canRead(part.path.real))

/**
 * A shim is not run: what it would start is, so that the version manager is not part of the target.
 * One may lead to another (mise to pnpm).
 */
const stepOver = (
  context: ResolveContext,
  place: Place,
  steps = 0,
): { readonly place: Place; readonly findings: Findings } => {
  const shim = throughShim(context, place)
  if (shim === undefined) return { place, findings: NOTHING }
  if (shim.place === undefined || steps >= MAX_SHIMS) return { place, findings: shim.findings }
  const next = stepOver(context, shim.place, steps + 1)
  return {
    place: next.place,
    findings: merge(
      findings('script', { hops: hopsOf(shim.place), notices: shim.findings.notices }),
      next.findings,
    ),
  }
}

const MAX_SHIMS = 4
const NOTHING = findings('script')

/** One part for each real path; the first chain is the shortest. */
const uniqueParts = (parts: readonly TargetPart[]): TargetPart[] => {
  const seen = new Set<string>()
  return parts.filter((part) => !seen.has(part.path.real) && seen.add(part.path.real))
}

const uniqueHops = (hops: readonly Hop[]): Hop[] =>
  [...new Map([...hops].reverse().map((hop) => [hop.path, hop])).values()].reverse()

const uniqueNotices = (notices: readonly Notice[]): Notice[] => [
  ...new Map(notices.map((notice) => [`${notice.code} ${notice.message}`, notice])).values(),
]
