import type { Dialect, Inspection } from '../dialect.ts'
import type { Source } from '../model.ts'
import { infoOf } from '../rules.ts'
import { inspectionOf } from '../shared/inspection.ts'
import { type ClaudeFacts, factsOf } from './facts.ts'
import { loadClaude } from './load.ts'
import { CATALOGUE } from './rules/catalogue.ts'

/** Claude Code. */
export const claudeDialect: Dialect = {
  format: 'claude',
  agent: 'Claude Code',
  command: 'claude',
  fileNames: ['settings.json', 'settings.local.json', 'managed-settings.json'],
  rules: CATALOGUE.map(infoOf),
  inspect: async (request, world) => {
    const facts = factsOf(await loadClaude(request, world), request, world)
    if (request.depth === 'launch') return inspection(facts)
    const { answerProbes } = await import('./probes.ts')
    return inspection({ ...facts, probes: answerProbes(facts) })
  },
}

const inspection = (facts: ClaudeFacts): Inspection =>
  inspectionOf(facts, CATALOGUE, [...facts.files, facts.mcp, facts.state], sourcesOf(facts))

const sourcesOf = ({ files, mcp, state, config }: ClaudeFacts): Source[] => {
  const words = config.layers.find(
    ({ name, values }) => name === 'command line' && Object.keys(values).length > 0,
  )
  return [...files, mcp, state]
    .map(({ source }) => source)
    .concat(
      words
        ? [{ layer: words.name, file: words.file, hops: [], real: words.file, state: 'used' }]
        : [],
    )
}
