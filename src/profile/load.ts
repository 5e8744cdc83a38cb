import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import type { Policy } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import type { Choice } from './choose.ts'
import { composedMode, composePolicy } from './compose.ts'
import { flagLayer } from './flags.ts'
import {
  expandLayers,
  type Library,
  openLibrary,
  parseUserProfile,
  unknownProfile,
} from './layers.ts'
import type { Builtins, Profile, UserConfig } from './model.ts'
import { canonicalName, shortName } from './names.ts'
import { applyProjectCap } from './project-cap.ts'
import { configFolder, readOwnFile } from './user-files.ts'

/**
 * The whole policy of a run: built-in, the user's profile, the user's configuration, flags, and as
 * its last layer the cap of the project, where there is one.
 */
export const loadPolicy = async (
  request: Request,
  host: Host,
  builtins: Builtins,
  choice: Choice,
  project?: AbsolutePath,
): Promise<Policy> => {
  const library = openLibrary(host, builtins)
  const config = await readConfig(host, builtins, library)
  const name =
    typeof choice.profile === 'string' ? canonicalName(choice.profile, builtins) : undefined
  const sections = [
    config?.all,
    name === undefined ? undefined : config?.sections.get(name),
  ].filter((section) => section !== undefined)
  const files =
    typeof choice.profile === 'string'
      ? await library.files(canonicalName(choice.profile, builtins))
      : [await parseUserProfile(host, choice.profile.file)]
  if (files === undefined) throw unknownProfile(name!, library.names)
  const layers = await expandLayers(
    library,
    builtins,
    name === undefined ? files : [name],
    sections,
  )
  const shown = name === undefined ? fileName(files[0]!) : shortName(name)
  const policy = composePolicy(
    shown,
    [...layers, flagLayer(request, host, composedMode(layers))],
    host.platform,
  )
  // The profile's words belong to the profile's command: before another one they would be noise.
  const own =
    choice.command === undefined
      ? policy
      : { ...policy, command: choice.command, args: choice.args ?? [] }
  return project === undefined ? own : applyProjectCap(own, project, host)
}

interface Sections {
  readonly all?: Profile
  /** By canonical name. */
  readonly sections: ReadonlyMap<string, Profile>
}

/**
 * `config.toml`, each `[profile.NAME]` checked to name a profile: a misspelt one would silently
 * protect nothing.
 */
const readConfig = async (
  host: Host,
  builtins: Builtins,
  library: Library,
): Promise<Sections | undefined> => {
  const file = join(configFolder(host), 'config.toml')
  const text = readOwnFile(host, file)
  if (text === undefined) return undefined
  const { parseConfig } = await import('./parse.ts')
  const config: UserConfig = parseConfig(text, file)
  const sections = new Map<string, Profile>()
  for (const [name, { profile, origin }] of config.profiles) {
    const canonical = canonicalName(name, builtins)
    if (!library.names.includes(canonical))
      throw unknownProfile(name, library.names, `${file}:${origin.line ?? 1}`)
    if (sections.has(canonical)) {
      throw new LauncherError(
        'E_CONFIG',
        `${file} speaks of the profile ${shortName(canonical)} twice.`,
        { at: `${file}:${origin.line ?? 1}`, hint: 'Keep one table.' },
      )
    }
    sections.set(canonical, profile)
  }
  return { ...(config.all && { all: config.all }), sections }
}

const fileName = (profile: Profile): string =>
  profile.file.slice(profile.file.lastIndexOf('/') + 1).replace(/\.toml$/, '')
