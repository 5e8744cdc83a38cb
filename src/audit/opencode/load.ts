import { type AbsolutePath, isWithin, join, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import { parseJsonDocument } from '../../documents/json.ts'
import type { AgentVersion } from '../model.ts'
import { type ConfigFile, configReader } from '../shared/config-file.ts'
import { asLayer, type ConfigLayer, type Layered, layered } from '../shared/layered.ts'
import { foldersDown, repositoryOf } from '../shared/repository.ts'
import { versionOf } from '../shared/version.ts'

/** Everything that decides what OpenCode may do here, as read. */
export interface OpenCodeLoaded {
  readonly version: AgentVersion
  /** `~/.config/opencode`, or where XDG_CONFIG_HOME says. */
  readonly folder: AbsolutePath
  readonly main: ConfigFile
  /** Files that are there, weakest layer first. */
  readonly files: readonly ConfigFile[]
  readonly beside: readonly ConfigFile[]
  readonly config: Layered
  /** The repository's root; a project outside of one has none. */
  readonly worktree: AbsolutePath | undefined
  /** Folders that plugins, tools and agents are loaded from, with the layer of each. */
  readonly folders: readonly { readonly folder: AbsolutePath; readonly layer: string }[]
}

const NAMES = ['opencode.jsonc', 'opencode.json'] as const

/**
 * Layers weakest first: global, OPENCODE_CONFIG, project (no trust is asked for), .opencode
 * folders, OPENCODE_CONFIG_CONTENT (opencode.ai/docs/config, precedence). Nothing here throws.
 */
export const loadOpenCode = async (
  request: AuditRequest,
  world: AuditWorld,
): Promise<OpenCodeLoaded> => {
  const read = await configReader(world, request.depth, 'jsonc')
  const { host, project, env } = world
  const base =
    (env['XDG_CONFIG_HOME'] ? toAbsolutePath(env['XDG_CONFIG_HOME']) : undefined) ??
    join(host.home, '.config')
  const folder = join(base, 'opencode')
  const repository = repositoryOf(world, project)
  // One that holds the whole machine counts as none.
  const worktree = repository === '/' ? undefined : repository
  const upwards = foldersDown(worktree ?? project, project)
  const custom = env['OPENCODE_CONFIG'] ? toAbsolutePath(env['OPENCODE_CONFIG']) : undefined
  const dotted = [
    ...upwards.map((one) => join(one, '.opencode')),
    join(host.home, '.opencode'),
  ].filter((one, index, all) => all.indexOf(one) === index)
  const isHome = (one: AbsolutePath): boolean => one === `${host.home}/.opencode`
  const places: readonly (readonly [layer: string, file: AbsolutePath])[] = [
    ...['config.json', 'opencode.json', 'opencode.jsonc'].map(
      (name) => ['global', join(folder, name)] as const,
    ),
    ...(custom === undefined ? [] : [['OPENCODE_CONFIG', custom] as const]),
    ...NAMES.flatMap((name) => upwards.map((one) => ['project', join(one, name)] as const)),
    ...dotted.flatMap((one) =>
      NAMES.map((name) => [isHome(one) ? 'global' : 'project', join(one, name)] as const),
    ),
  ]
  const known = places.find(([, file]) => file === request.file)
  const layer = known?.[0] ?? (isWithin(request.file, project) ? 'project' : 'global')
  const main = read(request.file, layer, request.text)
  // Another file takes the place of the global ones.
  const others = (
    known ? places : places.filter(([name, file]) => name !== layer || parentOf(file) !== folder)
  ).map(([name, file]) => (file === request.file ? main : read(file, name)))
  const files = [...(known ? [] : [main]), ...others].filter(
    (file, index, all) =>
      (file.failure !== 'missing' || file === main) &&
      all.findIndex((other) => other.file === file.file) === index,
  )
  return {
    version: versionOf(
      request,
      world,
      ['opencode-ai', 'opencode'],
      'the documentation and source of 2026 (1.x)',
    ),
    folder,
    main,
    files,
    beside: [],
    config: layered([...files.map(asLayer), ...inline(env)], asLayer(main)),
    worktree,
    folders: [
      { folder, layer: 'global' },
      ...dotted.map((one) => ({ folder: one, layer: isHome(one) ? 'global' : 'project' })),
    ],
  }
}

/** OPENCODE_CONFIG_CONTENT, and OPENCODE_PERMISSION on top. */
const inline = (env: AuditWorld['env']): ConfigLayer[] =>
  (['OPENCODE_CONFIG_CONTENT', 'OPENCODE_PERMISSION'] as const).flatMap((name) => {
    const text = env[name]
    if (!text) return []
    const { values } = parseJsonDocument(text, `<${name}>`, true)
    return [
      {
        name: 'environment',
        file: `<${name}>`,
        values: name === 'OPENCODE_PERMISSION' ? { permission: values } : values,
      },
    ]
  })
