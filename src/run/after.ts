import type { AbsolutePath } from '../machine/paths.ts'
import { afterText } from '../report/after.ts'
import { gitTraps, newProtectedNames } from '../resolve/after.ts'
import type { RunContext } from './context.ts'
import type { Prepared } from './prepare.ts'

/** Looks at what the host will run by itself, before a run; the answer tells after it what has come since. */
export const watchNames = (
  { policy, resolution, place }: Prepared,
  context: RunContext,
): (() => void) => {
  const { host } = context
  const before: ReadonlySet<AbsolutePath> = new Set(
    gitTraps(resolution, host).map(({ path }) => path),
  )
  return () => {
    const traps = gitTraps(resolution, host).filter(({ path }) => !before.has(path))
    const names = newProtectedNames(policy, resolution, host, place.tmp)
    context.err(afterText([...traps, ...names], host.home))
  }
}
