import {
  ancestorsOf,
  components,
  join,
  nameOf,
  parentOf,
  type AbsolutePath,
} from '../../machine/paths.ts'
import {
  findings,
  isThere,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { refusalOf, topmostNamed, treePart } from './guard.ts'
import { isSystem } from './native.ts'
import { readManifest } from './node-manifest.ts'
import { linksLeadingOut, nodeDependencies } from './node-packages.ts'
import { pnpmPackages, pnpmSlot } from './pnpm-store.ts'

/** True for the name of a JavaScript runtime. */
export const isNodeName = (name: string): boolean =>
  /^(?:node(?:js)?(?:-?\d+)?|bun|deno)(?:\.exe)?$/.test(name)

/**
 * The version directory that a node binary belongs to; nothing for one that shares its prefix with
 * other programs.
 */
export const nodePrefix = (context: ResolveContext, program: Place): Findings => {
  const bin = parentOf(program.walked.real)
  const prefix = parentOf(bin)
  if (
    nameOf(bin) !== 'bin' ||
    isSystem(context, prefix) ||
    refusalOf(context, prefix) !== undefined
  )
    return findings('node')
  const isVersion = /^v?\d+\.\d+/.test(nameOf(prefix)) || nameOf(prefix) === 'installation'
  if (!isVersion && !isThere(context, join(prefix, 'lib/node_modules'), 'directory'))
    return findings('node')
  return treePart(
    context,
    'node',
    placeAt(context, prefix, program.chain, `its installation is ${show(context, prefix)}`),
  )
}

/**
 * The package that a script belongs to, and the packages that it depends on wherever they were put:
 * beneath it, beside it, or in a store.
 */
export const nodePackage = (context: ResolveContext, script: Place): Findings => {
  const real = script.walked.real
  const root = packageRoot(context, real)
  if (root === undefined) return findings('node')
  const refusal = refusalOf(context, root)
  if (refusal !== undefined) {
    const message = `${show(context, root)} holds the package.json nearest to ${show(context, real)} and is not granted: ${refusal}; only the script is`
    return findings('node', {
      notices: [noticeOf('warning', 'target-tree-refused', message, script.chain)],
    })
  }
  const slot = pnpmSlot(root)
  if (slot !== undefined) return pnpmPackages(context, script, slot)
  const own = treePart(
    context,
    'node',
    placeAt(context, root, script.chain, `its package is ${show(context, root)}`),
  )
  const modules = topmostNamed(real, 'node_modules')
  return merge(
    own,
    linksLeadingOut(context, script, root),
    modules === undefined ? findings('node') : nodeDependencies(context, script, root, modules),
  )
}

/**
 * The package that a native program was installed with: it finds the other files of the package
 * beside itself.
 */
export const nativePackage = (context: ResolveContext, program: Place): Findings => {
  const root = installedPackage(context, program.walked.real)
  return root === undefined
    ? findings('native')
    : treePart(
        context,
        'native',
        placeAt(context, root, program.chain, `its package is ${show(context, root)}`),
      )
}

/**
 * A package.json further up belongs to something else: `~/.nvm` has one, and so have home
 * directories.
 */
const MAX_LEVELS = 3

const packageRoot = (context: ResolveContext, script: AbsolutePath): AbsolutePath | undefined => {
  const installed = installedPackage(context, script)
  if (installed !== undefined) return installed
  const manifests = ancestorsOf(script)
    .filter((directory) => isThere(context, join(directory, 'package.json'), 'file'))
    .reverse()
  const naming = manifests.find(
    (directory) =>
      readManifest(context, directory)?.programs.includes(script.slice(directory.length + 1)) ===
      true,
  )
  return (
    naming ??
    manifests.find(
      (directory) => components(script).length - components(directory).length <= MAX_LEVELS,
    )
  )
}

/**
 * The directory right beneath the nearest `node_modules`: a package.json deeper in it only says
 * which kind of modules lie there.
 */
const installedPackage = (
  context: ResolveContext,
  file: AbsolutePath,
): AbsolutePath | undefined => {
  const modules = ancestorsOf(file).findLast((ancestor) => nameOf(ancestor) === 'node_modules')
  if (modules === undefined) return undefined
  const names = components(file.slice(modules.length))
  const root = join(
    modules,
    names[0]?.startsWith('@') ? names.slice(0, 2).join('/') : (names[0] ?? ''),
  )
  return isThere(context, join(root, 'package.json'), 'file') ? root : undefined
}
