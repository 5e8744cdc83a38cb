import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Sourced } from '../policy/model.ts'
import { closestFew } from '../text/closest.ts'
import type { Builtins, Profile } from './model.ts'
import { canonicalName, shortName } from './names.ts'
import { readOwnFile, userProfileFiles } from './user-files.ts'

/** Reads profiles by name, user files merged over built-ins, each file once. */
export interface Library {
  readonly names: readonly string[]
  /** Files of one name, weakest first; undefined when nobody has such a profile. */
  files(name: string): Promise<readonly Profile[] | undefined>
}

/** The built-ins and the user's profiles. */
export const openLibrary = (host: Host, builtins: Builtins): Library => {
  const userFiles = userProfileFiles(host, builtins)
  const read = new Map<string, Promise<readonly Profile[] | undefined>>()
  const readFiles = async (name: string): Promise<readonly Profile[] | undefined> => {
    const builtin = builtins.profiles.get(name)
    const file = userFiles.get(name)
    if (file === undefined) return builtin && [builtin]
    const own = await parseUserProfile(host, file)
    if (own.replace && (name === BASE || name.startsWith('protected/'))) {
      throw new LauncherError(
        'E_PROFILE',
        `${file} would replace ${name}, and with it every protection in it.`,
        { hint: 'Remove `replace`; lift single protections with `[protect] lift`.' },
      )
    }
    return builtin === undefined || own.replace ? [own] : [builtin, own]
  }
  return {
    names: [...new Set([...builtins.profiles.keys(), ...userFiles.keys()])].sort(),
    files: (name) => {
      const canonical = canonicalName(name, builtins)
      const known = read.get(canonical) ?? readFiles(canonical)
      read.set(canonical, known)
      return known
    },
  }
}

/** A profile of the user's own, from a file that nobody else can write. */
export const parseUserProfile = async (host: Host, file: AbsolutePath): Promise<Profile> => {
  const text = readOwnFile(host, file)
  if (text === undefined)
    throw new LauncherError('E_CONFIG', `${file} does not exist.`, {
      hint: 'Name a file that is there, or a profile: `launcher profiles list`.',
    })
  const { parseProfile } = await import('./parse.ts')
  return parseProfile(text, file, 'user')
}

/**
 * The layers of a stack of profiles: base first, then what each extends, depth first, left to
 * right, once each, then itself.
 */
export const expandLayers = async (
  library: Library,
  builtins: Builtins,
  tops: readonly (string | Profile)[],
  sections: readonly Profile[] = [],
): Promise<Profile[]> => {
  const layers: Profile[] = []
  const done = new Set<string>()
  const visit = async (
    name: string,
    asked: Sourced<string> | undefined,
    trail: readonly string[],
  ): Promise<void> => {
    const canonical = canonicalName(name, builtins)
    if (trail.includes(canonical))
      throw cycleError([...trail.slice(trail.indexOf(canonical)), canonical], asked)
    if (done.has(canonical)) return
    const files = await library.files(canonical)
    if (files === undefined)
      throw unknownProfile(
        name,
        library.names,
        asked && `${asked.origin.file}:${asked.origin.line ?? 1}`,
      )
    for (const profile of files) await add(profile, [...trail, canonical])
    done.add(canonical)
  }
  const add = async (profile: Profile, trail: readonly string[]): Promise<void> => {
    for (const parent of profile.extends) await visit(parent.value, parent, trail)
    layers.push(profile)
  }
  await visit(BASE, undefined, [])
  for (const top of [...tops, ...sections])
    await (typeof top === 'string' ? visit(top, undefined, []) : add(top, []))
  return layers
}

/**
 * Every policy stands on base, whether a profile says so or not: its protections are not a matter
 * of choice.
 */
const BASE = 'base'

/** An unknown name, with the nearest known ones. */
export const unknownProfile = (
  name: string,
  names: readonly string[],
  at?: string,
): LauncherError => {
  const candidates = [...names, ...names.map(shortName)]
  const near = [...new Set(closestFew(name, candidates, 5).map(shortName))].slice(0, 3)
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)
  return new LauncherError('E_PROFILE', `There is no profile ${shown}.`, {
    ...(at !== undefined && { at }),
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}? \`launcher profiles list\` shows all.`
        : '`launcher profiles list` shows all.',
  })
}

const cycleError = (loop: readonly string[], asked: Sourced<string> | undefined): LauncherError =>
  new LauncherError('E_PROFILE', `Profiles extend one another in a circle: ${loop.join(' → ')}.`, {
    ...(asked && { at: `${asked.origin.file}:${asked.origin.line ?? 1}` }),
    hint: 'Remove one `extends` of that loop.',
  })
