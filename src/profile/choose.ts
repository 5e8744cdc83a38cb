import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import { type Naming, namingOf } from '../machine/naming.ts'
import { type AbsolutePath, ROOT } from '../machine/paths.ts'
import { physical, written } from '../machine/physical.ts'
import { createWalker, type Walker } from '../machine/walk.ts'
import type { Request } from '../policy/request.ts'
import { unknownProfile } from './layers.ts'
import type { Builtins } from './model.ts'
import { canonicalName, shortName } from './names.ts'
import { topLevelStrings } from './scan-strings.ts'
import { configFolder, userProfileFiles } from './user-files.ts'

/** Which profile a request runs under, and why. */
export interface Choice {
  readonly profile: string | { readonly file: AbsolutePath }
  /** The command when it is not the profile's own: then the profile's `args` are not used. */
  readonly command?: string
  /** Words of that other command's own profile, where it has one. */
  readonly args?: readonly string[]
  /** What follows the command and its `args`. */
  readonly words: readonly string[]
  /** A sentence for the contract. */
  readonly reason: string
}

/**
 * NAME, `--profile`, the profile that claims the first word, or `default`, in this order. `project`
 * is a real path.
 */
export const chooseProfile = (
  request: Request,
  host: Host,
  builtins: Builtins,
  project: AbsolutePath = projectOf(request, host),
): Choice => {
  const scene = { host, walk: createWalker(host), naming: namingOf(host.platform), project }
  refuseForeignConfig(scene)
  const known = knownProfiles(host, builtins)
  if (request.name !== undefined) {
    const name = canonicalName(request.name, builtins)
    const claim = known.get(name)
    if (claim === undefined) throw notAProfile(request.name, [...known.keys()])
    if (request.profile === undefined)
      return { profile: name, words: request.words, reason: `profile ${shortName(name)}, by name` }
    const other = namedProfile(request.profile, scene, builtins, known)
    return {
      ...other,
      ...(claim.command !== undefined && { command: claim.command, args: claim.args }),
      words: request.words,
    }
  }
  const [first, ...words] = request.words
  const command = first === undefined ? {} : { command: first }
  if (request.profile !== undefined)
    return { ...namedProfile(request.profile, scene, builtins, known), ...command, words }
  if (first === undefined)
    return { profile: DEFAULT, words, reason: 'profile default: nothing was named' }
  return { ...claimedProfile(first, known, scene), command: first, words }
}

const DEFAULT = 'default'

/** What choosing knows of the machine: names compare as its file systems compare them. */
interface Scene {
  readonly host: Host
  readonly walk: Walker
  readonly naming: Naming
  readonly project: AbsolutePath
}

const projectOf = (request: Request, host: Host): AbsolutePath => {
  const walk = createWalker(host)
  return walk(written(walk, host, request.project ?? host.cwd) ?? host.cwd).real
}

/** True for a path that lies in the project by its own name or by where it leads. */
const isOfProject = ({ naming, project, walk }: Scene, path: AbsolutePath): boolean =>
  naming.isInside(path, project) || naming.isInside(walk(path).real, project)

/**
 * A configuration folder that the agent can write would decide its own next run. A project as wide
 * as the home directory is refused, or allowed loudly, elsewhere.
 */
const refuseForeignConfig = (scene: Scene): void => {
  const { host, naming, project } = scene
  const folder = configFolder(host)
  if (naming.isInside(host.home, project) || !isOfProject(scene, folder)) return
  throw new LauncherError(
    'E_CONFIG',
    `launcher's configuration (${folder}) lies in the project, where the agent can write.`,
    {
      hint: 'Set XDG_CONFIG_HOME to a directory outside the project, or run from another directory.',
    },
  )
}

/** What choosing needs of a profile, without reading all of it. */
interface Claim {
  readonly command: string | undefined
  readonly args: readonly string[]
  readonly isUser: boolean
}

