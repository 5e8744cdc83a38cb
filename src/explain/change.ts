import { compilePolicy, type Decider } from '../policy/decide.ts'
import type { EntryKind } from '../machine/host.ts'
import type {
  Grant,
  GrantAccess,
  LivePattern,
  Operation,
  Origin,
  Protection,
  ResolvedPolicy,
} from '../policy/model.ts'
import { type AbsolutePath, isWithin, parentOf } from '../machine/paths.ts'

/** One flag of `launcher run`; the path is real. */
export interface ChangeFlag {
  readonly flag: '--read' | '--write' | '--none' | '--lift' | '--connect'
  readonly path: AbsolutePath
  readonly kind: EntryKind
}

/** What would turn a decision round, and nothing else but at and beneath `at`. */
export interface Change {
  readonly flags: readonly ChangeFlag[]
  /**
   * Where it takes effect: the path itself, or its directory where a name is to be made or removed.
   */
  readonly at: AbsolutePath
  /** What else comes with it, as sentences. */
  readonly consequences: readonly string[]
}

/** What is at the path on this machine. */
export interface Place {
  readonly exists: boolean
  readonly kind: EntryKind | undefined
}

const FLAG: Origin = { strength: 'flag', file: 'flag', key: 'explain' }
const READS: ReadonlySet<Operation> = new Set(['stat', 'read', 'list', 'exec'])
/** Operations that change a directory's names: only a writable directory allows them. */
const NAMES: ReadonlySet<Operation> = new Set([
  'create',
  'mkdir',
  'symlink',
  'link-to',
  'rename-to',
  'rename-from',
  'unlink',
])

/**
 * Changes of flags that flip the decision on `operation` at `path`, smallest first; none when no
 * flag can (launcher's own files, a name that holds a grant or protection). Each is put to the
 * evaluator itself before it is proposed.
 */
export const changesFor = (
  policy: ResolvedPolicy,
  operation: Operation,
  path: AbsolutePath,
  place: Place,
): Change[] => {
  const decider = compilePolicy(policy)
  const before = decider.decide(operation, path).allowed
  return candidates(decider, operation, path, place).filter(
    (change) =>
      !opensHome(policy, change) &&
      compilePolicy(applyChange(policy, change)).decide(operation, path).allowed !== before,
  )
}

/** Writing to the home directory, or to what holds it, is never the smallest change. */
const opensHome = ({ home }: ResolvedPolicy, { flags }: Change): boolean =>
  flags.some(({ flag, path }) => flag === '--write' && isWithin(home, path))

/** The policy with the flags of a change added, as resolution would for a path without links. */
export const applyChange = (policy: ResolvedPolicy, { flags }: Change): ResolvedPolicy => {
  const grants: Grant[] = flags.flatMap(({ flag, path, kind }) => {
    const access = GRANTED[flag]
    return access === undefined ? [] : [{ path, access, kind, requested: path, origin: FLAG }]
  })
  const pathsOf = (flag: ChangeFlag['flag']): AbsolutePath[] =>
    flags.filter((one) => one.flag === flag).map((one) => one.path)
  const connect = pathsOf('--connect')
  return {
    ...policy,
    grants: [...policy.grants, ...grants],
    lifts: [
      ...policy.lifts,
      ...pathsOf('--lift').map((path) => ({ path, requested: path, origin: FLAG })),
    ],
    sockets: {
      ...policy.sockets,
      connect: [...policy.sockets.connect, ...connect.map((path) => ({ path, origin: FLAG }))],
      masked: policy.sockets.masked.filter(({ path }) => !connect.includes(path)),
    },
  }
}

const GRANTED: Readonly<Partial<Record<ChangeFlag['flag'], GrantAccess>>> = {
  '--read': 'read',
  '--write': 'write',
  '--none': 'none',
}

const candidates = (
  decider: Decider,
  operation: Operation,
  path: AbsolutePath,
  place: Place,
): Change[] => {
  const { allowed, rule } = decider.decide(operation, path)
  const change = (
    flags: readonly ChangeFlag[],
    at: AbsolutePath,
    consequences: readonly string[],
  ): Change => ({ flags, at, consequences })
  const kind = place.kind ?? 'directory'
  // What the backend makes itself (/proc, /dev) or opens to all: there is nothing to grant or to
  // take.
  if (rule !== undefined && 'provider' in rule && rule.provider !== undefined) return []
  if (allowed)
    return [
      change(
        [
          {
            flag:
              READS.has(operation) || operation === 'connect' || operation === 'bind'
                ? '--none'
                : '--read',
            path,
            kind,
          },
        ],
        path,
        [],
      ),
    ]
  const protection = protectionOf(rule)
  if (protection !== undefined && 'liftable' in protection && !protection.liftable) return []
  const lift: ChangeFlag = { flag: '--lift', path, kind }
  const lifted =
    protection === undefined
      ? []
      : [
          `${'path' in protection ? protection.path : protection.pattern} is protected by ${reasonOf(protection)}: the agent, and whoever talks it over, gets what is there`,
        ]
  if (operation === 'connect') {
    const connect: ChangeFlag = { flag: '--connect', path, kind }
    const told = ['whoever answers on that socket acts outside the sandbox, with all your rights']
    return [change([connect], path, told), change([lift, connect], path, [...lifted, ...told])]
  }
  const wanted: ChangeFlag['flag'] = READS.has(operation) ? '--read' : '--write'
  const at = NAMES.has(operation) ? parentOf(path) : path
  const grant: ChangeFlag = { flag: wanted, path: at, kind: at === path ? kind : 'directory' }
  const also = beyond(wanted, at, place, at !== path)
  const all = [
    change([lift], path, lifted),
    change([grant], at, also),
    change([lift, grant], at, [...lifted, ...also]),
  ]
  if (
    place.exists ||
    protection === undefined ||
    !('path' in protection) ||
    protection.path === path
  )
    return all
  // A hole for a name that does not exist has nothing to stand on (Linux): the whole protection
  // goes.
  const whole: ChangeFlag = { flag: '--lift', path: protection.path, kind: protection.entry }
  return [...all, change([whole], protection.path, lifted)]
}

const protectionOf = (
  rule: ReturnType<Decider['decide']>['rule'],
): Protection | LivePattern | undefined =>
  rule !== undefined && 'kind' in rule && (rule.kind === 'hidden' || rule.kind === 'read_only')
    ? (rule as Protection | LivePattern)
    : undefined

const reasonOf = ({ origin, kind }: Protection | LivePattern): string =>
  `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`} (${kind === 'hidden' ? 'hidden' : 'read only'}${origin.because === undefined ? '' : `: ${origin.because}`})`

const beyond = (
  flag: ChangeFlag['flag'],
  at: AbsolutePath,
  place: Place,
  isDirectory: boolean,
): string[] => {
  if (!isDirectory && place.kind !== 'directory')
    return flag === '--write'
      ? ['in place only: a tool that saves by replacing the file needs its directory']
      : []
  return [
    flag === '--write'
      ? `it could then change, make and remove everything in ${at}`
      : `it could then read everything in ${at}`,
  ]
}
