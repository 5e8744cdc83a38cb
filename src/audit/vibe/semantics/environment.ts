import { isTable } from '../../../documents/values.ts'
import { defaultsOf } from './defaults.ts'
import { deepMerge } from './merge.ts'
import type { Layer } from './types.ts'
import type { VibeSemantics } from './versions.ts'

const PREFIX = 'vibe_'

/**
 * What `VIBE_*` variables say, as a layer: names without regard to case, empty ones ignored, tables
 * and lists as JSON, and from 2.22 a path into a table with `__` (`VIBE_TOOLS__BASH__PERMISSION`).
 * A value that Vibe cannot read is left out (old versions stop with an error there, new ones ignore
 * it).
 */
export const environmentLayer = (
  env: Readonly<Record<string, string | undefined>>,
  semantics: VibeSemantics,
): Layer => {
  const defaults = defaultsOf(semantics)
  const given = Object.entries(env)
    .flatMap(([name, value]) =>
      name.toLowerCase().startsWith(PREFIX) && value !== undefined && value !== ''
        ? [[name.toLowerCase().slice(PREFIX.length), value] as const]
        : [],
    )
    .sort(([a], [b]) => a.length - b.length)
  const values = semantics.keys.flatMap((key): [string, unknown][] => {
    const whole = given.find(([name]) => name === key)
    const nested = semantics.isEnvironmentNested
      ? given.filter(([name]) => name.startsWith(`${key}__`))
      : []
    const base = whole === undefined ? undefined : readValue(whole[1], defaults[key])
    const merged = nested.reduce<unknown>(
      (table, [name, value]) =>
        deepMerge(
          isTable(table) ? table : {},
          nestedTable(name.slice(key.length + 2).split('__'), value),
        ),
      base,
    )
    return merged === undefined ? [] : [[key, merged]]
  })
  return { name: 'environment', values: Object.fromEntries(values) }
}

const readValue = (text: string, example: unknown): unknown => {
  if (typeof example === 'boolean') return BOOLEANS.get(text.trim().toLowerCase())
  if (typeof example === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined
  if (typeof example === 'object') return jsonOf(text)
  return text
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 'on', 't', 'true', 'y', 'yes'].map((word) => [word, true] as const),
  ...['0', 'off', 'f', 'false', 'n', 'no'].map((word) => [word, false] as const),
])

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const nestedTable = (path: readonly string[], value: string): Record<string, unknown> => {
  const leaf: unknown = jsonOf(value) ?? value
  return path.reduceRight<unknown>(
    (inner, key) => Object.fromEntries([[key, inner]]),
    leaf,
  ) as Record<string, unknown>
}
