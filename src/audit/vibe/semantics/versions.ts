import { BASH_CHANGES, type BashSemantics } from './bash-versions.ts'
import { keysAt } from './keys.ts'
import { at, type Changes, compareReleases, type Release, releaseOf } from './version-order.ts'
import type { FileTool } from './types.ts'

/** The newest release of mistral-vibe whose source was read for these tables. */
export const NEWEST_KNOWN = '3.0.3'

/**
 * All that depends on Vibe's version, as data: the gate, the defaults and the layers read it and
 * nothing else. Facts: the packages' own source, version by version.
 */
export interface VibeSemantics {
  /**
   * The version asked for; without one, or for one newer than these tables, {@link NEWEST_KNOWN}.
   */
  readonly version: string
  readonly release: Release
  /** Names of the file tools in a configuration of this version. */
  readonly toolNames: Readonly<Record<FileTool, string>>
  /** File tools that an agent of this version is offered: the Unified harness has no grep. */
  readonly offers: readonly FileTool[]
  /** Tables under `tools` that this version knows. */
  readonly tools: readonly string[]
  /** Old names that Vibe rewrites in the user's file, with the new ones. */
  readonly renamedTools: Readonly<Record<string, string>>
  /** The key that switches every check off. */
  readonly bypassKey: 'auto_approve' | 'bypass_tool_permissions'
  /** True where `enable_auto_approve = false` takes the bypass away again. */
  readonly hasBypassLock: boolean
  /** True where a trusted project's config.toml takes the place of the user's. */
  readonly isProjectReplacing: boolean
  /**
   * True where a tool's table makes `ask` and empty lists of what it does not say, whatever the
   * tool's own defaults are.
   */
  readonly isTableResetting: boolean
  /**
   * How two layers' values of one key are joined: lists replaced at every key, or by the key's own
   * strategy.
   */
  readonly merging: 'nested' | 'by-key'
  /**
   * True where `VIBE_TOOLS__BASH__PERMISSION` reaches into tables; before that a table is given as
   * JSON, whole.
   */
  readonly isEnvironmentNested: boolean
  /** The agent when neither a flag nor `default_agent` names one. */
  readonly defaultAgent: string
  /** Whether `disabled_tools` counts when `enabled_tools` is set. */
  readonly isDisabledFinal: boolean
  /**
   * True where entries that `disabled_tools` covers are taken out of `enabled_tools`; emptied by
   * that, it allows every tool.
   */
  readonly takesDisabledOut: boolean
  /**
   * Which path patterns are compared with: as the model wrote it (made absolute), or with its links
   * followed.
   */
  readonly matching: 'unresolved' | 'resolved'
  readonly editHasLists: boolean
  readonly grepHasLists: boolean
  /** True where a path has blanks at its ends cut off before it is looked at. */
  readonly isPathStripped: boolean
  /**
   * True where an absolute allowlist pattern is matched segment by segment and `vibe-path:` grants
   * are understood.
   */
  readonly isAllowlistSegmented: boolean
  /** True where a pattern is also tried with the links in its fixed part followed. */
  readonly isPatternResolved: boolean
  readonly sensitive: 'none' | 'exact' | 'folded'
  /** True where `outside_workdir = "deny"` refuses what would be asked about. */
  readonly hasOutsidePolicy: boolean
  /**
   * The loop that asks the gate: the Unified harness keeps `never` over a question, and a denied
   * shell over its allowlist.
   */
  readonly harness: 'legacy' | 'unified'
  readonly bash: BashSemantics
  /** `hardened` from the rewrite of the shell gate after CVE-2026-87984. */
  readonly bashGate: 'old' | 'hardened'
  /** True where `vibe -p` runs every call unasked. */
  readonly isPromptApprovingAll: boolean
  /** Keys of the top level that this version reads. */
  readonly keys: readonly string[]
}

/**
 * What the version asked for means: `exact` inside the tables, `newer` and `unknown` (absent,
 * unreadable, before 1.0) with the newest row.
 */
export const semanticsOf = (
  version: string | undefined,
): { semantics: VibeSemantics; known: 'exact' | 'newer' | 'unknown' } => {
  const asked = version === undefined ? undefined : releaseOf(version)
  const newest = releaseOf(NEWEST_KNOWN) ?? [0, 0, 0]
  if (version === undefined || asked === undefined || asked[0] < 1)
    return { semantics: rowAt(NEWEST_KNOWN, newest), known: 'unknown' }
  return compareReleases(asked, newest) > 0
    ? { semantics: rowAt(NEWEST_KNOWN, newest), known: 'newer' }
    : { semantics: rowAt(version, asked), known: 'exact' }
}

