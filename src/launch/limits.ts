import { writeNew } from '../machine/own/private-file.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'

/**
 * Puts what the agent is told of its limits into the run's private directory, which is fresh and
 * closed to others.
 */
export const writeLimits = (tmp: AbsolutePath, name: string, text: string): void =>
  writeNew(join(tmp, name), text)
