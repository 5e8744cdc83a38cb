import type { Operation } from '../../policy/model.ts'

/** Who can have caused a message, judged by its text alone. */
type Nature =
  /** Only the sandbox, or its start, prints it. */
  | 'sandbox'
  /** The sandbox may have done it: the policy is asked about the path or host. */
  | 'policy'
  /** Something else did it, whatever the policy says. */
  | 'elsewhere'
  /** Several causes print the same, and none of them can be asked about. */
  | 'unclear'

/** One row of the catalogue of failure messages. */
export interface Row {
  /** Stable: a new row takes the next free number. */
  readonly id: number
  /** Which program or runtime prints it. */
  readonly prints: string
  /**
   * Against one line of at most 4,096 characters. Named groups: `path`, `to`, `host`, `program`,
   * `call`. No nested repetition.
   */
  readonly patterns: readonly RegExp[]
  /** Exit codes that mean it, where nothing need be printed. */
  readonly exits?: readonly number[]
  readonly nature: Nature
  /** What was tried, where the text does not name a system call. */
  readonly operation?: Operation
  /** What it means under each backend; absent where the backend does not cause it. */
  readonly means: { readonly seatbelt?: string; readonly bubblewrap?: string }
  /** What to do, where no entry of the policy can be named. */
  readonly remedy: string
  /** True for words that others print as well: a more telling row is taken before it. */
  readonly isGeneric?: true
}

/** Means the same under both backends. */
export const both = (text: string): Row['means'] => ({ seatbelt: text, bubblewrap: text })
/** Only Seatbelt causes it. */
export const mac = (seatbelt: string): Row['means'] => ({ seatbelt })
/** Only bubblewrap causes it. */
export const linux = (bubblewrap: string): Row['means'] => ({ bubblewrap })
