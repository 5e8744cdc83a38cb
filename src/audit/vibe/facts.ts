import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AnsweredProbe, Cause } from '../model.ts'
import type { ConfigValue, Edit, KeyPath } from '../../documents/document.ts'
import type { FileProbe } from '../probes/build.ts'
import type { ConfigFile } from '../shared/config-file.ts'
import { stringsOf, tableOf, valueAt } from '../../documents/values.ts'
import type { FileFacts } from './file-facts.ts'
import type { VibeLoaded } from './load.ts'
import type { DiagnosedPattern } from './patterns.ts'
import { FILE_TOOLS, type FileTool, type LayerName } from './semantics/types.ts'

/** The lists of patterns of a file tool. */
export const LISTS = ['allowlist', 'denylist', 'sensitive_patterns'] as const
export type ListName = (typeof LISTS)[number]

/** A file tool as configured. */
export interface ToolFacts {
  readonly use: FileTool
  /** Its name in this version. */
  readonly name: string
  readonly permission: unknown
  readonly lists: Readonly<Record<ListName, readonly string[]>>
}

/** What the rules of Vibe read: everything loaded, and ways to ask about it. */
export interface VibeFacts extends VibeLoaded {
  readonly request: AuditRequest
  readonly world: AuditWorld
  readonly tools: readonly ToolFacts[]
  readonly files: FileFacts
  /** Entries of the lists of file tools that somebody wrote, each with what is wrong with it. */
  readonly patterns: readonly DiagnosedPattern[]
  /** Probes of file tools; empty at launch. */
  readonly fileProbes: readonly (FileProbe & AnsweredProbe)[]
  /** Probes of bash; empty at launch, or where the parser is not to be had. */
  readonly commandProbes: readonly AnsweredProbe[]
  /** Value in force. */
  get(...path: readonly string[]): unknown
  /** True when a file, the environment or an agent profile says it. */
  isSet(...path: readonly string[]): boolean
  /** Where the value in force was written; for a default, where it would be. */
  causeOf(path: KeyPath): Cause
  /** The same with a change that sets it there, where that is a file. */
  mend(
    path: KeyPath,
    value: ConfigValue,
  ): { readonly cause: Cause; readonly edits?: readonly Edit[] }
  /**
   * The same for one item of a list: `values` take its place. Without a change where the file does
   * not hold it as it is (Vibe migrates lists when it reads them).
   */
  mendItem(
    list: KeyPath,
    item: string,
    values: readonly ConfigValue[] | undefined,
  ): { readonly cause: Cause; readonly edits?: readonly Edit[] }
  /** Every configuration file that says something: the user's, projects', agent profiles'. */
  readonly configs: readonly { readonly layer: string; readonly file: ConfigFile }[]
}

/** Facts from what was loaded; the probes come afterwards, because answering them needs these. */
export const factsOf = (
  loaded: VibeLoaded,
  request: AuditRequest,
  world: AuditWorld,
  files: FileFacts,
): VibeFacts => {
  const { config, user, projects, agent } = loaded
  const get = (...path: readonly string[]): unknown => valueAt(config.values, path)
  const layerOf = (path: KeyPath): LayerName => config.layerOf(path.map(String))
  const fileOf = (path: KeyPath): string => {
    switch (layerOf(path)) {
      case 'environment':
        return '<environment>'
      case 'agent-profile':
        return agent.file?.file ?? `<agent ${agent.name}>`
      case 'project':
        return (
          projects.findLast(({ values }) => deepest(values, path) > 0)?.file ??
          loaded.projectFile.file
        )
      case 'defaults':
      case 'user':
        return user.file
    }
  }
  const configs: VibeFacts['configs'] = [
    { layer: 'user', file: user },
    ...projects.map((file) => ({ layer: 'project', file })),
    ...loaded.agents.map((file) => ({ layer: `agent ${file.name}`, file })),
  ]
  /** A file may still use a tool's old name, which Vibe migrates as it reads. */
  const causeOf = (path: KeyPath): Cause => {
    const file = fileOf(path)
    const values = configs.find((config) => config.file.file === file)?.file.values
    const written = [path, ...oldPaths(path, loaded)].reduce((best, other) =>
      deepest(values, other) > deepest(values, best) ? other : best,
    )
    return { file, path: written, layer: layerOf(path) }
  }
  return {
    ...loaded,
    request,
    world,
    files,
    tools: FILE_TOOLS.filter((use) => loaded.version.semantics.offers.includes(use)).map((use) =>
      toolOf(use, loaded),
    ),
    patterns: [],
    fileProbes: [],
    commandProbes: [],
    get,
    isSet: (...path) => layerOf(path) !== 'defaults',
    causeOf,
    mend: (path, value) => {
      const cause = causeOf(path)
      return cause.file.startsWith('<')
        ? { cause }
        : { cause, edits: [{ op: 'set', path: cause.path ?? path, value }] }
    },
    mendItem: (list, item, values) => {
      const cause = causeOf(list)
      const items = valueAt(
        configs.find((config) => config.file.file === cause.file)?.file.values,
        cause.path ?? list,
      )
      const index = Array.isArray(items) ? items.indexOf(item) : -1
      if (index < 0) return { cause }
      const path = [...(cause.path ?? list), index]
      return {
        cause: { ...cause, path },
        ...(values ? { edits: [{ op: 'replace', path, values }] } : {}),
      }
    },
    configs,
  }
}

/** The same list under the names that its tool had before. */
const oldPaths = (list: KeyPath, { version }: VibeLoaded): KeyPath[] =>
  Object.entries(version.semantics.renamedTools).flatMap(([old, name]) =>
    list[0] === 'tools' && list[1] === name ? [['tools', old, ...list.slice(2)]] : [],
  )

/** How many keys of a path a file has. */
const deepest = (values: unknown, path: KeyPath): number =>
  path.findLastIndex((_, index) => valueAt(values, path.slice(0, index + 1)) !== undefined) + 1

const toolOf = (use: FileTool, { config, version }: VibeLoaded): ToolFacts => {
  const name = version.semantics.toolNames[use]
  const table = tableOf(valueAt(config.values, ['tools', name]))
  const list = (key: ListName): readonly string[] => stringsOf(table[key])
  return {
    use,
    name,
    permission: table['permission'],
    lists: {
      allowlist: list('allowlist'),
      denylist: list('denylist'),
      sensitive_patterns: list('sensitive_patterns'),
    },
  }
}
