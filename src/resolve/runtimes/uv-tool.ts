import { parse } from 'smol-toml'
import { join, toAbsolutePath } from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import { show, type Place, type ResolveContext } from './context.ts'
import type { ModuleSource } from './editable-sources.ts'

/** What uv wrote down when it installed a tool. */
export interface UvReceipt {
  /** Packages that were installed as links to their sources. */
  readonly sources: readonly ModuleSource[]
  /** Package that a command of the tool comes from. */
  readonly packages: ReadonlyMap<string, string>
}

const RECEIPT_LIMIT = 256 * 1024
const MAX_ENTRIES = 256

/** The receipt in a tool's environment; undefined when there is none or it is not one. */
export const readReceipt = (context: ResolveContext, root: Place): UvReceipt | undefined => {
  const text = textOf(context.host, join(root.walked.real, 'uv-receipt.toml'), RECEIPT_LIMIT)
  const tool = text === undefined ? undefined : tableIn(parsed(text), 'tool')
  if (tool === undefined) return undefined
  const requirements = tablesIn(tool, 'requirements')
  const first = textIn(requirements[0], 'name')
  return {
    sources: requirements.flatMap((one) => {
      // uv writes `editable = "/path"` since 0.6, and wrote `directory = "/path", editable = true`
      // before.
      const source =
        textIn(one, 'editable') ?? (one['editable'] === true ? textIn(one, 'directory') : undefined)
      const path = source === undefined ? undefined : toAbsolutePath(source)
      return path === undefined
        ? []
        : [
            {
              path,
              clause: `its receipt says that ${textIn(one, 'name') ?? 'a package'} is a link to its source ${show(context, path)}`,
            },
          ]
    }),
    packages: new Map(
      tablesIn(tool, 'entrypoints').flatMap((one) => {
        const name = textIn(one, 'name')
        const from = textIn(one, 'from') ?? first
        return name === undefined || from === undefined ? [] : [[name, from] as const]
      }),
    ),
  }
}

type Table = Readonly<Record<string, unknown>>

const parsed = (text: string): unknown => {
  try {
    return { tool: parse(text)['tool'] }
  } catch {
    return undefined
  }
}

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const tableIn = (value: unknown, key: string): Table | undefined => {
  const inner = isTable(value) ? value[key] : undefined
  return isTable(inner) ? inner : undefined
}

const tablesIn = (table: Table, key: string): Table[] => {
  const value = table[key]
  return Array.isArray(value) ? value.slice(0, MAX_ENTRIES).filter(isTable) : []
}

const textIn = (table: Table | undefined, key: string): string | undefined => {
  const value = table?.[key]
  return typeof value === 'string' ? value : undefined
}
