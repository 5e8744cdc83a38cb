import { decodeText } from '../../text/decode.ts'
import type { Host } from '../../machine/host.ts'
import type { Notice, Origin } from '../../policy/model.ts'
import { namingOf } from '../../machine/naming.ts'
import type { AbsolutePath } from '../../machine/paths.ts'
import { existing } from '../../machine/physical.ts'
import { createWalker } from '../../machine/walk.ts'
import type { RegistryWorld, Setting } from './model.ts'

/** A text file of the user's or of an installed tool. */
export interface TextFile {
  readonly path: string
  readonly text: string
  readonly isInside: boolean
}

/** An installed program: where PATH has it, and where that leads. */
export interface Tool {
  readonly path: string
  readonly real: AbsolutePath
}

/**
 * What readers ask about the machine. Files and programs that the agent could write are not there
 * for them.
 */
export interface Machine {
  readonly host: Host
  readonly world: RegistryWorld
  /** Problems with files, told once each. */
  readonly notices: readonly Notice[]
  /**
   * The first of these variables that is set and not empty, as it is inside, else as the user has
   * it.
   */
  readonly variable: (...names: readonly string[]) => Setting | undefined
  /** Every variable whose name matches, by name. */
  readonly variables: (pattern: RegExp) => ReadonlyMap<string, Setting>
  /**
   * A UTF-8 file of at most `limit` bytes (256 KiB); undefined when absent, and with a notice when
   * it cannot be used.
   */
  readonly file: (path: string, limit?: number) => TextFile | undefined
  /** The first of these names on PATH. */
  readonly tool: (...names: readonly string[]) => Tool | undefined
  /** Folders in a folder, by name, latest version first. */
  readonly folders: (path: string) => readonly string[]
  /** Where a path leads, every link followed; undefined when nothing is there. */
  readonly real: (path: string) => AbsolutePath | undefined
  /** True for what the agent could change: it never adds a host. */
  readonly isAgents: (path: AbsolutePath) => boolean
}

/** The machine behind a world. */
export const machineOf = (world: RegistryWorld): Machine => {
  const { host, project } = world
  const { isInside } = namingOf(host.platform)
  const walk = createWalker(host)
  const real = (path: string): AbsolutePath | undefined => existing(walk, path)
  const told = new Map<string, Notice>()
  const isAgents = (path: AbsolutePath): boolean =>
    isInside(path, project) || world.canWrite?.(path) === true
  const tell = (path: string, problem: string): undefined => {
    told.set(path, {
      level: 'warning',
      code: 'registry',
      message: `${path} ${problem}; no registry is read from it`,
    })
    return undefined
  }
  const variable = (name: string): Setting | undefined => {
    const inside = world.env[name]
    const value = inside || host.env[name]
    return value
      ? {
          value,
          origin: { strength: 'derived', file: 'environment', key: name },
          isInside: Boolean(inside),
        }
      : undefined
  }
  return {
    host,
    world,
    get notices() {
      return [...told.values()]
    },
    variable: (...names) => names.map(variable).find((setting) => setting !== undefined),
    variables: (pattern) =>
      new Map(
        [...new Set([...Object.keys(world.env), ...Object.keys(host.env)])]
          .sort()
          .flatMap((name) => {
            const setting = pattern.test(name) ? variable(name) : undefined
            return setting ? [[name, setting] as const] : []
          }),
      ),
    file: (path, limit = MAX_SETTINGS) => {
      const place = real(path)
      if (place === undefined) return undefined
      if (isAgents(place)) return tell(path, 'can be written by the agent')
      const read = host.read(place, limit)
      if (!read.ok)
        return read.failure === 'missing' ? undefined : tell(path, FAILURES[read.failure])
      const text = decodeText(read.bytes)
      if (text === undefined || text.includes('\0')) return tell(path, 'is not UTF-8 text')
      return { path, text: text.replace(/^\ufeff/, ''), isInside: world.canRead?.(place) ?? true }
    },
    tool: (...names) => {
      const directories = (host.env['PATH'] ?? '')
        .split(':')
        .filter((directory) => directory.startsWith('/'))
      for (const name of names) {
        for (const directory of directories) {
          const path = `${directory.replace(/\/+$/, '')}/${name}`
          const place = real(path)
          if (
            place === undefined ||
            isAgents(place) ||
            host.stat(place)?.type !== 'file' ||
            !host.canAccess(place, 'execute')
          )
            continue
          const linked = real(directory)
          if (linked !== undefined && !isAgents(linked)) return { path, real: place }
        }
      }
      return undefined
    },
    folders: (path) =>
      (host.list(path) ?? [])
        .filter(({ type }) => type === 'directory' || type === 'symlink')
        .map(({ name }) => name)
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
        .slice(0, MAX_FOLDERS),
    real,
    isAgents,
  }
}

/** Where something in a file stands; `key` as its format names it. */
export const placed = (file: TextFile, key: string, line?: number): Origin => ({
  strength: 'derived',
  file: file.path,
  key,
  ...(line !== undefined && { line }),
})

/** The line on which a value is first written; undefined when it is written differently there. */
export const lineOf = (text: string, value: string): number | undefined => {
  const at = value === '' ? -1 : text.indexOf(value)
  return at < 0 ? undefined : text.slice(0, at).split('\n').length
}

/** The directory that holds a path, `levels` up. */
export const above = (path: string, levels: number): string =>
  path.split('/').slice(0, -levels).join('/')

const FAILURES = {
  denied: 'cannot be read',
  'too-large': 'is too large',
  'not-a-file': 'is not a file',
  other: 'cannot be read',
} as const
const MAX_SETTINGS = 256 << 10
const MAX_FOLDERS = 64
