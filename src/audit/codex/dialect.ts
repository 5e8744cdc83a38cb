import type { Dialect, Inspection } from '../dialect.ts'
import type { Source } from '../model.ts'
import { applyRules, infoOf } from '../rules.ts'
import { documentsOf } from '../shared/config-file.ts'
import { settingsOf } from '../shared/layered.ts'
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

const inspection = (facts: CodexFacts): Inspection => ({
  version: facts.version,
  sources: sourcesOf(facts),
  settings: settingsOf(facts.config),
  documents: facts.request.depth === 'full' ? documentsOf([...facts.files, ...facts.hooks]) : new Map(),
  cases: applyRules(CATALOGUE, facts),
  probes: facts.probes,
})

const sourcesOf = ({ files, projects, hooks, ruleFiles, trust, config }: CodexFacts): Source[] => [
  ...files.map((file): Source => (projects.includes(file) && trust !== 'trusted' && file.problem === undefined ? { ...file.source, state: 'not used: the project is not trusted' } : file.source)),
  ...hooks.map(({ source }) => source),
  ...ruleFiles.map(({ file, layer }): Source => ({ layer: `${layer} rules`, file, hops: [], real: file, state: 'used' })),
  ...config.layers.filter(({ file, values }) => file.startsWith('<') && Object.keys(values).length > 0).map(({ name, file }): Source => ({ layer: name, file, hops: [], real: file, state: 'used' })),
]
