import type { Host } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { AuditDocument } from '../documents/document.ts'
import type {
  AgentVersion,
  AnsweredProbe,
  Case,
  Format,
  RuleInfo,
  Setting,
  Source,
} from './model.ts'

/**
 * How one agent's configuration is read and what it means. Everything that differs between agents
 * lies behind this.
 */
export interface Dialect {
  readonly format: Format
  /** The agent's name as people write it. */
  readonly agent: string
  /** Its command, to find the installation by. */
  readonly command: string
  /**
   * Names of its configuration file, in the order they are looked for when a directory is audited.
   */
  readonly fileNames: readonly string[]
  /** The catalogue, by id. */
  readonly rules: readonly RuleInfo[]
  /**
   * Reads the configuration and everything that bears on it, and applies the rules. Bad files are
   * findings; throws LauncherError only when the named file cannot be read at all.
   */
  inspect(request: AuditRequest, world: AuditWorld): Promise<Inspection>
}

/** What is to be audited. */
export interface AuditRequest {
  /**
   * The main configuration file: an absolute path; or a text from standard input with the path it
   * stands for.
   */
  readonly file: AbsolutePath
  readonly text?: string
  /** The version to assume instead of the installed one. */
  readonly agentVersion?: string
  /** Words that the agent will be started with. */
  readonly words: readonly string[]
  /** `full`: everything. `launch`: what costs next to nothing: no shell parser, no positions. */
  readonly depth: 'full' | 'launch'
}

/** Where a path leads, link by link. */
export interface Walked {
  readonly hops: readonly { readonly path: string; readonly target: string }[]
  readonly real: AbsolutePath
  readonly status: 'exists' | 'missing' | 'dangling' | 'cycle' | 'denied'
}

/** The agent's installation as resolution found it. */
interface InstalledAgent {
  /** Real paths of what is executed and of the trees that are read. */
  readonly executables: readonly AbsolutePath[]
  readonly trees: readonly AbsolutePath[]
}

/** The machine and helpers of other folders, composed by the command. */
export interface AuditWorld {
  readonly host: Host
  /**
   * What the agent would be started with: the caller's environment, or at launch what launcher
   * passes.
   */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The project that the agent would work in: real path. */
  readonly project: AbsolutePath
  readonly walk: (path: AbsolutePath) => Walked
  /** Path without links, as the agent's own resolution gives it; absent ends stay. */
  readonly resolve: (path: string) => string
  /** The candidate nearest to a word, if near enough to be a slip. */
  readonly closest: (word: string, candidates: Iterable<string>) => string | undefined
  /** Undefined when it is not installed. */
  readonly installed: InstalledAgent | undefined
  /**
   * True when the agent could write a path under the policy it would run with; undefined without
   * one.
   */
  readonly mayWrite?: (path: AbsolutePath) => boolean
}

/**
 * What a dialect hands back: cases with their rows, not yet joined with documents or the kernel.
 */
export interface Inspection {
  readonly version: AgentVersion
  readonly sources: readonly Source[]
  readonly settings: readonly Setting[]
  /**
   * Documents that positions are looked up in and edits applied to, by the path used in
   * {@link Case.cause}. Empty at `launch`.
   */
  readonly documents: ReadonlyMap<string, AuditDocument>
  readonly cases: readonly RuleCase[]
  readonly probes: readonly AnsweredProbe[]
}

/** A case with the row that found it. */
export interface RuleCase {
  readonly rule: RuleInfo
  readonly found: Case
}
