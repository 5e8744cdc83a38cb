import { isStringList, isTable, own, type Table } from '../../../../documents/values.ts'
import { nameMatches } from '../tool-names.ts'
import type { Migrate, MigrationChange } from './migration.ts'

/** Options of the old tool that the new one does not have. */
const DROPPED: Readonly<Record<string, readonly string[]>> = {
  edit: ['max_content_size', 'create_backup'],
}

/**
 * Tools that are called something else now: their tables, and the lists that name them. From 2.14.0
 * on.
 */
export const renameTools: Migrate = (values, { renamedTools }) => {
  const changes: MigrationChange[] = []
  let result = values
  for (const [old, name] of Object.entries(renamedTools)) {
    const tools = own(result, 'tools')
    if (!isTable(tools) || !Object.hasOwn(tools, old)) continue
    const { [old]: table, ...others } = tools
    const isThere = Object.hasOwn(others, name)
    result = {
      ...result,
      tools: isThere ? others : { ...others, [name]: without(table, DROPPED[name] ?? []) },
    }
    changes.push({
      key: ['tools', old],
      clause: isThere
        ? `drops [tools.${old}], as [tools.${name}] is there`
        : `renames [tools.${old}] to [tools.${name}]`,
    })
  }
  for (const key of ['enabled_tools', 'disabled_tools']) {
    const names = own(result, key)
    if (!Array.isArray(names) || !names.some((name) => isOneOf(name, renamedTools))) continue
    result = {
      ...result,
      [key]: names.map((name: unknown) =>
        isOneOf(name, renamedTools) ? renamedTools[name] : name,
      ),
    }
    changes.push({ key: [key], clause: `renames tools in ${key}` })
  }
  return changes.length > 0 ? { values: result, changes } : undefined
}

const isOneOf = (name: unknown, names: Readonly<Record<string, string>>): name is string =>
  typeof name === 'string' && Object.hasOwn(names, name)

const without = (table: unknown, keys: readonly string[]): unknown =>
  isTable(table)
    ? Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key)))
    : table

const AGENT_LISTS = ['enabled_agents', 'disabled_agents', 'installed_agents']

/** The agent `default` became `ask`, and accept-edits the one that starts. From 2.24.1 on. */
export const renameAgents: Migrate = (values) => {
  const changes: MigrationChange[] = []
  let result = values
  if (own(result, 'default_agent') === 'default') {
    result = { ...result, default_agent: 'ask' }
    changes.push({
      key: ['default_agent'],
      clause: 'renames the agent "default" to "ask" in default_agent',
    })
  }
  for (const key of AGENT_LISTS) {
    const names = own(result, key)
    if (!Array.isArray(names) || !names.includes('default')) continue
    result = { ...result, [key]: names.map((name: unknown) => (name === 'default' ? 'ask' : name)) }
    changes.push({ key: [key], clause: `renames the agent "default" to "ask" in ${key}` })
  }
  if (
    !Object.hasOwn(result, 'default_agent') &&
    excludesAgent(result, 'accept-edits') &&
    !excludesAgent(result, 'ask')
  ) {
    result = { ...result, default_agent: 'ask' }
    changes.push({
      key: ['default_agent'],
      clause: 'sets default_agent to "ask", as accept-edits is not to be had',
    })
  }
  return changes.length > 0 ? { values: result, changes } : undefined
}

const excludesAgent = (values: Table, agent: string): boolean => {
  const enabled = own(values, 'enabled_agents')
  if (isStringList(enabled) && enabled.length > 0) return !nameMatches(agent, enabled)
  const disabled = own(values, 'disabled_agents')
  return isStringList(disabled) && nameMatches(agent, disabled)
}
