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

/**
 * Features a profile may name (`features = [...]`), and what each opens in the words of the
 * contract; `isLoud` where it is a way out of the sandbox.
 */
export const FEATURES = {
  'apple-events': {
    opens: 'Apple events: other applications, which are not in the sandbox, can be driven',
    isLoud: true,
  },
  bun: {
    opens: 'the names in each folder above the project can be listed; the files there stay closed',
    isLoud: false,
  },
  'browser-tests': {
    opens: 'headless browsers: registered names, shared memory and drawing surfaces',
    isLoud: false,
  },
  'go-tls': {
    opens:
      'certificates are checked by trustd, outside the sandbox: it fetches addresses that a ' +
      'certificate names, a way past the hosts above',
    isLoud: true,
  },
  keychain: { opens: 'the keychain: every item that trusts the asking program', isLoud: true },
  'launch-services': { opens: 'open(1): programs start outside the sandbox', isLoud: true },
  multiprocessing: {
    opens: 'semaphores, whose names are shared with your other programs',
    isLoud: false,
  },
  pasteboard: { opens: 'the clipboard: what you copy can be read and replaced', isLoud: true },
  watchers: {
    opens: 'file events: names of changed files everywhere become visible',
    isLoud: false,
  },
} as const satisfies Readonly<Record<string, { readonly opens: string; readonly isLoud: boolean }>>
export type Feature = keyof typeof FEATURES

/** The feature of this name; a name of anything else is undefined. */
export const featureOf = (name: string): Feature | undefined =>
  Object.hasOwn(FEATURES, name) ? (name as Feature) : undefined

/**
 * What switches a rule on: always; a terminal is inherited; any IP socket, the outside network,
 * names resolved here; or a feature.
 */
export type Need = (typeof PLAIN_NEEDS)[number] | Feature

const PLAIN_NEEDS = ['always', 'tty', 'ip', 'network', 'dns'] as const

/** The need of this name, as headings of the prelude write it. */
export const needOf = (name: string): Need | undefined =>
  PLAIN_NEEDS.find((known) => known === name) ?? featureOf(name)
