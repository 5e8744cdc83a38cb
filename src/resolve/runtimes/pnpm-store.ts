import { ancestorsOf, join, nameOf, parentOf, type AbsolutePath } from '../../machine/paths.ts'
import {
  findings,
  merge,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { treePart } from './guard.ts'

/** More mounts than this cost more at the start than they narrow. */
const MAX_SLOTS = 64

/** One directory of a virtual store: a package beside links to what it depends on. */
interface Slot {
  readonly directory: AbsolutePath
  /**
   * The store that it lies in: `.pnpm` of one installation, or `links` of the store that
   * installations share.
   */
  readonly store: AbsolutePath
}

/**
 * The place of a package (by its real path) in pnpm's virtual store; undefined for a package that
 * does not lie in one.
 */
export const pnpmSlot = (root: AbsolutePath): Slot | undefined => {
  const modules = ancestorsOf(root).findLast((ancestor) => nameOf(ancestor) === 'node_modules')
  if (modules === undefined) return undefined
  const directory = parentOf(modules)
  const store = ancestorsOf(directory).findLast(
    (ancestor) => nameOf(ancestor) === '.pnpm' || /\/store\/v\d+\/links$/.test(ancestor),
  )
  return store === undefined ? undefined : { directory, store }
}

/**
 * The package of a script in pnpm's virtual store and the packages that links lead to from there,
 * each with its own root; the whole store where they are too many.
 */
export const pnpmPackages = (context: ResolveContext, script: Place, first: Slot): Findings => {
  const reached = new Map<AbsolutePath, Place>([
    [
      first.directory,
      placeAt(
        context,
        first.directory,
        script.chain,
        `its package is ${show(context, first.directory)}`,
      ),
    ],
  ])
  for (const directory of reached.keys()) {
    for (const link of linksIn(context, join(directory, 'node_modules'))) {
      const slot = pnpmSlot(context.walk(link).real)
      if (slot === undefined || slot.store !== first.store || reached.has(slot.directory)) continue
      const clause = `it depends on ${nameOf(link)}, which pnpm keeps in ${show(context, slot.directory)}`
      reached.set(slot.directory, placeAt(context, slot.directory, script.chain, clause))
      if (reached.size > MAX_SLOTS) return wholeStore(context, script, first)
    }
  }
  const shared = join(first.store, 'node_modules')
  // Only links: what a package uses without naming it is found here, when it is among the packages
  // that are granted.
  const hoisted =
    nameOf(first.store) === '.pnpm'
      ? [
          placeAt(
            context,
            shared,
            script.chain,
            `pnpm links what its packages share in ${show(context, shared)}`,
          ),
        ]
      : []
  return merge(
    findings('node'),
    ...[...reached.values(), ...hoisted].map((place) => treePart(context, 'node', place)),
  )
}

const wholeStore = (context: ResolveContext, script: Place, { store }: Slot): Findings =>
  treePart(
    context,
    'node',
    placeAt(
      context,
      store,
      script.chain,
      `it depends on more than ${MAX_SLOTS} packages of ${show(context, store)}`,
    ),
  )

/** Links in a `node_modules` directory and in the scopes in it. */
const linksIn = (context: ResolveContext, modules: AbsolutePath): AbsolutePath[] => {
  const entries = context.host.list(modules) ?? []
  const scopes = entries
    .filter((entry) => entry.type === 'directory' && entry.name.startsWith('@'))
    .map((entry) => join(modules, entry.name))
  const scoped = scopes.flatMap((scope) =>
    (context.host.list(scope) ?? []).map((entry) => ({
      type: entry.type,
      path: join(scope, entry.name),
    })),
  )
  return [
    ...entries.map((entry) => ({ type: entry.type, path: join(modules, entry.name) })),
    ...scoped,
  ]
    .filter((entry) => entry.type === 'symlink')
    .map((entry) => entry.path)
}
