import { absolute, type AbsolutePath, join, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditRequest, AuditWorld } from '../dialect.ts'
import type { AgentVersion } from '../model.ts'
import { type ConfigFile, configReader, type ReadConfig } from '../shared/config-file.ts'
import { asLayer, type ConfigLayer, type Layered, layered } from '../shared/layered.ts'
import { foldersDown, repositoryOf } from '../shared/repository.ts'
import { tableOf } from '../../documents/values.ts'
import { versionOf } from '../shared/version.ts'
import { commandLine } from './command-line.ts'

/** What `projects."PATH".trust_level` says. */
type Trust = 'trusted' | 'untrusted' | 'unknown'

/** Everything that decides what Codex may do here, as read. */
export interface CodexLoaded {
  readonly version: AgentVersion
  /** CODEX_HOME, or `~/.codex`. */
  readonly folder: AbsolutePath
  readonly user: ConfigFile
  /** Every file that was looked at, weakest layer first. */
  readonly files: readonly ConfigFile[]
  /** Those of {@link files} that come with the project, whether they are in force or not. */
  readonly projects: readonly ConfigFile[]
  readonly trust: Trust
  /** Nearest repository that holds the project. */
  readonly repository: AbsolutePath | undefined
  readonly config: Layered
  /** hooks.json beside the configurations that are in force. */
  readonly hooks: readonly ConfigFile[]
  readonly beside: readonly ConfigFile[]
  /** Files of `rules/` beside them: which commands run unasked and outside of the sandbox. */
  readonly ruleFiles: readonly {
    readonly file: AbsolutePath
    readonly layer: string
    readonly text: string
  }[]
}

/**
 * Layers weakest first: system, user, project (root to working directory, only when trusted),
 * profile, command line (developers.openai.com/codex/config-basic). Nothing here throws.
 */
export const loadCodex = async (request: AuditRequest, world: AuditWorld): Promise<CodexLoaded> => {
  const read = await configReader(world, request.depth, 'toml')
  const { host, project, env } = world
  const moved = env['CODEX_HOME']
  const home = (moved ? toAbsolutePath(moved) : undefined) ?? join(host.home, '.codex')
  const repository = repositoryOf(world, project)
  const places = projectPlaces(project, repository).filter((file) => parentOf(file) !== home)
  const isOfProject = places.includes(request.file)
  const folder = request.text === undefined && !isOfProject ? parentOf(request.file) : home
  const user = isOfProject
    ? read(join(folder, 'config.toml'), 'user')
    : read(request.file, 'user', request.text)
  const system = read(absolute('/etc/codex/config.toml'), 'system')
  const trust = trustOf([system, user], project, repository)
  const projects = places
    .map((file) =>
      file === request.file ? read(file, 'project', request.text) : read(file, 'project'),
    )
    .filter(({ failure, file }) => failure !== 'missing' || file === request.file)
  const words = commandLine(request.words)
  const profileName =
    words.profile ??
    (typeof user.values['profile'] === 'string' ? user.values['profile'] : undefined)
  const profileFile =
    profileName !== undefined && /^[\w-]+$/.test(profileName)
      ? [read(join(folder, `${profileName}.config.toml`), `profile ${profileName}`)].filter(
          ({ failure }) => failure !== 'missing',
        )
      : []
  const inForce = trust === 'trusted' ? projects : []
  const layers: ConfigLayer[] = [system, user, ...inForce, ...profileFile].map(asLayer)
  const own =
    profileName === undefined ? {} : tableOf(tableOf(user.values['profiles'])[profileName])
  const main = projects.find(({ file }) => file === request.file) ?? user
  const folders = [
    { folder, layer: 'user' },
    ...inForce.map(({ file }) => ({ folder: parentOf(file), layer: 'project' })),
  ]
  const hooks = (await hooksReader(request, world))(folders)
  return {
    version: versionOf(
      request,
      world,
      ['@openai/codex'],
      'the documentation and schema of 2026 (0.13x to 0.16x)',
    ),
    folder,
    user,
    files: [...(system.failure === 'missing' ? [] : [system]), user, ...projects, ...profileFile],
    projects,
    trust,
    repository,
    config: layered(
      [
        ...layers,
        {
          name: `profile ${profileName ?? ''}`,
          file: `<profile ${profileName ?? ''}>`,
          values: own,
        },
        words.layer,
      ],
      asLayer(main),
    ),
    hooks,
    beside: hooks,
    ruleFiles: folders.flatMap((place) => rulesIn(world, place)),
  }
}

interface Place {
  readonly folder: AbsolutePath
  readonly layer: string
}

const hooksReader = async (
  request: AuditRequest,
  world: AuditWorld,
): Promise<(places: readonly Place[]) => ConfigFile[]> => {
  const read: ReadConfig = await configReader(world, request.depth, 'json')
  return (places) =>
    places
      .map(({ folder, layer }) => read(join(folder, 'hooks.json'), `${layer} hooks`))
      .filter(({ failure }) => failure !== 'missing')
}

/** More files of rules than anybody has, and their size. */
const MAX_RULE_FILES = 50
const MAX_RULE_BYTES = 1 << 16

const rulesIn = ({ host }: AuditWorld, { folder, layer }: Place): CodexLoaded['ruleFiles'] =>
  (host.list(`${folder}/rules`) ?? [])
    .filter(({ name }) => name.endsWith('.rules'))
    .slice(0, MAX_RULE_FILES)
    .map(({ name }) => {
      const file = join(folder, `rules/${name}`)
      const text = host.read(file, MAX_RULE_BYTES)
      return { file, layer, text: text.ok ? new TextDecoder().decode(text.bytes) : '' }
    })

/** From the root of the repository down to the working directory: the closest wins. */
const projectPlaces = (
  project: AbsolutePath,
  repository: AbsolutePath | undefined,
): AbsolutePath[] =>
  foldersDown(repository ?? project, project).map((folder) => join(folder, '.codex/config.toml'))

/**
 * Asked for the working directory and the root of its repository, by their exact paths
 * (openai/codex#19426).
 */
const trustOf = (
  files: readonly ConfigFile[],
  project: AbsolutePath,
  repository: AbsolutePath | undefined,
): Trust => {
  for (const path of [project, ...(repository === undefined ? [] : [repository])]) {
    for (const { values } of [...files].reverse()) {
      const projects = tableOf(values['projects'])
      const level = Object.hasOwn(projects, path)
        ? tableOf(projects[path])['trust_level']
        : undefined
      if (level === 'trusted' || level === 'untrusted') return level
    }
  }
  return 'unknown'
}
