import { isStringList, isTable, own } from '../../../documents/values.ts'
import { READ_ONLY_COMMANDS } from './bash-commands.ts'
import { nameMatches } from './tool-names.ts'
import { at, type Changes } from './version-order.ts'
import type { VibeSemantics } from './versions.ts'

/** A configuration after what Vibe does to it on loading, and what was done, one clause each. */
export interface Migrated {
  readonly values: Readonly<Record<string, unknown>>
  readonly changes: readonly string[]
}

/** What Vibe will write into the user's config.toml when it loads it, one clause each; empty when it leaves the file alone. */
export const pendingMigrations = (
  userValues: Readonly<Record<string, unknown>>,
  semantics: VibeSemantics,
): readonly string[] => migrated(userValues, semantics).changes

/**
 * What Vibe makes of a file before it reads it: the gate sees the result. Tables and lists that are no such thing are left alone (Vibe stops there, with an error).
 * Migrations of models are left out: they decide nothing here.
 */
export const migrated = (
  values: Readonly<Record<string, unknown>>,
  semantics: VibeSemantics,
): Migrated =>
  at(semantics.release, MIGRATIONS).reduce<Migrated>(
    (before, migrate) => {
      const after = migrate(before.values, semantics)
      return after
        ? { values: after.values, changes: [...before.changes, ...after.changes] }
        : before
    },
    { values, changes: [] },
  )

type Migrate = (
  values: Readonly<Record<string, unknown>>,
  semantics: VibeSemantics,
) => Migrated | undefined

const bashList = (values: Readonly<Record<string, unknown>>): readonly string[] | undefined => {
  const list = own(own(own(values, 'tools'), 'bash'), 'allowlist')
  return isStringList(list) ? list : undefined
}

const withBashList = (
  values: Readonly<Record<string, unknown>>,
  list: readonly string[],
  change: string,
): Migrated => {
  const tools = own(values, 'tools')
  const bash = own(tools, 'bash')
  return {
    values: {
      ...values,
      tools: {
        ...(isTable(tools) ? tools : {}),
        bash: { ...(isTable(bash) ? bash : {}), allowlist: list },
      },
    },
    changes: [change],
  }
}

const removeFind: Migrate = (values) => {
  const list = bashList(values)
  const index = list?.indexOf('find') ?? -1
  return list === undefined || index < 0
    ? undefined
    : withBashList(values, list.toSpliced(index, 1), 'takes "find" off the allowlist of bash')
}

const addFind: Migrate = (values) => {
  const list = bashList(values)
  return list === undefined || list.includes('find')
    ? undefined
    : withBashList(values, [...list, 'find'].sort(), 'adds "find" to the allowlist of bash')
}

const stripWildcards: Migrate = (values) => {
  const list = bashList(values)
  if (list === undefined || !list.some((entry) => entry.endsWith(' *'))) return undefined
  return withBashList(
    values,
    [...new Set(list.map((entry) => (entry.endsWith(' *') ? entry.slice(0, -2) : entry)))].sort(),
    'cuts " *" off the end of entries of the allowlist of bash',
  )
}

const READ_ONLY_MARK = 'bash_read_only_defaults_v1'

const addReadOnly: Migrate = (values) => {
  const list = bashList(values)
  const applied = own(values, 'applied_migrations') ?? []
  if (list === undefined || !Array.isArray(applied) || applied.includes(READ_ONLY_MARK))
    return undefined
  const after = withBashList(
    values,
    [...new Set([...list, ...READ_ONLY_COMMANDS])].sort(),
    `adds ${READ_ONLY_COMMANDS.length} commands that read to the allowlist of bash and "${READ_ONLY_MARK}" to applied_migrations`,
  )
  return { ...after, values: { ...after.values, applied_migrations: [...applied, READ_ONLY_MARK] } }
}

const renameTools: Migrate = (values, { renamedTools }) => {
  const changes: string[] = []
  let result = values
  for (const [old, name] of Object.entries(renamedTools)) {
    const tools = own(result, 'tools')
    if (!isTable(tools) || !Object.hasOwn(tools, old)) continue
    const { [old]: table, ...others } = tools
    result = {
      ...result,
      tools: Object.hasOwn(others, name) ? others : { ...others, [name]: table },
    }
    changes.push(
      Object.hasOwn(others, name)
        ? `drops [tools.${old}], as [tools.${name}] is there`
        : `renames [tools.${old}] to [tools.${name}]`,
    )
  }
  for (const key of ['enabled_tools', 'disabled_tools']) {
    const names = own(result, key)
    if (
      !Array.isArray(names) ||
      !names.some((name) => typeof name === 'string' && Object.hasOwn(renamedTools, name))
    )
      continue
    result = {
      ...result,
      [key]: names.map((name: unknown) =>
        typeof name === 'string' && Object.hasOwn(renamedTools, name) ? renamedTools[name] : name,
      ),
    }
    changes.push(`renames tools in ${key}`)
  }
  return changes.length > 0 ? { values: result, changes } : undefined
}

const renameAgents: Migrate = (values) => {
  const changes: string[] = []
  let result = values
  if (own(result, 'default_agent') === 'default') {
    result = { ...result, default_agent: 'ask' }
    changes.push('renames the agent "default" to "ask" in default_agent')
  }
  for (const key of ['enabled_agents', 'disabled_agents', 'installed_agents']) {
    const names = own(result, key)
    if (!Array.isArray(names) || !names.includes('default')) continue
    result = { ...result, [key]: names.map((name: unknown) => (name === 'default' ? 'ask' : name)) }
    changes.push(`renames the agent "default" to "ask" in ${key}`)
  }
  if (
    !Object.hasOwn(result, 'default_agent') &&
    excludesAgent(result, 'accept-edits') &&
    !excludesAgent(result, 'ask')
  ) {
    result = { ...result, default_agent: 'ask' }
    changes.push('sets default_agent to "ask", as accept-edits is not to be had')
  }
  return changes.length > 0 ? { values: result, changes } : undefined
}

const excludesAgent = (values: Readonly<Record<string, unknown>>, agent: string): boolean => {
  const enabled = own(values, 'enabled_agents')
  if (isStringList(enabled) && enabled.length > 0) return !nameMatches(agent, enabled)
  const disabled = own(values, 'disabled_agents')
  return isStringList(disabled) && nameMatches(agent, disabled)
}

const MIGRATIONS: Changes<readonly Migrate[]> = [
  ['1.0.0', []],
  ['2.5.0', [removeFind]],
  ['2.9.0', [addFind]],
  ['2.10.0', [addFind, stripWildcards]],
  ['2.14.0', [addFind, stripWildcards, renameTools]],
  ['2.15.0', [addFind, stripWildcards, addReadOnly, renameTools]],
  ['2.24.1', [addFind, stripWildcards, addReadOnly, renameTools, renameAgents]],
]
