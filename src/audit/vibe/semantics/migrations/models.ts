import { isTable, own, type Table } from '../../../../documents/values.ts'
import { compareReleases, type Release, releaseOf } from '../version-order.ts'
import type { Migrate, MigratedFile, Migrated, MigrationChange } from './migration.ts'

/**
 * A model as the migrations see it: from 2.22.0 on by its alias, before that by its place alone.
 */
interface Entry {
  readonly key: string | undefined
  readonly model: Table
}

/** What one rule makes of the entries. */
interface Outcome {
  readonly entries: readonly Entry[]
  readonly changes: readonly MigrationChange[]
}

type Rule = (entries: readonly Entry[], file: MigratedFile) => Outcome

/**
 * A migration of the entries under `models`; lists that Vibe itself cannot read are left alone (it
 * stops there).
 */
const onModels =
  (rule: Rule): Migrate =>
  (values, { release }, file) => {
    const before = entriesOf(values, release)
    if (before === undefined || before.length === 0) return undefined
    const { entries, changes } = rule(before, file)
    if (changes.length === 0) return undefined
    const { models: _, ...rest } = values
    return {
      values:
        entries.length === 0 ? rest : { ...values, models: entries.map(({ model }) => model) },
      changes,
    }
  }

const BY_ALIAS: Release = releaseOf('2.22.0') ?? [2, 22, 0]

const entriesOf = (values: Table, release: Release): readonly Entry[] | undefined => {
  const models = own(values, 'models')
  if (compareReleases(release, BY_ALIAS) < 0)
    return Array.isArray(models) && models.every(isTable)
      ? models.map((model) => ({ key: undefined, model }))
      : undefined
  const pairs = Array.isArray(models)
    ? Array.from(models, (model: unknown) => [aliasOf(model), model] as const)
    : isTable(models)
      ? Object.entries(models)
      : []
  const byAlias = new Map<string, Table>()
  for (const [alias, model] of pairs) {
    if (alias === undefined || alias === '' || !isTable(model)) return undefined
    const own = model['alias']
    if (own !== undefined && own !== alias) return undefined
    byAlias.set(alias, { ...model, alias })
  }
  return [...byAlias].map(([key, model]) => ({ key, model }))
}

const aliasOf = (model: unknown): string | undefined => {
  const alias = own(model, 'alias') ?? own(model, 'name')
  return typeof alias === 'string' ? alias : undefined
}

const LATEST = 'mistral-vibe-cli-latest'
const OLD = 'devstral-2'
const NEW = 'mistral-medium-3.5'

const changeOf = (clause: string): MigrationChange => ({ key: ['models'], clause })

/** `devstral-2` became `mistral-medium-3.5`, with other prices. From 2.9.1 on. */
export const renameDevstral = onModels((entries) => {
  const renamed = entries.filter(({ model }) => model['name'] === LATEST && model['alias'] === OLD)
  return {
    entries: renamed.reduce<readonly Entry[]>(moved, entries),
    changes: renamed.map(() => changeOf(`renames the model "${OLD}" to "${NEW}"`)),
  }
})

/** In a map the renamed entry takes the place of one that has its new name, or goes to the end. */
const moved = (entries: readonly Entry[], old: Entry): readonly Entry[] => {
  const model: Table = {
    ...old.model,
    alias: NEW,
    temperature: 1,
    input_price: 1.5,
    output_price: 7.5,
    thinking: 'high',
  }
  if (old.key === undefined) return entries.map((one) => (one === old ? { ...one, model } : one))
  const others = entries.filter((one) => one !== old)
  const renamed: Entry = { key: NEW, model }
  return others.some(({ key }) => key === NEW)
    ? others.map((one) => (one.key === NEW ? renamed : one))
    : [...others, renamed]
}

/** The setting that goes with it. From 2.9.1 on. */
export const renameActiveModel: Migrate = (values): Migrated | undefined =>
  own(values, 'active_model') === OLD
    ? {
        values: { ...values, active_model: NEW },
        changes: [{ key: ['active_model'], clause: `sets active_model to "${NEW}"` }],
      }
    : undefined

const mapped = (
  entries: readonly Entry[],
  isConcerned: (entry: Entry) => boolean,
  change: (model: Table) => Table,
  clause: (entry: Entry) => string,
): Outcome => ({
  entries: entries.map((entry) =>
    isConcerned(entry) ? { ...entry, model: change(entry.model) } : entry,
  ),
  changes: entries.filter(isConcerned).map((entry) => changeOf(clause(entry))),
})

