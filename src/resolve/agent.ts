import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, isWithin } from '../machine/paths.ts'
import type { Walker } from '../machine/walk.ts'
import type { Policy } from '../policy/model.ts'
import type { Expander } from './expand.ts'
import { resolveTarget } from './target.ts'
import type { Target } from './types.ts'

export interface AgentInput {
  /** Command first; none where nothing is to be started. */
  readonly words: readonly string[]
  readonly policy: Policy
  readonly host: Host
  readonly project: AbsolutePath
  readonly walk: Walker
  readonly expander: Expander
  /** To explain a profile, its agent need not be installed. */
  readonly mayBeAbsent: boolean
}

/** The target of an agent's words. Throws E_TARGET_*, unless the agent may be absent. */
export const agentTarget = (input: AgentInput): Target | undefined => {
  if (input.words.length === 0) return undefined
  try {
    return findTarget(input)
  } catch (error) {
    if (input.mayBeAbsent && error instanceof LauncherError && error.exit !== 125) return undefined
    throw error
  }
}

const findTarget = ({ words, policy, host, project, walk, expander }: AgentInput): Target => {
  // What a person granted may hold what resolution alone would refuse to open: uv's cache, for uvx.
  const own = policy.grants.filter(
    ({ access, origin }) =>
      access !== 'none' &&
      (origin.strength === 'user' ||
        origin.strength === 'user-config' ||
        origin.strength === 'flag'),
  )
  const roots = own.flatMap(({ path, origin }) =>
    expander.all(path, origin).map((one) => walk(one).real),
  )
  return resolveTarget(host, words[0] ?? '', {
    searchPath: (host.env['PATH'] ?? '').split(':'),
    project,
    cwd: host.cwd,
    platform: host.platform,
    walk,
    args: words.slice(1),
    isGranted: (path) => roots.some((root) => isWithin(path, root)),
  })
}
