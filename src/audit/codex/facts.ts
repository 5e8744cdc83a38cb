import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AnsweredProbe } from '../model.ts'
import { enabled, type Server, serversIn } from '../shared/servers.ts'
import { isTable } from '../../documents/values.ts'
import type { CodexLoaded } from './load.ts'

/** When Codex asks; `granular` is a table of its own. `unknown`: the value is none of these. */
export const APPROVALS = ['untrusted', 'on-failure', 'on-request', 'never'] as const
export type Approval = (typeof APPROVALS)[number] | 'granular' | 'unknown'

/**
 * What commands may touch. `unknown`: a permissions profile decides, or the value is none of these.
 */
export const SANDBOXES = ['read-only', 'workspace-write', 'danger-full-access'] as const
export type Sandbox = (typeof SANDBOXES)[number] | 'unknown'

/** What the rules of Codex read: everything loaded, and what it comes to. */
export interface CodexFacts extends CodexLoaded {
  readonly request: AuditRequest
  readonly world: AuditWorld
  readonly approval: Approval
  readonly sandbox: Sandbox
  readonly servers: readonly Server[]
  /** Empty at launch. */
  readonly probes: readonly AnsweredProbe[]
}

/** Facts from what was loaded; the probes come afterwards, because answering them needs these. */
export const factsOf = (
  loaded: CodexLoaded,
  request: AuditRequest,
  world: AuditWorld,
): CodexFacts => ({
  ...loaded,
  request,
  world,
  approval: approvalOf(loaded),
  sandbox: sandboxOf(loaded),
  servers: serversOf(loaded),
  probes: [],
})

/**
 * Untrusted projects ask for all but known safe commands when nothing is set (TrustLevel in
 * codex-rs/core/config.schema.json).
 */
const approvalOf = ({ config, trust }: CodexLoaded): Approval => {
  const value = config.get('approval_policy')
  if (value === undefined) return trust === 'untrusted' ? 'untrusted' : 'on-request'
  if (isTable(value)) return isTable(value['granular']) ? 'granular' : 'unknown'
  return APPROVALS.find((one) => one === value) ?? 'unknown'
}

/**
 * Read-only until somebody said whether the project is trusted (docs/sandbox.md of openai/codex,
 * 0.66).
 */
const sandboxOf = ({ config, trust }: CodexLoaded): Sandbox => {
  const value = config.get('sandbox_mode')
  if (value !== undefined) return SANDBOXES.find((one) => one === value) ?? 'unknown'
  if (config.get('default_permissions') !== undefined) return 'unknown'
  return trust === 'unknown' ? 'read-only' : 'workspace-write'
}

const serversOf = ({ config }: CodexLoaded): Server[] =>
  config
    .all('mcp_servers')
    .flatMap(({ layer, value }) =>
      serversIn(enabled(value), { file: layer.file, layer: layer.name, path: ['mcp_servers'] }, [
        'env',
        'http_headers',
      ]),
    )
