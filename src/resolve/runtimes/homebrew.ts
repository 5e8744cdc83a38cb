import {
  ancestorsOf,
  components,
  join,
  nameOf,
  parentOf,
  type AbsolutePath,
} from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import {
  findings,
  isInside,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { treePart } from './guard.ts'

/** One version of one formula: `/opt/homebrew/Cellar/xz/5.8.1`. */
export interface Keg {
  /** `/opt/homebrew`, `/usr/local`, `/home/linuxbrew/.linuxbrew`. */
  readonly prefix: AbsolutePath
  readonly name: string
  readonly root: AbsolutePath
}

const RECEIPT_LIMIT = 1 << 20
const MAX_KEGS = 128
/** What Homebrew's Pythons are linked with, for a keg whose receipt is gone. */
const PYTHON_KEGS = [
  'ca-certificates',
  'expat',
  'gettext',
  'mpdecimal',
  'openssl@3',
  'readline',
  'sqlite',
  'xz',
  'zstd',
]
/** Kegs that keep what they read outside of themselves. */
const SETTINGS: Readonly<Record<string, string>> = {
  'ca-certificates': 'etc/ca-certificates',
  'openssl@3': 'etc/openssl@3',
}

/** The keg that a real path lies in; undefined for one outside of Homebrew. */
export const kegOf = (path: AbsolutePath): Keg | undefined => {
  const cellar = ancestorsOf(path).find((ancestor) => nameOf(ancestor) === 'Cellar')
  const [name, version] =
    cellar === undefined ? [] : components(path).slice(components(cellar).length)
  return cellar === undefined || name === undefined || version === undefined
    ? undefined
    : { prefix: parentOf(cellar), name, root: join(cellar, `${name}/${version}`) }
}

/**
 * What a program from a Homebrew (or Linuxbrew) keg needs: its own keg, and those that it was built
 * to find through `opt`; nothing for any other program.
 */
export const homebrewSupport = (context: ResolveContext, program: Place): Findings => {
  const keg = kegOf(program.walked.real)
  if (keg === undefined) return findings('native')
  const own = treePart(
    context,
    'native',
    placeAt(
      context,
      keg.root,
      program.chain,
      `it belongs to the Homebrew keg ${show(context, keg.root)}`,
    ),
  )
  return merge(
    findings('native'),
    own,
    ...settingsOf(context, keg, program),
    ...dependenciesOf(context, keg).map((name) => dependency(context, keg, name, program)),
  )
}

/**
 * The keg at `path`, reached by the place that loads something from it: a library is granted with
 * what it reads.
 */
export const kegOfLibrary = (context: ResolveContext, library: Place): Findings => {
  const keg = kegOf(library.walked.real)
  if (keg === undefined) return findings('native')
  const place = placeAt(
    context,
    keg.root,
    library.chain,
    `which belongs to the Homebrew keg ${show(context, keg.root)}`,
  )
  return merge(
    findings('native'),
    treePart(context, 'native', place),
    ...settingsOf(context, keg, place),
  )
}

/**
 * Names of the kegs that a receipt says are needed at run time: the whole list, theirs included.
 */
const dependenciesOf = (context: ResolveContext, keg: Keg): readonly string[] => {
  const names = receiptNames(
    textOf(context.host, join(keg.root, 'INSTALL_RECEIPT.json'), RECEIPT_LIMIT) ?? '',
  )
  const known = /^python@\d/.test(keg.name)
    ? PYTHON_KEGS.filter(
        (name) => context.walk(join(keg.prefix, `opt/${name}`)).status === 'exists',
      )
    : []
  return (names ?? known)
    .filter((name) => /^[\w+.@-]+$/.test(name) && !/^\.+$/.test(name) && name !== keg.name)
    .slice(0, MAX_KEGS)
}

const receiptNames = (text: string): string[] | undefined => {
  try {
    const receipt: unknown = JSON.parse(text)
    const list: unknown =
      typeof receipt === 'object' && receipt !== null && 'runtime_dependencies' in receipt
        ? receipt.runtime_dependencies
        : undefined
    // A formula of a tap is `user/tap/name`; its keg has the last name only.
    return Array.isArray(list)
      ? list.flatMap((one: unknown) =>
          typeof one === 'object' &&
          one !== null &&
          'full_name' in one &&
          typeof one.full_name === 'string'
            ? [one.full_name.slice(one.full_name.lastIndexOf('/') + 1)]
            : [],
        )
      : undefined
  } catch {
    return undefined
  }
}

/** `opt/NAME` leads to the version of a keg that is in use. */
const dependency = (context: ResolveContext, keg: Keg, name: string, program: Place): Findings => {
  const opt = join(keg.prefix, `opt/${name}`)
  const place = placeAt(context, opt, program.chain, `which needs the Homebrew keg ${name}`)
  if (place.walked.status !== 'exists') return findings('native')
  const found = kegOf(join(place.walked.real, 'x'))
  if (
    found?.root === place.walked.real &&
    isInside(context, found.root, join(keg.prefix, 'Cellar'))
  )
    return merge(treePart(context, 'native', place), ...settingsOf(context, found, place))
  const message = `${show(context, opt)} does not lead to a keg of ${show(context, keg.prefix)} but to ${show(context, place.walked.real)}, which is not granted`
  return findings('native', {
    notices: [noticeOf('warning', 'target-tree-refused', message, place.chain)],
  })
}

const settingsOf = (context: ResolveContext, keg: Keg, from: Place): Findings[] => {
  const path = SETTINGS[keg.name]
  return path === undefined
    ? []
    : [
        treePart(
          context,
          'native',
          placeAt(
            context,
            join(keg.prefix, path),
            from.chain,
            `${keg.name} reads ${show(context, join(keg.prefix, path))}`,
          ),
        ),
      ]
}
