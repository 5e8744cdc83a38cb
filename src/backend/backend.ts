import type { Collected } from '../explain/denials/collected.ts'
import type { Facts } from '../explain/denials/facts.ts'
import type { StandardStreams } from '../launch/descriptors.ts'
import type { Reaper } from '../launch/reaper.ts'
import type { RunState } from '../launch/state.ts'
import type { Ending, Launch } from '../launch/types.ts'
import type { Host, Platform } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { RunNetwork } from '../network/run-network.ts'
import type { Origin, ResolvedPolicy } from '../policy/model.ts'
import type { Placeholder } from './bubblewrap/program.ts'
import type { Check } from './check.ts'

export type BackendName = 'bubblewrap' | 'seatbelt'

/**
 * What enforces a policy: a kernel's own means, from the look whether it is there to the agent's
 * end.
 */
export interface Backend<
  P extends Program = Program,
  R extends object = object,
  C extends Collector = Collector,
> {
  readonly name: BackendName
  /** As shown: the kernel that enforces it. */
  readonly label: string
  /** Where it exists; elsewhere its programs can be looked at, not started. */
  readonly platform: Platform
  /** True where the agent has a loopback of its own, so that ports are handed in. */
  readonly hasOwnLoopback: boolean
  /** Why launcher must stay beside the agent; absent where `--exec` can be had. */
  readonly whyNoExec?: string
  /** What it opens by itself to every program, as entries of a policy. */
  provided(): ProvidedPaths
  /** What the features of a policy open, for the contract. */
  opens(policy: ResolvedPolicy): readonly OpenedFeature[]
  /**
   * Whether it can enforce here and now, without starting anything of the agent's. Throws what is
   * missing.
   */
  probe(host: Host, wishes: ProbeWishes): R
  /** What will be enforced. Throws for a policy that it cannot express. */
  compile(policy: ResolvedPolicy, options: CompileOptions): P
  /**
   * Opens what tells of refusals; undefined where nothing does. Ready to hear when this resolves.
   */
  openCollector(options: CollectorOptions, host: Host): Promise<C | undefined>
  /** Starts the agent and resolves with its end. */
  start(run: BackendRun<P, R, C>, host: Host): Promise<Ending>
  /** What `doctor` looks at. */
  checks(host: Host): readonly Check[]
}

/** Paths that a backend opens by itself. */
type ProvidedPaths = Pick<ResolvedPolicy, 'grants' | 'stats'>

/** A feature that a profile names, what it opens, and whether that is a way out. */
export interface OpenedFeature {
  readonly name: string
  readonly opens: string
  readonly isLoud: boolean
  readonly origin: Origin
}

/** What a backend enforces, and what has to stand on the host for it meanwhile. */
export interface Program {
  readonly backend: BackendName
  /** Absent names that are held so that nobody makes them. */
  readonly placeholders: readonly Placeholder[]
  /** The program as it is shown to people and programs. */
  view(): ProgramView
}

export interface ProgramView {
  /** What begins a comment in it. */
  readonly comment: string
  /** The text itself, where it is one. */
  readonly text: string
  /** Steps in its own words, each with its origin where it has one of its own. */
  readonly steps: readonly { readonly words: readonly string[]; readonly origin?: Origin }[]
  /** Its members in JSON; the shape is a promise. */
  readonly json: Readonly<Record<string, unknown>>
}

interface CompileOptions {
  readonly runId: string
  /** The inherited terminal's device; asked for only by a backend whose program names it. */
  readonly tty: () => string | undefined
  /** The proxy's port on the loopback that the agent sees. */
  readonly proxyPort: number | undefined
}

export interface ProbeWishes {
  readonly project: AbsolutePath
  readonly network: Pick<RunNetwork, 'inward' | 'out'>
}

/** What tells of refusals while an agent runs. */
export interface Collector {
  readonly kind: Collected['kind']
  /** Waits for what has not been told yet. */
  finish(): Promise<Collected>
}

export interface CollectorOptions {
  readonly runId: string
  readonly policy: ResolvedPolicy
  /** The host as the joining of denials sees it. */
  readonly facts: () => Facts
  readonly cwd: AbsolutePath
  /** `--trace`: also what costs the agent something. */
  readonly wantsTrace: boolean
  /** A directory that only the user can enter. */
  readonly directory: AbsolutePath
}

/** One start: everything is decided and what the run needs stands on the host. */
export interface BackendRun<P extends Program, R extends object, C extends Collector> {
  readonly program: P
  /** What {@link Backend.probe} found. */
  readonly ready: R
  readonly launch: Launch
  readonly policy: ResolvedPolicy
  readonly state: RunState
  readonly streams: StandardStreams
  readonly network: RunNetwork
  readonly collector: C | undefined
  readonly reaper: Reaper
  /** `--exec`: become the agent. */
  readonly useExec: boolean
  /** The agent is about to be let go. */
  readonly onRelease: () => void
}
