import type { Host } from './host.ts'
import { namingOf } from './naming.ts'
import { type AbsolutePath, join, toAbsolutePath } from './paths.ts'
import { createWalker } from './walk.ts'

/**
 * Variables of the XDG Base Directory Specification, and what each stands for when it is not set,
 * beneath home.
 */
export const XDG_DEFAULTS = {
  XDG_CACHE_HOME: '.cache',
  XDG_CONFIG_HOME: '.config',
  XDG_DATA_HOME: '.local/share',
  XDG_STATE_HOME: '.local/state',
} as const

/** Why a variable's value names no directory of its own; a clause. */
export interface Doubtful {
  readonly because: string
}

/**
 * The directory that a variable names; undefined when it is not set. A value that is relative, that
 * holds `..` or a NUL, or that is home or above it would widen whatever is said in its name.
 */
export const directoryIn = (host: Host, name: string): AbsolutePath | Doubtful | undefined => {
  const value = host.env[name]
  if (value === undefined || value === '') return undefined
  const path = toAbsolutePath(value)
  if (path === undefined) return { because: 'its value is relative or holds `..`' }
  return namingOf(host.platform).isInside(host.home, path)
    ? { because: 'its value holds the home directory' }
    : path
}

/** One of the XDG folders of this user. */
const xdgFolder = (host: Host, name: keyof typeof XDG_DEFAULTS): AbsolutePath => {
  const set = directoryIn(host, name)
  return typeof set === 'string' ? set : join(host.home, XDG_DEFAULTS[name])
}

/**
 * A machine whose own places are named as its file system stores them: HOME and a start by hand may
 * spell them otherwise where case does not count, and what is compared or shown has one name.
 */
export const withStoredPlaces = (host: Host): Host => {
  if (host.platform !== 'macos') return host
  const walk = createWalker(host)
  return {
    ...host,
    home: walk(host.home).real,
    cwd: walk(host.cwd).real,
    installation: walk(host.installation).real,
  }
}

/** Where launcher itself lives on this machine; as written, links not followed. */
export interface OwnPlaces {
  readonly installation: AbsolutePath
  /** Records and what running sandboxes keep. */
  readonly state: AbsolutePath
  /** The user's profiles and `config.toml`. */
  readonly configuration: AbsolutePath
  /** Holds `projects/`, the caches of one project each. */
  readonly cache: AbsolutePath
}

/**
 * The one answer to where launcher's own files are: what is read there is what is protected there.
 */
export const ownPlaces = (host: Host): OwnPlaces => ({
  installation: host.installation,
  state: join(xdgFolder(host, 'XDG_STATE_HOME'), 'launcher'),
  configuration: join(xdgFolder(host, 'XDG_CONFIG_HOME'), 'launcher'),
  cache: join(xdgFolder(host, 'XDG_CACHE_HOME'), 'launcher'),
})
