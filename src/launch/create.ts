import fs from 'node:fs'
import { LauncherError } from '../errors.ts'
import { makePrivateDirectory, type Purpose } from '../machine/own/private-directory.ts'
import { writeNew } from '../machine/own/private-file.ts'
import type { Creation } from '../resolve/types.ts'

/**
 * Makes what the run needs and what is absent: directories 0700, files 0600, never through a link
 * that was put there meanwhile.
 */
export const makeCreated = (entries: readonly Creation[]): void => {
  for (const { path, kind, isOwn, content } of entries) {
    try {
      if (isOwn) makePrivateDirectory(path, CACHES, 'one')
      else if (kind === 'directory') fs.mkdirSync(path, { mode: 0o700, recursive: true })
      else writeNew(path, content ?? '')
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

const CACHES: Purpose = {
  holds: 'the caches of this project',
  hint: 'move it away: launcher makes a new one',
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
