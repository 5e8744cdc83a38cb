import { join, type AbsolutePath } from '../../machine/paths.ts'
import {
  findings,
  isInside,
  merge,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { kegOf, kegOfLibrary } from './homebrew.ts'
import { nativeLibraries } from './native.ts'

/** CPython has about 80. */
const MAX_MODULES = 256

/**
 * Libraries that the standard library's own extension modules load from outside the installation: a
 * Python that was built on a Mac (pyenv) links Homebrew's OpenSSL, readline and xz. Elsewhere they
 * link the system's, which every sandbox can read, so that nothing is opened.
 */
export const extensionLibraries = (
  context: ResolveContext,
  interpreter: Place,
  library: AbsolutePath,
  prefix: AbsolutePath,
): Findings => {
  if (context.platform !== 'macos' && kegOf(interpreter.walked.real) === undefined)
    return findings('python')
  const directory = join(library, 'lib-dynload')
  const modules = (context.host.list(directory) ?? [])
    .filter(({ name, type }) => type === 'file' && name.endsWith('.so'))
    .slice(0, MAX_MODULES)
  return merge(
    findings('python'),
    ...modules.map(({ name }) => {
      const module = placeAt(
        context,
        join(directory, name),
        interpreter.chain,
        `its standard library loads ${show(context, join(directory, name))}`,
      )
      const found = nativeLibraries(context, module)
      const outside = found.reads.filter(
        (part) => part.role === 'library' && !isInside(context, part.path.real, prefix),
      )
      const kegs = outside.map((part) =>
        kegOfLibrary(context, { file: part.path.requested, walked: part.path, chain: part.chain }),
      )
      return merge(findings('python'), { ...found, reads: outside }, ...kegs)
    }),
  )
}
