import type { Operation, Origin } from '../../policy/model.ts'

/** Who saw a denial. */
type DenialSource = 'strace' | 'seatbelt-log' | 'proxy'

/**
 * What the kernel (or launcher's proxy) refused during a run. Text from outside is not yet safe to
 * print.
 */
export interface Denial {
  /**
   * A word of `decide()` where there is one, else the kernel's own (`mach-lookup`, `sysctl-read`).
   */
  readonly operation: Operation | string
  readonly kind: 'path' | 'address' | 'service'
  /** Real path, `host:port`, or the name of a service. */
  readonly path: string
  /** As the program wrote it, when links lay on the way. */
  readonly requested?: string
  readonly program: string
  readonly pid?: number
  /** The kernel's word for it (`EACCES`); absent where the source has none. */
  readonly error?: string
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly first: number
  readonly last: number
  readonly source: DenialSource
  /** Once joined with the policy: why, as a sentence, and where that is written. */
  readonly because?: string
  readonly origin?: Origin
  /**
   * How near it stood to the failure of its process: 1 is the last refusal before an exit that was
   * not 0.
   */
  readonly beforeExit?: number
  /**
   * False where the same would have failed without a sandbox (a mode, an owner): granting it
   * changes nothing.
   */
  readonly wouldWork?: boolean
  /** Names of the siblings, where several were folded into their directory. */
  readonly names?: readonly string[]
}
