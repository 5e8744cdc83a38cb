import { MUTATING_COMMANDS, READ_ONLY_COMMANDS } from './bash-commands.ts'
import type { Changes } from './version-order.ts'

/** How the shell gate works in one version. */
export interface BashSemantics {
  /**
   * How a command line is taken apart: at `&&`, `||`, `;`, `|` by text, or by the grammar of bash.
   */
  readonly splitting: 'text' | 'grammar'
  /**
   * How an entry of the lists is compared with a command: as its first letters, or as its first
   * words.
   */
  readonly entries: 'letters' | 'words'
  /** Commands whose arguments are looked at for paths outside the working directory. */
  readonly pathCommands: readonly string[]
  /** How an extracted command is taken apart into words for that. */
  readonly words: 'blanks' | 'shell'
  /** True where a word with a backslash looks like a path too. */
  readonly isBackslashPath: boolean
  /** True where `sensitive_patterns` of the bash tool are read. */
  readonly hasSensitive: boolean
  /** True where `permission = "always"` is looked at before sensitive commands are. */
  readonly isAlwaysFirst: boolean
  /** True where `find … -exec` asks. */
  readonly hasFindGuard: boolean
  /**
   * True where a redirected command has a marker as its last word, so that it is none without
   * arguments.
   */
  readonly marksRedirects: boolean
  /** Which rewrite of the gate this is; absent before it. */
  readonly hardened?: HardenedSemantics
}

/** What changed between the releases of the rewritten shell gate. */
export interface HardenedSemantics {
  /** True where every redirection asks, `2>&1` and `> /dev/null` too. */
  readonly asksAllRedirects: boolean
  readonly asksLineContinuations: boolean
  /** The set of per-command rules for options. */
  readonly policies: 'first' | 'second' | 'third'
  /** True where git's configuration of the repository is read for programs that it would run. */
  readonly inspectsRepository: boolean
  /**
   * True where path grants of the allowlist take a path outside the working directory off the list.
   */
  readonly hasPathGrants: boolean
  /**
   * True where a bare name that is a symlink counts as a path, streams in /dev do not, and `always`
   * no longer covers outside paths.
   */
  readonly followsLinks: boolean
}

const OLDEST: BashSemantics = {
  splitting: 'text',
  entries: 'letters',
  pathCommands: [],
  words: 'blanks',
  isBackslashPath: false,
  hasSensitive: false,
  isAlwaysFirst: false,
  hasFindGuard: false,
  marksRedirects: false,
}
const PARSED: BashSemantics = { ...OLDEST, splitting: 'grammar' }
const WITH_PATHS: BashSemantics = {
  ...PARSED,
  pathCommands: [...MUTATING_COMMANDS, 'cat', 'head', 'ls', 'stat', 'tail', 'wc'],
  hasSensitive: true,
  isAlwaysFirst: true,
}
const BY_WORDS: BashSemantics = { ...WITH_PATHS, entries: 'words' }
const GUARDED: BashSemantics = { ...BY_WORDS, isAlwaysFirst: false, hasFindGuard: true }
const MARKED: BashSemantics = { ...GUARDED, marksRedirects: true }
const SHELL_WORDS: BashSemantics = { ...MARKED, words: 'shell' }
const WIDER: BashSemantics = {
  ...SHELL_WORDS,
  pathCommands: [...MUTATING_COMMANDS, ...READ_ONLY_COMMANDS],
  isBackslashPath: true,
}
const FIRST: HardenedSemantics = {
  asksAllRedirects: true,
  asksLineContinuations: false,
  policies: 'first',
  inspectsRepository: false,
  hasPathGrants: false,
  followsLinks: false,
}
const SECOND: HardenedSemantics = {
  ...FIRST,
  asksAllRedirects: false,
  asksLineContinuations: true,
  policies: 'second',
}
const THIRD: HardenedSemantics = { ...SECOND, policies: 'third', inspectsRepository: true }
const GRANTING: HardenedSemantics = { ...THIRD, hasPathGrants: true }
const hardened = (semantics: HardenedSemantics): BashSemantics => ({
  ...WIDER,
  hasFindGuard: false,
  hardened: semantics,
})

/** The shell gate by release. */
export const BASH_CHANGES: Changes<BashSemantics> = [
  ['1.0.0', OLDEST],
  ['1.3.0', PARSED],
  ['2.6.0', WITH_PATHS],
  ['2.8.0', BY_WORDS],
  ['2.9.0', GUARDED],
  ['2.18.0', MARKED],
  ['2.19.1', SHELL_WORDS],
  ['2.20.0', WIDER],
  ['2.25.4', hardened(FIRST)],
  ['2.25.5', hardened(SECOND)],
  ['2.25.7', hardened(THIRD)],
  ['2.25.8', hardened(GRANTING)],
  ['3.0.3', hardened({ ...GRANTING, followsLinks: true })],
]
