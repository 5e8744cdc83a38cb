import { compilePolicy, type Decider, sourceOf } from '../policy/decide.ts'
import { readPattern } from '../policy/host-pattern.ts'
import {
  type Grant,
  type Operation,
  OPERATIONS,
  type Origin,
  type Policy,
  type ResolvedPolicy,
  type Sourced,
  STRENGTHS,
} from '../policy/model.ts'
import { type AbsolutePath, isAbsolutePath, isWithin, nameOf } from '../machine/paths.ts'
import type { Denial } from './denials/model.ts'

/** One line that a profile lacks: an item of a list, or the value of a key. */
export interface PatchLine {
  readonly table: 'filesystem' | 'protect' | 'network' | 'environment.from'
  readonly key: string
  readonly value: string | readonly string[]
  readonly isItem: boolean
  /** Who asked for it, and where it is known from: plain words, fit for a comment. */
  readonly reason: string
  /** True for what hands out a key or opens the network: a person says yes to it. */
  readonly isLoud: boolean
}

/**
 * What is known of an agent apart from its own behaviour: its built-in profile and the toolchains,
 * on this machine.
 */
export interface Known {
  readonly policy: Policy
  readonly resolved: ResolvedPolicy
  /** `[protect] own` of the agent's built-in profile, by the place it means. */
  readonly own: ReadonlyMap<AbsolutePath, Sourced<string>>
  /** What is made before a run, by its place. */
  readonly creates: ReadonlyMap<AbsolutePath, Sourced<string>>
  /** Variables that the parent reads from a file, by the file. */
  readonly sources: ReadonlyMap<AbsolutePath, readonly string[]>
  readonly placeOf: (text: string, origin: Origin) => AbsolutePath
  readonly exists: (path: AbsolutePath) => boolean
}

/**
 * What one round taught: lines that are known to be needed, and what the agent asked for besides.
 */
export interface Lesson {
  readonly lines: readonly PatchLine[]
  readonly asked: readonly Denial[]
}

const READS: ReadonlySet<Operation> = new Set(['stat', 'read', 'list', 'exec', 'connect'])
/** Names that programs have in a comment: the agent chooses its own. */
const PLAIN_NAME = /^[\w.+@-]{1,40}$/

/**
 * The smallest patch for what a run was denied. Only what the agent's built-in profile, a toolchain
 * or the resolver grants is proposed, as it is written there: an agent that is refused something on
 * purpose gets a line under `asked` and nothing else. Never a lift, a home directory or what holds
 * a hidden place.
 */
export const learnFrom = (
  denials: readonly Denial[],
  current: ResolvedPolicy,
  written: Policy,
  known: Known,
): Lesson => {
  const now = compilePolicy(current)
  const then = compilePolicy(known.resolved)
  const lines: PatchLine[] = []
  const asked: Denial[] = []
  for (const denial of denials) {
    const found =
      denial.kind === 'address'
        ? networkLines(denial, written, known)
        : pathLines(denial, { now, then, current, known }).filter(
            (line) => !isWritten(line, written),
          )
    if (found.length > 0) lines.push(...found)
    else if (!isSettled(denial, now) && !isPassed(denial, written, known)) asked.push(denial)
  }
  return { lines: merged(lines), asked }
}

/** The lines for hosts that the proxy refused, and the hosts that nobody knows. */
export const learnHosts = (
  refused: readonly string[],
  written: Policy,
  { policy }: Known,
): { readonly lines: readonly PatchLine[]; readonly asked: readonly string[] } => {
  const entryFor = (host: string): Sourced<string> | undefined =>
    policy.network.hosts.find(({ value }) => {
      const reading = readPattern(value)
      return reading.ok && reading.pattern.reach === 'exact' && reading.pattern.stem === host
    })
  const isNew = (entry: Sourced<string>): boolean =>
    !written.network.hosts.some(({ value }) => value === entry.value)
  const lines = refused.flatMap((host) => {
    const entry = entryFor(host)
    return entry && isNew(entry) ? [hostLine(entry, 'refused by the proxy')] : []
  })
  return { lines: merged(lines), asked: refused.filter((host) => entryFor(host) === undefined) }
}

interface Scene {
  readonly now: Decider
  readonly then: Decider
  readonly current: ResolvedPolicy
  readonly known: Known
}

