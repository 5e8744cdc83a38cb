import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, parentOf, toAbsolutePath } from '../machine/paths.ts'
import type { Walker } from '../machine/walk.ts'
import type { Hop } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'

/**
 * The agent sees HOME and the working directory as the user spells them: links in those spellings
 * are passed.
 */
export const spelledHops = (
  host: Host,
  request: Request,
  walk: Walker,
  project: AbsolutePath,
): Hop[] => {
  const spelled = [
    { name: 'HOME', text: host.env['HOME'], real: host.home },
    {
      name: 'PWD',
      text: request.project === undefined ? host.env['PWD'] : undefined,
      real: project,
    },
  ]
  return spelled.flatMap(({ name, text, real }) => {
    const path = text === undefined ? undefined : toAbsolutePath(text)
    const walked = path === undefined ? undefined : walk(path)
    if (walked?.real !== real) return []
    return walked.hops.map(
      (hop): Hop => ({
        ...hop,
        origin: {
          strength: 'derived',
          file: 'resolution',
          key: name,
          because: `a link on the way to $${name} as you spell it`,
        },
      }),
    )
  })
}

/** One hop for each link, outermost first; a link that moved during resolution is caught here. */
export const uniqueHops = (hops: readonly Hop[], walk: Walker): Hop[] => {
  const byPath = new Map<AbsolutePath, Hop>()
  for (const hop of hops) {
    const other = byPath.get(hop.path)
    if (other && other.target !== hop.target) {
      throw new LauncherError(
        'E_PATH',
        `${hop.path} changed while it was looked at (${other.target}, then ${hop.target})`,
        { hint: 'start again when nothing is changing it' },
      )
    }
    if (!other && walk(parentOf(hop.path)).real === parentOf(hop.path)) byPath.set(hop.path, hop)
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
