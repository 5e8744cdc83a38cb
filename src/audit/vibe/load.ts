import {
  type AbsolutePath,
  ancestorsOf,
  join,
  parentOf,
  toAbsolutePath,
} from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { Source } from '../model.ts'
import type { ConfigFile, ReadConfig } from '../shared/config-file.ts'
import { stringsOf } from '../../documents/values.ts'
import { wordAfter } from '../shared/words.ts'
import { dotenvOf } from './dotenv.ts'
import {
  builtinAgentLayer,
  type EffectiveConfig,
  effectiveConfig,
  environmentLayer,
} from './semantics/layers.ts'
import type { Layer } from './semantics/types.ts'
import { type Trust, trustOf } from './trust.ts'
import { findVersion, type VibeVersion } from './version.ts'

/** Everything that decides what Vibe may do here, as read. */
export interface VibeLoaded {
  readonly version: VibeVersion
  /** The folder that the audited file stands in: where Vibe looks for the rest. */
  readonly folder: AbsolutePath
  /** Where this machine's Vibe keeps its files: VIBE_HOME, or `~/.vibe`. */
  readonly vibeHome: AbsolutePath
  readonly user: ConfigFile
  /**
   * The configuration of the project, or of its nearest ancestor that has one, when it is in force.
   */
  readonly projects: readonly ConfigFile[]
  /**
   * The project's configuration, whether it is in force or not; its `failure` is `missing` when
   * there is none.
   */
  readonly projectFile: ConfigFile
  readonly trust: Trust
  readonly trustFile: ConfigFile
  readonly hooks: readonly ConfigFile[]
  readonly agents: readonly (ConfigFile & { readonly name: string })[]
  /** The agent profile that a session starts in. */
  readonly agent: {
    readonly name: string
    readonly from: 'default' | 'settings' | 'command line'
    readonly file: ConfigFile | undefined
  }
  readonly dotenv: { readonly source: Source; readonly names: readonly string[] }
  /** The environment with what the .env file fills in. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly environment: Layer
  /** With the agent profile on top. */
  readonly config: EffectiveConfig
  /** Without it: what the files and the environment say. */
  readonly settings: EffectiveConfig
}

/** Reads all of it. Files that are missing or bad are values too; nothing here throws. */
export const loadVibe = (
  request: AuditRequest,
  world: AuditWorld,
  read: ReadConfig,
): VibeLoaded => {
  const version = findVersion(request, world)
  const { semantics } = version
  const vibeHome = homeOf(world)
  const folder = request.text === undefined ? parentOf(request.file) : vibeHome
  const user = read(request.file, 'user', request.text)
  const trustFile = read(join(vibeHome, 'trusted_folders.toml'), 'trust')
  const trust = trustOf(world.project, trustFile)
  const projectFile = read(join(world.project, '.vibe/config.toml'), 'project')
  const isForeign = projectFile.file !== request.file && parentOf(projectFile.file) !== vibeHome
  const above = semantics.isProjectReplacing
    ? []
    : ancestorsOf(world.project)
        .filter((directory) => directory !== '/' && `${directory}/.vibe` !== vibeHome)
        .reverse()
  // The nearest one upwards alone is read (2.24 and later; only the project's own before), and only
  // where its place is trusted.
  const nearest =
    isForeign && projectFile.failure !== 'missing'
      ? undefined
      : above.find(
          (directory) =>
            read(join(directory, '.vibe/config.toml'), 'project').failure !== 'missing',
        )
  const inForce =
    nearest === undefined
      ? isForeign && trust === 'trusted'
        ? [projectFile]
        : []
      : trustOf(nearest, trustFile) === 'trusted'
        ? [read(join(nearest, '.vibe/config.toml'), 'project')]
        : []
  const projects = inForce.filter(({ failure }) => failure === undefined)
  // Under launcher the file is hidden and its key passed; before launch it speaks.
  const dotenv =
    request.depth === 'full'
      ? dotenvOf(world, join(folder, '.env'))
      : {
          source: unread(world, join(folder, '.env')),
          variables: new Map<string, string>(),
        }
  const env = {
    ...Object.fromEntries(dotenv.variables),
    ...Object.fromEntries(
      Object.entries(world.env).filter(([, value]) => value !== undefined && value !== ''),
    ),
  }
  const environment = environmentLayer(env, semantics)
  const layers: Layer[] = [
    { name: 'user', file: user.file, values: user.values },
    ...projects.map(({ file, values }): Layer => ({ name: 'project', file, values })),
    environment,
  ]
  const settings = effectiveConfig(layers, semantics)
  const agents = readAgents(world, read, folder, trust, settings)
  const agent = chooseAgent(request, settings, agents, semantics.defaultAgent)
  const agentLayer: Layer | undefined = agent.file
    ? { name: 'agent-profile', file: agent.file.file, values: overridesOf(agent.file) }
    : builtinAgentLayer(agent.name, semantics, vibeHome)
  return {
    version,
    folder,
    vibeHome,
    user,
    projects,
    projectFile,
    trust,
    trustFile,
    hooks: [
      read(join(folder, 'hooks.toml'), 'hooks'),
      ...(trust === 'trusted'
        ? [read(join(world.project, '.vibe/hooks.toml'), 'project hooks')]
        : []),
    ].filter(({ failure }) => failure !== 'missing'),
    agents,
    agent,
    dotenv: { source: dotenv.source, names: [...dotenv.variables.keys()] },
    env,
    environment,
    config: agentLayer ? effectiveConfig([...layers, agentLayer], semantics) : settings,
    settings,
  }
}

