import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { LauncherError } from '../../errors.ts'
import { removeQuietly, writeNew } from './private-file.ts'

/**
 * Makes a file of the user's alone, whole or not at all, and its directories. Throws E_CONFIG when
 * something has that name by now, a link included.
 */
export const createFile = (file: string, text: string): void => {
  const directory = path.dirname(file)
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  const draft = path.join(
    directory,
    `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`,
  )
  try {
    writeNew(draft, text, { isDurable: true })
    // A rename would replace what appeared meanwhile; a link does not.
    fs.linkSync(draft, file)
  } catch (error) {
    throw new LauncherError('E_CONFIG', `${file} cannot be made`, {
      cause: error,
      hint: 'if it is there by now, run the command again',
    })
  } finally {
    removeQuietly(draft)
  }
}
