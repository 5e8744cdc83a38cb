import type { Rule } from './rule.ts'

/** The file that holds the prelude, as origins show it. */
export const PRELUDE_FILE = 'profiles/seatbelt/prelude.sb'

/** What `profiles/seatbelt/prelude.sb` says, read when launcher is built. */
export interface Prelude {
  /** Lines of `(version 1)` and `(deny default)`. */
  readonly frame: { readonly version: number; readonly default: number }
  /** In the order of the file, which is their order in a profile. */
  readonly rules: readonly PreludeRule[]
  readonly leftOpen: readonly LeftOpen[]
}

/** One rule of the prelude: fixed text, why it stands there, and what switches it on. */
export interface PreludeRule {
  /** Its line in the file, one-based. */
  readonly line: number
  /** What the heading above it is about. */
  readonly topic: string
  /** One of these is enough. */
  readonly needs: readonly Need[]
  readonly why: string
  readonly action: Rule['action']
  readonly operations: readonly string[]
  /** Alternatives; none means every access. */
  readonly filters: readonly string[]
  readonly isQuiet?: true
  readonly ifDefined?: string
}

/** An operation that `(deny default)` leaves allowed and that stays so on purpose. */
export interface LeftOpen {
  readonly operation: string
  readonly why: string
}

/** Features a profile may name (`features = [...]`); each opens something closed by default. */
export const FEATURES = [
  'apple-events',
  'browser-tests',
  'go-tls',
  'keychain',
  'launch-services',
  'multiprocessing',
  'pasteboard',
  'watchers',
] as const
export type Feature = (typeof FEATURES)[number]

/**
 * What switches a rule on: always; a terminal is inherited; any IP socket, the outside network,
 * names resolved here; or a feature.
 */
export const NEEDS = ['always', 'tty', 'ip', 'network', 'dns', ...FEATURES] as const
export type Need = (typeof NEEDS)[number]
