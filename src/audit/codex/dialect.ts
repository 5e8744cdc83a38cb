import type { Dialect, Inspection } from '../dialect.ts'
import type { Source } from '../model.ts'
import { infoOf } from '../rules.ts'
import { inspectionOf } from '../shared/inspection.ts'
import { type CodexFacts, factsOf } from './facts.ts'
import { loadCodex } from './load.ts'
import { CATALOGUE } from './rules/catalogue.ts'

/** OpenAI Codex. */
export const codexDialect: Dialect = {
  format: 'codex',
  agent: 'Codex',
  command: 'codex',
  fileNames: ['config.toml'],
  rules: CATALOGUE.map(infoOf),
  inspect: async (request, world) => {
    const facts = factsOf(await loadCodex(request, world), request, world)
    if (request.depth === 'launch') return inspection(facts)
    const { answerProbes } = await import('./probes.ts')
    return inspection({ ...facts, probes: answerProbes(facts) })
  },
}

const inspection = (facts: CodexFacts): Inspection =>
  inspectionOf(facts, CATALOGUE, [...facts.files, ...facts.hooks], sourcesOf(facts))

const sourcesOf = ({ files, projects, hooks, ruleFiles, trust, config }: CodexFacts): Source[] => [
  ...files.map(
    (file): Source =>
      projects.includes(file) && trust !== 'trusted' && file.problem === undefined
        ? { ...file.source, state: 'not used: the project is not trusted' }
        : file.source,
  ),
  ...hooks.map(({ source }) => source),
  ...ruleFiles.map(
    ({ file, layer }): Source => ({
      layer: `${layer} rules`,
      file,
      hops: [],
      real: file,
      state: 'used',
    }),
  ),
  ...config.layers
    .filter(({ file, values }) => file.startsWith('<') && Object.keys(values).length > 0)
    .map(({ name, file }): Source => ({ layer: name, file, hops: [], real: file, state: 'used' })),
]
