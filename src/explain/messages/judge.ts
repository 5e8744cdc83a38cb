import { expandHome } from '../../machine/home.ts'
import type { Stat } from '../../machine/host.ts'
import type { Decider } from '../../policy/decide.ts'
import type { Decision, Operation } from '../../policy/model.ts'
import { type AbsolutePath, isAbsolutePath, isWithin, parentOf } from '../../machine/paths.ts'
import { type Facts, type Followed, followAny, type Need } from '../denials/facts.ts'

/** A flag of `launcher run` with its path. */
export interface Flag {
  readonly flag: string
  readonly path: AbsolutePath
}

/** What the policy and the host say of one operation on one path. */
export interface Judged {
  readonly operation: Operation
  /** Absolute, as written. */
  readonly requested: string
  readonly followed: Followed
  readonly decision: Decision
  /**
   * A link on the way, or something that the program needs, that is denied although the path itself
   * is not.
   */
  readonly blocked:
    | { readonly path: AbsolutePath; readonly decision: Decision; readonly how: string }
    | undefined
  /** What is at the real path; `denied` when the host itself would not say. */
  readonly stat: Stat | 'denied' | undefined
  readonly hasParent: boolean
  /** Whether the user could do it without a sandbox, as far as modes tell. */
  readonly isPermitted: boolean
  /** Places that macOS guards by itself. */
  readonly guard: 'SIP' | 'TCC' | undefined
  /** Flags that let it through, all of them; undefined when none can. */
  readonly flags: readonly Flag[] | undefined
}

export interface Judge {
  readonly backend: 'seatbelt' | 'bubblewrap'
  /** Name of the profile, for commands. */
  readonly profile: string
  readonly home: AbsolutePath
  /** Undefined for what is no path. */
  path(operation: Operation, path: string): Judged | undefined
  /** Where a bare program name lies along the PATH of the user; undefined when it lies nowhere. */
  program(name: string): AbsolutePath | undefined
  host(name: string): { readonly allowed: boolean; readonly because: string } | undefined
}

/** What a judge is made of. */
export interface JudgeParts {
  readonly backend: Judge['backend']
  readonly profile: string
  readonly decider: Decider
  readonly facts: Facts
  /** Where relative paths begin. */
  readonly cwd: AbsolutePath
  /** Directories of PATH. */
  readonly searchPath: readonly string[]
  /** The smallest change that lets an operation through; undefined when there is none. */
  change(operation: Operation, path: AbsolutePath): readonly Flag[] | undefined
  host?: Judge['host']
}

/** Most needs of one program whose flags are put into a command. */
const MAX_NEEDS = 8

export const createJudge = (parts: JudgeParts): Judge => {
  const { facts, decider } = parts
  const judgePath: Judge['path'] = (wanted, path) => {
    const requested = absolute(path, facts.home, parts.cwd)
    if (requested === undefined) return undefined
    const followed = followAny(facts, requested)
    if (!isAbsolutePath(followed.real)) return undefined
    const stat =
      followed.status === 'denied'
        ? 'denied'
        : followed.status === 'exists'
          ? facts.lstat(followed.real)
          : undefined
    const operation =
      wanted === 'write' && stat === undefined
        ? 'create'
        : wanted === 'create' && stat !== undefined
          ? 'write'
          : wanted
    const decision = decider.decide(operation, followed.real)
    const needs =
      operation === 'exec' && stat !== undefined && isAbsolutePath(requested)
        ? deniedNeeds(facts.needs(requested), decider)
        : []
    const hop = followed.hops.find((one) => !decider.decide('stat', one.path).allowed)
    const own = decision.allowed ? [] : (parts.change(operation, followed.real) ?? undefined)
    return {
      operation,
      requested,
      followed,
      decision,
      blocked: hop
        ? {
            path: hop.path,
            decision: decider.decide('stat', hop.path),
            how: `${hop.path} is a link on the way`,
          }
        : needs[0],
      stat,
      hasParent:
        followed.status === 'exists' || facts.follow(parentOf(followed.real)).status === 'exists',
      isPermitted: isPermitted(operation, followed.real, facts),
      guard: facts.platform === 'macos' ? guardOf(followed.real, facts.home, operation) : undefined,
      flags:
        own && merged([...own, ...needs.flatMap((need) => parts.change('read', need.path) ?? [])]),
    }
  }
  return {
    backend: parts.backend,
    profile: parts.profile,
    home: facts.home,
    path: judgePath,
    program: (name) =>
      parts.searchPath
        .map((directory) => `${directory}/${name}`)
        .filter(isAbsolutePath)
        .find((file) => facts.follow(file).status === 'exists' || facts.lstat(file) !== undefined),
    host: parts.host ?? (() => undefined),
  }
}

const absolute = (path: string, home: AbsolutePath, cwd: AbsolutePath): string | undefined => {
  if (path === '' || path.includes('\0') || path.includes('\ufffd')) return undefined
  const expanded = expandHome(path, home)
  return expanded.startsWith('/') ? expanded : `${cwd}/${expanded}`
}

const deniedNeeds = (needs: readonly Need[], decider: Decider): NonNullable<Judged['blocked']>[] =>
  needs
    .flatMap((need) => {
      const hop = need.path.hops.find((one) => !decider.decide('stat', one.path).allowed)
      const operation = need.role === 'executable' || need.role === 'interpreter' ? 'exec' : 'read'
      const decision = decider.decide(operation, need.path.real)
      if (!decision.allowed) return [{ path: need.path.real, decision, how: need.chain.join(', ') }]
      return hop
        ? [
            {
              path: hop.path,
              decision: decider.decide('stat', hop.path),
              how: need.chain.join(', '),
            },
          ]
        : []
    })
    .slice(0, MAX_NEEDS)

/** Without what stands twice, and without what a wider one of the same kind holds. */
const merged = (flags: readonly Flag[]): readonly Flag[] =>
  flags.filter(
    ({ flag, path }, index) =>
      !flags.some(
        (one, other) =>
          one.flag === flag && (one.path === path ? other < index : isWithin(path, one.path)),
      ),
  )

const isPermitted = (operation: Operation, path: AbsolutePath, facts: Facts): boolean => {
  switch (operation) {
    case 'stat':
      return (
        facts.follow(parentOf(path)).status === 'exists' &&
        facts.canAccess(parentOf(path), 'execute')
      )
    case 'read':
    case 'list':
      return facts.canAccess(path, 'read')
    case 'exec':
      return facts.canAccess(path, 'execute')
    case 'write':
    case 'connect':
      return facts.canAccess(path, 'write')
    default:
      return facts.canAccess(parentOf(path), 'write')
  }
}

/** SIP and the sealed volume: writing; TCC: the user's own folders and other volumes. */
const guardOf = (path: AbsolutePath, home: AbsolutePath, operation: Operation): Judged['guard'] => {
  const first = path.split('/')[1] ?? ''
  const isReading = ['stat', 'read', 'list', 'exec'].includes(operation)
  if (
    !isReading &&
    (['System', 'bin', 'sbin'].includes(first) ||
      (first === 'usr' && !path.startsWith('/usr/local')))
  )
    return 'SIP'
  const inHome = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : ''
  return first === 'Volumes' ||
    /^(?:Desktop|Documents|Downloads|Library\/(?:Mail|Messages|Safari|Calendars))(?:\/|$)/.test(
      inHome,
    )
    ? 'TCC'
    : undefined
}
