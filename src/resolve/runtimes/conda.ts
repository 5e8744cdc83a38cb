import {
  type AbsolutePath,
  components,
  fromComponents,
  join,
  toAbsolutePath,
} from '../../machine/paths.ts'
import {
  findings,
  isAgents,
  isInside,
  isThere,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { PLANTED, refusalOf, treePart } from './guard.ts'

/** Directories of a base installation that hold other environments, and packages of all of them. */
const OTHERS: ReadonlySet<string> = new Set(['conda-bld', 'envs', 'locks', 'pkgs'])
const MAX_LINKS = 4096
const MAX_PACKAGES = 1024

/**
 * An environment of conda, mamba, micromamba or pixi: its prefix, and the packages that it was
 * linked to softly; undefined when the directory is none.
 */
export const condaPrefix = (context: ResolveContext, prefix: Place): Findings | undefined => {
  const root = prefix.walked.real
  if (
    !isThere(context, join(root, 'conda-meta'), 'directory') ||
    refusalOf(context, root) !== undefined
  )
    return undefined
  const entries = context.host.list(root) ?? []
  const isBase = entries.some((entry) => OTHERS.has(entry.name))
  const pieces = entries.filter(
    (entry) => entry.type === 'directory' && !OTHERS.has(entry.name) && !entry.name.startsWith('.'),
  )
  const trees = isBase
    ? pieces.map((entry) =>
        treePart(
          context,
          'conda',
          placeAt(
            context,
            join(root, entry.name),
            prefix.chain,
            `of which it needs ${entry.name}, not its other environments`,
          ),
        ),
      )
    : [treePart(context, 'conda', prefix)]
  return merge(findings('conda'), ...trees, ...softPackages(context, prefix))
}

/**
 * `always_softlink`: files of a package are links into the package cache. Where one is found, the
 * packages that conda-meta lists are granted, one by one.
 */
const softPackages = (context: ResolveContext, prefix: Place): Findings[] => {
  const cache = packageCache(context, prefix.walked.real)
  if (cache === undefined) return []
  const isInProject = isAgents(context, prefix.walked.real)
  if (isInProject) {
    const message = `${show(context, cache)}, which files of ${show(context, prefix.walked.real)} are links into, is not granted: ${PLANTED}`
    return [
      findings('conda', {
        notices: [noticeOf('warning', 'target-tree-refused', message, prefix.chain)],
      }),
    ]
  }
  const records = (context.host.list(join(prefix.walked.real, 'conda-meta')) ?? []).filter(
    (entry) => entry.type === 'file' && entry.name.endsWith('.json'),
  )
  return records.slice(0, MAX_PACKAGES).map((entry) => {
    const name = entry.name.replace(/\.json$/, '')
    const place = placeAt(
      context,
      join(cache, name),
      prefix.chain,
      `conda-meta lists the package ${name}, whose files are links to ${show(context, join(cache, name))}`,
    )
    return place.walked.real === join(cache, name)
      ? treePart(context, 'conda', place)
      : findings('conda')
  })
}

/**
 * The package cache that links of this prefix lead to: `<cache>/<package>/info/index.json` is
 * conda's own.
 */
const packageCache = (context: ResolveContext, root: AbsolutePath): AbsolutePath | undefined => {
  for (const name of ['bin', 'lib']) {
    const links = (context.host.list(join(root, name)) ?? [])
      .filter((entry) => entry.type === 'symlink')
      .slice(0, MAX_LINKS)
    for (const link of links) {
      const target = toAbsolutePath(context.host.readlink(join(root, `${name}/${link.name}`)) ?? '')
      if (target === undefined || isInside(context, target, root)) continue
      const names = components(target)
      const at = names.lastIndexOf('pkgs')
      const cache = context.walk(fromComponents(names.slice(0, at + 1))).real
      if (at > 0 && isThere(context, join(cache, `${names[at + 1] ?? ''}/info/index.json`), 'file'))
        return cache
    }
  }
  return undefined
}
