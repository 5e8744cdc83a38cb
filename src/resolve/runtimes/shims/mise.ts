import { parse } from 'smol-toml'
import {
  absolute,
  type AbsolutePath,
  join,
  nameOf,
  parentOf,
  toAbsolutePath,
} from '../../../machine/paths.ts'
import { textOf } from '../bytes.ts'
import { problemWith } from '../command.ts'
import { isThere, show, type Place, type ResolveContext } from '../context.ts'
import { memberOf } from '../node-manifest.ts'
import { steppedOver, unknownShim, type Shim } from './shim.ts'
import { installedVersion, isVersion, nearestVersion, toolLines, upwards } from './versions.ts'

/**
 * Files that name tools in the working directory and above, nearest first and, in one directory,
 * strongest first.
 */
const LOCAL_FILES = [
  'mise.local.toml',
  '.mise.local.toml',
  'mise.toml',
  '.mise.toml',
  'mise/config.toml',
  '.mise/config.toml',
  '.config/mise.toml',
  '.config/mise/config.toml',
  '.tool-versions',
]
const CONFIG_LIMIT = 64 * 1024
/** Where the programs of an installed version lie, by the kinds of tool that mise installs. */
const PROGRAM_DIRECTORIES = ['bin/', '', 'node_modules/.bin/', '.mise-bins/']

/**
 * `shims/x` is a link to mise, which looks for `x` in the versions that its files name. A file of a
 * project chooses only among what is installed beneath `installs`.
 */
export const throughMise = (context: ResolveContext, shim: Place): Shim => {
  const name = nameOf(shim.file)
  const installs = join(dataOf(context, shim), 'installs')
  for (const { tool, versions, origin } of wantedTools(context)) {
    const root = join(installs, directoryOf(tool))
    for (const wish of versions) {
      const version = installedVersion(context, root, wish)
      const file = version === undefined ? undefined : programIn(context, join(root, version), name)
      if (file !== undefined)
        return steppedOver(
          context,
          shim,
          file,
          `a shim of mise, for which ${origin} names ${tool} ${wish}`,
        )
    }
  }
  return unknownShim(
    context,
    shim,
    'mise',
    `mise which ${name}`,
    'no file of mise names an installed version of what it starts',
  )
}

const programIn = (
  context: ResolveContext,
  version: AbsolutePath,
  name: string,
): AbsolutePath | undefined =>
  PROGRAM_DIRECTORIES.map((directory) => join(version, `${directory}${name}`)).find(
    (file) => problemWith(context, file) === undefined,
  )

/** The directory above `shims`, else where mise keeps its data by default. */
const dataOf = (context: ResolveContext, shim: Place): AbsolutePath => {
  const { env } = context.host
  const shims = context.walk(parentOf(shim.file)).real
  if (nameOf(shims) === 'shims') return parentOf(shims)
  return (
    toAbsolutePath(env['MISE_DATA_DIR'] ?? '') ??
    toAbsolutePath(`${env['XDG_DATA_HOME'] ?? ''}/mise`.replace(/^\/mise$/, '')) ??
    join(context.home, '.local/share/mise')
  )
}

interface WantedTool {
  readonly tool: string
  readonly versions: readonly string[]
  readonly origin: string
}

/** Every tool that a variable or a file names: for each the strongest word on it. */
const wantedTools = (context: ResolveContext): WantedTool[] => {
  const found = new Map<string, WantedTool>()
  const add = (tool: string, versions: readonly string[], origin: string): void => {
    const own = canonical(tool)
    if (!found.has(own) && isVersion(directoryOf(own)) && versions.length > 0)
      found.set(own, { tool: own, versions, origin })
  }
  for (const [name, value] of Object.entries(context.host.env)) {
    const tool = /^MISE_([A-Z0-9_]+)_VERSION$/.exec(name)?.[1]
    if (tool !== undefined && value)
      add(tool.toLowerCase().replaceAll('_', '-'), value.split(/\s+/).filter(isVersion), name)
  }
  for (const directory of upwards(context))
    for (const name of LOCAL_FILES) readTools(context, join(directory, name), add)
  for (const [tool, names] of IDIOMATIC) {
    const wanted = nearestVersion(context, names)
    if (wanted !== undefined) add(tool, wanted.versions, wanted.origin)
  }
  for (const file of globalFiles(context)) readTools(context, file, add)
  return [...found.values()]
}

const IDIOMATIC: readonly (readonly [string, readonly string[]])[] = [
  ['node', ['.node-version', '.nvmrc']],
  ['python', ['.python-version']],
]

const globalFiles = (context: ResolveContext): AbsolutePath[] => {
  const { env } = context.host
  const named = [
    env['MISE_GLOBAL_CONFIG_FILE'],
    env['MISE_CONFIG_DIR'] && `${env['MISE_CONFIG_DIR']}/config.toml`,
    env['XDG_CONFIG_HOME'] && `${env['XDG_CONFIG_HOME']}/mise/config.toml`,
  ]
  return [
    ...named.flatMap((path) => toAbsolutePath(path ?? '') ?? []),
    join(context.home, '.config/mise/config.toml'),
    join(context.home, '.tool-versions'),
    absolute('/etc/mise/config.toml'),
  ]
}

const readTools = (
  context: ResolveContext,
  file: AbsolutePath,
  add: (tool: string, versions: readonly string[], origin: string) => void,
): void => {
  const text = isThere(context, file, 'file') ? textOf(context.host, file, CONFIG_LIMIT) : undefined
  if (text === undefined) return
  const origin = show(context, file)
  if (nameOf(file) === '.tool-versions')
    for (const [tool, versions] of toolLines(text)) add(tool, versions, origin)
  else
    for (const [tool, value] of Object.entries(tableIn(text))) add(tool, versionsIn(value), origin)
}

const tableIn = (text: string): object => {
  try {
    const tools: unknown = parse(text)['tools']
    return typeof tools === 'object' && tools !== null ? tools : {}
  } catch {
    return {}
  }
}

/**
 * `"22"`, `["22", "20"]`, `{ version = "22" }`, `"prefix:22"`; a path or a revision is no installed
 * version.
 */
const versionsIn = (value: unknown): string[] => {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value]
  return words
    .map((word) => (typeof word === 'object' ? memberOf(word, 'version') : word))
    .flatMap((word) =>
      typeof word === 'string'
        ? word.replace(/^prefix:/, '')
        : typeof word === 'number'
          ? String(word)
          : [],
    )
    .filter(isVersion)
}

/** The name that mise itself uses: aliases and the default backend taken away. */
const canonical = (tool: string): string => {
  const name = tool.replace(/^core:/, '')
  return name === 'nodejs' ? 'node' : name === 'golang' ? 'go' : name
}

/** `npm:@openai/codex` is installed in `npm-openai-codex`. */
const directoryOf = (tool: string): string =>
  tool.replaceAll(/[^\w.+-]+/g, '-').replaceAll(/^-+|-+$/g, '')