const rowAt = (version: string, release: Release): VibeSemantics => {
  const bash = at(release, BASH_CHANGES)
  const toolNames = at(release, TOOL_NAMES)
  const since = (first: string): boolean =>
    at(release, [
      ['0', false],
      [first, true],
    ])
  return {
    version,
    release,
    toolNames,
    offers: since('2.26.0') ? ['read', 'write', 'edit'] : ['read', 'grep', 'write', 'edit'],
    tools: [toolNames.read, toolNames.edit, ...at(release, OTHER_TOOLS)].sort(),
    renamedTools: at(release, RENAMED_TOOLS),
    bypassKey: since('2.9.0') ? 'bypass_tool_permissions' : 'auto_approve',
    hasBypassLock: since('3.0.0'),
    isProjectReplacing: !since('2.24.0'),
    isTableResetting: !since('2.6.0'),
    merging: since('2.22.0') ? 'by-key' : 'nested',
    isEnvironmentNested: since('2.22.0'),
    defaultAgent: at(release, DEFAULT_AGENT),
    isDisabledFinal: since('2.19.1'),
    takesDisabledOut: since('2.10.0') && !since('2.19.1'),
    matching: since('2.3.0') ? 'resolved' : 'unresolved',
    editHasLists: since('2.3.0'),
    grepHasLists: since('2.6.0'),
    isPathStripped: since('2.24.1'),
    isAllowlistSegmented: since('2.25.8'),
    isPatternResolved: since('3.0.3'),
    sensitive: since('2.24.1') ? 'folded' : since('2.6.0') ? 'exact' : 'none',
    hasOutsidePolicy: since('3.0.3'),
    harness: since('2.26.0') ? 'unified' : 'legacy',
    bash,
    bashGate: bash.hardened === undefined ? 'old' : 'hardened',
    isPromptApprovingAll: !since('2.11.1'),
    keys: keysAt(release),
  }
}

const TOOL_NAMES: Changes<Readonly<Record<FileTool, string>>> = [
  ['1.0.0', { read: 'read_file', grep: 'grep', write: 'write_file', edit: 'search_replace' }],
  ['2.14.0', { read: 'read', grep: 'grep', write: 'write_file', edit: 'edit' }],
  ['2.19.0', { read: 'read_file', grep: 'grep', write: 'write_file', edit: 'edit' }],
]

const BASE_TOOLS = ['bash', 'grep', 'todo', 'write_file'] as const

const OTHER_TOOLS: Changes<readonly string[]> = [
  ['1.0.0', BASE_TOOLS],
  ['2.0.0', [...BASE_TOOLS, 'ask_user_question', 'task']],
  ['2.3.0', [...BASE_TOOLS, 'ask_user_question', 'task', 'web_fetch', 'web_search']],
  [
    '2.4.0',
    [...BASE_TOOLS, 'ask_user_question', 'exit_plan_mode', 'task', 'web_fetch', 'web_search'],
  ],
  [
    '2.6.0',
    [
      ...BASE_TOOLS,
      'ask_user_question',
      'exit_plan_mode',
      'skill',
      'task',
      'web_fetch',
      'web_search',
    ],
  ],
  [
    '2.23.0',
    [
      ...BASE_TOOLS,
      'ask_user_question',
      'exit_plan_mode',
      'git_bash',
      'powershell',
      'skill',
      'task',
      'web_fetch',
      'web_search',
    ],
  ],
  [
    '3.0.0',
    [
      ...BASE_TOOLS,
      'ask_user_question',
      'git_bash',
      'powershell',
      'skill',
      'task',
      'web_fetch',
      'web_search',
    ],
  ],
]

const RENAMED_TOOLS: Changes<Readonly<Record<string, string>>> = [
  ['1.0.0', {}],
  ['2.14.0', { read_file: 'read', search_replace: 'edit' }],
  ['2.19.0', { read: 'read_file', search_replace: 'edit' }],
]

const DEFAULT_AGENT: Changes<string> = [
  ['1.0.0', 'default'],
  ['2.24.1', 'accept-edits'],
]
