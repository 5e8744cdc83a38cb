import { LauncherError } from '../errors.ts'
import { type Facts, factsOf } from '../explain/denials/facts.ts'
import type { Host } from '../machine/host.ts'
import { createWalker } from '../machine/walk.ts'
import { resolveTarget } from '../resolve/target.ts'
import type { Resolution } from '../resolve/types.ts'

/** The host as the joining of denials sees it. */
export const factsFor = ({ resolved, searchPath }: Resolution, host: Host): Facts => {
  const walk = createWalker(host)
  return factsOf(host, walk, (file) => {
    try {
      const target = resolveTarget(host, file, {
        searchPath,
        project: resolved.project,
        cwd: host.cwd,
        platform: host.platform,
        walk,
      })
      return [...target.executables, ...target.reads].map(({ role, path, chain }) => ({
        role,
        path,
        chain,
      }))
    } catch (error) {
      if (error instanceof LauncherError) return []
      throw error
    }
  })
}
