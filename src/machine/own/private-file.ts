import fs from 'node:fs'
import { LauncherError } from '../../errors.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = fs.constants

/** How a new file differs from one of the user's alone (0600). */
export interface NewFile {
  readonly mode?: number
  /** Owner and bits of a file that it takes the place of; numbers as the system gives them. */
  readonly like?: { readonly uid: bigint; readonly gid: bigint; readonly mode: bigint }
  /**
   * The content is on the disk before the call returns, so that a power cut leaves no empty file.
   */
  readonly isDurable?: boolean
}

/**
 * Writes a file that is not there yet, never through a link; a failure leaves nothing. Throws what
 * the system says, EEXIST above all.
 */
export const writeNew = (file: string, text: string, options: NewFile = {}): void => {
  const { mode = 0o600, like, isDurable = false } = options
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode)
  try {
    fs.writeFileSync(fd, text)
    if (like) {
      if (Number(like.uid) !== process.getuid?.() || Number(like.gid) !== process.getgid?.())
        fs.fchownSync(fd, Number(like.uid), Number(like.gid))
      fs.fchmodSync(fd, Number(like.mode) & 0o7777)
    }
    if (isDurable) fs.fsyncSync(fd)
  } catch (error) {
    fs.rmSync(file, { force: true })
    throw error
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Puts a file of the user's alone at a name in one step: there is the old content or the whole new
 * one. `draft` is a name beside it.
 */
export const putPrivate = (file: string, text: string, draft: string): void => {
  try {
    writeNew(draft, text)
    fs.renameSync(draft, file)
  } catch (error) {
    removeQuietly(draft)
    throw error
  }
}

/**
 * Adds a line to a file of the user's alone, which is made when it is not there; never through a
 * link.
 */
export const appendPrivate = (file: string, line: string): void => {
  const fd = fs.openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_APPEND, 0o600)
  try {
    fs.writeSync(fd, `${line}\n`)
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * The text of a file of the user's own, at most `limit` bytes of it; undefined when there is none.
 * Throws E_STATE for a link, for what is no plain file, and for what somebody else owns.
 */
export const readPrivate = (file: string, limit: number, hint: string): string | undefined => {
  const refuse = (why: string, cause?: unknown): LauncherError =>
    new LauncherError('E_STATE', `${file} ${why}`, { cause, hint })
  let fd: number
  try {
    // Without waiting: a named pipe in its place would hold the start for ever.
    fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw refuse('cannot be read', error)
  }
  try {
    const stat = fs.fstatSync(fd)
    if (!stat.isFile() || stat.uid !== process.getuid?.())
      throw refuse('is not a plain file of yours')
    return firstBytes(fd, limit).toString('utf8')
  } finally {
    fs.closeSync(fd)
  }
}

/** Never more in memory than was asked for, however large the file is. */
const firstBytes = (fd: number, limit: number): Buffer => {
  const bytes = Buffer.alloc(Math.min(limit, fs.fstatSync(fd).size + 4096))
  let length = 0
  for (;;) {
    const count = fs.readSync(fd, bytes, length, bytes.length - length, null)
    length += count
    if (count === 0 || length === bytes.length) return bytes.subarray(0, length)
  }
}

/**
 * Where nothing can be written there is nothing to take away, and the failure that led here matters
 * more.
 */
export const removeQuietly = (file: string): void => {
  try {
    fs.rmSync(file, { force: true })
  } catch {
    // See above.
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
