import { LauncherError } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import type { Hop, Notice, Origin, ResolvedPolicy, SocketRule, Sourced } from '../policy/model.ts'
import { type AbsolutePath, parentOf, toAbsolutePath } from '../machine/paths.ts'
import type { Coverage, Covering } from './coverage.ts'
import { atOf, type Expander } from './expand.ts'
import type { Walker } from '../machine/walk.ts'

export interface SocketsInput {
  readonly host: Host
  readonly walk: Walker
  readonly expander: Expander
  readonly connect: readonly Sourced<string>[]
  readonly bind: readonly Sourced<string>[]
  readonly coverage: Coverage<Covering>
  /** Found by the walk of the project and of writable roots. */
  readonly found: readonly AbsolutePath[]
}

export interface ResolvedSockets {
  readonly sockets: ResolvedPolicy['sockets']
  readonly hops: readonly Hop[]
  readonly notices: readonly Notice[]
}

/** Follows the named sockets and lists those under grants that nobody named. */
export const resolveSockets = (input: SocketsInput): ResolvedSockets => {
  const hops: Hop[] = []
  const notices: Notice[] = []
  const connect = input.connect.flatMap((entry) => connectRule(entry, input, hops, notices))
  const bind = input.bind.flatMap((entry) => bindRule(entry, input))
  const granted = new Set([...connect, ...bind].map((rule) => rule.path))
  const masked = existingSockets(input, notices)
    .filter((path) => !granted.has(path) && isGranted(path, input))
    .map(
      (path): SocketRule => ({
        path,
        origin: {
          strength: 'derived',
          file: 'resolution',
          key: 'sockets',
          because: 'this socket was there at the start and no entry of [sockets] names it',
        },
      }),
    )
  return {
    sockets: { connect: sorted(connect), bind: sorted(bind), masked: sorted(masked) },
    hops,
    notices,
  }
}

const connectRule = (
  { value, origin }: Sourced<string>,
  input: SocketsInput,
  hops: Hop[],
  notices: Notice[],
): SocketRule[] => {
  const { walk, host } = input
  const walked = walk(input.expander.path(value, origin))
  const planted = walked.hops.find((hop) => isWritable(parentOf(hop.path), input))
  if (planted && !isWritable(parentOf(walked.real), input)) {
    throw new LauncherError(
      'E_PATH',
      `${value} is not a socket to connect to: ${planted.path} is a link that the agent could change`,
      { ...atOf(origin), hint: `name the socket itself (${walked.real})` },
    )
  }
  const stat = walked.status === 'exists' ? host.lstat(walked.real) : undefined
  if (stat === undefined || stat === 'denied' || stat.type !== 'socket') {
    notices.push({
      level: origin.strength === 'flag' ? 'warning' : 'info',
      code: 'absent',
      message: `${value} is no socket now and is not granted`,
      origin,
    })
    return []
  }
  hops.push(
    ...walked.hops.map(
      ({ path, target }): Hop => ({
        path,
        target,
        origin: { ...origin, because: `a link on the way to the socket ${value}` },
      }),
    ),
  )
  return [{ path: walked.real, origin }]
}

const bindRule = ({ value, origin }: Sourced<string>, input: SocketsInput): SocketRule[] => {
  const { real } = input.walk(input.expander.path(value, origin))
  if (input.host.platform === 'linux' && !isWritable(parentOf(real), input)) {
    throw new LauncherError(
      'E_UNSUPPORTED',
      `a socket cannot be made at ${value}: on Linux its directory must be writable`,
      { ...atOf(origin), hint: `grant ${parentOf(real)} for writing` },
    )
  }
  return [{ path: real, origin }]
}

const isWritable = (directory: AbsolutePath, { coverage }: SocketsInput): boolean =>
  coverage.over(directory)?.access === 'write'

const isGranted = (path: AbsolutePath, { coverage }: SocketsInput): boolean => {
  const over = coverage.over(path)
  return over !== undefined && over.access !== 'none'
}

/**
 * Linux knows every name bound absolutely; the rest, and elsewhere all, the walk of the writable
 * roots is what there is.
 */
const existingSockets = (input: SocketsInput, notices: Notice[]): readonly AbsolutePath[] => {
  const { host, walk } = input
  if (host.platform !== 'linux') return input.found
  const text = procNetUnix(host)
  if (text === undefined) {
    const origin: Origin = {
      strength: 'derived',
      file: 'resolution',
      key: 'sockets',
      because: 'sockets under grants must be masked',
    }
    notices.push({
      level: 'warning',
      code: 'sockets-unknown',
      message: '/proc/net/unix cannot be read: only sockets in writable directories are masked',
      origin,
    })
    return input.found
  }
  // A name bound relative to a directory stands there as it was typed: only the walk finds it.
  const found = new Set<AbsolutePath>(input.found)
  for (const line of text.split('\n')) {
    // Seven columns, then the name as it was bound: it may hold spaces. Abstract names begin with
    // `@`, unnamed ones have none.
    const name = /^(?:\S+\s+){7}(\/.*)$/.exec(line)?.[1]
    const path = name === undefined ? undefined : toAbsolutePath(name)
    if (path === undefined) continue
    const walked = walk(path)
    if (walked.status !== 'exists') continue
    const stat = host.lstat(walked.real)
    if (stat !== undefined && stat !== 'denied' && stat.type === 'socket') found.add(walked.real)
  }
  return [...found]
}

const UNIX_TABLE = '/proc/net/unix'

/** A file of /proc has no size, so a long one is read by `cat`. */
const procNetUnix = (host: Host): string | undefined => {
  const result = host.read(UNIX_TABLE, 1 << 20)
  if (result.ok) return decodeText(result.bytes)
  return result.failure === 'too-large' ? host.run('/bin/cat', [UNIX_TABLE], 2_000) : undefined
}

const sorted = (rules: readonly SocketRule[]): SocketRule[] =>
  [...new Map(rules.map((rule) => [rule.path, rule])).values()].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  )
