import { isTable, type Table } from '../../../documents/values.ts'

/**
 * Tables joined key by key at every depth; anything else of `over` replaces what was there, and so
 * does all beneath {@link DEEPEST}.
 */
export const deepMerge = (base: Table, over: Table, depth = 0): Record<string, unknown> => {
  const result = new Map(Object.entries(base))
  for (const [key, value] of Object.entries(over)) {
    const before = result.get(key)
    result.set(
      key,
      isTable(before) && isTable(value) && depth < DEEPEST
        ? deepMerge(before, value, depth + 1)
        : value,
    )
  }
  return Object.fromEntries(result)
}

/** No setting lies deeper, and a hostile one cannot exhaust the stack. */
const DEEPEST = 32

/**
 * One key of two layers joined as Vibe's schema says (from 2.22): lists appended or united by name,
 * tables joined, everything else replaced.
 */
export const mergeKey = (key: string, base: unknown, over: unknown): unknown => {
  if (APPENDED.has(key) && Array.isArray(base) && Array.isArray(over))
    return [...(base as unknown[]), ...(over as unknown[])]
  const name = UNITED.get(key)
  if (name !== undefined && Array.isArray(base) && Array.isArray(over))
    return unite(name, [...(base as unknown[]), ...(over as unknown[])])
  if (DEEP.has(key) && isTable(base) && isTable(over)) return deepMerge(base, over)
  if (SHALLOW.has(key) && isTable(base) && isTable(over)) return { ...base, ...over }
  return over
}

const APPENDED = new Set([
  'agent_paths',
  'applied_migrations',
  'disabled_agents',
  'disabled_skills',
  'disabled_tools',
  'enabled_agents',
  'enabled_skills',
  'installed_agents',
  'skill_paths',
  'tool_paths',
])
const UNITED = new Map([
  ['connectors', 'name'],
  ['mcp_servers', 'name'],
  ['providers', 'name'],
  ['transcribe_models', 'alias'],
  ['transcribe_providers', 'name'],
  ['tts_models', 'alias'],
  ['tts_providers', 'name'],
])
const DEEP = new Set(['models', 'tools'])
const SHALLOW = new Set([
  'compaction_model',
  'experiments',
  'project_context',
  'session_logging',
  'utility_models',
  'vision_model',
])

/**
 * Items in order of their first appearance, each with its last value; an item without a name stays
 * as it is.
 */
const unite = (key: string, items: readonly unknown[]): unknown[] => {
  const result = new Map<unknown, unknown>()
  for (const item of items)
    result.set(isTable(item) && typeof item[key] === 'string' ? item[key] : item, item)
  return [...result.values()]
}
