import type { Dialect, Inspection } from '../dialect.ts'
import type { Source } from '../model.ts'
import { infoOf } from '../rules.ts'
import { inspectionOf } from '../shared/inspection.ts'
import { factsOf, type OpenCodeFacts } from './facts.ts'
import { loadOpenCode } from './load.ts'
import { CATALOGUE } from './rules/catalogue.ts'

/** OpenCode. */
export const opencodeDialect: Dialect = {
  format: 'opencode',
  agent: 'OpenCode',
  command: 'opencode',
  fileNames: ['opencode.jsonc', 'opencode.json', 'config.json'],
  rules: CATALOGUE.map(infoOf),
  inspect: async (request, world) => {
    const facts = factsOf(await loadOpenCode(request, world), request, world)
    if (request.depth === 'launch') return inspection(facts)
    const { answerProbes } = await import('./probes.ts')
    return inspection({ ...facts, probes: answerProbes(facts) })
  },
}

const inspection = (facts: OpenCodeFacts): Inspection =>
  inspectionOf(facts, CATALOGUE, facts.files, sourcesOf(facts))

const sourcesOf = ({ files, config }: OpenCodeFacts): Source[] => [
  ...files.map(({ source }) => source),
  ...config.layers
    .filter(({ name }) => name === 'environment')
    .map(({ name, file }): Source => ({ layer: name, file, hops: [], real: file, state: 'used' })),
]
