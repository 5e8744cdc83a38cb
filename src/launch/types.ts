import type { AbsolutePath } from '../machine/paths.ts'

/** Exact words, environment and directory of the agent: what `--print-program` shows and what is started. */
export interface Launch {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly cwd: AbsolutePath
}

/** How a run ended, as the shell would see it. */
export interface Ending {
  /** The agent's exit code, 128+n for a signal, 125 when launcher ended the run. */
  readonly code: number
  /** Why launcher ended the run; absent when the agent ended by itself. */
  readonly lost?: string
  /** What the host changed meanwhile and the agent gained nothing by, as sentences. */
  readonly changes?: readonly string[]
}

/** The backend's word on a mount table; pure, handed in so that launching knows no backend. */
export interface MountGate {
  /** True once the sandbox is fully built. */
  isSealed(mountinfo: string): boolean
  /** What differs from the plan, in words; `host` is the launcher's own table from before the start. */
  differences(mountinfo: string, host: string): string[]
  /** What a table that is not the one of the last look gives the agent, by `decide()`; `host` is launcher's own. */
  judge(tables: {
    readonly released: string
    readonly before: string
    readonly now: string
    readonly host: string
  }): { readonly gained: readonly string[]; readonly harmless: readonly string[] }
}
