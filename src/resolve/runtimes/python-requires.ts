import { join, nameOf, parentOf, type AbsolutePath } from '../../machine/paths.ts'
import { textOf } from './bytes.ts'
import {
  findings,
  noticeOf,
  placeAt,
  show,
  type Findings,
  type Place,
  type ResolveContext,
} from './context.ts'
import { pipxPackage } from './pipx.ts'
import { pythonVersion } from './python-base.ts'
import { siteDirectories } from './site-packages.ts'
import { readReceipt } from './uv-tool.ts'

const METADATA_LIMIT = 1 << 20
const ENTRY_POINTS_LIMIT = 64 * 1024
const MAX_PACKAGES = 256

/**
 * Says when the package that a console script belongs to asks for a newer Python than the one that
 * would run it.
 */
export const pythonRequirement = (
  context: ResolveContext,
  script: Place,
  interpreter: Place,
): Findings => {
  const version = pythonVersion(context, interpreter)
  const root = parentOf(parentOf(script.walked.real))
  if (version === undefined || nameOf(parentOf(script.walked.real)) !== 'bin')
    return findings('script')
  for (const directory of siteDirectories(context, root, version)) {
    const metadata = metadataOf(
      context,
      directory,
      placeAt(context, root, [], ''),
      nameOf(script.walked.real),
    )
    const wanted =
      metadata === undefined
        ? undefined
        : /^Requires-Python:[ \t]*(\S[^\r\n]{0,200})$/im.exec(metadata.text)?.[1]
    if (metadata === undefined || wanted === undefined || !isTooOld(version, wanted)) continue
    const message = `${metadata.name} needs Python ${wanted.trim()}, and ${show(context, interpreter.file)} is Python ${version}`
    return findings('script', {
      notices: [noticeOf('warning', 'python-too-old', message, interpreter.chain)],
    })
  }
  return findings('script')
}

/**
 * True when `version` (`3.9`) is below what a requirement as in `>=3.12, <4` begins with. Only the
 * minor version is compared: patches do not part packages.
 */
export const isTooOld = (version: string, requirement: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return requirement.split(',').some((clause) => {
    const [, operator, first, second] =
      /^\s*(>=|~=|==|===|>)\s*(\d{1,4})(?:\.(\d{1,4}))?/.exec(clause) ?? []
    if (operator === undefined) return false
    return Number(first) > major || (Number(first) === major && Number(second ?? 0) > minor)
  })
}

/**
 * Metadata of the package that installed `command`: its installer's receipt tells which, else the
 * entry points of the packages.
 */
const metadataOf = (
  context: ResolveContext,
  directory: AbsolutePath,
  root: Place,
  command: string,
): { readonly name: string; readonly text: string } | undefined => {
  const packages = (context.host.list(directory) ?? [])
    .filter((entry) => entry.type === 'directory' && entry.name.endsWith('.dist-info'))
    .slice(0, MAX_PACKAGES)
  const name = readReceipt(context, root)?.packages.get(command) ?? pipxPackage(context, root)
  const found =
    name === undefined
      ? packages.find((entry) =>
          hasCommand(
            textOf(
              context.host,
              join(directory, `${entry.name}/entry_points.txt`),
              ENTRY_POINTS_LIMIT,
            ),
            command,
          ),
        )
      : packages.find(
          (entry) => normalised(entry.name.replace(/-[^-]*\.dist-info$/, '')) === normalised(name),
        )
  const text =
    found === undefined
      ? undefined
      : textOf(context.host, join(directory, `${found.name}/METADATA`), METADATA_LIMIT)
  return found === undefined || text === undefined
    ? undefined
    : { name: found.name.replace(/\.dist-info$/, ''), text }
}

const hasCommand = (text: string | undefined, command: string): boolean =>
  text?.includes(command) === true &&
  text.split('\n').some((line) => line.split('=')[0]?.trim() === command && line.includes('='))

/** Names of packages compare without regard to case and to which of `-`, `_`, `.` is written. */
const normalised = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-')
