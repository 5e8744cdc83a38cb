import { otherHand, otherOwner } from '../machine/ownership.ts'
import { type ErrorCode, LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host, Stat } from '../machine/host.ts'
import { type AbsolutePath, join, parentOf } from '../machine/paths.ts'
import { ownPlaces } from '../machine/places.ts'
import { walkPath } from '../machine/walk.ts'
import { tomlNames } from './builtin.ts'
import type { Builtins } from './model.ts'
import { canonicalName } from './names.ts'
import { profileNameProblem } from './values.ts'

/** Folder of the user's own files. */
export const configFolder = (host: Host): AbsolutePath => ownPlaces(host).configuration

/** The user's profiles: canonical name to file. */
export const userProfileFiles = (
  host: Host,
  builtins: Builtins,
): ReadonlyMap<string, AbsolutePath> => {
  const folder = join(configFolder(host), 'profiles')
  const files = new Map<string, AbsolutePath>()
  for (const name of tomlNames(host, folder)) {
    const file = join(folder, `${name}.toml`)
    if (profileNameProblem(name) !== undefined) {
      throw new LauncherError('E_CONFIG', `${file} cannot be named on a command line.`, {
        hint: 'Names begin with a letter or digit and hold letters, digits, `.`, `_` and `-`.',
      })
    }
    const canonical = canonicalName(name, builtins)
    const other = files.get(canonical)
    if (other !== undefined)
      throw new LauncherError('E_CONFIG', `${other} and ${file} are the same profile.`, {
        hint: 'Keep one of the two.',
      })
    files.set(canonical, file)
  }
  return files
}

/**
 * Text of a file that decides what an agent may do; undefined when it is absent. Whoever else could
 * write it could lift a protection, so it must be the user's or root's, and nobody else's to write.
 */
export const readOwnFile = (
  host: Host,
  file: AbsolutePath,
  code: ErrorCode = 'E_CONFIG',
): string | undefined => {
  const read = host.read(file, MAX_READ)
  if (!read.ok && read.failure === 'missing') {
    if (host.lstat(file) === undefined) return undefined
    throw new LauncherError(code, `${file} is a link that leads nowhere.`, {
      hint: 'Remove the link or restore what it names.',
    })
  }
  const { real } = walkPath(host, file)
  const stat = host.lstat(real)
  if (stat === undefined || stat === 'denied')
    throw new LauncherError(code, `${file} cannot be read.`, { hint: 'Check its owner and mode.' })
  refuseForeign(host, file, real, stat, code)
  const folder = parentOf(real)
  const parent = host.lstat(folder)
  if (parent !== undefined && parent !== 'denied' && (parent.mode & 0o1000) === 0)
    refuseForeign(host, folder, folder, parent, code)
  if (!read.ok) {
    const reason = {
      missing: 'is absent',
      denied: 'cannot be read',
      'too-large': 'is larger than 1 MiB',
      'not-a-file': 'is not a regular file',
      other: 'cannot be read',
    }[read.failure]
    throw new LauncherError(code, `${file} ${reason}.`, {
      hint: 'Nothing is started with a profile that cannot be read.',
    })
  }
  const text = decodeText(read.bytes)
  if (text === undefined)
    throw new LauncherError(code, `${file} is not valid UTF-8.`, { hint: 'Save it as UTF-8.' })
  return text
}

const refuseForeign = (
  host: Host,
  shown: string,
  real: string,
  stat: Stat,
  code: ErrorCode,
): void => {
  const other = otherHand(stat, [host.uid, 0])
  if (other === undefined) return
  const name = shown === real ? shown : `${shown} (${real})`
  throw new LauncherError(code, `${name} ${other}, who could widen any policy through it.`, {
    hint: otherOwner(stat, [host.uid, 0])
      ? `Take it over: chown ${host.uid} ${real}`
      : `chmod go-w ${real}`,
  })
}

/** One byte more than a document may have, so that the parser names the limit. */
const MAX_READ = (1 << 20) + 1
