import fs from 'node:fs'
import path from 'node:path'

/** True when a program of this name is on this machine's PATH. */
export const onPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((directory) => {
    try {
      fs.accessSync(path.join(directory, name), fs.constants.X_OK)
      return directory !== ''
    } catch {
      return false
    }
  })
