import type { Decider } from '../../policy/decide.ts'
import type { Decision, Operation } from '../../policy/model.ts'
import { type AbsolutePath, isAbsolutePath, join, nameOf, parentOf } from '../../machine/paths.ts'
import { type Facts, type Followed, followAny } from './facts.ts'
import type { Denial } from './model.ts'

/** A call that the kernel refused, as a collector saw it. */
export interface RefusedCall {
  readonly operation: Operation
  readonly kind: 'path' | 'address'
  /** Absolute, as the program wrote it, or `host:port`. */
  readonly path: string
  readonly creates: boolean
  readonly error: string
  readonly program: string
  readonly pid: number
  readonly at: number
}

/** What the policy says of a refused call; the entry that refused it. */
export interface Verdict {
  readonly operation: Operation
  readonly path: AbsolutePath
  readonly decision: Decision
  readonly wouldWork: boolean
  readonly because: string
}

/** Operations on the name itself: a link at the end is not followed. */
const ON_NAME: ReadonlySet<Operation> = new Set([
  'rename-from',
  'rename-to',
  'unlink',
  'mkdir',
  'symlink',
  'link-to',
])
const MAKES: ReadonlySet<Operation> = new Set([
  'create',
  'mkdir',
  'symlink',
  'link-to',
  'rename-to',
  'bind',
])
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'EPERM',
  'EACCES',
])

/**
 * Judges one refused call: the verdict when the sandbox refused it, undefined when something else
 * did (the file is missing, a mode, another program's doing). The policy must deny what the kernel
 * refused, and a name that seems absent must be there outside.
 */
export const judgeRefusal = (
  call: RefusedCall,
  decider: Decider,
  facts: Facts,
): Verdict | undefined => {
  if (call.kind === 'address' || !call.path.startsWith('/')) return undefined
  const followed = placeOf(call, facts)
  const path = followed.real
  if (!isAbsolutePath(path)) return undefined
  const exists = followed.status === 'exists'
  const operation = call.operation === 'create' && exists ? 'write' : call.operation
  if (call.error === 'ENOENT' && !isThere(operation, call, followed, facts)) return undefined
  const decision = decider.decide(operation, path)
  if (!decision.allowed) {
    // The backend's own /proc and /dev are not the host's: an absent name there is just absent.
    if (call.error === 'ENOENT' && isBackends(decision)) return undefined
    return {
      operation,
      path,
      decision,
      wouldWork: wouldWork(operation, path, exists, facts),
      because: decision.because,
    }
  }
  return operation === 'exec' && exists ? needDenied(call.path, decider, facts) : undefined
}

const placeOf = (call: RefusedCall, facts: Facts): Followed => {
  if (!ON_NAME.has(call.operation)) return followAny(facts, call.path)
  const clean = call.path.replace(/\/+$/, '')
  const cut = clean.lastIndexOf('/')
  const parent = followAny(facts, clean.slice(0, cut) || '/')
  const real = join(parent.real, clean.slice(cut + 1))
  const isThere = parent.status === 'exists' && facts.lstat(real) !== undefined
  return { ...parent, real, status: isThere ? 'exists' : 'missing' }
}

/**
 * True when a name that the sandbox calls absent is there outside: itself, or the directory in
 * which it was to be made.
 */
const isThere = (
  operation: Operation,
  call: RefusedCall,
  followed: Followed,
  facts: Facts,
): boolean => {
  if (followed.status === 'exists' || followed.status === 'denied') return true
  const isMade = call.creates || MAKES.has(operation)
  return (
    isMade &&
    followed.status === 'missing' &&
    facts.follow(parentOf(followed.real)).status === 'exists'
  )
}

const isBackends = ({ rule }: Decision): boolean =>
  rule !== undefined && 'provider' in rule && rule.provider !== undefined

/**
 * An executable that may be run fails with the same words when what it needs is hidden: an
 * interpreter, a loader.
 */
const needDenied = (file: string, decider: Decider, facts: Facts): Verdict | undefined => {
  if (!isAbsolutePath(file)) return undefined
  for (const need of facts.needs(file)) {
    for (const { operation, path } of [
      ...need.path.hops.map((hop) => ({ operation: 'stat' as const, path: hop.path })),
      { operation: 'exec' as const, path: need.path.real },
    ]) {
      const decision = decider.decide(operation, path)
      if (!decision.allowed) {
        return {
          operation,
          path,
          decision,
          wouldWork: need.path.status === 'exists',
          because: `${nameOf(file)} needs it (${need.chain.join(', ')}), and ${decision.because}`,
        }
      }
    }
  }
  return undefined
}

const wouldWork = (
  operation: Operation,
  path: AbsolutePath,
  exists: boolean,
  facts: Facts,
): boolean => {
  if (operation === 'stat') return exists
  if (MAKES.has(operation) || ON_NAME.has(operation))
    return facts.canAccess(parentOf(path), 'write')
  if (operation === 'read' || operation === 'list' || operation === 'connect')
    return facts.canAccess(path, 'read')
  if (operation === 'exec') return facts.canAccess(path, 'execute')
  return facts.canAccess(path, 'write')
}

/**
 * A refused call to a network address as a denial: a namespace without a network has no way there.
 * Loopback that nobody listens on is no denial.
 */
export const addressDenial = (
  call: RefusedCall,
  network: string,
): Pick<Denial, 'because'> | undefined =>
  call.kind === 'address' && network !== 'host' && UNREACHABLE.has(call.error)
    ? { because: `the network mode is ${network}: there is no direct way out` }
    : undefined
