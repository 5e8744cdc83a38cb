import type { Entry } from '../../machine/host.ts'
import { type AbsolutePath, join, parentOf, toAbsolutePath } from '../../machine/paths.ts'
import { shellWord } from '../../text/shell-word.ts'
import { physical } from './command.ts'
import {
  findings,
  isAgents,
  isInside,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { PLANTED, treePart } from './guard.ts'
import { uvCacheEntry } from './uv-directories.ts'

/** Packages of one environment that are looked at; a large one has a few hundred. */
const MAX_PACKAGES = 1024
const MAX_NOTICES = 8

/**
 * `link-mode = "symlink"`: the files of a package are links into uv's cache, where its unpacked
 * archive is granted, never the cache. One look at each package's METADATA tells for all its files.
 * Links to anywhere else are reported: they are the user's to grant.
 */
export const packageLinks = (
  context: ResolveContext,
  directory: Place,
  owner: Place,
  entries: readonly Entry[],
): Findings => {
  const packages = entries.filter(
    (entry) => entry.type === 'directory' && entry.name.endsWith('.dist-info'),
  )
  const modules = entries.filter((entry) => entry.type === 'symlink')
  const names = [
    ...packages.map((entry) => `${entry.name}/METADATA`),
    ...modules.map((entry) => entry.name),
  ]
  const archives = new Map<AbsolutePath, string>()
  const others: { readonly file: AbsolutePath; readonly target: AbsolutePath }[] = []
  for (const name of names.slice(0, MAX_PACKAGES)) {
    const file = join(directory.walked.real, name)
    const target = linkTarget(context, file)
    if (target === undefined || isInside(context, target, owner.walked.real)) continue
    const archive = uvCacheEntry(context, target)
    if (archive?.kind === 'archive')
      archives.set(
        archive.root,
        archives.get(archive.root) ?? name.replace(/\.dist-info\/METADATA$/, ''),
      )
    else others.push({ file, target })
  }
  const more =
    names.length > MAX_PACKAGES
      ? [
          noticeOf(
            'warning',
            'packages-limit',
            `${show(context, directory.walked.real)} holds ${names.length} packages and links; after ${MAX_PACKAGES} the rest was not looked at`,
            directory.chain,
          ),
        ]
      : []
  const leading = others.slice(0, MAX_NOTICES).map(({ file, target }) => {
    const message = `${show(context, file)} is a link to ${show(context, target)}, outside its environment, which is not granted: --read ${shellWord(show(context, target))} would`
    return noticeOf('warning', 'package-link', message, directory.chain)
  })
  return merge(
    findings('venv', { notices: [...more, ...leading] }),
    ...[...archives].map(([root, name]) => archivePart(context, root, name, owner)),
  )
}

/**
 * The unpacked package. What a link inside the project names must be one, in the user's own cache:
 * an earlier run could have planted it.
 */
const archivePart = (
  context: ResolveContext,
  root: AbsolutePath,
  name: string,
  owner: Place,
): Findings => {
  const place = placeAt(
    context,
    root,
    owner.chain,
    `its package ${name} is links into uv's cache, to ${show(context, root)}`,
  )
  if (place.walked.status !== 'exists' || place.walked.kind !== 'directory') return findings('venv')
  const isInProject = isAgents(context, owner.walked.real)
  const hasPackage =
    context.host.list(place.walked.real)?.some((entry) => entry.name.endsWith('.dist-info')) ===
    true
  const isPackage =
    hasPackage && uvCacheEntry(context, place.walked.real, isInProject)?.root === place.walked.real
  if (isPackage) return treePart(context, 'venv', place)
  const reason = isInProject ? PLANTED : 'it is no unpacked package of a uv cache'
  const message = `${show(context, place.walked.real)} is not granted: ${reason} (${place.chain.join(', ')})`
  return findings('venv', {
    notices: [noticeOf('warning', 'target-tree-refused', message, place.chain)],
  })
}

/**
 * What a link says, seen from where it lies; undefined when it is none. Not read without a look
 * first: an error costs ten times as much.
 */
const linkTarget = (context: ResolveContext, file: AbsolutePath): AbsolutePath | undefined => {
  const stat = context.host.lstat(file)
  if (stat === undefined || stat === 'denied' || stat.type !== 'symlink') return undefined
  const target = context.host.readlink(file)
  if (target === undefined) return undefined
  const from = parentOf(file)
  return target.startsWith('/') ? toAbsolutePath(target) : physical(context, from, target)
}
