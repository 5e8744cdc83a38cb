import { shortenHome } from '../../machine/home.ts'
import { namingOf } from '../../machine/naming.ts'
import type { Host, Platform } from '../../machine/host.ts'
import type { Hop, Notice, NoticeLevel } from '../../policy/model.ts'

import type { AbsolutePath } from '../../machine/paths.ts'
import { replaceUnsafe } from '../../text/unsafe-text.ts'
import type { TargetPart, TargetRole } from '../types.ts'
import type { WalkedPath } from '../../machine/walk.ts'

/**
 * A file on the way to the target: its name as it was given, where that leads, and how we came
 * here.
 */
export interface Place {
  /** Not resolved: pyvenv.cfg is looked for beside this name, not beside the real file. */
  readonly file: AbsolutePath
  readonly walked: WalkedPath
  readonly chain: readonly string[]
}

/** What one runtime found out; findings of a script and of its interpreter are merged. */
export interface Findings {
  /**
   * Name of the runtime; the innermost one that knows more than `native` or `script` names the
   * target.
   */
  readonly runtime: string
  readonly executables: readonly TargetPart[]
  readonly reads: readonly TargetPart[]
  readonly hops: readonly Hop[]
  readonly notices: readonly Notice[]
}

/** What every runtime may look at. All that touches the machine goes through `host` and `walk`. */
export interface ResolveContext {
  readonly host: Host
  readonly platform: Platform
  readonly home: AbsolutePath
  readonly cwd: AbsolutePath
  readonly project: AbsolutePath
  /**
   * True when the project holds the home directory: then nothing lies outside it, and a hit inside
   * is only a warning.
   */
  readonly isBroadProject: boolean
  /** What earlier runs could write: the project (unless it is broad) and its own cache. */
  readonly agentRoots: readonly AbsolutePath[]
  /**
   * True once something that an earlier run could have written led here: then its word opens
   * nobody's sources.
   */
  readonly isAgentsChoice: boolean
  /** PATH as it will be inside: absolute directories outside the project. */
  readonly searchPath: readonly AbsolutePath[]
  /** Words after the command, when they are known: `uv run` starts what they name. */
  readonly args?: readonly string[] | undefined
  /** True for what the user's own grants, not a built-in profile's, let the agent read. */
  readonly isGranted?: ((path: AbsolutePath) => boolean) | undefined
  walk(path: AbsolutePath): WalkedPath
  /**
   * Finds out what the file at `place` is and what it needs; `depth` counts interpreters of
   * interpreters.
   */
  examine(context: ResolveContext, place: Place, role: TargetRole, depth: number): Findings
}

/** A path as shown to people: the home directory as `~`, what is unsafe to print replaced. */
export const show = (context: ResolveContext, path: string): string =>
  replaceUnsafe(shortenHome(path, context.home), () => '\uFFFD')

/**
 * A place reached by `clause` (which names `file`), with one clause more for each link on the way.
 */
export const placeAt = (
  context: ResolveContext,
  file: AbsolutePath,
  before: readonly string[],
  clause: string,
): Place => {
  const walked = context.walk(file)
  const chain = [...before, clause]
  let named: string = file
  for (const hop of walked.hops) {
    chain.push(
      `${hop.path === named ? 'which' : show(context, hop.path)} is a link to ${show(context, hop.target)}`,
    )
    named = hop.target
  }
  return { file, walked, chain }
}

/** A part of the target at `place`. */
export const partOf = (role: TargetRole, place: Place): TargetPart => ({
  role,
  path: place.walked,
  chain: place.chain,
})

/** A notice that carries the chain as its origin. */
export const noticeOf = (
  level: NoticeLevel,
  code: string,
  message: string,
  chain: readonly string[] = [],
): Notice => ({
  level,
  code,
  message,
  origin: { strength: 'derived', file: 'resolution', key: 'target', because: chain.join(', ') },
})

/** Links passed on the way to `place`, each with the chain as its reason. */
export const hopsOf = (place: Place): Hop[] =>
  place.walked.hops.map((hop) => ({
    path: hop.path,
    target: hop.target,
    origin: {
      strength: 'derived',
      file: 'resolution',
      key: 'target',
      because: place.chain.join(', '),
    },
  }))

/** Findings with empty lists for what is left out. */
export const findings = (
  runtime: string,
  found: Partial<Omit<Findings, 'runtime'>> = {},
): Findings => ({
  runtime,
  executables: found.executables ?? [],
  reads: found.reads ?? [],
  hops: found.hops ?? [],
  notices: found.notices ?? [],
})

const VAGUE: ReadonlySet<string> = new Set(['native', 'script'])

/**
 * Joins findings in order; the first name that says more than `native` or `script` wins, else the
 * first.
 */
export const merge = (...all: readonly Findings[]): Findings => ({
  runtime: all.find((one) => !VAGUE.has(one.runtime))?.runtime ?? all[0]?.runtime ?? 'native',
  executables: all.flatMap((one) => one.executables),
  reads: all.flatMap((one) => one.reads),
  hops: all.flatMap((one) => one.hops),
  notices: all.flatMap((one) => one.notices),
})

/**
 * True when `path` is `root` or lies beneath it, as the file system compares names: on macOS
 * `/users/u` is `/Users/u`.
 */
export const isInside = (
  context: Pick<ResolveContext, 'platform'>,
  path: AbsolutePath,
  root: AbsolutePath,
): boolean => namingOf(context.platform).isInside(path, root)

/** True for what an earlier run could have written: it names nothing outside by its own word. */
export const isAgents = (
  context: Pick<ResolveContext, 'platform' | 'agentRoots'>,
  path: AbsolutePath,
): boolean => context.agentRoots.some((root) => isInside(context, path, root))

/**
 * True for a place that was reached through what an earlier run could have written: by its name, by
 * a link on the way, or by where it ends.
 */
export const isReachedByAgent = (context: ResolveContext, { file, walked }: Place): boolean =>
  [file, walked.real, ...walked.hops.map((hop) => hop.path)].some((path) => isAgents(context, path))

/** True when something of this type is at `path`, links followed. */
export const isThere = (
  context: ResolveContext,
  path: AbsolutePath,
  kind: 'file' | 'directory',
): boolean => {
  const walked = context.walk(path)
  return walked.status === 'exists' && walked.kind === kind
}
