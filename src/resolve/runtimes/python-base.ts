import { absolute, type AbsolutePath, join, nameOf, parentOf } from '../../machine/paths.ts'
import { condaPrefix } from './conda.ts'
import {
  findings,
  hopsOf,
  isThere,
  merge,
  noticeOf,
  partOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { refusalOf, treePart } from './guard.ts'
import { isSystem } from './native.ts'
import { extensionLibraries } from './python-extensions.ts'
import { holdsOnly, PREFIX_NAMES } from './python-tree.ts'
import { sitePackages, sitesOf } from './site-packages.ts'

/**
 * The installation that an interpreter belongs to: the directory above `bin` of its real file,
 * whole or (where other things share it) in pieces. `withPackages`: its own third-party modules
 * count too.
 */
export const pythonBase = (
  context: ResolveContext,
  interpreter: Place,
  withPackages: boolean,
): Findings => {
  const { real, status } = interpreter.walked
  if (status !== 'exists') return findings('python', { hops: hopsOf(interpreter) })
  if (context.platform === 'macos' && real.startsWith('/usr/bin/python'))
    return appleShim(context, interpreter)
  const prefix = parentOf(parentOf(real))
  const version = pythonVersion(context, interpreter)
  const library = version === undefined ? undefined : libraryOf(context, prefix, version)
  const own = merge(
    findings('python', { hops: hopsOf(interpreter) }),
    framework(context, interpreter, prefix),
  )
  if (library === undefined) {
    const message = `${show(context, real)} has no standard library beside it (lib/python${version ?? '3.x'} in ${show(context, prefix)}): its installation is not known`
    return merge(
      own,
      findings('python', {
        notices: [noticeOf('warning', 'python-base-unknown', message, interpreter.chain)],
      }),
    )
  }
  const place = placeAt(
    context,
    prefix,
    interpreter.chain,
    `its installation is ${show(context, prefix)}`,
  )
  const tree =
    condaPrefix(context, place) ??
    (isOwnTree(context, prefix)
      ? treePart(context, 'python', place)
      : merge(findings('python'), ...piecesOf(context, place, library)))
  const packages = withPackages ? sitesOf(context, place, version) : findings('python')
  return {
    ...merge(own, tree, extensionLibraries(context, interpreter, library, prefix), packages),
    runtime: tree.runtime,
  }
}

/** `3.12`, from the name of the real file, else from the one `lib/python3.x` beside it. */
export const pythonVersion = (context: ResolveContext, interpreter: Place): string | undefined => {
  const named = /(\d+\.\d+)t?$/.exec(nameOf(interpreter.walked.real))?.[1]
  if (named !== undefined) return named
  const names = (
    context.host.list(join(parentOf(parentOf(interpreter.walked.real)), 'lib')) ?? []
  ).map((entry) => /^(?:python|pypy)(\d+\.\d+)t?$/.exec(entry.name)?.[1])
  const versions = names.filter((name) => name !== undefined)
  return versions.length === 1 ? versions[0] : undefined
}

/**
 * True when the real interpreter has the standard library beside it: a directory that only looks
 * like a prefix has not.
 */
export const hasLibrary = (context: ResolveContext, interpreter: Place): boolean => {
  const version = pythonVersion(context, interpreter)
  return (
    version !== undefined &&
    libraryOf(context, parentOf(parentOf(interpreter.walked.real)), version) !== undefined
  )
}

/** Packages that a user installed for a Python without a venv, when there are any. */
export const userSite = (context: ResolveContext, interpreter: Place): Findings => {
  const version = pythonVersion(context, interpreter)
  if (version === undefined) return findings('python')
  const isFramework = interpreter.walked.real.includes('.framework/Versions/')
  const path = isFramework
    ? `Library/Python/${version}/lib/python/site-packages`
    : `.local/lib/python${version}/site-packages`
  const place = placeAt(
    context,
    join(context.home, path),
    interpreter.chain,
    `it also reads the user's packages in ~/${path}`,
  )
  return place.walked.kind === 'directory'
    ? merge(treePart(context, 'python', place), sitePackages(context, place, place))
    : findings('python')
}

const LIBRARIES = ['lib', 'lib64']

/**
 * The standard library beside an interpreter: the landmark without which a directory is no Python
 * installation.
 */
const libraryOf = (
  context: ResolveContext,
  prefix: AbsolutePath,
  version: string,
): AbsolutePath | undefined =>
  LIBRARIES.flatMap((lib) => [
    `${lib}/python${version}`,
    `${lib}/python${version}t`,
    `${lib}/pypy${version}`,
  ])
    .map((path) => join(prefix, path))
    .find((path) => isThere(context, join(path, 'os.py'), 'file'))

/**
 * True for a prefix that is one Python's and nothing else's: a version directory, a framework's, or
 * one that holds what an installation does.
 */
const isOwnTree = (context: ResolveContext, prefix: AbsolutePath): boolean =>
  refusalOf(context, prefix) === undefined &&
  (prefix.includes('.framework/Versions/') || holdsOnly(context, prefix, PREFIX_NAMES))

/**
 * The pieces of a Python that shares its prefix: `/usr`, `/usr/local`, `~/.local`, `/opt/homebrew`.
 */
const piecesOf = (context: ResolveContext, prefix: Place, library: AbsolutePath): Findings[] => {
  const root = prefix.walked.real
  const name = nameOf(library)
  const paths = [
    ...LIBRARIES.map((lib) => join(root, `${lib}/${name}`)),
    // Debian keeps the packages of all its Pythons in lib/python3/dist-packages, and local ones in
    // /usr/local.
    join(root, 'lib/python3'),
    ...(root === '/usr' ? [join(absolute('/usr/local/lib'), name)] : []),
  ].filter((path) => isThere(context, path, 'directory'))
  const shared = (context.host.list(join(root, 'lib')) ?? []).filter(
    (entry) => entry.name.startsWith(`lib${name}`) && /\.(?:so|dylib)/.test(entry.name),
  )
  const places = [
    ...paths.map((path) =>
      placeAt(context, path, prefix.chain, `of which it needs ${show(context, path)}`),
    ),
    ...(isSystem(context, root) ? [] : shared).map((entry) =>
      placeAt(
        context,
        join(root, `lib/${entry.name}`),
        prefix.chain,
        `of which it loads lib/${entry.name}`,
      ),
    ),
  ]
  const reads = new Map(places.map((place) => [place.walked.real, place]))
  return [...reads.values()].map((place) =>
    treePart(context, 'python', place, place.walked.kind === 'directory' ? 'tree' : 'library'),
  )
}

/** The binary in `bin` of a framework build starts a second one. */
const framework = (context: ResolveContext, interpreter: Place, prefix: AbsolutePath): Findings => {
  const app = join(prefix, 'Resources/Python.app/Contents/MacOS/Python')
  if (!interpreter.walked.real.includes('.framework/Versions/') || !isThere(context, app, 'file'))
    return findings('python')
  const place = placeAt(
    context,
    app,
    interpreter.chain,
    `it is a framework build, which starts ${show(context, app)}`,
  )
  return findings('python', { executables: [partOf('interpreter', place)], hops: hopsOf(place) })
}

const appleShim = (context: ResolveContext, interpreter: Place): Findings => {
  const message = `${show(context, interpreter.walked.real)} is Apple's stand-in: it starts the Python of the command line tools, which is found at run time`
  return findings('python', {
    hops: hopsOf(interpreter),
    notices: [noticeOf('warning', 'apple-shim', message, interpreter.chain)],
  })
}
