import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import { compilePolicy, type Decider } from '../policy/decide.ts'
import type { Notice, Origin, Policy } from '../policy/model.ts'
import { type AbsolutePath, isWithin } from '../machine/paths.ts'
import type { Request } from '../policy/request.ts'
import { shellWord } from '../text/shell-word.ts'
import { chooseProfile } from '../profile/choose.ts'
import { loadPolicy } from '../profile/load.ts'
import { applyProjectCap } from '../profile/project-cap.ts'
import { createExpander } from '../resolve/expand.ts'
import { resolveProject } from '../resolve/project.ts'
import { resolvePolicy } from '../resolve/resolve.ts'
import { describeChain, firstUnreadable, resolveTarget } from '../resolve/target.ts'
import type { Resolution, Target, TargetPart } from '../resolve/types.ts'
import { createWalker, type Walker, walkPath } from '../machine/walk.ts'
import type { CommandContext } from './context.ts'
import { withRegistries } from './registries.ts'

/** A request taken as far as a resolved policy: what `run`, `explain` and `--dry-run` have in common. */
export interface Prepared {
  readonly request: Request
  /** Name of the profile as shown. */
  readonly profile: string
  /** Why this profile, when it was not named. */
  readonly reason: string | undefined
  readonly policy: Policy
  readonly resolution: Resolution
  /** The agent's words: target first. Empty when there is no command. */
  readonly argv: readonly string[]
  /** The run's private temporary directory, not made yet. */
  readonly runTmp: AbsolutePath
}

/** Profile, policy, project, target, resolution; throws what `run` would refuse. `runTmp` is the private temporary directory to come. */
export const prepare = async (
  request: Request,
  context: CommandContext,
  runTmp: AbsolutePath,
  purpose: 'run' | 'explain' = 'run',
): Promise<Prepared> => {
  const { host, builtins } = context
  const choice = chooseProfile(request, host, builtins)
  const loaded = await loadPolicy(request, host, builtins, choice)
  // One walker for all: a name is asked of the kernel once.
  const walk = createWalker(host)
  const { project, isBroad } = resolveProject(request, host, loaded, {
    walk,
    tolerant: purpose === 'explain',
  })
  const capped = await applyProjectCap(loaded, project, host)
  const words = request.name === undefined ? request.words : commandWords(capped, request, purpose)
  const target =
    words[0] === undefined ? undefined : targetFor(words, capped, host, project, walk, purpose)
  const { policy, resolution } = await withRegistries(
    {
      policy: capped,
      resolution: await resolvePolicy(capped, request, host, {
        project,
        isBroad,
        runTmp,
        walk,
        ...(target ? { target } : {}),
      }),
    },
    host,
  )
  const argv = target ? [target.file, ...words.slice(1)] : []
  return {
    request,
    profile: policy.name,
    reason: request.name === undefined ? choice.reason : undefined,
    policy,
    resolution,
    argv,
    runTmp,
  }
}

const commandWords = (
  policy: Policy,
  request: Request,
  purpose: 'run' | 'explain',
): readonly string[] => {
  if (policy.command === undefined) {
    if (request.words.length > 0 || purpose === 'explain') return request.words
    throw new LauncherError('E_USAGE', `the profile ${policy.name} names no command`, {
      hint: `launcher run --profile ${policy.name} -- COMMAND`,
    })
  }
  return [policy.command, ...policy.args, ...request.words]
}

/** To explain a profile, its agent need not be installed. */
const targetFor = (
  words: readonly string[],
  policy: Policy,
  host: Host,
  project: AbsolutePath,
  walk: Walker,
  purpose: 'run' | 'explain',
): Target | undefined => {
  try {
    return findTarget(words, policy, host, project, walk)
  } catch (error) {
    if (purpose === 'explain' && error instanceof LauncherError && error.exit !== 125)
      return undefined
    throw error
  }
}

