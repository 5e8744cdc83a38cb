import { join, nameOf, parentOf, type AbsolutePath } from '../../../machine/paths.ts'
import { problemWith } from '../command.ts'
import {
  findings,
  isThere,
  merge,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from '../context.ts'
import { treePart } from '../guard.ts'
import { isPackageName, memberOf, readJson } from '../node-manifest.ts'
import { steppedOver, unknownShim, type Shim } from './shim.ts'
import { isVersion, upwards } from './versions.ts'

/**
 * Programs of a platform, each with the tool that it comes with; every other program belongs to a
 * package.
 */
const PLATFORM_TOOLS: ReadonlyMap<string, Tool> = new Map([
  ['node', 'node'],
  ['npm', 'npm'],
  ['npx', 'npm'],
  ['pnpm', 'pnpm'],
  ['pnpx', 'pnpm'],
  ['yarn', 'yarn'],
  ['yarnpkg', 'yarn'],
])

type Tool = 'node' | 'npm' | 'pnpm' | 'yarn'

/**
 * `~/.volta/bin/x` is one binary under many names; what it starts is written in `tools/user`:
 * `platform.json` for Node itself, `bins/x.json` for a package's program.
 */
export const throughVolta = (context: ResolveContext, shim: Place): Shim => {
  const name = nameOf(shim.file)
  const root = rootOf(context, shim)
  const tool = PLATFORM_TOOLS.get(name)
  const found =
    tool === undefined ? packageTool(context, root, name) : platformTool(context, root, name, tool)
  if (found === undefined || problemWith(context, found.file) !== undefined)
    return unknownShim(context, shim, 'volta', `volta which ${name}`)
  return steppedOver(
    context,
    shim,
    found.file,
    `a shim of volta, for which ${found.because}`,
    supportOf(context, shim, root),
  )
}

interface Found {
  readonly file: AbsolutePath
  readonly because: string
}

/**
 * The directory above the `bin` that the shim was found in, else the one that VOLTA_HOME or the
 * default names.
 */
const rootOf = (context: ResolveContext, shim: Place): AbsolutePath => {
  const beside = parentOf(context.walk(parentOf(shim.file)).real)
  return isThere(context, join(beside, 'tools/image'), 'directory')
    ? beside
    : join(context.home, '.volta')
}

/**
 * A project may pin versions (`volta` in its package.json), but only installed ones; else the
 * user's own default holds.
 */
const platformTool = (
  context: ResolveContext,
  root: AbsolutePath,
  name: string,
  tool: Tool,
): Found | undefined => {
  const pinned = upwards(context).map((directory) => ({
    file: join(directory, 'package.json'),
    pinsOf: projectPins,
  }))
  for (const { file, pinsOf } of [
    ...pinned,
    { file: join(root, 'tools/user/platform.json'), pinsOf: userPins },
  ]) {
    const pins = isThere(context, file, 'file') ? pinsOf(readJson(context, file)) : undefined
    const version = pins?.[tool]
    // npm comes with Node unless it has a version of its own.
    const directory =
      version !== undefined
        ? `${tool}/${version}`
        : tool === 'npm' && pins?.node !== undefined
          ? `node/${pins.node}`
          : undefined
    const image = directory && join(root, `tools/image/${directory}`)
    if (image && isThere(context, image, 'directory'))
      return {
        file: join(image, `bin/${name}`),
        because: `${show(context, file)} names ${tool} ${version ?? `of node ${pins?.node}`}`,
      }
  }
  return undefined
}

type Pins = Readonly<Record<Tool, string | undefined>>

const projectPins = (manifest: unknown): Pins => {
  const pins = memberOf(manifest, 'volta')
  return {
    node: versionIn(pins, 'node'),
    npm: versionIn(pins, 'npm'),
    pnpm: versionIn(pins, 'pnpm'),
    yarn: versionIn(pins, 'yarn'),
  }
}

const userPins = (platform: unknown): Pins => {
  const node = memberOf(platform, 'node')
  return {
    node: versionIn(node, 'runtime'),
    npm: versionIn(node, 'npm'),
    pnpm: versionIn(platform, 'pnpm'),
    yarn: versionIn(platform, 'yarn'),
  }
}

const packageTool = (
  context: ResolveContext,
  root: AbsolutePath,
  name: string,
): Found | undefined => {
  const file = join(root, `tools/user/bins/${name}.json`)
  const document = isThere(context, file, 'file') ? readJson(context, file) : undefined
  const owner = memberOf(document, 'package')
  if (typeof owner !== 'string' || !isPackageName(owner)) return undefined
  const directory = join(root, `tools/image/packages/${owner}`)
  // pnpm puts its programs beside the modules, npm and yarn in `bin`.
  const program = [`bin/${name}`, name]
    .map((path) => join(directory, path))
    .find((path) => problemWith(context, path) === undefined)
  return program && { file: program, because: `${show(context, file)} names the package ${owner}` }
}

const versionIn = (value: unknown, key: string): string | undefined => {
  const version = memberOf(value, key)
  return typeof version === 'string' && isVersion(version) ? version : undefined
}

/** What the shim reads where it is started all the same: `#!/usr/bin/env node` finds it on PATH. */
const supportOf = (context: ResolveContext, shim: Place, root: AbsolutePath): Findings =>
  merge(
    findings('script'),
    ...['hooks.json', 'layout.v4', 'layout.v3', 'tools/inventory', 'tools/user'].map((name) => {
      const part = join(root, name)
      return treePart(
        context,
        'script',
        placeAt(context, part, shim.chain, `the shim is volta, which reads ${show(context, part)}`),
      )
    }),
  )
