import { absolute, join, nameOf, parentOf } from '../../../machine/paths.ts'
import { bytesOf } from '../bytes.ts'
import { problemWith } from '../command.ts'
import {
  findings,
  hopsOf,
  merge,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from '../context.ts'
import { refusalOf, treePart } from '../guard.ts'
import { readMach } from '../macho.ts'
import { steppedOver, type Shim } from './shim.ts'

/** The developer directory of a machine without Xcode. */
export const COMMAND_LINE_TOOLS = absolute('/Library/Developer/CommandLineTools')

const SELECTED = absolute('/private/var/db/xcode_select_link')
/** Where libxcselect looks when nothing is selected. */
const DEFAULTS = [absolute('/Applications/Xcode.app/Contents/Developer'), COMMAND_LINE_TOOLS]
/** Directories of programs in a developer directory, in xcrun's order. */
const PROGRAMS = ['usr/bin', 'Toolchains/XcodeDefault.xctoolchain/usr/bin']

/**
 * Apple's `/usr/bin/git`, `python3`, `clang` … start the program of that name in the developer
 * directory; they are told by the library that does it.
 */
export const throughXcode = (context: ResolveContext, shim: Place): Shim | undefined => {
  const { real } = shim.walked
  if (context.platform !== 'macos' || parentOf(real) !== '/usr/bin') return undefined
  if (
    readMach(bytesOf(context.host, real), context.host.arch)?.libraries.includes(
      '/usr/lib/libxcselect.dylib',
    ) !== true
  )
    return undefined
  const developer = developerDirectory(context, shim)
  const support = developer === undefined ? findings('native') : supportOf(context, developer)
  const refusal = developer && refusalOf(context, developer.walked.real)
  const tool =
    developer &&
    PROGRAMS.map((directory) => join(developer.walked.real, `${directory}/${nameOf(real)}`)).find(
      (file) => problemWith(context, file) === undefined,
    )
  if (developer === undefined || tool === undefined || refusal !== undefined) {
    const reason =
      developer === undefined
        ? 'there is no developer directory'
        : refusal === undefined
          ? `${show(context, developer.file)} holds no ${nameOf(real)}`
          : `${show(context, developer.walked.real)} is not used: ${refusal}`
    const message = `${show(context, real)} is Apple's stand-in for a developer tool, and ${reason}: starting it would only open an installer (xcode-select --install, or xcode-select --switch)`
    return {
      place: undefined,
      findings: merge(
        support,
        findings('native', { notices: [noticeOf('warning', 'apple-shim', message, shim.chain)] }),
      ),
    }
  }
  return steppedOver(
    context,
    shim,
    tool,
    `Apple's stand-in for the tool in ${show(context, developer.walked.real)}`,
    support,
  )
}

const developerDirectory = (context: ResolveContext, shim: Place): Place | undefined => {
  const selected = placeAt(
    context,
    SELECTED,
    shim.chain,
    `the developer directory is what ${SELECTED} names`,
  )
  if (selected.walked.status !== 'missing')
    return selected.walked.kind === 'directory' ? selected : undefined
  const file = DEFAULTS.find((path) => context.walk(path).kind === 'directory')
  return (
    file && placeAt(context, file, shim.chain, `the developer directory is ${show(context, file)}`)
  )
}

/**
 * The link that selects and the directory that is selected: the stand-in reads both, and its tools
 * find each other in the directory.
 */
const supportOf = (context: ResolveContext, developer: Place): Findings =>
  merge(findings('native', { hops: hopsOf(developer) }), treePart(context, 'native', developer))
