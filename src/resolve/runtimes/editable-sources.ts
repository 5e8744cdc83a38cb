import type { Entry } from '../../machine/host.ts'
import { ancestorsOf, join, toAbsolutePath, type AbsolutePath } from '../../machine/paths.ts'
import { shellWord } from '../../text/shell-word.ts'
import { textOf } from './bytes.ts'
import {
  findings,
  isAgents,
  isInside,
  isThere,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { refusalOf, treePart } from './guard.ts'

/** Where modules that are not in an environment lie, by the word of a file in it. */
export interface ModuleSource {
  readonly path: AbsolutePath
  /** How it is named, as a clause. */
  readonly clause: string
}

const DIRECT_URL_LIMIT = 64 * 1024
const MAX_PACKAGES = 1024

/**
 * Sources of packages that were installed as links to them: `direct_url.json` beside their metadata
 * is the installer's own record.
 */
export const editableSources = (
  context: ResolveContext,
  directory: Place,
  entries: readonly Entry[],
): ModuleSource[] =>
  entries
    .filter((entry) => entry.type === 'directory' && entry.name.endsWith('.dist-info'))
    .slice(0, MAX_PACKAGES)
    .map((entry) => ({
      name: entry.name.replace(/\.dist-info$/, ''),
      file: join(directory.walked.real, `${entry.name}/direct_url.json`),
    }))
    .filter(({ file }) => context.host.lstat(file) !== undefined)
    .flatMap(({ name, file }) => {
      const path = parseDirectUrl(textOf(context.host, file, DIRECT_URL_LIMIT) ?? '')
      return path === undefined
        ? []
        : [
            {
              path,
              clause: `its package ${name} is installed as a link to its source ${show(context, path)}`,
            },
          ]
    })

/**
 * The directory that an editable `direct_url.json` names (PEP 610); undefined for any other record,
 * and for text that is none.
 */
export const parseDirectUrl = (text: string): AbsolutePath | undefined => {
  try {
    const record: unknown = JSON.parse(text)
    if (
      !isTable(record) ||
      !isTable(record['dir_info']) ||
      record['dir_info']['editable'] !== true ||
      typeof record['url'] !== 'string'
    )
      return undefined
    const path = /^file:\/\/(?:localhost)?(\/[^?#]*)/.exec(record['url'])?.[1]
    return path === undefined ? undefined : toAbsolutePath(decodeURIComponent(path))
  } catch {
    return undefined
  }
}

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/**
 * A directory of modules as a part. Its name is text in a file: it is granted only where the place
 * itself looks like a package's (a build file on the way up, or the site-packages of an
 * installation), never because a file in the project names it.
 */
export const modulesPart = (
  context: ResolveContext,
  owner: Place,
  source: ModuleSource,
  known: readonly ModuleSource[],
): Findings => {
  const place = placeAt(context, source.path, owner.chain, source.clause)
  const { real, status, kind } = place.walked
  if (status !== 'exists' && known.includes(source)) {
    return findings('venv', {
      notices: [
        noticeOf(
          'warning',
          'editable-package',
          `${show(context, source.path)}, the source of a package of the target, cannot be found (${place.chain.join(', ')})`,
          place.chain,
        ),
      ],
    })
  }
  if (status !== 'exists' || isInside(context, real, owner.walked.real)) return findings('venv')
  const isOwnWork = isAgents(context, owner.walked.real)
  if (isInside(context, real, context.project)) {
    const message = `${show(context, real)}, which holds modules of the target, lies inside the project: the agent can change what it runs there`
    return findings('venv', {
      notices: [
        noticeOf(isOwnWork ? 'info' : 'warning', 'editable-in-project', message, place.chain),
      ],
    })
  }
  const refusal = kind === 'directory' ? refusalOf(context, real) : undefined
  const doubt =
    isOwnWork || context.isAgentsChoice
      ? 'a file that the agent can change leads to it'
      : refusal === undefined && !isModules(context, real, known)
        ? 'nothing there says that it is a package'
        : undefined
  if (doubt === undefined) return treePart(context, 'venv', place)
  const message = `${show(context, real)} holds modules of the target and is not granted: ${doubt}; --read ${shellWord(show(context, real))} would (${place.chain.join(', ')})`
  return findings('venv', {
    notices: [noticeOf('warning', 'editable-package', message, place.chain)],
  })
}

const BUILD_FILES = ['pyproject.toml', 'setup.py', 'setup.cfg']
const SITE_PACKAGES = /\/(?:lib|lib64)\/(?:python|pypy)\d(?:\.\d+)?t?\/(?:site|dist)-packages$/
/** `src/layout/package` is as deep as sources lie beneath their build file. */
const MAX_HEIGHT = 4

/** True for the modules of an installation, and for a directory in a package's source tree. */
const isModules = (
  context: ResolveContext,
  path: AbsolutePath,
  known: readonly ModuleSource[],
): boolean => {
  if (SITE_PACKAGES.test(path)) return true
  const height = known.some((source) => isInside(context, path, context.walk(source.path).real))
    ? Infinity
    : MAX_HEIGHT
  const above = [...ancestorsOf(path), path]
    .slice(-height)
    .filter((directory) => refusalOf(context, directory) === undefined)
  return above.some((directory) =>
    BUILD_FILES.some((name) => isThere(context, join(directory, name), 'file')),
  )
}
