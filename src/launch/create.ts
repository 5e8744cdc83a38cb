import fs from 'node:fs'
import { LauncherError } from '../errors.ts'
import type { EntryKind } from '../policy/model.ts'
import type { AbsolutePath } from '../policy/paths.ts'

/** Makes what a profile lists under `create` and is absent: directories 0700, files 0600, never through a link that was put there meanwhile. */
export const makeCreated = (entries: readonly { readonly path: AbsolutePath; readonly kind: EntryKind }[]): void => {
  for (const { path, kind } of entries) {
    try {
      if (kind === 'directory') fs.mkdirSync(path, { mode: 0o700, recursive: true })
      else fs.closeSync(fs.openSync(path, fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_WRONLY, 0o600))
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue
      throw new LauncherError('E_STATE', `cannot make ${path}, which the profile lists under create`, { cause: error })
    }
  }
}
