import { LauncherError } from '../errors.ts'
import type { Host } from '../machine/host.ts'
import type { NetworkMode, Origin, Sourced } from '../policy/model.ts'
import type { Request } from '../policy/request.ts'
import type { Profile } from './model.ts'
import { physical } from '../machine/physical.ts'
import { createWalker } from '../machine/walk.ts'
import { HOST_FORMS, hostProblem } from '../policy/host-pattern.ts'
import { hostEntries } from './host-entries.ts'
import { pathProblem, variableProblem, variableValueProblem } from './values.ts'

/**
 * The command line's flags as one more layer, the strongest. `mode` is what the other layers say.
 */
export const flagLayer = (request: Request, host: Host, mode: NetworkMode): Profile => {
  const path = (text: string, flag: string): Sourced<string> =>
    sourced(flagPath(text, flag, host), flag)
  return {
    file: 'command line',
    strength: 'flag',
    args: [],
    extends: [],
    replace: false,
    features: [],
    grants: request.grants.map(({ path: text, access }) => ({
      path: flagPath(text, `--${access}`, host),
      access,
      origin: flagOrigin(`--${access}`),
    })),
    create: [],
    seeds: new Map(),
    protections: [],
    agentState: [],
    own: [],
    absent: new Map(),
    lifts: request.lifts.map((text) => path(text, '--lift')),
    connect: request.connect.map((text) => path(text, '--connect')),
    bind: [],
    network: networkFlags(request, mode),
    environment: environmentFlags(request),
    caches: new Map(),
  }
}

const networkFlags = (request: Request, mode: NetworkMode): Profile['network'] => {
  for (const name of request.hosts) {
    const problem = hostProblem(name)
    if (problem !== undefined)
      throw new LauncherError('E_USAGE', `--allow-host ${name} ${problem}.`, { hint: HOST_FORMS })
  }
  const { hosts, loopback } = hostEntries(
    request.hosts.map((name) => sourced(name, '--allow-host')),
  )
  if (hosts.length > 0 && request.network === 'none') {
    throw new LauncherError('E_USAGE', '--network none and --allow-host contradict each other.', {
      hint: 'Leave one of the two out.',
    })
  }
  // A host that is named must be reachable: with `none` in force the flag would do nothing and say
  // nothing.
  const raised =
    hosts.length > 0 && mode === 'none'
      ? sourced<NetworkMode>('allowlist', '--allow-host')
      : undefined
  const chosen = request.network === undefined ? raised : sourced(request.network, '--network')
  return {
    ...(chosen && { mode: chosen }),
    hosts,
    registries: [],
    loopback,
    listen: request.listen.map((port) => sourced(port, '--listen')),
  }
}

const environmentFlags = (request: Request): Profile['environment'] => {
  for (const { name, value } of request.env) {
    const problem =
      variableProblem(name, false) ??
      (value === undefined ? undefined : variableValueProblem(value))
    if (problem !== undefined)
      throw new LauncherError('E_ENVIRONMENT', `--env ${name} ${problem}.`, {
        hint: 'Set it inside, in the project\u2019s own start-up, if the agent needs it.',
      })
  }
  return {
    pass: request.env
      .filter(({ value }) => value === undefined)
      .map(({ name }) => sourced(name, '--env')),
    set: new Map(
      request.env.flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, sourced(value, '--env')] as const],
      ),
    ),
    setOn: [],
    from: new Map(),
    drop: [],
  }
}

/**
 * A flag's path: `~` and `$VAR` as in a profile, anything else relative to the working directory,
 * with `..` resolved as the kernel does.
 */
const flagPath = (text: string, flag: string, host: Host): string => {
  const isLiteral = !/^(~(\/|$)|\$)/.test(text)
  const path = (isLiteral && physical(createWalker(host), host.cwd, text)) || text
  const problem = pathProblem(path)
  if (problem !== undefined)
    throw new LauncherError('E_USAGE', `${flag} ${JSON.stringify(text)} ${problem}.`, {
      hint: `Form: ${flag} PATH.`,
    })
  return path
}

const flagOrigin = (flag: string): Origin => ({ strength: 'flag', file: flag, key: flag })
const sourced = <T>(value: T, flag: string): Sourced<T> => ({ value, origin: flagOrigin(flag) })
