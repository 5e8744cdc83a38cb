import { namingOf } from '../../machine/naming.ts'
import { otherHand } from '../../machine/ownership.ts'
import { expandHome } from '../../machine/home.ts'
import type { Stat } from '../../machine/host.ts'
import { type AbsolutePath, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditWorld } from '../dialect.ts'
import type { Need } from '../model.ts'
import { readNeed, writeNeed } from '../probes/build.ts'
import { TARGETS } from '../probes/targets.ts'

const targetsAtHome = ({ host }: AuditWorld): readonly (typeof TARGETS)[number][] =>
  TARGETS.filter(
    ({ platform, path }) => path.startsWith('~') && (platform ?? host.platform) === host.platform,
  )

/** Reading each secret of the home directory. */
export const secretDoors = (world: AuditWorld): Need[] =>
  targetsAtHome(world).flatMap(({ group, path }) =>
    group === 'secret' ? [readNeed(world, path)] : [],
  )

/** Writing each file of the home directory that is run later. */
export const persistenceDoors = (world: AuditWorld): Need[] =>
  targetsAtHome(world).flatMap(({ group, path }) =>
    group === 'persistence' ? [writeNeed(world, path)] : [],
  )

/** All that a gate that is off lets through. */
export const everyDoor = (world: AuditWorld): Need[] => [
  ...secretDoors(world),
  ...persistenceDoors(world),
]

/** Host of a URL; undefined when it is none. */
export const hostOf = (url: unknown): string | undefined => {
  if (typeof url !== 'string') return undefined
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, '')
  } catch {
    return undefined
  }
}

/** True for this machine under any of its names. */
export const isLoopback = (host: string | undefined): boolean =>
  host !== undefined && /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|::1|0\.0\.0\.0)$/.test(host)

/** Reaching a host: one need, or none when there is no host or it is this machine. */
export const hostNeed = (host: string | undefined): Need[] =>
  host === undefined || isLoopback(host) ? [] : [{ kind: 'host', host }]

/** Writing a file or a folder by its real path. */
export const writing = (path: AbsolutePath): Need => ({ kind: 'path', operation: 'write', path })

/**
 * A path as a configuration writes it (`~`, relative to `base`), on this machine; undefined when it
 * is none.
 */
export const pathOf = (
  { host }: AuditWorld,
  text: string,
  base: string,
): AbsolutePath | undefined => {
  const expanded = expandHome(text, host.home)
  return text === '' || text.includes('\0')
    ? undefined
    : toAbsolutePath(collapse(expanded.startsWith('/') ? expanded : `${base}/${expanded}`))
}

/** Without `.` and `..`, by the names alone. */
const collapse = (path: string): string => {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

/** True for a directory that holds the home directory, or is it. */
export const isWide = ({ host }: AuditWorld, path: AbsolutePath): boolean =>
  namingOf(host.platform).isInside(host.home, path)

/** A clause about who else can write a file of this user's or of root's; undefined for nobody. */
export const otherWriters = (stat: Stat, own: number): string | undefined =>
  otherHand(stat, [own, 0])
