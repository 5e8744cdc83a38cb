import fs from 'node:fs'
import path from 'node:path'
import type { AbsolutePath } from '../machine/paths.ts'

/** Puts what the agent is told of its limits into the run's private directory, which is fresh and closed to others. */
export const writeLimits = (tmp: AbsolutePath, name: string, text: string): void =>
  fs.writeFileSync(path.join(tmp, name), text, { mode: 0o600, flag: 'wx' })
