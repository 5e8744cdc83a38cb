import { isTable, own, type Table } from '../../../../documents/values.ts'
import type { Migrate, MigrationChange } from './migration.ts'

const SHELLS = ['bash', 'git_bash', 'powershell'] as const

/** What the first run of old versions wrote into every user's file. */
const SEEDED = 300

const shellOf = (values: Table, name: string): unknown => own(own(values, 'tools'), name)

/**
 * A timeout without a maximum is an error from 3.0.3 on; the one that Vibe wrote itself is taken
 * out, where no file says a maximum.
 */
export const dropSeededTimeout: Migrate = (values, _, { layer, others }) => {
  if (layer !== 'user') return undefined
  const changes: MigrationChange[] = []
  let result = values
  for (const name of SHELLS) {
    const shell = shellOf(result, name)
    const hasMaximum = [values, ...others].some(
      (table) => own(shellOf(table, name), 'max_timeout_seconds') !== undefined,
    )
    if (hasMaximum || !isTable(shell) || Number(own(shell, 'default_timeout')) !== SEEDED) continue
    if (!['number', 'bigint'].includes(typeof shell['default_timeout'])) continue
    const { default_timeout: _seeded, ...rest } = shell
    const tools = own(result, 'tools')
    result = { ...result, tools: { ...(isTable(tools) ? tools : {}), [name]: rest } }
    changes.push({
      key: ['tools', name, 'default_timeout'],
      clause: `drops default_timeout = ${SEEDED} from [tools.${name}]`,
    })
  }
  return changes.length > 0 ? { values: result, changes } : undefined
}
