import type { AuditRequest, AuditWorld, Dialect, Inspection } from '../dialect.ts'
import { applyRules, infoOf } from '../rules.ts'
import { type ConfigFile, configReader, documentsOf } from '../shared/config-file.ts'
import { factsOf, type VibeFacts } from './facts.ts'
import { gatherFiles } from './file-facts.ts'
import { inspectAtLaunch } from './launch.ts'
import { loadVibe, type VibeLoaded } from './load.ts'
import { diagnosePatterns } from './patterns.ts'
import { answerCommandProbes, answerFileProbes, loadBashParser } from './probes.ts'
import { CATALOGUE } from './rules/catalogue.ts'
import { settingsOf } from './settings.ts'
import { sourcesOf } from './sources.ts'

/** Mistral Vibe. */
export const vibeDialect: Dialect = {
  format: 'vibe',
  agent: 'Mistral Vibe',
  command: 'vibe',
  fileNames: ['config.toml'],
  rules: CATALOGUE.map(infoOf),
  inspect: (request, world) =>
    request.depth === 'full' ? inspectFully(request, world) : inspectAtLaunch(request, world),
}

const inspectFully = async (request: AuditRequest, world: AuditWorld): Promise<Inspection> => {
  const loaded = loadVibe(request, world, await configReader(world, request.depth, 'toml'))
  const facts = factsOf(loaded, request, world, gatherFiles(loaded, world))
  const parser = await loadBashParser(world)
  const full: VibeFacts = {
    ...facts,
    patterns: diagnosePatterns(facts),
    fileProbes: answerFileProbes(facts, world),
    commandProbes: answerCommandProbes(facts, world, parser),
  }
  return inspection(
    full,
    parser
      ? []
      : [
          {
            layer: 'bash',
            file: '<parser>',
            hops: [],
            real: '<parser>',
            state: 'tree-sitter is not in the installation: commands were not asked about',
          },
        ],
  )
}

const inspection = (facts: VibeFacts, more: Inspection['sources']): Inspection => ({
  version: {
    value: facts.version.value,
    from: facts.version.from,
    isKnown: facts.version.isKnown,
    table: facts.version.table,
  },
  sources: [...sourcesOf(facts), ...more],
  settings: settingsOf(facts),
  documents: documentsOf(filesOf(facts)),
  cases: applyRules(CATALOGUE, facts),
  probes: [...facts.fileProbes, ...facts.commandProbes],
})

const filesOf = ({
  user,
  projects,
  projectFile,
  agents,
  hooks,
  trustFile,
}: VibeLoaded): ConfigFile[] => [user, ...projects, projectFile, ...agents, ...hooks, trustFile]
