import type { Host } from '../machine/host.ts'
import { decodeText } from '../text/decode.ts'
import { LauncherError } from '../errors.ts'
import { namingOf } from '../machine/naming.ts'
import { type AbsolutePath, join, nameOf } from '../machine/paths.ts'
import { physical } from '../machine/physical.ts'
import { createWalker } from '../machine/walk.ts'
import { emptyRequest, type Request } from '../policy/request.ts'
import { tomlNames } from '../profile/builtin.ts'
import { chooseProfile } from '../profile/choose.ts'
import { openLibrary } from '../profile/layers.ts'
import { loadPolicy } from '../profile/load.ts'
import { shortName } from '../profile/names.ts'
import { CAP_NAME } from '../profile/project-cap.ts'
import { configFolder, readOwnFile, userProfileFiles } from '../profile/user-files.ts'
import { envelope } from '../report/json.ts'
import {
  type CheckedFile,
  checkedText,
  checkedValue,
  listText,
  type ListedProfile,
  policyText,
  policyValue,
} from '../report/profiles.ts'
import type { CommandContext } from './context.ts'

/**
 * `launcher profiles list`: every profile, what it starts, where it comes from; `namesOnly` serves
 * completions.
 */
export const profilesList = async (context: CommandContext, namesOnly = false): Promise<number> => {
  const { host, builtins } = context
  const library = openLibrary(host, builtins)
  if (namesOnly) {
    context.out(library.names.map((name) => `${shortName(name)}\n`).join(''))
    return 0
  }
  const userFiles = userProfileFiles(host, builtins)
  const listed: ListedProfile[] = []
  let broken = 0
  for (const name of library.names) {
    const builtin = builtins.profiles.get(name)
    const from = [builtin?.file, userFiles.get(name)].filter((file) => file !== undefined)
    try {
      const files = (await library.files(name)) ?? []
      const last = <T>(pick: (profile: (typeof files)[number]) => T | undefined): T | undefined =>
        files.map(pick).findLast((value) => value !== undefined)
      const command = last((profile) => profile.command?.value)
      listed.push({
        name: shortName(name),
        description: last((profile) => profile.description?.value) ?? '',
        ...(command !== undefined && { command }),
        files: from,
      })
    } catch (error) {
      if (!(error instanceof LauncherError)) throw error
      broken++
      listed.push({ name: shortName(name), description: '', files: from, problem: error.message })
    }
  }
  context.out(
    context.json ? envelope('profiles', { profiles: listed }) : listText(listed, host.home),
  )
  return broken > 0 ? 1 : 0
}

/** `launcher profiles show NAME`: the merged policy, each line with its origin. */
export const profilesShow = async (
  context: CommandContext,
  name: string,
  request: Request = emptyRequest,
): Promise<number> => {
  const { host, builtins } = context
  const isFile = name.includes('/') && !builtins.profiles.has(name)
  const asked: Request =
    isFile || name.endsWith('.toml') ? { ...request, profile: name } : { ...request, name }
  const choice = chooseProfile(asked, host, builtins)
  const policy = await loadPolicy(asked, host, builtins, choice, host.cwd)
  context.out(
    context.json
      ? envelope('profiles', { policy: policyValue(policy) })
      : policyText(policy, host.home),
  )
  return 0
}

/** `launcher profiles validate [FILE...]`: every problem of the files, or of all the user's own. */
export const profilesValidate = async (
  context: CommandContext,
  files: readonly string[],
): Promise<number> => {
  const { host } = context
  const paths = files.length > 0 ? files.map((file) => absolute(host, file)) : ownFiles(host)
  const checked: CheckedFile[] = []
  for (const file of paths)
    checked.push({ file, errors: await fileErrors(file, context, files.length > 0) })
  if (files.length === 0 && checked.every(({ errors }) => errors.length === 0))
    checked.push(...(await mergeErrors(context)))
  context.out(
    context.json
      ? envelope('profiles', { files: checked.map(checkedValue) })
      : checkedText(checked, host.home),
  )
  const all = checked.flatMap(({ errors }) => errors)
  if (all.some(({ code }) => code === UNREADABLE)) return 2
  return all.length > 0 ? 1 : 0
}

