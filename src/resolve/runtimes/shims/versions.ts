import { ancestorsOf, join, type AbsolutePath } from '../../../machine/paths.ts'
import { textOf } from '../bytes.ts'
import { isThere, show, type ResolveContext } from '../context.ts'

/** Versions that a file or a variable asks for, best first, and where it says so. */
export interface Wanted {
  readonly versions: readonly string[]
  readonly origin: string
}

/**
 * A version is one name (or `x/envs/y`): never a way out of the directory of versions, since the
 * file that names it may be the agent's work.
 */
export const isVersion = (text: string): boolean =>
  /^[\w.+-]+(?:\/envs\/[\w.+-]+)?$/.test(text) &&
  !text.split('/').some((part) => /^\.+$/.test(part))

/** Text of a version file: larger ones are nobody's. */
export const VERSION_FILE_LIMIT = 16 * 1024

/** The working directory and every directory above it, nearest first. */
export const upwards = (context: ResolveContext): AbsolutePath[] => [
  context.cwd,
  ...ancestorsOf(context.cwd).reverse(),
]

/**
 * What the nearest of the files called one of `names`, in the working directory or above, says in
 * its first word.
 */
export const nearestVersion = (
  context: ResolveContext,
  names: readonly string[],
): Wanted | undefined => {
  for (const directory of upwards(context)) {
    for (const name of names) {
      const file = join(directory, name)
      const versions = isThere(context, file, 'file')
        ? wordsOf(textOf(context.host, file, VERSION_FILE_LIMIT))
            .slice(0, 1)
            .filter(isVersion)
        : []
      if (versions.length > 0) return { versions, origin: show(context, file) }
    }
  }
  return undefined
}

/** What the nearest `.tool-versions` that names `tool` says, the home directory's last. */
export const toolVersions = (context: ResolveContext, tool: string): Wanted | undefined => {
  for (const directory of [...upwards(context), context.home]) {
    const file = join(directory, '.tool-versions')
    const line = isThere(context, file, 'file')
      ? toolLines(textOf(context.host, file, VERSION_FILE_LIMIT)).get(tool)
      : undefined
    if (line !== undefined) return { versions: line, origin: show(context, file) }
  }
  return undefined
}

/** The lines of a `.tool-versions` file: a tool and the versions to try, in order. */
export const toolLines = (text: string | undefined): ReadonlyMap<string, readonly string[]> =>
  new Map(
    (text ?? '').split('\n').flatMap((line) => {
      const [tool, ...versions] = wordsOf(line.replace(/#.*$/, ''))
      return tool === undefined ? [] : [[tool, versions.filter(isVersion)] as const]
    }),
  )

/**
 * The directory of `wish` beneath `root`: the version itself, else the highest one that begins with
 * it (`3.12` means `3.12.1`).
 */
export const installedVersion = (
  context: ResolveContext,
  root: AbsolutePath,
  wish: string,
): string | undefined => {
  const names = [wish, `v${wish}`, wish.replace(/^(?:python-|v)/, '')]
  const exact = names.find(
    (version) => isVersion(version) && isThere(context, join(root, version), 'directory'),
  )
  if (exact !== undefined) return exact
  const begin = names[2] === 'latest' || names[2] === 'lts' ? '' : `${names[2]}.`
  const candidates = (context.host.list(root) ?? [])
    .map((entry) => entry.name)
    .filter((version) => version.startsWith(begin) && /^\d[\d.]*$/.test(version))
  return candidates.sort(byVersion).at(-1)
}

const byVersion = (a: string, b: string): number => {
  const [left, right] = [a.split('.'), b.split('.')]
  const at = left.findIndex((part, index) => part !== right[index])
  return at < 0 ? left.length - right.length : Number(left[at]) - Number(right[at] ?? -1)
}

const wordsOf = (text: string | undefined): string[] =>
  (text ?? '').split(/\s+/).filter((word) => word !== '')
