import type { AuditRequest, AuditWorld, Inspection } from '../dialect.ts'
import { applyRules } from '../rules.ts'
import { configReader } from '../shared/config-file.ts'
import { factsOf } from './facts.ts'
import { gatherFiles } from './file-facts.ts'
import { loadVibe } from './load.ts'
import { CRITICAL } from './rules/critical.ts'
import { START } from './rules/start.ts'

/**
 * The part of the audit that each start can afford: what is critical and what stops it, without
 * positions, probes or the parser of bash.
 */
export const inspectAtLaunch = async (
  request: AuditRequest,
  world: AuditWorld,
): Promise<Inspection> => {
  const loaded = loadVibe(request, world, await configReader(world, request.depth, 'toml'))
  const facts = factsOf(loaded, request, world, gatherFiles(loaded, world))
  const { value, from, isKnown, table } = facts.version
  return {
    version: { value, from, isKnown, table },
    sources: [],
    settings: [],
    documents: new Map(),
    cases: applyRules([...CRITICAL, ...START], facts),
    probes: [],
  }
}
