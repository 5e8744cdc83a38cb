import {
  type AbsolutePath,
  components,
  fromComponents,
  join,
  toAbsolutePath,
} from '../../machine/paths.ts'
import { isInside, type ResolveContext } from './context.ts'

/**
 * Where uv keeps its cache, the first that counts first: UV_CACHE_DIR, XDG_CACHE_HOME,
 * `~/.cache/uv`, on macOS also the folder of old versions.
 */
export const uvCaches = (context: ResolveContext): AbsolutePath[] => {
  const { env } = context.host
  const named = [
    absolute(env['UV_CACHE_DIR']),
    absolute(env['XDG_CACHE_HOME'], '/uv'),
    join(context.home, '.cache/uv'),
  ]
  const old = context.platform === 'macos' ? [join(context.home, 'Library/Caches/uv')] : []
  return [
    ...new Set(
      [...named, ...old].flatMap((path) => (path === undefined ? [] : [context.walk(path).real])),
    ),
  ]
}

/** One entry of a uv cache: an unpacked package or an environment made for a single run. */
export interface CacheEntry {
  readonly cache: AbsolutePath
  /** `<cache>/<bucket>/<id>`. */
  readonly root: AbsolutePath
  readonly kind: 'archive' | 'environment'
}

const BUCKET = /^(archive|environments|builds)-v\d+$/

/**
 * The entry of a uv cache that `path` is or lies in. `isOwn`: only of the caches that the
 * environment names; else the form of the path tells.
 */
export const uvCacheEntry = (
  context: ResolveContext,
  path: AbsolutePath,
  isOwn = false,
): CacheEntry | undefined => {
  const names = components(path)
  const at = names.findIndex(
    (name, index) => BUCKET.test(name) && /^[\w-]+$/.test(names[index + 1] ?? ''),
  )
  if (at <= 0) return undefined
  const cache = fromComponents(names.slice(0, at))
  if (
    isOwn &&
    !uvCaches(context).some(
      (known) => isInside(context, cache, known) && isInside(context, known, cache),
    )
  )
    return undefined
  const kind = names[at]?.startsWith('archive') === true ? 'archive' : 'environment'
  return { cache, root: join(cache, `${names[at]}/${names[at + 1]}`), kind }
}

/** XDG's rule, which uv follows: a relative value counts as unset. */
const absolute = (value: string | undefined, rest = ''): AbsolutePath | undefined =>
  value === undefined || value === '' ? undefined : toAbsolutePath(`${value}${rest}`)
