import type { AuditRequest, Inspection } from '../dialect.ts'
import type { AgentVersion, AnsweredProbe, Rule, Source } from '../model.ts'
import { applyRules } from '../rules.ts'
import { type ConfigFile, documentsOf } from './config-file.ts'
import type { Layered } from './layered.ts'
import { settingsOf } from './settings.ts'

/** What is known about every layered configuration. */
export interface InspectedFacts {
  readonly request: AuditRequest
  readonly version: AgentVersion
  readonly config: Layered
  readonly probes: readonly AnsweredProbe[]
}

/**
 * What a dialect hands back: its catalogue applied to the facts; `files` are those that have
 * positions.
 */
export const inspectionOf = <F extends InspectedFacts>(
  facts: F,
  catalogue: readonly Rule<F>[],
  files: readonly ConfigFile[],
  sources: readonly Source[],
): Inspection => ({
  version: facts.version,
  sources,
  settings: settingsOf(facts.config),
  documents: facts.request.depth === 'full' ? documentsOf(files) : new Map(),
  cases: applyRules(catalogue, facts),
  probes: facts.probes,
})
