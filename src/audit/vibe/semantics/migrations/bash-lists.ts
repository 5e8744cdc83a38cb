import { isStringList, own, type Table, tableOf } from '../../../../documents/values.ts'
import { READ_ONLY_COMMANDS } from '../bash-commands.ts'
import type { Migrate, Migrated } from './migration.ts'

const KEY = ['tools', 'bash', 'allowlist']

const listOf = (values: Table): readonly string[] | undefined => {
  const list = own(own(own(values, 'tools'), 'bash'), 'allowlist')
  return isStringList(list) ? list : undefined
}

const withList = (values: Table, list: readonly string[], clause: string): Migrated => {
  const tools = tableOf(own(values, 'tools'))
  const bash = tableOf(own(tools, 'bash'))
  return {
    values: { ...values, tools: { ...tools, bash: { ...bash, allowlist: list } } },
    changes: [{ key: KEY, clause }],
  }
}

/** 2.5 to 2.8 take `find` away. */
export const removeFind: Migrate = (values) => {
  const list = listOf(values)
  const index = list?.indexOf('find') ?? -1
  return list === undefined || index < 0
    ? undefined
    : withList(values, list.toSpliced(index, 1), 'takes "find" off the allowlist of bash')
}

/** From 2.9.0 on it is put back. */
export const addFind: Migrate = (values) => {
  const list = listOf(values)
  return list === undefined || list.includes('find')
    ? undefined
    : withList(values, [...list, 'find'].sort(), 'adds "find" to the allowlist of bash')
}

/** From 2.9.6 on. */
export const stripWildcards: Migrate = (values) => {
  const list = listOf(values)
  if (list === undefined || !list.some((entry) => entry.endsWith(' *'))) return undefined
  const stripped = list.map((entry) => (entry.endsWith(' *') ? entry.slice(0, -2) : entry))
  return withList(
    values,
    [...new Set(stripped)].sort(),
    'cuts " *" off the end of entries of the allowlist of bash',
  )
}

const READ_ONLY_MARK = 'bash_read_only_defaults_v1'

/** From 2.15.0 on, once for each file, which is then marked. */
export const addReadOnly: Migrate = (values) => {
  const list = listOf(values)
  const applied = own(values, 'applied_migrations') ?? []
  if (list === undefined || !Array.isArray(applied) || applied.includes(READ_ONLY_MARK))
    return undefined
  const { values: after, changes } = withList(
    values,
    [...new Set([...list, ...READ_ONLY_COMMANDS])].sort(),
    `adds ${READ_ONLY_COMMANDS.length} commands that read to the allowlist of bash`,
  )
  return {
    values: { ...after, applied_migrations: [...applied, READ_ONLY_MARK] },
    changes: [
      ...changes,
      { key: ['applied_migrations'], clause: `adds "${READ_ONLY_MARK}" to applied_migrations` },
    ],
  }
}
