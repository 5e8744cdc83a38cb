import { compilePolicy, type Decider } from '../policy/decide.ts'
import type { Operation, Protection, ResolvedPolicy } from '../policy/model.ts'
import {
  type AbsolutePath,
  ancestorsOf,
  isWithin,
  join,
  nameOf,
  parentOf,
} from '../machine/paths.ts'

/** What the probe does; the words are those of `shell/verify-probe.cjs`. */
type Deed =
  | 'read'
  | 'list'
  | 'write'
  | 'make'
  | 'mkdir'
  | 'rename'
  | 'link'
  | 'through a link'
  | 'exec'
  | 'connect'
  | 'tcp'
  | 'udp'
  | 'signal'
  | 'peek'
  | 'environment'
  | 'inject'

/** What the probe is told: the deed and what it is done to. */
interface Trial {
  readonly deed: Deed
  readonly path?: AbsolutePath | string
  readonly to?: AbsolutePath
  readonly host?: string
  readonly port?: number
  readonly pid?: number
  /**
   * When that process was started, as /proc tells it: in another namespace the number may be
   * somebody else's.
   */
  readonly started?: string
  readonly name?: string
}

/** One thing that is tried inside the sandbox and, as a control, outside of it. */
export interface Attempt {
  /** As a person reads it. */
  readonly what: string
  readonly inside: Trial
  /** The same outside; something planted where doing it to the real thing would leave a mark. */
  readonly control: Trial
  readonly expected: 'allowed' | 'denied'
  /** What decided: the entry of the policy, or what launcher always does. */
  readonly because: string
}

/** What was planted for the attempts, all of it marked and taken away afterwards. */
export interface Ground {
  /**
   * A directory outside every grant with `secret`, `program`, `directory/` and the listening
   * `socket`.
   */
  readonly canary: AbsolutePath
  /** A file of the project that is there outside; undefined where none could be made. */
  readonly here: AbsolutePath | undefined
  /** Name of an abstract socket that somebody outside listens on; Linux only. */
  readonly abstract: string | undefined
  /** Loopback addresses with somebody outside who listens. */
  readonly listening: readonly { readonly host: string; readonly port: number }[]
  /** The same for datagrams; whoever is there answers each. */
  readonly answering: readonly { readonly host: string; readonly port: number }[]
  /** A process of the user's outside. */
  readonly process: { readonly pid: number; readonly started?: string }
  /** A variable that is set outside. */
  readonly variable: string
  /** Names beginning so are ours. */
  readonly mark: string
  /** True for what the user may write. */
  readonly isWritable: (path: AbsolutePath) => boolean
  readonly kindOf: (path: AbsolutePath) => 'file' | 'directory' | 'other' | undefined
}

/** Protections of one kind that are tried, one by one: more say nothing new. */
const MOST = 60

/**
 * Everything that must fail and everything that must work under a policy; what is expected of a
 * path is what `decide()` says.
 */
