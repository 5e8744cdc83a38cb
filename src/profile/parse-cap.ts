import type { LauncherError } from '../errors.ts'
import type { NetworkMode, PolicyGrant, PolicyProtection, Sourced } from '../policy/model.ts'
import type { Platform } from '../machine/host.ts'
import { patternText, readPattern } from '../policy/host-pattern.ts'
import { originAt, placed, protectionsOf, type Source } from './build.ts'
import { type DocumentKind, readDocument } from './document.ts'
import type { OnPlatform } from './model.ts'
import { projectSchema } from './schema.ts'

/** What a project's file asks for; none of it can widen a policy. */
export interface ProjectCap {
  readonly grants: readonly PolicyGrant[]
  readonly protections: readonly PolicyProtection[]
  readonly mode?: Sourced<NetworkMode>
  readonly remove: readonly Sourced<string>[]
}

/** A project's `.launcher.toml` for one platform. Throws the first problem. */
export const parseProjectCap = (text: string, file: string, platform: Platform): ProjectCap => {
  const checked = checkProjectCap(text, file, platform)
  if ('value' in checked) return checked.value
  throw checked.errors[0]!
}

/** Like {@link parseProjectCap}, with every problem instead of the first. */
export const checkProjectCap = (
  text: string,
  file: string,
  platform: Platform,
): { readonly value: ProjectCap } | { readonly errors: readonly LauncherError[] } => {
  const read = readDocument(text, file, projectSchema, PROJECT)
  if ('errors' in read) return read
  const { raw, scan } = read.document
  const source: Source = { file, strength: 'project-cap', scan, prefix: [] }
  const here = <T extends OnPlatform>(entries: readonly T[]): Omit<T, 'platform'>[] =>
    entries
      .filter((entry) => (entry.platform ?? platform) === platform)
      .map(({ platform: _, ...rest }) => rest)
  const none = here(placed(source, ['filesystem'], raw.filesystem, 'none'))
  const mode = raw.network?.mode
  return {
    value: {
      grants: none.map(({ value, origin }) => ({ path: value, access: 'none', origin })),
      protections: here(protectionsOf(source, ['protect'], raw.protect, ['hidden', 'read_only'])),
      ...(mode !== undefined && {
        mode: { value: mode, origin: originAt(source, ['network', 'mode']) },
      }),
      remove: (raw.network?.remove ?? []).map((value, index) => ({
        value: removedText(value),
        origin: originAt(source, ['network', 'remove'], index),
      })),
    },
  }
}

/** A word for a registry, or an entry of hosts in its one spelling. */
const removedText = (word: string): string => {
  const reading = readPattern(word)
  return reading.ok ? patternText(reading.pattern) : word
}

const PROJECT: DocumentKind = {
  code: 'E_PROFILE',
  unknownKey:
    'a project\u2019s file can only tighten (none, protections, hosts to remove, a lower network mode)',
}