const findTarget = (
  words: readonly string[],
  policy: Policy,
  host: Host,
  project: AbsolutePath,
  walk: Walker,
): Target => {
  const expander = createExpander(host, { project })
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

/** Everything that must hold before the agent may start; each refusal names the reason and the way out. `audited`: what the agent's own configuration leaves open. */
export const guardStart = (
  prepared: Prepared,
  host: Host,
  audited: readonly Notice[] = [],
): readonly Notice[] => {
  const { resolution, policy } = prepared
  const decider = compilePolicy(resolution.resolved)
  const canRead = (path: AbsolutePath): boolean => decider.decide('read', path).allowed
  guardNetwork(policy)
  const { project } = resolution.resolved
  if (!canRead(project)) {
    const decision = decider.decide('read', project)
    throw new LauncherError(
      'E_PROJECT',
      `the project ${project} cannot be read inside: ${decision.because}`,
      { hint: 'grant it, take that entry away, or start in another directory' },
    )
  }
  const { target } = resolution
  if (target) {
    const blocked = firstUnreadable(target, canRead)
    if (blocked) throw blockedTarget(target, blocked, decider, canRead)
    for (const part of target.executables) {
      if (decider.decide('write', part.path.real).allowed && part.role !== 'executable') {
        throw new LauncherError(
          'E_TARGET_BLOCKED',
          `the agent could rewrite its own ${part.role} ${part.path.real}\n${describeChain(target).join('\n')}`,
          {
            exit: 126,
            hint: 'install the agent outside the project, or run from another directory',
          },
        )
      }
    }
  }
  guardAgentConfig(prepared, host, canRead)
  const notices = [...resolution.resolved.notices, ...audited, ...rootNotice(host)]
  const warnings = notices.filter(({ level }) => level === 'warning')
  if (prepared.request.strict && warnings.length > 0) {
    throw new LauncherError(
      'E_USAGE',
      `--strict: ${warnings.length === 1 ? 'there is a warning' : `there are ${warnings.length} warnings`}\n${warnings.map(({ message }) => message).join('\n')}`,
      {
        hint: 'see to them, or leave out --strict',
      },
    )
  }
  return notices
}

/** bubblewrap hands in the host's own device nodes, and their owner may change their modes without any capability (measured: chmod of /dev/null). */
const rootNotice = (host: Host): Notice[] =>
  host.platform === 'linux' && host.uid === 0
    ? [
        {
          level: 'warning',
          code: 'root',
          message:
            'you are root: the agent could change the modes of device nodes such as /dev/null; an ordinary user is safer',
        },
      ]
    : []

/** Names every program of the chain that cannot be read, and shows the chain to its end: the interpreter is what people look for. */
const blockedTarget = (
  target: Target,
  first: TargetPart,
  decider: Decider,
  canRead: (path: AbsolutePath) => boolean,
): LauncherError => {
  const closed = target.executables.filter((part) => !canRead(part.path.real))
  const last = target.executables.at(-1) ?? first
  const named = [...new Set([first, ...closed].map((part) => `its ${part.role} ${part.path.real}`))]
  const { because } = decider.decide('read', first.path.real)
  return new LauncherError(
    'E_TARGET_BLOCKED',
    `${target.command} cannot start: ${named.join(' and ')} cannot be read inside: ${because}\n${last.chain.join('\n')}\nso its ${last.role} is ${last.path.real}`,
    {
      exit: 126,
      hint: `Take that entry away, or grant what is missing: --read ${shellWord(first.path.real)}`,
    },
  )
}

const guardNetwork = (policy: Policy): void => {
  if (
    policy.network.mode.value === 'none' &&
    policy.network.listen.some((port) => port.origin.strength === 'flag')
  ) {
    throw new LauncherError(
      'E_NETWORK',
      'with the network mode none nothing outside can reach a port of the agent',
      { hint: 'leave out --listen, or add --network host' },
    )
  }
}

/** Vibe on Python 3.14 takes an unreadable config for a missing one and starts on defaults, without its denylists (reference: its own `path.exists`). */
const guardAgentConfig = (
  { policy, resolution }: Prepared,
  host: Host,
  canRead: (path: AbsolutePath) => boolean,
): void => {
  const file = policy.audit?.file
  if (file === undefined) return
  const origin: Origin = { strength: 'builtin', file: policy.name, key: 'audit.file' }
  const { real, status } = walkPath(
    host,
    createExpander(host, { project: resolution.resolved.project }).path(file, origin),
  )
  if (
    status === 'missing' ||
    (status === 'exists' && canRead(real) && host.canAccess(real, 'read'))
  )
    return
  throw new LauncherError(
    'E_AGENT_CONFIG',
    `${file} exists but could not be read inside (it is ${real}): the agent would start on defaults, without your settings`,
    {
      hint: `grant it: --read ${shellWord(real)}`,
    },
  )
}
