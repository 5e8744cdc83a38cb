import type { AuditRequest, AuditWorld } from './dialect.ts'
import type { AgentVersion, Format } from './model.ts'
import type { FileInForce } from './vibe/pending.ts'

/** An agent that rewrites its configuration as it starts, and how that is done apart from it. */
export interface Migrator {
  /** What its interpreter is given to load copies, below the installation. */
  readonly script: string
  /** The files that it loads as it starts, with their texts, and its version. */
  inForce(request: AuditRequest, world: AuditWorld): Promise<SettingsInForce>
}

/** What an agent would load here. */
export interface SettingsInForce {
  readonly version: AgentVersion
  readonly files: readonly FileInForce[]
}

/** The agents that do. */
export const MIGRATORS: ReadonlyMap<Format, () => Promise<Migrator>> = new Map([
  [
    'vibe',
    async () => ({
      script: 'shell/vibe-migrate.py',
      inForce: (await import('./vibe/pending.ts')).settingsInForce,
    }),
  ],
])
