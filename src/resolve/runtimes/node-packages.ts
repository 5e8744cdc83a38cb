import { ancestorsOf, isWithin, join, parentOf, type AbsolutePath } from '../../machine/paths.ts'
import {
  findings,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { treePart } from './guard.ts'
import { readManifest } from './node-manifest.ts'

/** More packages than this are granted with the `node_modules` that holds them. */
const MAX_PACKAGES = 64
const MAX_NAMED = 8

/**
 * Packages beside the script's own that it depends on, and theirs, as Node finds them: what npm
 * hoisted, and what bun and npx keep in one flat directory. Nothing when all direct ones lie
 * beneath the package (npm -g).
 */
export const nodeDependencies = (
  context: ResolveContext,
  script: Place,
  root: AbsolutePath,
  modules: AbsolutePath,
): Findings => {
  if (!leansOn(context, root, modules)) return findings('node')
  const reached = new Map<AbsolutePath, string>([[root, '']])
  const outside: Findings[] = []
  for (const [directory] of reached) {
    const manifest = readManifest(context, directory)
    if (manifest === undefined) return whole(context, script, modules)
    for (const name of [...manifest.dependencies, ...manifest.optional]) {
      const found = lookUp(context, directory, name, parentOf(modules))
      if (found === undefined || reached.has(found)) continue
      if (!isWithin(found, modules))
        outside.push(leadingOut(context, script, [`${name} (${show(context, found)})`]))
      else reached.set(found, name)
      if (reached.size > MAX_PACKAGES) return whole(context, script, modules)
    }
  }
  const beside = [...reached].filter(([directory]) => !isWithin(directory, root))
  const outermost = beside.filter(
    ([directory]) => !beside.some(([other]) => other !== directory && isWithin(directory, other)),
  )
  return merge(
    findings('node'),
    ...outermost.map(([directory, name]) =>
      treePart(
        context,
        'node',
        placeAt(
          context,
          directory,
          script.chain,
          `it depends on ${name}, which is ${show(context, directory)}`,
        ),
      ),
    ),
    ...outside,
  )
}

const whole = (context: ResolveContext, script: Place, modules: AbsolutePath): Findings =>
  treePart(
    context,
    'node',
    placeAt(context, modules, script.chain, `its dependencies lie in ${show(context, modules)}`),
  )

/** True when a dependency is not in the package's own node_modules: it was hoisted. */
const leansOn = (context: ResolveContext, root: AbsolutePath, modules: AbsolutePath): boolean => {
  const manifest = readManifest(context, root)
  if (manifest === undefined) return true
  const isOwn = (name: string): boolean =>
    context.walk(join(root, `node_modules/${name}`)).status === 'exists'
  // An optional one may be absent everywhere (it is for another system), so only one that is found
  // above counts.
  const isAbove = (name: string): boolean =>
    lookUp(context, root, name, parentOf(modules)) !== undefined
  return (
    manifest.dependencies.some((name) => !isOwn(name)) ||
    manifest.optional.some((name) => !isOwn(name) && isAbove(name))
  )
}

/**
 * The package that `name` means in `directory`: the nearest `node_modules/name` at or above it,
 * links followed.
 */
const lookUp = (
  context: ResolveContext,
  directory: AbsolutePath,
  name: string,
  top: AbsolutePath,
): AbsolutePath | undefined =>
  [...ancestorsOf(directory), directory]
    .filter((one) => isWithin(one, top))
    .reverse()
    .map((one) => context.walk(join(one, `node_modules/${name}`)))
    .find((walked) => walked.status === 'exists' && walked.kind === 'directory')?.real

/**
 * Links right beneath a package's `node_modules` that lead out of the package (`npm link`,
 * workspaces): said, granted only when a profile does.
 */
export const linksLeadingOut = (
  context: ResolveContext,
  script: Place,
  root: AbsolutePath,
): Findings => {
  const modules = join(root, 'node_modules')
  const links = (context.host.list(modules) ?? [])
    .filter((entry) => entry.type === 'symlink')
    .map((entry) => context.walk(join(modules, entry.name)))
  const outside = links.filter(
    (walked) => walked.status === 'exists' && !isWithin(walked.real, root),
  )
  return outside.length === 0
    ? findings('node')
    : leadingOut(
        context,
        script,
        outside.map(
          (walked) => `${show(context, walked.requested)} (${show(context, walked.real)})`,
        ),
      )
}

const leadingOut = (context: ResolveContext, script: Place, names: readonly string[]): Findings => {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  const message = `${show(context, script.walked.real)} depends on links that lead out of its installation and are not granted: ${names.slice(0, MAX_NAMED).join(', ')}${more}; --read would`
  return findings('node', {
    notices: [noticeOf('warning', 'link-leads-out', message, script.chain)],
  })
}
