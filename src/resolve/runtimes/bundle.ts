import {
  type AbsolutePath,
  ancestorsOf,
  components,
  fromComponents,
  nameOf,
  parentOf,
} from '../../machine/paths.ts'
import {
  findings,
  type Findings,
  isInside,
  type Place,
  placeAt,
  type ResolveContext,
  show,
} from './context.ts'
import { refusalOf, treePart } from './guard.ts'
import { isSystem } from './native.ts'
import { COMMAND_LINE_TOOLS } from './shims/xcode.ts'

/**
 * Names that the Filesystem Hierarchy Standard keeps for the administrator, and prefixes that many
 * programs share.
 */
const SHARED_IN_OPT: ReadonlySet<string> = new Set([
  'bin',
  'doc',
  'etc',
  'homebrew',
  'include',
  'info',
  'lib',
  'lib64',
  'libexec',
  'local',
  'man',
  'sbin',
  'share',
  'src',
  'var',
])

/**
 * `1.2`, `v1.2.3`, `tool-1.2.3-linux-x64`, a date: a directory that one version of one program has
 * to itself.
 */
const VERSION = /^(?:[A-Za-z][\w+@-]*[-_@])?v?\d{1,4}[.-]\d+[\w.+-]*$/

/**
 * What a program that brings its own files is installed as: its application bundle, Apple's command
 * line tools, its directory beneath /opt, or the directory of its version. Nothing for a program on
 * its own.
 */
export const bundleOf = (context: ResolveContext, program: Place): Findings => {
  const root = bundleRoot(context, program.walked.real)
  if (root === undefined || isSystem(context, root) || refusalOf(context, root) !== undefined)
    return findings('native')
  return treePart(
    context,
    'native',
    placeAt(context, root, program.chain, `it belongs to ${show(context, root)}`),
  )
}

const bundleRoot = (context: ResolveContext, file: AbsolutePath): AbsolutePath | undefined => {
  const directory = parentOf(file)
  if (context.platform === 'macos') {
    if (isInside(context, file, COMMAND_LINE_TOOLS)) return COMMAND_LINE_TOOLS
    const app = ancestorsOf(file).find((ancestor) => nameOf(ancestor).endsWith('.app'))
    if (app !== undefined) return app
  }
  const [first, name] = components(file)
  if (
    first === 'opt' &&
    name !== undefined &&
    !SHARED_IN_OPT.has(name) &&
    components(file).length > 2
  )
    return fromComponents(['opt', name])
  const home = nameOf(directory) === 'bin' ? parentOf(directory) : directory
  return VERSION.test(nameOf(home)) ? home : undefined
}
