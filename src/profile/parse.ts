import { LauncherError } from '../errors.ts'
import type { Strength } from '../policy/model.ts'
import { isShared } from './caches.ts'
import { buildProfile, originAt, type Source } from './build.ts'
import { type DocumentKind, readDocument } from './document.ts'
import type { Profile, UserConfig } from './model.ts'
import type { Scan } from './scan.ts'
import { configSchema, profileSchema } from './schema.ts'

/** One TOML text as a profile. Throws the first problem, with its place and the next step. */
export const parseProfile = (text: string, file: string, strength: Strength): Profile =>
  firstOrThrow(checkProfile(text, file, strength))

/** Like {@link parseProfile}, with every problem instead of the first. */
export const checkProfile = (text: string, file: string, strength: Strength): Checked<Profile> => {
  const read = readDocument(text, file, profileSchema, PROFILE)
  if ('errors' in read) return read
  const { raw, scan } = read.document
  const profile = buildProfile(raw, { file, strength, scan, prefix: [] })
  const errors = ruleErrors(profile, scan, PROFILE)
  return errors.length > 0 ? { errors } : { value: profile }
}

/** The user's `config.toml`. Throws the first problem. */
export const parseConfig = (text: string, file: string): UserConfig =>
  firstOrThrow(checkConfig(text, file))

/** Like {@link parseConfig}, with every problem instead of the first. */
export const checkConfig = (text: string, file: string): Checked<UserConfig> => {
  const read = readDocument(text, file, configSchema, CONFIG)
  if ('errors' in read) return read
  const { raw, scan } = read.document
  const source = (prefix: readonly string[]): Source => ({
    file,
    strength: 'user-config',
    scan,
    prefix,
  })
  const all = raw.all && buildProfile(raw.all, source(['all']))
  const profiles = new Map(
    Object.entries(raw.profile ?? {}).map(([name, section]) => {
      const from = source(['profile', name])
      return [name, { profile: buildProfile(section, from), origin: originAt(from, []) }]
    }),
  )
  const errors = [
    ...(all ? [all] : []),
    ...[...profiles.values()].map(({ profile }) => profile),
  ].flatMap((profile) => ruleErrors(profile, scan, CONFIG))
  return errors.length > 0 ? { errors } : { value: { file, ...(all && { all }), profiles } }
}

/** A value, or every reason why there is none. */
export type Checked<T> = { readonly value: T } | { readonly errors: readonly LauncherError[] }

const PROFILE: DocumentKind = { code: 'E_PROFILE' }
const CONFIG: DocumentKind = { code: 'E_CONFIG' }

const firstOrThrow = <T>(checked: Checked<T>): T => {
  if ('value' in checked) return checked.value
  throw checked.errors[0]!
}

/** Rules about who may say what, which a schema of values cannot hold. */
const ruleErrors = (profile: Profile, scan: Scan, kind: DocumentKind): LauncherError[] => {
  const errors: LauncherError[] = []
  const refuse = (
    origin: Profile['extends'][number]['origin'],
    message: string,
    hint: string,
  ): void => {
    const items = [...scan.places].filter(
      ([key, item]) =>
        item.line === origin.line && JSON.parse(key).slice(0, -1).join('.') === origin.key,
    )
    const place = items[0]?.[1]
    errors.push(
      new LauncherError(kind.code, message, {
        at: `${profile.file}:${origin.line ?? 1}:${place?.column ?? 1}`,
        hint,
      }),
    )
  }
  const isBuiltin = profile.strength === 'builtin'
  for (const lift of isBuiltin ? profile.lifts : []) {
    refuse(
      lift.origin,
      'A built-in profile cannot lift a protection.',
      'A lift stands in the user\u2019s own files, or in `--lift`.',
    )
  }
  for (const { value, origin } of isBuiltin ? profile.caches.values() : []) {
    if (isShared(value))
      refuse(
        origin,
        'A built-in profile cannot share a cache with the host.',
        'Name a folder of the project\u2019s own cache; a share stands in the user\u2019s own files.',
      )
  }
  if (isBuiltin && profile.network.projectIndexes) {
    refuse(
      profile.network.projectIndexes.origin,
      'A built-in profile cannot let a project name package indexes.',
      'That stands in the user\u2019s own files.',
    )
  }
  for (const entry of isBuiltin && profile.file === BASE_FILE ? [] : profile.agentState) {
    refuse(
      entry.origin,
      '`[protect.agents]` is the list that base keeps of every agent\u2019s state.',
      'Use `[protect] hidden` for further paths, `[protect] own` for this agent\u2019s.',
    )
  }
  return errors
}

const BASE_FILE = 'profiles/base.toml'