const pathLines = (denial: Denial, scene: Scene): PatchLine[] => {
  const operation = OPERATIONS.find((one) => one === denial.operation)
  const { path } = denial
  if (
    denial.kind !== 'path' ||
    operation === undefined ||
    denial.wouldWork === false ||
    !isAbsolutePath(path)
  )
    return []
  const { now, then, known } = scene
  const { allowed, rule } = now.decide(operation, path)
  // The user's own `none` is meant.
  if (
    allowed ||
    (rule !== undefined && 'access' in rule && rule.access === 'none' && isAuthored(rule.origin))
  )
    return []
  const source = known.sources.get(path)
  if (source) return source.map((name) => sourceLine(name, denial, known))
  const state = stateLines(path, denial, scene)
  if (isStopped(rule, operation) && state.length === 0) return []
  const decided = then.decide(operation, path)
  const grants = decided.allowed
    ? grantLines(operation, decided.rule, denial, scene)
    : createLines(path, denial, scene)
  return [...state, ...grants]
}

/**
 * A protection says no, and no grant would change that; what is read only may be granted for
 * reading.
 */
const isStopped = (rule: ReturnType<Decider['decide']>['rule'], operation: Operation): boolean =>
  rule !== undefined &&
  'kind' in rule &&
  (rule.kind === 'hidden' || (rule.kind === 'read_only' && !READS.has(operation)))

const isAuthored = ({ strength }: Origin): boolean =>
  STRENGTHS.indexOf(strength) > STRENGTHS.indexOf('builtin')

/**
 * The agent's own state is hidden from every profile that does not call it its own; what is
 * protected in it comes along.
 */
const stateLines = (path: AbsolutePath, denial: Denial, { now, known }: Scene): PatchLine[] =>
  [...known.own].flatMap(([place, entry]) => {
    if (
      !isWithin(path, place) ||
      !now.index.policy.protections.some((one) => one.path === place && one.kind === 'hidden')
    )
      return []
    const within = known.policy.protections.filter(
      ({ path: text, origin }) =>
        origin.file === entry.origin.file && isWithin(known.placeOf(text, origin), place),
    )
    return [
      line('protect', 'own', entry.value, reasonFor(denial, entry.origin)),
      ...within.map((one) =>
        line('protect', one.kind, one.path, `comes with own; known from ${sourceOf(one.origin)}`),
      ),
    ]
  })

const grantLines = (
  operation: Operation,
  rule: ReturnType<Decider['decide']>['rule'],
  denial: Denial,
  scene: Scene,
): PatchLine[] => {
  if (
    rule === undefined ||
    !('access' in rule) ||
    rule.access === 'none' ||
    rule.provider !== undefined ||
    isTooBroad(rule, scene.current)
  )
    return []
  const text = /^[/~$]/.test(rule.requested) ? rule.requested : rule.path
  const made = scene.known.exists(rule.path) ? undefined : scene.known.creates.get(rule.path)
  return [
    line(
      'filesystem',
      READS.has(operation) ? 'read' : 'write',
      text,
      reasonFor(denial, rule.origin),
    ),
    ...(made
      ? [line('filesystem', 'create', made.value, `absent; known from ${sourceOf(made.origin)}`)]
      : []),
  ]
}

/**
 * What cannot be made inside, because its directory stays closed, is made before the run where a
 * profile says so.
 */
const createLines = (path: AbsolutePath, denial: Denial, scene: Scene): PatchLine[] => {
  const { known, then } = scene
  const made = known.creates.get(path)
  if (!made) return []
  const access = then.decide('write', path).allowed ? 'write' : 'read'
  return [
    line('filesystem', 'create', made.value, reasonFor(denial, made.origin)),
    ...grantLines(access, then.decide(access, path).rule, denial, scene),
  ]
}

/**
 * The root, a home directory, what holds one, and what holds a hidden place that a profile names.
 */
