import type { Dialect } from './dialect.ts'
import type { Format } from './model.ts'
import type { KnownKeys } from './shared/file-rules.ts'

/** One agent whose configuration can be audited. Nothing of it is loaded before it is asked for. */
export interface DialectRow {
  /** The agent's name as people write it. */
  readonly agent: string
  /** Paths that are its own, whatever is in them. */
  readonly paths: RegExp
  readonly syntax: 'toml' | 'json'
  /** Keys at the top of its file, of any version: what a file of another name is recognised by. */
  readonly keys: () => Promise<readonly string[]>
  readonly load: () => Promise<Dialect>
}

/** Every dialect. */
export const DIALECTS: Readonly<Record<Format, DialectRow>> = {
  vibe: {
    agent: 'Mistral Vibe',
    paths: /(?:^|\/)\.vibe(?:\/|$)/,
    syntax: 'toml',
    keys: async () => (await import('./vibe/semantics/keys.ts')).keysEver(),
    load: async () => (await import('./vibe/dialect.ts')).vibeDialect,
  },
  claude: {
    agent: 'Claude Code',
    paths:
      /(?:^|\/)(?:\.claude(?:\/|$)|\.?claude\.json$|\.mcp\.json$|managed-(?:settings|mcp)\.json$)/,
    syntax: 'json',
    keys: async () => topKeys((await import('./claude/keys.ts')).CLAUDE_KEYS),
    load: async () => (await import('./claude/dialect.ts')).claudeDialect,
  },
  codex: {
    agent: 'Codex',
    paths: /(?:^|\/)\.codex(?:\/|$)/,
    syntax: 'toml',
    keys: async () => topKeys((await import('./codex/keys.ts')).CODEX_KEYS),
    load: async () => (await import('./codex/dialect.ts')).codexDialect,
  },
  opencode: {
    agent: 'OpenCode',
    paths: /(?:^|\/)(?:opencode\.jsonc?$|\.?opencode(?:\/|$))/,
    syntax: 'json',
    keys: async () => topKeys((await import('./opencode/keys.ts')).OPENCODE_KEYS),
    load: async () => (await import('./opencode/dialect.ts')).opencodeDialect,
  },
}

const topKeys = (keys: KnownKeys): readonly string[] => keys[''] ?? []

/**
 * Commands of agents, whether they can be audited or not: what they do is asked about by nobody
 * else.
 */
export const AGENT_COMMANDS: ReadonlySet<string> = new Set([
  ...['aider', 'amp', 'copilot', 'crush', 'cursor-agent', 'droid', 'gemini', 'goose', 'qwen'],
  ...Object.keys(DIALECTS),
])
