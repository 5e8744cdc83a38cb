import fs from 'node:fs'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import type { Creation } from '../resolve/types.ts'

/** Makes what the run needs and what is absent: directories 0700, files 0600, never through a link that was put there meanwhile. */
export const makeCreated = (entries: readonly Creation[]): void => {
  for (const { path, kind, isOwn, content } of entries) {
    try {
      if (isOwn) makeOwn(path)
      else if (kind === 'directory') fs.mkdirSync(path, { mode: 0o700, recursive: true })
      else fs.writeFileSync(path, content ?? '', { mode: 0o600, flag: 'wx' })
    } catch (error) {
      if (error instanceof LauncherError) throw error
      if (codeOf(error) === 'EEXIST') continue
      throw new LauncherError(
        'E_STATE',
        `cannot make ${path}, ${isOwn ? 'which holds the caches of this project' : 'which the profile lists under create'}`,
        { cause: error },
      )
    }
  }
}

/** A directory that is the user's own and closed to others, whoever made it: looked at through a descriptor, so that no link is followed and nothing changes between the look and the answer. */
const makeOwn = (path: AbsolutePath): void => {
  try {
    fs.mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  let fd: number
  try {
    fd = fs.openSync(
      path,
      fs.constants.O_RDONLY | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW,
    )
  } catch (cause) {
    throw strange(path, 'is a link, or not a directory that can be opened', cause)
  }
  try {
    const { uid, mode } = fs.fstatSync(fd)
    if (uid !== process.getuid?.()) throw strange(path, `belongs to another user (uid ${uid})`)
    if ((mode & 0o022) !== 0)
      throw strange(path, `can be written by others (mode ${(mode & 0o7777).toString(8)})`)
    if ((mode & 0o077) !== 0) fs.fchmodSync(fd, 0o700)
  } finally {
    fs.closeSync(fd)
  }
}

const strange = (path: AbsolutePath, why: string, cause?: unknown): LauncherError =>
  new LauncherError('E_STATE', `${path} ${why}, so it cannot hold the caches of this project`, {
    cause,
    hint: 'move it away: launcher makes a new one',
  })

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