const claimedProfile = (
  word: string,
  known: ReadonlyMap<string, Claim>,
  scene: Scene,
): Pick<Choice, 'profile' | 'reason'> => {
  const fallback = (why: string): Pick<Choice, 'profile' | 'reason'> => ({
    profile: DEFAULT,
    reason: `profile default: ${why}`,
  })
  if (word.includes('/'))
    return fallback(`${word} is a path, and only a bare word is looked up among profiles`)
  const all = [...known].filter(([, claim]) => claim.command === word)
  // A user's profile of the same command is meant to stand before the built-in one.
  const claims = all.some(([, claim]) => claim.isUser)
    ? all.filter(([, claim]) => claim.isUser)
    : all
  if (claims.length === 0) return fallback(`no profile claims ${word}`)
  if (claims.length > 1) {
    const names = claims.map(([name]) => shortName(name))
    throw new LauncherError(
      'E_USAGE',
      `${word} is claimed by several profiles: ${names.join(', ')}.`,
      { hint: `Choose one: --profile ${names[0]!}` },
    )
  }
  const found = findOnPath(word, scene)
  if (found === undefined) return fallback(`${word} is not on PATH`)
  if (isOfProject(scene, found))
    return fallback(`${word} on PATH is a file of the project (${found})`)
  const name = shortName(claims[0]![0])
  return { profile: claims[0]![0], reason: `profile ${name}, which claims the command ${word}` }
}

/** First executable file of that name on PATH; relative and empty entries are skipped. */
const findOnPath = (word: string, { host, walk }: Scene): AbsolutePath | undefined => {
  for (const folder of (host.env['PATH'] ?? '').split(':')) {
    if (!folder.startsWith('/')) continue
    const file = physical(walk, ROOT, `${folder}/${word}`)
    if (file && host.stat(file)?.type === 'file' && host.canAccess(file, 'execute')) return file
  }
  return undefined
}

const namedProfile = (
  value: string,
  scene: Scene,
  builtins: Builtins,
  known: ReadonlyMap<string, Claim>,
): Pick<Choice, 'profile' | 'reason'> => {
  if (!value.includes('/') && !value.endsWith('.toml')) {
    const name = canonicalName(value, builtins)
    if (!known.has(name)) throw notAProfile(value, [...known.keys()])
    return { profile: name, reason: `profile ${shortName(name)}, by --profile` }
  }
  const { host, walk } = scene
  const file = written(walk, host, value)
  if (file === undefined)
    throw new LauncherError('E_USAGE', '--profile names a path with a NUL in it.', {
      hint: 'Form: --profile NAME|FILE.',
    })
  if (host.lstat(file) === undefined) {
    const hint = known.has(canonicalName(value, builtins))
      ? `The built-in of that name: --profile ${shortName(canonicalName(value, builtins))}`
      : 'A value with `/` or `.toml` is a file.'
    throw new LauncherError('E_PROFILE', `There is no file ${file}.`, { hint })
  }
  if (isOfProject(scene, file)) {
    throw new LauncherError(
      'E_PROFILE',
      `${file} lies in the project, where the agent can write: a profile from there could widen the next run.`,
      { hint: `Keep it in ~/.config/launcher/profiles and name it.` },
    )
  }
  return { profile: { file: walk(file).real }, reason: `profile ${file}, by --profile` }
}

const knownProfiles = (host: Host, builtins: Builtins): Map<string, Claim> => {
  const known = new Map<string, Claim>()
  for (const [name, profile] of builtins.profiles)
    known.set(name, {
      command: profile.command?.value,
      args: profile.args.map(({ value }) => value),
      isUser: false,
    })
  for (const [name, file] of userProfileFiles(host, builtins)) {
    const read = host.read(file, 1 << 20)
    // What cannot be read or parsed claims nothing here; loading it says what is wrong with it.
    const { command, args } = topLevelStrings((read.ok && decodeText(read.bytes)) || '', [
      'command',
      'args',
    ])
    const below = known.get(name)
    known.set(name, {
      command: command?.[0] ?? below?.command,
      args: [...(below?.args ?? []), ...(args ?? [])],
      isUser: command !== undefined,
    })
  }
  return known
}

const notAProfile = (name: string, names: readonly string[]): LauncherError =>
  unknownProfile(name, names)