const unread = ({ walk }: AuditWorld, file: AbsolutePath): Source => {
  const { hops, real, status } = walk(file)
  return { layer: '.env', file, hops, real, state: status === 'exists' ? 'not read' : 'missing' }
}

const homeOf = ({ host, env }: AuditWorld): AbsolutePath => {
  const wanted = env['VIBE_HOME']
  return (
    (wanted ? toAbsolutePath(wanted.replace(/^~(?=\/|$)/, host.home)) : undefined) ??
    join(host.home, '.vibe')
  )
}

/**
 * What names a profile and what it says of itself; everything else in its file overrides the
 * configuration.
 */
const ABOUT_ITSELF: ReadonlySet<string> = new Set([
  'display_name',
  'description',
  'safety',
  'agent_type',
  'install_required',
])

const overridesOf = ({ values }: ConfigFile): ConfigFile['values'] =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !ABOUT_ITSELF.has(key)))

/** More profiles than a person has. */
const MAX_AGENTS = 100

const readAgents = (
  { host, project }: AuditWorld,
  read: ReadConfig,
  folder: AbsolutePath,
  trust: Trust,
  settings: EffectiveConfig,
): VibeLoaded['agents'] => {
  const own = stringsOf(settings.values['agent_paths']).flatMap(
    (path) => toAbsolutePath(path.replace(/^~(?=\/|$)/, host.home)) ?? [],
  )
  const folders = [
    join(folder, 'agents'),
    ...own,
    ...(trust === 'trusted' ? [join(project, '.vibe/agents')] : []),
  ]
  return folders.flatMap((directory) =>
    (host.list(directory) ?? [])
      .filter(({ name }) => name.endsWith('.toml'))
      .slice(0, MAX_AGENTS)
      .map(({ name }) => ({
        name: name.slice(0, -'.toml'.length),
        ...read(join(directory, name), `agent ${name.slice(0, -'.toml'.length)}`),
      })),
  )
}

const chooseAgent = (
  { words }: AuditRequest,
  settings: EffectiveConfig,
  agents: VibeLoaded['agents'],
  fallback: string,
): VibeLoaded['agent'] => {
  const byWord = words.some((word) => word === '--auto-approve' || word === '--yolo')
    ? 'auto-approve'
    : wordAfter(words, '--agent')
  const bySetting = settings.values['default_agent']
  const name = byWord ?? (typeof bySetting === 'string' && bySetting !== '' ? bySetting : fallback)
  return {
    name,
    from:
      byWord !== undefined
        ? 'command line'
        : settings.layerOf(['default_agent']) === 'defaults'
          ? 'default'
          : 'settings',
    file: agents.find((agent) => agent.name === name),
  }
}