/** What is read without any file being named. */
const ownFiles = (host: Host): AbsolutePath[] => {
  const folder = configFolder(host)
  const profiles = join(folder, 'profiles')
  const names = tomlNames(host, profiles).map((name) => join(profiles, `${name}.toml`))
  const config = join(folder, 'config.toml')
  return host.lstat(config) === undefined ? names : [...names, config]
}

const UNREADABLE = 'E_USAGE'

const fileErrors = async (
  file: AbsolutePath,
  context: CommandContext,
  isNamed: boolean,
): Promise<readonly LauncherError[]> => {
  const { host } = context
  const { checkConfig, checkProfile } = await import('../profile/parse.ts')
  const { checkProjectCap } = await import('../profile/parse-cap.ts')
  try {
    const text = isNamed ? readNamed(host, file) : readOwnFile(host, file)
    if (text === undefined) throw unreadable(file, 'does not exist')
    const name = nameOf(file)
    const isConfig =
      name === 'config.toml' &&
      !namingOf(host.platform).isInside(file, join(configFolder(host), 'profiles'))
    const result =
      name === CAP_NAME
        ? checkProjectCap(text, file, host.platform)
        : isConfig
          ? checkConfig(text, file)
          : checkProfile(text, file, 'user')
    return 'errors' in result ? result.errors : []
  } catch (error) {
    if (error instanceof LauncherError) return [error]
    throw error
  }
}

/** A file that is only looked at may belong to anybody. */
const readNamed = (host: Host, file: string): string => {
  const read = host.read(file, (1 << 20) + 1)
  if (!read.ok) {
    if (read.failure === 'too-large')
      throw new LauncherError('E_PROFILE', `${file} is larger than 1 MiB.`, {
        at: `${file}:1:1`,
        hint: 'A profile is a short list of paths.',
      })
    throw unreadable(
      file,
      read.failure === 'missing'
        ? 'does not exist'
        : read.failure === 'not-a-file'
          ? 'is not a regular file'
          : 'cannot be read',
    )
  }
  const text = decodeText(read.bytes)
  if (text === undefined)
    throw new LauncherError('E_PROFILE', `${file} is not valid UTF-8.`, {
      at: `${file}:1:1`,
      hint: 'Save it as UTF-8.',
    })
  return text
}

const unreadable = (file: string, why: string): LauncherError =>
  new LauncherError(UNREADABLE, `${file} ${why}.`, {
    at: file,
    hint: 'Name a TOML file that you can read.',
  })

/**
 * Files that are fine by themselves can still name an unknown profile or extend one another in a
 * circle.
 */
const mergeErrors = async ({ host, builtins }: CommandContext): Promise<CheckedFile[]> => {
  const problems = new Map<string, LauncherError>()
  const attempt = async (action: () => unknown): Promise<void> => {
    try {
      await action()
    } catch (error) {
      if (!(error instanceof LauncherError)) throw error
      problems.set(`${error.at} ${error.message}`, error)
    }
  }
  let names: readonly string[] = []
  await attempt(() => (names = [...userProfileFiles(host, builtins).keys()]))
  for (const profile of ['default', ...names])
    await attempt(() =>
      loadPolicy(emptyRequest, host, builtins, { profile, words: [], reason: '' }),
    )
  return [...problems.values()].map((error) => ({
    file: error.at ?? configFolder(host),
    errors: [error],
  }))
}

const absolute = (host: Host, file: string): AbsolutePath => {
  const path = physical(createWalker(host), host.cwd, file)
  if (path === undefined) throw unreadable(JSON.stringify(file), 'is no path')
  return path
}
