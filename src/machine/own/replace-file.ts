import fs from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { LauncherError } from '../../errors.ts'
import { removeQuietly, writeNew } from './private-file.ts'

/** A file that was read and shall hold something else. */
export interface Replacement {
  /** Real path: the links that lead there stay as they are. */
  readonly file: string
  /** What was read; the file must still hold it. */
  readonly before: string
  readonly after: string
}

/** Where the old content was kept. */
export interface Replaced {
  readonly backup: string
}

/** What the file system says of a file: all of it must be the same before and after. */
type Identity = Pick<fs.BigIntStats, 'dev' | 'ino' | 'mtimeNs' | 'size' | 'mode' | 'uid' | 'gid'>

/**
 * Puts new content in the place of a file in one step: at every moment the name leads to the whole
 * old or the whole new content, also after a crash. Mode and owner stay; the old content is kept
 * beside it (0600). Throws E_AGENT_CONFIG when the file changed since it was read, or is no file of
 * one name.
 */
export const replaceFile = ({ file, before, after }: Replacement): Replaced => {
  const known = look(file, before)
  const suffix = randomBytes(6).toString('hex')
  const backup = `${file}.launcher-${new Date().toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}-${suffix}.bak`
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.launcher-${suffix}.tmp`)
  try {
    writeNew(backup, before, { isDurable: true })
    writeNew(temporary, after, { like: known, isDurable: true })
    if (!isSame(look(file, before), known)) throw changed(file)
    fs.renameSync(temporary, file)
  } catch (error) {
    for (const one of [temporary, backup]) removeQuietly(one)
    if (error instanceof LauncherError) throw error
    throw new LauncherError(
      'E_AGENT_CONFIG',
      `${file} cannot be replaced (${error instanceof Error ? error.message : String(error)}); nothing was changed`,
      { hint: 'see to the disk and the rights of its folder', cause: error },
    )
  }
  syncDirectory(path.dirname(file))
  return { backup }
}

/** The identity of a regular file that holds what was read. */
const look = (file: string, before: string): Identity => {
  const fd = fs.openSync(
    file,
    fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK,
  )
  try {
    const stat = fs.fstatSync(fd, { bigint: true })
    if (!stat.isFile()) throw new LauncherError('E_AGENT_CONFIG', `${file} is not a regular file`)
    if (stat.nlink > 1n)
      throw new LauncherError(
        'E_AGENT_CONFIG',
        `${file} has ${stat.nlink} names: the others would keep the old content`,
        { hint: 'edit it yourself, or make it one file' },
      )
    if (stat.size > MAX_BYTES || !fs.readFileSync(fd).equals(Buffer.from(before)))
      throw changed(file)
    return stat
  } finally {
    fs.closeSync(fd)
  }
}

const MAX_BYTES = 1n << 20n

const isSame = (a: Identity, b: Identity): boolean =>
  a.dev === b.dev &&
  a.ino === b.ino &&
  a.mtimeNs === b.mtimeNs &&
  a.size === b.size &&
  a.mode === b.mode &&
  a.uid === b.uid &&
  a.gid === b.gid

const changed = (file: string): LauncherError =>
  new LauncherError('E_AGENT_CONFIG', `${file} changed since it was read; nothing was written`, {
    hint: 'run the command again',
  })

/**
 * A rename is lost in a power cut unless the directory is on the disk; some file systems refuse to
 * sync one.
 */
const syncDirectory = (directory: string): void => {
  const fd = fs.openSync(directory, fs.constants.O_RDONLY)
  try {
    fs.fsyncSync(fd)
  } catch {
    // The content is safe either way: the old name or the new one.
  } finally {
    fs.closeSync(fd)
  }
}
