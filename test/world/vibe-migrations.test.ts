import fc from 'fast-check'
import { afterAll, describe, expect } from 'vitest'
import { migrated } from '../../src/audit/vibe/semantics/migrations/migrations.ts'
import { semanticsOf, type VibeSemantics } from '../../src/audit/vibe/semantics/versions.ts'
import { compareReleases } from '../../src/audit/vibe/semantics/version-order.ts'
import { isTable, type Table } from '../../src/documents/values.ts'
import { where } from '../e2e/where.ts'
import { generated, type MigrationConfig, WRITTEN } from '../fixtures/vibe-migration-configs.ts'
import { askVibe, installedVibe, type VibeRelease } from '../fixtures/vibe-oracle.ts'
import { makeHome } from '../fixtures/vibe-world.ts'

/** The last release before each row of the table of migrations, and the first of it. */
const RELEASES: readonly VibeRelease[] = [
  { version: '2.4.2', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.5.0', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.8.1', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.9.0', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.9.1', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.9.5', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.9.6', minor: '3.12', besides: ['mcp<2'] },
  { version: '2.13.0', minor: '3.12' },
  { version: '2.14.0', minor: '3.12' },
  { version: '2.14.1', minor: '3.12' },
  { version: '2.15.0', minor: '3.12' },
  { version: '2.18.4', minor: '3.13' },
  { version: '2.19.0', minor: '3.12' },
  { version: '2.21.0', minor: '3.13' },
  { version: '2.22.0', minor: '3.12' },
  { version: '2.23.3', minor: '3.12' },
  { version: '2.24.0', minor: '3.12' },
  { version: '2.24.1', minor: '3.12' },
  { version: '2.24.5', minor: '3.12' },
  { version: '2.25.0', minor: '3.12' },
  { version: '2.26.0', minor: '3.12' },
  { version: '2.26.1', minor: '3.12' },
  { version: '3.0.2', minor: '3.12', instead: ['certifi'] },
  { version: '3.0.3', minor: '3.13', instead: ['certifi'] },
]

const GENERATED = 60
const seed = Date.now() % 2 ** 31
const configs = [...WRITTEN, ...fc.sample(generated(), { numRuns: GENERATED, seed })]

/** What we say is left of both files. Until 2.23 only the one in force is loaded. */
const ours = (
  { config, project }: MigrationConfig,
  semantics: VibeSemantics,
): { readonly user: Table; readonly project: Table | null } => {
  if (project === undefined) return { user: migrated(config, semantics).values, project: null }
  const isAlone = semantics.isProjectReplacing
  return {
    user: isAlone
      ? config
      : migrated(config, semantics, { layer: 'user', others: [project] }).values,
    project: migrated(project, semantics, { layer: 'project', others: isAlone ? [] : [config] })
      .values,
  }
}

/**
 * What Vibe does as it writes a file, which alone is no reason to write it: from 2.22.0 on each
 * model's alias is named, from 2.26.0 on a threshold that says nothing is left out.
 */
const asWritten = (values: Table | null, { release }: VibeSemantics): unknown => {
  const models = values?.['models']
  if (!Array.isArray(models) || compareReleases(release, [2, 22, 0]) < 0) return values
  const isDropping = compareReleases(release, [2, 26, 0]) >= 0
  const byAlias = new Map(
    models.map((model: unknown, index) => {
      const alias = isTable(model) ? (model['alias'] ?? model['name']) : index
      if (!isTable(model)) return [alias, model]
      const { auto_compact_threshold: threshold, ...rest } = model
      const isKept = threshold !== undefined && !(isDropping && threshold === -1)
      return [alias, { ...rest, alias, ...(isKept ? { auto_compact_threshold: threshold } : {}) }]
    }),
  )
  return { ...values, models: [...byAlias.values()] }
}

describe.each(RELEASES)('mistral-vibe $version on Python $minor', (release) => {
  const install = installedVibe(release)
  const { home, project, remove } = makeHome()
  afterAll(remove)
  where('reason' in install ? install.reason : undefined)(
    'rewrites its configuration files as the table of migrations says',
    async () => {
      const { semantics } = semanticsOf(release.version)
      const questions = configs.map((one) => ({ ...one, cwd: project, probes: [], commands: [] }))
      const python = 'python' in install ? install.python : ''
      const { hello, answers } = await askVibe(python, home, questions)
      expect(hello.version).toBe(release.version)

      const compared = configs.flatMap((one, index) => {
        const answer = answers[index]!
        if ('error' in answer) return []
        const { user, project: file } = ours(one, semantics)
        return [
          {
            config: one,
            isChanged: user !== one.config || (file !== null && file !== one.project),
            ours: { user: asWritten(user, semantics), project: asWritten(file, semantics) },
            theirs: {
              user: asWritten(answer.rewritten.user, semantics),
              project: asWritten(answer.rewritten.project, semantics),
            },
          },
        ]
      })
      const changed = compared.filter(({ isChanged }) => isChanged).length
      console.log(
        `${release.version} (seed ${seed}): ${compared.length} of ${configs.length} configurations loaded, ${changed} of them rewritten`,
      )
      for (const { config, ours: expected, theirs } of compared)
        expect({ config, after: theirs }).toEqual({ config, after: expected })
      expect(compared.length).toBeGreaterThan(configs.length / 3)
    },
    120_000,
  )
})
