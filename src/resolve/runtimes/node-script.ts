import { ancestorsOf, join, nameOf, parentOf } from '../../policy/paths.ts'
import type { AbsolutePath } from '../../policy/paths.ts'
import { textOf } from './bytes.ts'
import { findings, isThere, merge, noticeOf, placeAt, show } from './context.ts'
import type { Findings, Place, ResolveContext } from './context.ts'
import { refusalOf, topmostNamed, treePart } from './guard.ts'
import { isSystem } from './native.ts'

/** True for the name of a JavaScript runtime. */
export const isNodeName = (name: string): boolean => /^(?:node(?:js)?(?:-?\d+)?|bun|deno)$/.test(name)

/** The version directory that a node binary belongs to; nothing for one that shares its prefix with other programs. */
export const nodePrefix = (context: ResolveContext, program: Place): Findings => {
  const bin = parentOf(program.walked.real)
  const prefix = parentOf(bin)
  if (nameOf(bin) !== 'bin' || isSystem(context, prefix) || refusalOf(context, prefix) !== undefined) return findings('node')
  const isVersion = /^v?\d+\.\d+/.test(nameOf(prefix)) || nameOf(prefix) === 'installation'
  if (!isVersion && !isThere(context, join(prefix, 'lib/node_modules'), 'directory')) return findings('node')
  return treePart(context, 'node', placeAt(context, prefix, program.chain, `its installation is ${show(context, prefix)}`))
}

/** The package that a script belongs to, and the `node_modules` above it when dependencies lie there. */
export const nodePackage = (context: ResolveContext, script: Place): Findings => {
  const real = script.walked.real
  const root = ancestorsOf(real).findLast((directory) => isThere(context, join(directory, 'package.json'), 'file'))
  if (root === undefined) return findings('node')
  const refusal = refusalOf(context, root)
  if (refusal !== undefined) {
    const message = `${show(context, root)} holds the package.json nearest to ${show(context, real)} and is not granted: ${refusal}; only the script is`
    return findings('node', { notices: [noticeOf('warning', 'target-tree-refused', message, script.chain)] })
  }
  const own = treePart(context, 'node', placeAt(context, root, script.chain, `its package is ${show(context, root)}`))
  const modules = topmostNamed(real, 'node_modules')
  if (modules === undefined || !leansOn(context, root, modules)) return own
  return merge(own, treePart(context, 'node', placeAt(context, modules, script.chain, `its dependencies lie in ${show(context, modules)}`)))
}

const MANIFEST_LIMIT = 1 << 20
const MAX_CHECKED = 64

/** True when a dependency is not in the package's own node_modules: it was hoisted, or is linked from a store (pnpm). */
const leansOn = (context: ResolveContext, root: AbsolutePath, modules: AbsolutePath): boolean => {
  const manifest = readManifest(context, root)
  if (manifest === undefined) return true
  const isOwn = (name: string): boolean => context.walk(join(root, `node_modules/${name}`)).status === 'exists'
  // An optional one may be absent everywhere (it is for another system), so only one that is found above counts.
  const isAbove = (name: string): boolean => context.walk(join(modules, name)).status === 'exists'
  return (
    namesIn(manifest, 'dependencies').some((name) => !isOwn(name)) || namesIn(manifest, 'optionalDependencies').some((name) => !isOwn(name) && isAbove(name))
  )
}

const readManifest = (context: ResolveContext, root: AbsolutePath): object | undefined => {
  try {
    const manifest: unknown = JSON.parse(textOf(context.host, join(root, 'package.json'), MANIFEST_LIMIT) ?? '')
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined
  } catch {
    return undefined
  }
}

const namesIn = (manifest: object, key: string): string[] => {
  const table: unknown = Object.entries(manifest).find(([name]) => name === key)?.[1]
  return typeof table === 'object' && table !== null ? Object.keys(table).filter(isPackageName).slice(0, MAX_CHECKED) : []
}

const isPackageName = (name: string): boolean => /^(?:@[\w.-]+\/)?[\w.-]+$/.test(name) && !name.includes('..')