export const attemptsFor = (policy: ResolvedPolicy, ground: Ground): Attempt[] => {
  const decider = compilePolicy(policy)
  const ask = askWith(decider)
  const { canary, mark } = ground
  const { project, home } = policy
  const secret = join(canary, 'secret')
  const marked = (directory: AbsolutePath, suffix = ''): AbsolutePath =>
    join(directory, `${mark}${suffix}`)
  const network = policy.network.mode.value
  const reached = (what: string, trial: Trial): Attempt =>
    always(what, trial, network === 'host' ? 'allowed' : 'denied', `network mode ${network}`)
  const own = decider.decide('create', marked(project)).allowed
  return [
    ask('read', 'read a file outside', { deed: 'read', path: secret }),
    ask('list', 'list a directory outside', { deed: 'list', path: canary }),
    ask('write', 'write a file outside', { deed: 'write', path: secret }),
    ask('exec', 'start a program outside', { deed: 'exec', path: join(canary, 'program') }),
    ask('connect', 'connect to a unix socket outside', {
      deed: 'connect',
      path: join(canary, 'socket'),
    }),
    ...[home, parentOf(project), join(canary, 'directory')]
      .filter(
        (path, index, all) =>
          all.indexOf(path) === index && path !== project && ground.isWritable(path),
      )
      .map((path) => ask('create', `make a file in ${path}`, { deed: 'make', path: marked(path) })),
    ...policy.protections
      .filter((one) => one.kind === 'hidden' && one.exists)
      .slice(0, MOST)
      .flatMap((one) => hidden(one, ground, ask)),
    ...policy.protections
      .filter((one) => one.kind === 'read_only' && one.exists)
      .slice(0, MOST)
      .flatMap((one) => readOnly(one, ground, ask, marked)),
    ...policy.protections
      .filter((one) => !one.exists && ground.isWritable(parentOf(one.path)))
      .slice(0, MOST)
      .flatMap((one) => absent(one, ground, ask, marked)),
    ...movable(decider)
      .slice(0, MOST)
      .map((path) =>
        ask(
          'rename-from',
          `move ${path} away`,
          { deed: 'rename', path, to: marked(project, '-moved') },
          { deed: 'rename', path: join(canary, 'directory'), to: join(canary, 'moved') },
        ),
      ),
    ...(own
      ? [
          ask(
            'link-from',
            'make a hard link to a file outside',
            { deed: 'link', path: secret, to: marked(project, '-link') },
            { deed: 'link', path: secret, to: join(canary, 'link') },
          ),
          ask(
            'read',
            'read a file outside through a link',
            { deed: 'through a link', path: secret, to: marked(project, '-symlink') },
            { deed: 'through a link', path: secret, to: join(canary, 'symlink') },
          ),
        ]
      : []),
    ...ground.listening.map((place) =>
      reached(`connect to ${addressOf(place)}, a service of this machine`, {
        deed: 'tcp',
        ...place,
      }),
    ),
    ...ground.answering.map((place) =>
      reached(`send a datagram to ${addressOf(place)}`, { deed: 'udp', ...place }),
    ),
    ...(ground.abstract === undefined
      ? []
      : [reached('connect to an abstract socket', { deed: 'connect', path: ground.abstract })]),
    always(
      'signal a process outside',
      { deed: 'signal', ...ground.process },
      'denied',
      'no process outside is in reach',
    ),
    always(
      'see a variable that no profile passes',
      { deed: 'environment', name: ground.variable },
      'denied',
      'the environment is rebuilt from a list',
    ),
    ...(policy.platform === 'linux'
      ? [
          always(
            'see that variable in the environment of a process outside',
            { deed: 'peek', name: ground.variable },
            'denied',
            'no process outside is in reach',
          ),
        ]
      : []),
    always('type into the terminal', { deed: 'inject' }, 'denied', 'terminal injection is refused'),
    ...policy.sockets.masked
      .slice(0, MOST)
      .map(({ path }) =>
        ask(
          'connect',
          `connect to ${path}`,
          { deed: 'connect', path },
          { deed: 'connect', path: join(canary, 'socket') },
        ),
      ),
    ...(ground.here === undefined
      ? []
      : [
          ask('read', 'see a file that was put into the project', {
            deed: 'read',
            path: ground.here,
          }),
        ]),
    ask('create', 'make a file in the project', { deed: 'make', path: marked(project) }),
  ]
}

/**
 * Protected names in the project, and the directories that lead to them: moved away, another would
 * take their place. What may be moved stays where it is.
 */
const movable = ({ decide, index: { policy } }: Decider): AbsolutePath[] => {
  const { protections, project } = policy
  const held = protections
    .filter(({ exists, path }) => exists && path !== project && isWithin(path, project))
    .map(({ path }) => path)
  const all = new Set(
    held.flatMap((path) => [
      path,
      ...ancestorsOf(path).filter((above) => above !== project && isWithin(above, project)),
    ]),
  )
  return [...all].filter((path) => !decide('rename-from', path).allowed)
}

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

type Ask = (
  operation: Operation,
  what: string,
  inside: Trial & { readonly path: AbsolutePath },
  control?: Trial,
) => Attempt

const askWith =
  (decider: Decider): Ask =>
  (operation, what, inside, control = inside) => {
    const { allowed, because } = decider.decide(operation, inside.path)
    return { what, inside, control, expected: allowed ? 'allowed' : 'denied', because }
  }

const always = (
  what: string,
  trial: Trial,
  expected: Attempt['expected'],
  because: string,
): Attempt => ({ what, inside: trial, control: trial, expected, because })

const hidden = ({ path }: Protection, ground: Ground, ask: Ask): Attempt[] => {
  const kind = ground.kindOf(path)
  if (kind === 'directory') return [ask('list', `list ${path}`, { deed: 'list', path })]
  return kind === 'file' ? [ask('read', `read ${path}`, { deed: 'read', path })] : []
}

const readOnly = (
  { path }: Protection,
  ground: Ground,
  ask: Ask,
  marked: (directory: AbsolutePath) => AbsolutePath,
): Attempt[] => {
  const kind = ground.kindOf(path)
  if (!ground.isWritable(path) || nameOf(path) === '') return []
  if (kind === 'directory')
    return [ask('create', `make a file in ${path}`, { deed: 'make', path: marked(path) })]
  return kind === 'file' ? [ask('write', `write ${path}`, { deed: 'write', path })] : []
}

/** A name that is held can neither be made nor filled. */
const absent = (
  { path }: Protection,
  { canary, mark }: Ground,
  ask: Ask,
  marked: (directory: AbsolutePath) => AbsolutePath,
): Attempt[] => [
  ask(
    'mkdir',
    `make ${path}`,
    { deed: 'mkdir', path },
    { deed: 'mkdir', path: marked(parentOf(path)) },
  ),
  ask(
    'create',
    `make a file in ${path}`,
    { deed: 'make', path: join(path, mark) },
    { deed: 'make', path: join(canary, `directory/${mark}`) },
  ),
]
