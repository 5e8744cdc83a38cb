import type { Operation } from '../policy/model.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { AuditDocument, Edit, KeyPath, Position } from '../documents/document.ts'

/** Worst first. `critical`: the agent's own protection is off. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** True when `severity` is as bad as `threshold` or worse. */
export const isAtLeast = (severity: Severity, threshold: Severity): boolean =>
  SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(threshold)

/** Names of dialects, as `--format` and `[audit] format` of a profile write them. */
export const FORMATS = ['vibe', 'claude', 'codex', 'opencode'] as const
export type Format = (typeof FORMATS)[number]

/** What a rule says about itself, apart from any configuration. One row of a catalogue. */
export interface RuleInfo {
  readonly id: string
  readonly severity: Severity
  /** What is found: a noun phrase without a full stop. */
  readonly what: string
  /** Why it matters: one or two sentences. */
  readonly why: string
  /** The next step: one sentence. */
  readonly fix: string
  /** Versions of the agent that it is about, in words; absent for all. */
  readonly versions?: string
}

/**
 * A row with the function that looks for it. `F` is what the dialect knows about one configuration.
 */
export interface Rule<F> extends RuleInfo {
  /** Pure; a case for each thing found. */
  find(facts: F): readonly Case[]
}

/** One thing that a rule found. */
export interface Case {
  /**
   * What is wrong here, one sentence; values from files may stand in it as they are: reports make
   * them safe to print.
   */
  readonly message: string
  readonly cause: Cause
  /** Where this version makes it worse or better than the row says. */
  readonly severity?: Severity
  /** Id of the {@link Probe} whose answer proves it. */
  readonly probe?: string
  /**
   * The doors it opens; the kernel covers it when each of them is shut. Absent where the kernel has
   * no say.
   */
  readonly exposes?: readonly Need[]
  /** What the agent must be allowed to start with this; absent where it starts all the same. */
  readonly stops?: readonly Need[]
  /** Changes to `cause.file` that mend it. */
  readonly edits?: readonly Edit[]
  /** Lines for a person to paste, where no edit is safe or the key is missing. */
  readonly paste?: string
}

/** Where a finding comes from. */
export interface Cause {
  /**
   * Absolute path, or a word in angle brackets for what is no file: `<environment>`,
   * `<command line>`, `<defaults>`.
   */
  readonly file: string
  /** The key in that file; where it is missing the place of its nearest table is shown. */
  readonly path?: KeyPath
  /** The place itself, where no path leads to it: a key that stands twice, an error of syntax. */
  readonly position?: Position
  /** The layer of the configuration, in the agent's words. */
  readonly layer?: string
}

/** Something that an attack needs; refused by the kernel (or launcher) it does not work. */
export type Need =
  | { readonly kind: 'path'; readonly operation: Operation; readonly path: AbsolutePath }
  /** A host that must be reached. */
  | { readonly kind: 'host'; readonly host: string }
  /** A variable that must be passed on to the agent. */
  | { readonly kind: 'variable'; readonly name: string }

/** What an agent's own gate does with one call of a tool. */
export type Verdict = 'RUNS' | 'ASKS' | 'DENIED'

/** The directory an agent is started in, for a probe. */
export type ProbeCwd = 'project' | 'home'

/** One call of a tool that the gate and the kernel are asked about. */
export interface Probe {
  /** Unique: `read ~/.ssh/id_rsa @project`. */
  readonly id: string
  readonly group: 'secret' | 'persistence' | 'command'
  /**
   * The agent's name of the tool, or of the way to use it: `read_file`, `grep`, `grep parent`,
   * `bash`.
   */
  readonly tool: string
  /** The path or the command, as a model would write it. */
  readonly subject: string
  readonly cwd: ProbeCwd
  /** All of these must be allowed for it to do harm. */
  readonly needs: readonly Need[]
}

/** The agent's answer to a probe, and what decided it. */
export interface GateAnswer {
  readonly verdict: Verdict
  /** A clause: `denylist entry "*\/.ssh\/*" matches`. */
  readonly because: string
  /** The list and its entry that decided, when one did. */
  readonly entry?: { readonly list: string; readonly pattern: string }
}

/** A probe with the answer of the agent's own gate. */
export interface AnsweredProbe extends Probe {
  readonly gate: GateAnswer
}

/**
 * The kernel's side of a probe (shut when anything it needs is refused) or a finding (shut when all
 * that it exposes is refused).
 */
export interface KernelAnswer {
  readonly shut: boolean
  readonly because: string
}

/** How many layers stand in the way: the agent's gate (a question is one), the kernel. */
export type Layers = 'two' | 'gate' | 'kernel' | 'none'

/** A probe with both answers; without a policy to ask, no kernel's. */
export interface JoinedProbe extends AnsweredProbe {
  readonly kernel: KernelAnswer | undefined
  readonly layers: Layers
}

/** A case with its row, its place and the kernel's side: what is reported. */
export interface Finding extends RuleInfo, Omit<Case, 'severity' | 'stops'> {
  readonly severity: Severity
  /** Absent where the file has no positions (or is no file). */
  readonly position?: Position
  /** True when `position` is the place of the table where the key is missing. */
  readonly isNearest?: true
  readonly proof?: JoinedProbe
  /** The kernel's side, where it has one. */
  readonly kernel?: KernelAnswer
  /** Why the agent does not start with this, a clause; absent where it does. */
  readonly stop?: string
}

/** A file (or another source) that was looked at. */
export interface Source {
  /** `user`, `project`, `hooks`, `agent profile NAME` … */
  readonly layer: string
  /** As asked for; in angle brackets what is no file. */
  readonly file: string
  /** Links on the way, in order, and where they end. Empty `hops`: no link. */
  readonly hops: readonly { readonly path: string; readonly target: string }[]
  readonly real: string
  /** `used`; or why not: `missing`, `not trusted`, `unreadable: …`, `replaced by …`. */
  readonly state: string
}

/** The agent's version as far as it is known. */
export interface AgentVersion {
  readonly value: string | undefined
  /** How it was found: a path, `--agent-version`, or why it was not. */
  readonly from: string
  /** False when the tables do not know it: then the nearest known one was used. */
  readonly isKnown: boolean
  /** The row of the tables that was used, in words. */
  readonly table: string
}

/** One value of the effective configuration and where it comes from. */
export interface Setting {
  readonly key: string
  /** As JSON; secrets are never in it. */
  readonly value: string
  readonly layer: string
}

/** All that an audit found; reports are views of it. */
export interface AuditReport {
  readonly format: Format
  readonly agent: string
  readonly version: AgentVersion
  /** The file that the audit is about. */
  readonly file: string
  readonly sources: readonly Source[]
  readonly settings: readonly Setting[]
  readonly findings: readonly Finding[]
  readonly probes: readonly JoinedProbe[]
  /** Name of the profile whose policy stands for the kernel, or why there is none. */
  readonly kernel: { readonly profile: string } | { readonly missing: string }
  readonly project: string
  readonly home: string
  /** By the path that causes name; what fixes are made of. Not part of any output. */
  readonly documents: ReadonlyMap<string, AuditDocument>
  /** True when the text came from standard input. */
  readonly isFromInput: boolean
}