const isTooBroad = ({ path, kind }: Grant, { home, protections }: ResolvedPolicy): boolean =>
  isWithin(home, path) ||
  (kind === 'directory' &&
    protections.some(
      (one) =>
        one.kind === 'hidden' &&
        !/^\$PROJECT|[*?[]/.test(one.requested) &&
        one.path !== path &&
        isWithin(one.path, path),
    ))

const sourceLine = (name: string, denial: Denial, { policy }: Known): PatchLine => {
  const { value, origin } = policy.environment.from.get(name)!
  return {
    table: 'environment.from',
    key: name,
    value,
    isItem: false,
    isLoud: true,
    reason: `${nameIn(denial)} looked for its file; known from ${sourceOf(origin)}`,
  }
}

const networkLines = (denial: Denial, written: Policy, { policy }: Known): PatchLine[] => {
  const { mode, hosts } = policy.network
  if (
    isAuthored(written.network.mode.origin) ||
    written.network.mode.value !== 'none' ||
    mode.value === 'none'
  )
    return []
  return [
    {
      table: 'network',
      key: 'mode',
      value: mode.value,
      isItem: false,
      isLoud: true,
      reason: reasonFor(denial, mode.origin),
    },
    ...hosts
      .filter(({ value }) => !written.network.hosts.some((one) => one.value === value))
      .map((entry) => hostLine(entry, 'comes with mode')),
  ]
}

const hostLine = ({ value, origin }: Sourced<string>, why: string): PatchLine => ({
  ...line('network', 'hosts', value, `${why}; known from ${sourceOf(origin)}`),
  isLoud: true,
})

const line = (
  table: PatchLine['table'],
  key: string,
  value: string,
  reason: string,
): PatchLine => ({ table, key, value, isItem: true, isLoud: false, reason })

const reasonFor = (denial: Denial, origin: Origin): string =>
  `${denial.operation} by ${nameIn(denial)}; known from ${sourceOf(origin)}`

const nameIn = ({ program }: Denial): string => {
  const name = nameOf(program)
  return PLAIN_NAME.test(name) ? name : 'a program'
}

/** A line that stands there already and did not help is not proposed again. */
const isWritten = (
  { table, key, value }: PatchLine,
  { grants, create, protections, environment }: Policy,
): boolean => {
  if (table === 'environment.from') return environment.from.has(key)
  if (table === 'filesystem')
    return key === 'create'
      ? create.some((one) => one.value === value)
      : grants.some(
          (one) =>
            one.path === value &&
            (one.access === key || one.access === 'write') &&
            isAuthored(one.origin),
        )
  return table === 'protect' && protections.some((one) => one.path === value && one.kind === key)
}

/**
 * Something else that the agent did has settled it since: a name that was made, a link that was
 * turned.
 */
const isSettled = (denial: Denial, now: Decider): boolean => {
  const operation = OPERATIONS.find((one) => one === denial.operation)
  return (
    denial.kind === 'path' &&
    operation !== undefined &&
    isAbsolutePath(denial.path) &&
    now.decide(operation, denial.path).allowed
  )
}

/** Its file stays hidden because the variables in it are handed over instead. */
const isPassed = ({ path }: Denial, { environment }: Policy, { sources }: Known): boolean =>
  isAbsolutePath(path) && sources.get(path)?.every((name) => environment.from.has(name)) === true

/**
 * Each line once, `write` instead of `read` where both were asked for, in the order of a profile.
 */
const merged = (lines: readonly PatchLine[]): PatchLine[] => {
  const byId = new Map<string, PatchLine>()
  for (const one of lines) {
    const id = `${one.table}\0${one.key}\0${one.isItem ? String(one.value) : ''}`
    if (!byId.has(id)) byId.set(id, one)
  }
  const all = [...byId.values()]
  const isWriting = (value: PatchLine['value']): boolean =>
    byId.has(`filesystem\0write\0${String(value)}`)
  return all
    .filter((one) => !(one.table === 'filesystem' && one.key === 'read' && isWriting(one.value)))
    .sort((a, b) => rank(a) - rank(b) || (String(a.value) < String(b.value) ? -1 : 1))
}

const ORDER: readonly string[] = [
  'filesystem.read',
  'filesystem.write',
  'filesystem.create',
  'protect.own',
  'protect.hidden',
  'protect.read_only',
  'network.mode',
  'network.hosts',
]

const rank = ({ table, key }: PatchLine): number => {
  const at = ORDER.indexOf(`${table}.${key}`)
  return at < 0 ? ORDER.length : at
}
