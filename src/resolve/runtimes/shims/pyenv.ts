import { type AbsolutePath, join, nameOf, toAbsolutePath } from '../../../machine/paths.ts'
import { textOf } from '../bytes.ts'
import { lookUp, problemWith } from '../command.ts'
import {
  findings,
  isThere,
  merge,
  noticeOf,
  placeAt,
  show,
  type Place,
  type ResolveContext,
} from '../context.ts'
import { treePart } from '../guard.ts'
import { type Shim, steppedOver, unknownShim } from './shim.ts'
import {
  installedVersion,
  isVersion,
  upwards,
  VERSION_FILE_LIMIT,
  type Wanted,
} from './versions.ts'

/** pyenv writes its root into the shim; the version is asked for as pyenv asks. */
export const throughPyenv = (
  context: ResolveContext,
  shim: Place,
  text: string,
): Shim | undefined => {
  const root = /^export PYENV_ROOT="(\/[^"$`\\]*)"$/m.exec(text)?.[1]
  return root === undefined ? undefined : throughRoot(context, shim, toAbsolutePath(root))
}

const throughRoot = (
  context: ResolveContext,
  shim: Place,
  root: AbsolutePath | undefined,
): Shim => {
  const name = nameOf(shim.file)
  const wanted = root === undefined ? undefined : pyenvVersions(context, root)
  if (root === undefined || wanted === undefined)
    return unknownShim(context, shim, 'pyenv', `pyenv which ${name}`)
  const says = `${wanted.origin} says ${wanted.versions.join(':')}`
  const support = merge(
    findings('script', {
      notices: [
        noticeOf(
          'info',
          'shim',
          `${show(context, shim.file)} is a shim of pyenv; ${says}`,
          shim.chain,
        ),
      ],
    }),
    ...['libexec', 'pyenv.d', 'plugins', 'version'].map((name) => {
      const part = join(root, name)
      return treePart(
        context,
        'script',
        placeAt(
          context,
          part,
          shim.chain,
          `the shim runs pyenv, which reads ${show(context, part)}`,
        ),
      )
    }),
  )
  for (const wish of wanted.versions) {
    const version = installedVersion(context, join(root, 'versions'), wish)
    const file =
      wish === 'system'
        ? lookUp(context, name, withoutShims(context, root))
        : version === undefined
          ? undefined
          : join(root, `versions/${version}/bin/${name}`)
    if (file === undefined || problemWith(context, file) !== undefined) continue
    return {
      ...steppedOver(
        context,
        shim,
        file,
        `a shim of pyenv, for which ${wanted.origin} names ${wish}`,
      ),
      findings: support,
    }
  }
  return {
    place: undefined,
    findings: merge(support, unknownShim(context, shim, 'pyenv', `pyenv which ${name}`).findings),
  }
}

/** PYENV_VERSION, then `.python-version` in the working directory and above, then the global file: pyenv's own order. */
const pyenvVersions = (context: ResolveContext, root: AbsolutePath): Wanted | undefined => {
  const fromEnvironment = context.host.env['PYENV_VERSION']
  if (fromEnvironment)
    return { versions: fromEnvironment.split(':').filter(isVersion), origin: 'PYENV_VERSION' }
  const file = localFile(context) ?? join(root, 'version')
  const text = textOf(context.host, file, VERSION_FILE_LIMIT)
  // The first word of each line; the rest of it, and lines that begin with #, are remarks.
  const words = text?.split('\n').map((line) => line.trim().split(/\s+/)[0] ?? '')
  return words === undefined
    ? undefined
    : {
        versions: words.filter((word) => word !== '' && isVersion(word)),
        origin: show(context, file),
      }
}

/** PATH as pyenv searches it for `system`: what the machine has without pyenv. */
const withoutShims = (context: ResolveContext, root: AbsolutePath): AbsolutePath[] =>
  context.searchPath.filter(
    (directory) => context.walk(directory).real !== context.walk(join(root, 'shims')).real,
  )

const localFile = (context: ResolveContext): AbsolutePath | undefined =>
  upwards(context)
    .map((directory) => join(directory, '.python-version'))
    .find((file) => isThere(context, file, 'file'))
