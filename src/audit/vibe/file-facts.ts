import type { Stat } from '../../machine/host.ts'
import { type AbsolutePath, join, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import type { AuditWorld, Walked } from '../dialect.ts'
import { stringsOf } from '../../documents/values.ts'
import type { VibeLoaded } from './load.ts'

/** One file or folder that bears on what Vibe does, as the disk has it. */
export interface FileFact {
  readonly path: AbsolutePath
  readonly role:
    | 'config'
    | 'hooks'
    | '.env'
    | 'agents'
    | 'tools'
    | 'skills'
    | 'prompts'
    | 'logs'
    | 'AGENTS.md'
    | 'trust'
  readonly walked: Walked
  /** Of what the links lead to. */
  readonly stat: Stat | undefined
}

/** What the rules about files look at; gathered once, with few calls. */
export interface FileFacts {
  readonly files: readonly FileFact[]
  /** Python files that Vibe imports at start, with the folder that they were found through. */
  readonly toolFiles: readonly {
    readonly path: AbsolutePath
    readonly from: 'tool_paths' | 'tools' | 'project tools'
  }[]
  /** Links in the top of the project that lead out of it. */
  readonly outwardLinks: readonly { readonly path: AbsolutePath; readonly real: AbsolutePath }[]
  /** Nearest repository above a path, if there is one. */
  repositoryOf(path: AbsolutePath): AbsolutePath | undefined
}

const NAMES: readonly (readonly [FileFact['role'], string])[] = [
  ['hooks', 'hooks.toml'],
  ['.env', '.env'],
  ['agents', 'agents'],
  ['tools', 'tools'],
  ['skills', 'skills'],
  ['prompts', 'prompts'],
  ['logs', 'logs'],
  ['AGENTS.md', 'AGENTS.md'],
]

/** Looks at the files around a configuration. */
export const gatherFiles = (loaded: VibeLoaded, world: AuditWorld): FileFacts => {
  const { host, walk, project } = world
  const fact = (role: FileFact['role'], path: AbsolutePath): FileFact => ({
    path,
    role,
    walked: walk(path),
    stat: host.stat(path),
  })
  const pythonIn = (folder: AbsolutePath): AbsolutePath[] =>
    host.stat(folder)?.type === 'file'
      ? [folder]
      : (host.list(folder) ?? [])
          .filter(({ name }) => name.endsWith('.py'))
          .map(({ name }) => join(folder, name))
  const toolPaths = stringsOf(loaded.config.values['tool_paths']).flatMap(
    (path) =>
      toAbsolutePath(path.replace(/^~(?=\/|$)/, host.home)) ??
      (path.startsWith('/') || path.includes('..') ? [] : [join(project, path)]),
  )
  return {
    files: [
      fact('config', loaded.user.file),
      ...NAMES.map(([role, name]) => fact(role, join(loaded.folder, name))),
      fact('trust', loaded.trustFile.file),
    ],
    toolFiles: [
      ...toolPaths.flatMap(pythonIn).map((path) => ({ path, from: 'tool_paths' as const })),
      ...pythonIn(join(loaded.folder, 'tools')).map((path) => ({ path, from: 'tools' as const })),
      ...(loaded.trust === 'trusted'
        ? pythonIn(join(project, '.vibe/tools')).map((path) => ({
            path,
            from: 'project tools' as const,
          }))
        : []),
    ],
    outwardLinks: (host.list(project) ?? [])
      .filter(({ type }) => type === 'symlink')
      .slice(0, MAX_LINKS)
      .flatMap(({ name }) => {
        const path = join(project, name)
        const { real, status } = walk(path)
        return status === 'exists' && real !== project && !real.startsWith(`${project}/`)
          ? [{ path, real }]
          : []
      }),
    repositoryOf: (path) => {
      for (let here = parentOf(path); here !== '/'; here = parentOf(here)) {
        if (host.lstat(join(here, '.git')) !== undefined) return here
      }
      return undefined
    },
  }
}

/** Links followed in one look at the top of a project. */
const MAX_LINKS = 200
