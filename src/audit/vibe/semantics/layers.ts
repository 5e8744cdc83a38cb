import { isTable, type Table } from '../../../documents/values.ts'
import { agentOverrides, builtinAgents } from './agents.ts'
import { defaultsOf, toolDefaults } from './defaults.ts'
import { deepMerge, mergeKey } from './merge.ts'
import { migrated } from './migrations/migrations.ts'
import { type Layer, LAYERS, type LayerName } from './types.ts'
import type { VibeSemantics } from './versions.ts'

export { environmentLayer } from './environment.ts'

/** The configuration in force, and where each value of it comes from. */
export interface EffectiveConfig {
  readonly values: Readonly<Record<string, unknown>>
  /** The strongest layer that has a value at this key path; `defaults` when none has. */
  layerOf(keyPath: readonly string[]): LayerName
}

/**
 * Lays the layers over each other as this version does, weakest name first whatever their order; of
 * two with one name the later is stronger. Defaults are added; files are migrated first, as Vibe
 * does, so that a tool's old name may have become its new one. Tables under `tools` that are none
 * count as empty.
 */
export const effectiveConfig = (
  layers: readonly Layer[],
  semantics: VibeSemantics,
): EffectiveConfig => {
  const inForce = LAYERS.flatMap((name) => layers.filter((layer) => layer.name === name))
    .filter(
      (layer) =>
        !(
          layer.name === 'user' &&
          semantics.isProjectReplacing &&
          layers.some(({ name }) => name === 'project')
        ),
    )
    .map((layer, _, all) => ({ name: layer.name, values: valuesOf(layer, all, semantics) }))
  const join = semantics.merging === 'nested' ? deepMerge : byKey
  const written = inForce.reduce<Table>((below, { values }) => join(below, values), {})
  const { tools: toolTables, ...top } = defaultsOf(semantics)
  const { tools, ...rest } = written
  return {
    values: {
      ...join(top, rest),
      tools: withDefaults(isTable(toolTables) ? toolTables : {}, tools, semantics),
    },
    layerOf: (path) => {
      const strongest = inForce.findLast(({ values }) => effectOn(values, path) !== undefined)
      return strongest !== undefined && effectOn(strongest.values, path) === 'gives'
        ? strongest.name
        : 'defaults'
    },
  }
}

/**
 * What an agent profile that comes with Vibe lays over the rest; undefined for a name that this
 * version does not have. `vibeHome` is where the plan agent may write.
 */
export const builtinAgentLayer = (
  name: string,
  semantics: VibeSemantics,
  vibeHome = '~/.vibe',
): Layer | undefined =>
  builtinAgents(semantics).includes(name)
    ? { name: 'agent-profile', values: agentOverrides(name, semantics, vibeHome) }
    : undefined

/** Only files are migrated. A layer whose values are no table says nothing. */
const valuesOf = (layer: Layer, all: readonly Layer[], semantics: VibeSemantics): Table => {
  const { name, values } = layer
  if (!isTable(values)) return {}
  if (name !== 'user' && name !== 'project') return values
  const others = all.flatMap((other) =>
    other !== layer && isFile(other) && isTable(other.values) ? [other.values] : [],
  )
  return migrated(values, semantics, { layer: name, others }).values
}

const isFile = ({ name }: Layer): boolean => name === 'user' || name === 'project'

const byKey = (base: Table, over: Table): Record<string, unknown> => {
  const result = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over))
    result.set(key, mergeKey(key, result.get(key), value))
  return Object.fromEntries(result)
}

/** What old versions put in the place of what a table does not say. */
const BARE: Table = { permission: 'ask', allowlist: [], denylist: [] }

const withDefaults = (
  defaults: Table,
  written: unknown,
  semantics: VibeSemantics,
): Record<string, unknown> => {
  const tools = isTable(written)
    ? Object.entries(written).map(([name, table]) => [name, isTable(table) ? table : {}] as const)
    : []
  return {
    ...defaults,
    ...Object.fromEntries(
      tools.map(([name, table]) => [
        name,
        { ...toolDefaults(name, semantics), ...(semantics.isTableResetting ? BARE : {}), ...table },
      ]),
    ),
  }
}

/**
 * What a layer does to the value at a path: gives it, hides it (something that is no table stands
 * on the way, and what lies beneath is a default again), or nothing.
 */
const effectOn = (values: Table, path: readonly string[]): 'gives' | 'hides' | undefined => {
  let here: unknown = values
  for (const key of path) {
    if (!isTable(here)) return 'hides'
    if (!Object.hasOwn(here, key)) return undefined
    here = here[key]
  }
  return 'gives'
}
