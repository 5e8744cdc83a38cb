import type { Dialect } from './dialect.ts'
import type { Format } from './model.ts'

/** Every dialect, loaded when it is asked for. */
export const DIALECTS: Readonly<Partial<Record<Format, () => Promise<Dialect>>>> = {
  vibe: async () => (await import('./vibe/dialect.ts')).vibeDialect,
  claude: async () => (await import('./claude/dialect.ts')).claudeDialect,
  codex: async () => (await import('./codex/dialect.ts')).codexDialect,
  opencode: async () => (await import('./opencode/dialect.ts')).opencodeDialect,
}
