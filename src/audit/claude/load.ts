import { absolute, type AbsolutePath, join, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AgentVersion } from '../model.ts'
import { type ConfigFile, configReader } from '../shared/config-file.ts'
import { asLayer, type ConfigLayer, type Layered, layered } from '../shared/layered.ts'
import { type Table, tableOf } from '../../documents/values.ts'
import { versionOf } from '../shared/version.ts'
import { wordAfter } from '../shared/words.ts'

/** Everything that decides what Claude Code may do here, as read. */
export interface ClaudeLoaded {
  readonly version: AgentVersion
  /** CLAUDE_CONFIG_DIR, or `~/.claude`. */
  readonly folder: AbsolutePath
  /** Settings files, weakest layer first; those that are not there, too. */
  readonly files: readonly ConfigFile[]
  /** The file that the audit is about. */
  readonly main: ConfigFile
  /**
   * Servers of the project (`.mcp.json`) and of the user (`~/.claude.json`, which is state: it may
   * be too large to look at).
   */
  readonly mcp: ConfigFile
  readonly beside: readonly ConfigFile[]
  readonly state: ConfigFile
  readonly config: Layered
}

/**
 * Layers weakest first: user, project, local, command line, managed
 * (code.claude.com/docs/en/settings, precedence). Nothing here throws.
 */
export const loadClaude = async (
  request: AuditRequest,
  world: AuditWorld,
): Promise<ClaudeLoaded> => {
  const read = await configReader(world, request.depth, 'json')
  const { host, project, env } = world
  const moved = env['CLAUDE_CONFIG_DIR']
  const folder = (moved ? toAbsolutePath(moved) : undefined) ?? join(host.home, '.claude')
  const managed = absolute(
    host.platform === 'macos' ? '/Library/Application Support/ClaudeCode' : '/etc/claude-code',
  )
  const places: readonly (readonly [layer: string, file: AbsolutePath])[] = [
    ['user', join(folder, 'settings.json')],
    ['project', join(project, '.claude/settings.json')],
    ['local', join(project, '.claude/settings.local.json')],
    ['managed', join(managed, 'managed-settings.json')],
    ...dropIns(world, join(managed, 'managed-settings.d')).map(
      (file) => ['managed', file] as const,
    ),
  ]
  const layer = layerOf(request.file, places, folder)
  // In the home directory the project's file is the user's; an audited file takes the place of its
  // layer's.
  const files = places
    .filter(([name, file]) => name === layer || file !== request.file)
    .filter(
      ([name, file], index, all) =>
        all.findIndex(([, other]) => other === file) === index || name === layer,
    )
    .map(([name, file]) =>
      name === layer && (file === request.file || name !== 'managed')
        ? read(request.file, name, request.text)
        : read(file, name),
    )
  const mcp = read(join(project, '.mcp.json'), '.mcp.json')
  const main =
    files.find(({ file }) => file === request.file) ?? read(request.file, layer, request.text)
  const layers = [
    ...files.filter(({ layer: name }) => name !== 'managed').map(asLayer),
    commandLine(request.words),
    ...files.filter(({ layer: name }) => name === 'managed').map(asLayer),
  ]
  return {
    version: versionOf(
      request,
      world,
      ['@anthropic-ai/claude-code'],
      'the documentation of September 2026 (2.1.26x)',
    ),
    folder,
    files,
    main,
    mcp,
    beside: [mcp],
    state: read(join(moved ? folder : host.home, '.claude.json'), 'state'),
    config: layered(layers, asLayer(main)),
  }
}

/** More parts than an administrator writes. */
const MAX_DROP_INS = 50

const dropIns = ({ host }: AuditWorld, folder: AbsolutePath): AbsolutePath[] =>
  (host.list(folder) ?? [])
    .filter(({ name }) => name.endsWith('.json') && !name.startsWith('.'))
    .map(({ name }) => join(folder, name))
    .sort()
    .slice(0, MAX_DROP_INS)

/** The layer of the audited file, by its place, else by its name. */
const layerOf = (
  file: AbsolutePath,
  places: readonly (readonly [string, AbsolutePath])[],
  folder: AbsolutePath,
): string => {
  const known = places.find(([, place]) => place === file)?.[0]
  if (known !== undefined) return known
  if (file.endsWith('/settings.local.json')) return 'local'
  if (file.includes('/managed-settings')) return 'managed'
  return parentOf(file) !== folder && parentOf(file).endsWith('/.claude') ? 'project' : 'user'
}

/** What the words of the command line set (code.claude.com/docs/en/cli-reference). */
const commandLine = (words: readonly string[]): ConfigLayer => {
  const mode = words.includes('--dangerously-skip-permissions')
    ? 'bypassPermissions'
    : wordAfter(words, '--permission-mode')
  const permissions: Table = {
    ...(mode === undefined ? {} : { defaultMode: mode }),
    ...listed('allow', words, '--allowedTools', '--allowed-tools'),
    ...listed('deny', words, '--disallowedTools', '--disallowed-tools'),
    ...listed('additionalDirectories', words, '--add-dir'),
  }
  return {
    name: 'command line',
    file: '<command line>',
    values: Object.keys(permissions).length === 0 ? {} : { permissions },
  }
}

/** The words after a flag up to the next flag. */
const listed = (key: string, words: readonly string[], ...flags: readonly string[]): Table => {
  const at = words.findIndex((word) => flags.includes(word))
  if (at < 0) return {}
  const end = words.findIndex((word, index) => index > at && word.startsWith('-'))
  return { [key]: words.slice(at + 1, end < 0 ? undefined : end) }
}

/** What `~/.claude.json` keeps about the project. */
export const projectState = ({ state }: ClaudeLoaded, project: AbsolutePath): Table =>
  tableOf(tableOf(state.values['projects'])[project])