/** The model takes pictures. From 2.14.0 on. */
export const markImages = onModels((entries) =>
  mapped(
    entries,
    ({ model }) =>
      model['name'] === LATEST &&
      model['alias'] === NEW &&
      !Object.hasOwn(model, 'supports_images'),
    (model) => ({ ...model, supports_images: true }),
    () => `adds supports_images = true to the model "${NEW}"`,
  ),
)

/** `devstral-small` cannot think. 2.24 only. */
export const stopThinking = onModels((entries) =>
  mapped(
    entries,
    ({ model }) => model['name'] === 'devstral-small-latest' && model['thinking'] !== 'off',
    (model) => ({ ...model, thinking: 'off' }),
    ({ model }) => `sets thinking to "off" in the model ${quoted(model)}`,
  ),
)

const quoted = (model: Table): string =>
  JSON.stringify(String(own(model, 'alias') ?? own(model, 'name') ?? ''))

/** Missing its name or its provider, an entry says something about a model that comes with Vibe. */
const isSparse = (model: Table): boolean => !(isThere(model['name']) && isThere(model['provider']))

const isThere = (value: unknown): boolean => value !== undefined && value !== ''

const isDevstralSmall = ({ key, model }: Entry): boolean =>
  (key ?? model['alias']) === 'devstral-small' || model['name'] === 'devstral-small-latest'

/** What was said about `devstral-small`, which is gone. From 2.25.0 on. */
export const dropDevstralSmall = onModels((entries) => {
  const dropped = entries.filter((entry) => isDevstralSmall(entry) && isSparse(entry.model))
  return {
    entries: entries.filter((entry) => !dropped.includes(entry)),
    changes: dropped.map((entry) => changeOf(`drops the model ${quoted(entry.model)}`)),
  }
})

/** Until 2.26.0 a setting that named it went with it. */
export const dropDevstralSmallWithSetting: Migrate = (values, semantics, file) => {
  const after = dropDevstralSmall(values, semantics, file)
  return after && own(after.values, 'active_model') === 'devstral-small'
    ? {
        values: { ...after.values, active_model: '' },
        changes: [...after.changes, { key: ['active_model'], clause: 'empties active_model' }],
      }
    : after
}

/**
 * What was said about `local`, which is gone, becomes a model of its own, unless another file
 * defines that. From 2.26.1 on.
 */
export const completeLocal: Migrate = (values, semantics, file) => {
  const isDefined = [values, ...file.others].some((table) =>
    (entriesOf(table, semantics.release) ?? []).some(
      ({ key, model }) => key === 'local' && !isSparse(model),
    ),
  )
  return onModels((entries) =>
    mapped(
      entries,
      (entry) =>
        (entry.key === 'local' || entry.model['name'] === 'devstral') &&
        !(entry.key === 'local' && isDefined) &&
        isSparse(entry.model),
      (model) => ({
        ...model,
        name: isThere(model['name']) ? model['name'] : 'devstral',
        provider: isThere(model['provider']) ? model['provider'] : 'llamacpp',
      }),
      ({ model }) => `completes the model ${quoted(model)}`,
    ),
  )(values, semantics, file)
}

const UNSET = -1

const isUnset = (value: unknown): boolean =>
  (typeof value === 'number' || typeof value === 'bigint') && Number(value) === UNSET

const withoutThreshold = ({ auto_compact_threshold: _, ...rest }: Table): Table => rest

const THRESHOLD = 'auto_compact_threshold'

/** The mark that old versions wrote for "no threshold". From 3.0.3 on. */
export const dropUnsetThreshold: Migrate = (values) =>
  isUnset(own(values, THRESHOLD))
    ? {
        values: withoutThreshold(values),
        changes: [{ key: [THRESHOLD], clause: `drops ${THRESHOLD} = -1` }],
      }
    : undefined

/** The same in models. From 3.0.3 on. */
export const dropUnsetModelThresholds = onModels((entries) =>
  mapped(
    entries,
    ({ model }) => isUnset(own(model, THRESHOLD)),
    withoutThreshold,
    ({ model }) => `drops ${THRESHOLD} = -1 from the model ${quoted(model)}`,
  ),
)
