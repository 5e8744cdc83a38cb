import type { AbsolutePath } from '../machine/paths.ts'

import type { Loss } from './keeper.ts'

/**
 * Exact words, environment and directory of the agent: what `--print-program` shows and what is
 * started.
 */
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
  readonly lost?: Loss
  /** What the host changed beneath mounts meanwhile and the agent kept nothing by, as sentences. */
  readonly changes?: readonly string[]
  /**
   * Protected files that changed while their protection was off, worst first; the user is to look
   * at them.
   */
  readonly exposed?: readonly Exposed[]
}

/** A file that stood open for a moment. */
export interface Exposed {
  readonly path: string
  /** What happened to it: goes on from its name. */
  readonly because: string
  /** It has another name since, which nothing protects. */
  readonly hasOtherName: boolean
}
