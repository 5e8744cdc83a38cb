import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import type { Builtins, Profile } from './model.ts'
import { deserialiseBuiltins } from './serialise.ts'

export { deserialiseBuiltins, serialiseBuiltins } from './serialise.ts'

/**
 * The profiles that come with launcher: from the build's JSON if it is there, else from their TOML.
 */
export const readBuiltins = async (host: Host): Promise<Builtins> => {
  const built = host.read(`${host.installation}/dist/profiles.json`, MAX_BUILT)
  const text = built.ok ? decodeText(built.bytes) : undefined
  return (text === undefined ? undefined : deserialiseBuiltins(text)) ?? (await parseBuiltins(host))
}

/** The same from `profiles/**` (what the build does, and a checkout that was never built). */
export const parseBuiltins = async (host: Host): Promise<Builtins> => {
  // Loaded here and not above: a start from the build's JSON must not pay for a parser.
  const { parseProfile } = await import('./parse.ts')
  const profiles = new Map<string, Profile>()
  for (const name of tomlNames(host, `${host.installation}/profiles`)) {
    const read = host.read(`${host.installation}/profiles/${name}.toml`, MAX_BUILT)
    const text = read.ok ? decodeText(read.bytes) : undefined
    if (text === undefined)
      throw new LauncherError(
        'E_PROFILE',
        `profiles/${name}.toml of launcher's installation cannot be read.`,
        { hint: 'Install launcher again.' },
      )
    profiles.set(name, parseProfile(text, `profiles/${name}.toml`, 'builtin'))
  }
  if (!profiles.has('base')) {
    throw new LauncherError(
      'E_PROFILE',
      `launcher's installation at ${host.installation} holds no profiles/base.toml.`,
      { hint: 'Install launcher again.' },
    )
  }
  return { profiles }
}

/**
 * Names of the TOML files in a folder and its folders, without `.toml`, sorted: `base`,
 * `agents/vibe`.
 */
export const tomlNames = (host: Host, folder: string): string[] => {
  const names = (host.list(folder) ?? []).flatMap(({ name, type }) =>
    type === 'directory'
      ? (host.list(`${folder}/${name}`) ?? []).map((inner) => `${name}/${inner.name}`)
      : [name],
  )
  return names
    .filter((name) => name.endsWith('.toml'))
    .map((name) => name.slice(0, -5))
    .sort()
}

const MAX_BUILT = 8 << 20
