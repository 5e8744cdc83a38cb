import {
  indexPolicy,
  indexRights,
  isSeen,
  type NameTree,
  NOTHING,
  type NodeState,
  type PolicyIndex,
  type PolicyNode,
  stateBeneath,
} from './index.ts'
import type {
  BarredName,
  Decision,
  GrantAccess,
  LivePattern,
  Operation,
  Origin,
  ResolvedPolicy,
  Rights,
} from './model.ts'
import { compilePattern, type PatternMatcher } from './pattern.ts'
import { type AbsolutePath, components, nameOf } from '../machine/paths.ts'
import { compareOrigins } from './precedence.ts'

/** The one evaluator: `explain`, the contract, `audit`, `verify` and the tests all ask it. */
export interface Decider {
  readonly index: PolicyIndex
  /**
   * Verdict for an operation on a real path: no symlink in it but (for names themselves) the last
   * component.
   */
  decide(operation: Operation, path: AbsolutePath): Decision
  /**
   * Access in force at a real path: what `decide` bases `read` and `write` on; `stat` for a bare
   * name.
   */
  access(path: AbsolutePath): 'none' | 'stat' | 'read' | 'write'
}

/** Everything the walk down to a path finds. */
interface Place {
  /** The path's own node, if the policy speaks of it. */
  readonly node: PolicyNode | undefined
  readonly state: NodeState
  readonly parent: NodeState
  readonly pattern: LivePattern | undefined
  readonly parentPattern: LivePattern | undefined
}

interface CompiledPattern {
  readonly rule: LivePattern
  readonly matcher: PatternMatcher
  /** Names of the root that the pattern applies in, folded. */
  readonly root: readonly string[]
}

type Rule = Decision['rule']

/** Compiles a resolved policy for many decisions; src/README.md has the meaning in short. */
export const compilePolicy = (policy: ResolvedPolicy): Decider => deciderOf(indexPolicy(policy))

/** One decision; compile the policy instead where there are many. */
export const decide = (
  policy: ResolvedPolicy,
  operation: Operation,
  path: AbsolutePath,
): Decision => compilePolicy(policy).decide(operation, path)

/**
 * What rights alone give at a real path: the answer that a whole policy of these rights gives to
 * `read` and `write`.
 */
export const compileRights = (rights: Rights): ((path: AbsolutePath) => GrantAccess) => {
  const names = indexRights(rights)
  const patterns = compilePatterns(names)
  return (path) => accessAt(locate(names, patterns, path))
}

/** A decider over an index that already exists. */
export const deciderOf = (index: PolicyIndex): Decider => {
  const patterns = compilePatterns(index)
  return {
    index,
    decide: (operation, path) => {
      const place = locate(index, patterns, path)
      const barred = MAKING.has(operation) ? barredAt(index, path) : undefined
      return barred && entryIsFree(place)
        ? answer(false, operation, path, place, barred)
        : verdict(operation, path, place)
    },
    access: (path) => {
      const place = locate(index, patterns, path)
      const access = accessAt(place)
      return access !== 'none' ? access : mayStat(place) ? 'stat' : 'none'
    },
  }
}

/** The first match decides: what takes more away is asked first, whatever the order of the list. */
const compilePatterns = (index: NameTree): readonly CompiledPattern[] =>
  index.patterns
    .map((rule) => ({
      rule,
      matcher: compilePattern(rule.pattern, index.fold),
      root: components(rule.root).map(index.fold),
    }))
    .toSorted(
      ({ rule: a }, { rule: b }) =>
        Number(b.kind === 'hidden') - Number(a.kind === 'hidden') ||
        compareOrigins(b.origin, a.origin),
    )

const locate = (
  index: NameTree,
  patterns: readonly CompiledPattern[],
  path: AbsolutePath,
): Place => {
  let node: PolicyNode | undefined = index.root
  let state = index.root.state
  let parent: NodeState = NOTHING
  let from = 1
  const names: string[] | undefined = patterns.length > 0 ? [] : undefined
  let liftDepth = index.root.lift ? 0 : -1
  let depth = 0
  while (path.length > 1 && from <= path.length) {
    const slash = path.indexOf('/', from)
    const end = slash < 0 ? path.length : slash
    const name = index.fold(path.slice(from, end))
    const beneath: NodeState = node
      ? node.grant?.kind === 'file'
        ? stateBeneath(node, parent)
        : node.state
      : state
    // What can be listed and holds nothing else (`/` on macOS) shows no metadata of its names.
    parent = beneath
    node = node?.children.get(name)
    state = node ? node.state : beneath
    depth += 1
    if (node?.lift) liftDepth = depth
    names?.push(name)
    from = end + 1
  }
  if (!names) return { node, state, parent, pattern: undefined, parentPattern: undefined }
  const pattern = patternOver(patterns, names, liftDepth)
  const parentPattern =
    names.length === 0 ? undefined : patternOver(patterns, names.slice(0, -1), liftDepth)
  return { node, state, parent, pattern, parentPattern }
}

/**
 * The live pattern that matches the path or an ancestor of it, unless a lift stands at or beneath
 * the match.
 */
const patternOver = (
  patterns: readonly CompiledPattern[],
  names: readonly string[],
  liftDepth: number,
): LivePattern | undefined => {
  for (const { rule, matcher, root } of patterns) {
    const depth = root.length
    if (names.length <= depth || !root.every((name, at) => name === names[at])) continue
    for (let end = depth + 1; end <= names.length; end++) {
      if (matcher.matches(names.slice(depth, end)) && liftDepth < end) return rule
    }
  }
  return undefined
}

/** What puts a file or a link at a name. */
const MAKING: ReadonlySet<Operation> = new Set(['create', 'symlink', 'link-to', 'rename-to'])

const barredAt = (index: PolicyIndex, path: AbsolutePath): BarredName | undefined => {
  const names = components(path)
  const last = index.fold(nameOf(path))
  return index.policy.barred.find(({ root, name, except }) => {
    if (last !== index.fold(name)) return false
    const above = components(root)
    const isBeneath = above.every((one, at) => index.fold(one) === index.fold(names[at] ?? ''))
    const between = names.slice(above.length, -1)
    return (
      isBeneath &&
      names.length > above.length &&
      !between.some((one) => plainFold(one, index.policy.foldsNames) === except)
    )
  })
}

/** Only letters of ASCII: what merely folds to an exception is none. */
const plainFold = (name: string, folds: boolean): string =>
  folds ? name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : name

const accessAt = (place: Place): 'none' | 'read' | 'write' => {
  if (place.pattern?.kind === 'hidden') return 'none'
  if (place.pattern?.kind === 'read_only' && place.state.access === 'write') return 'read'
  return place.state.access
}

const parentAccess = (place: Place): 'none' | 'read' | 'write' => {
  if (place.parentPattern?.kind === 'hidden') return 'none'
  if (place.parentPattern?.kind === 'read_only' && place.parent.access === 'write') return 'read'
  return place.parent.access
}

/**
 * A bare name is visible when its parent can be read, something live lies beneath it, or it is a
 * link or PATH entry on the way.
 */
const mayStat = (place: Place): boolean =>
  accessAt(place) !== 'none' ||
  parentAccess(place) !== 'none' ||
  (place.node !== undefined &&
    (place.node.liveBeneath ||
      ((place.node.hop !== undefined || place.node.stat !== undefined) && isSeen(place.node)) ||
      place.node.stat?.provider !== undefined ||
      (place.node.connect !== undefined && place.state.protection?.kind !== 'hidden')))

const isListed = ({ node }: Place): boolean => node?.stat?.lists === true && isSeen(node)

/**
 * Seatbelt's prelude opens devices for their data: not to be run, changed, linked or connected to.
 */
const isDataOnly = ({ state }: Place): boolean => state.grant?.provider === 'prelude'

/**
 * True when the entry itself can be made, replaced or removed: its directory and itself are
 * writable, and nothing stands on it.
 */
const entryIsFree = (place: Place): boolean =>
  accessAt(place) === 'write' &&
  !isDataOnly(place) &&
  parentAccess(place) === 'write' &&
  !(place.node !== undefined && (place.node.boundary || place.node.boundaryBeneath))

const verdict = (operation: Operation, path: AbsolutePath, place: Place): Decision => {
  switch (operation) {
    case 'stat':
      return answer(mayStat(place), operation, path, place)
    case 'read':
      return answer(accessAt(place) !== 'none', operation, path, place)
    case 'list':
      return answer(accessAt(place) !== 'none' || isListed(place), operation, path, place)
    case 'exec':
      return answer(accessAt(place) !== 'none' && !isDataOnly(place), operation, path, place)
    case 'write':
      return answer(accessAt(place) === 'write', operation, path, place)
    case 'chmod':
    case 'utimes':
    case 'link-from':
      return answer(accessAt(place) === 'write' && !isDataOnly(place), operation, path, place)
    case 'create':
    case 'mkdir':
    case 'symlink':
    case 'link-to':
    case 'rename-to':
    case 'rename-from':
    case 'unlink':
      return answer(entryIsFree(place), operation, path, place)
    case 'bind': {
      const rule = place.node?.bind
      const isHidden = place.state.protection !== undefined || place.pattern !== undefined
      return rule && !isHidden
        ? answer(true, operation, path, place, rule)
        : answer(entryIsFree(place), operation, path, place)
    }
    case 'connect': {
      const isHidden = place.state.protection?.kind === 'hidden' || place.pattern?.kind === 'hidden'
      const granted = place.node?.connect
      if (granted && !isHidden) return answer(true, operation, path, place, granted)
      const masked = place.node?.masked
      if (masked) return answer(false, operation, path, place, masked)
      return answer(accessAt(place) === 'write' && !isDataOnly(place), operation, path, place)
    }
    default:
      return operation satisfies never
  }
}

const answer = (
  allowed: boolean,
  operation: Operation,
  path: AbsolutePath,
  place: Place,
  by?: Rule,
): Decision => {
  const rule = by ?? decidingRule(allowed, place)
  return {
    allowed,
    rule,
    origin: rule?.origin,
    // Built on demand: a million decisions need no million sentences.
    get because() {
      return explainRule(allowed, operation, path, place, rule)
    },
  }
}

const decidingRule = (allowed: boolean, place: Place): Rule => {
  if (!allowed && place.pattern) return place.pattern
  if (!allowed && place.state.protection) return place.state.protection
  if (allowed && accessAt(place) === 'none')
    return place.node?.hop ?? place.node?.stat ?? place.parent.grant ?? place.state.grant
  return place.state.grant
}

const explainRule = (
  allowed: boolean,
  operation: Operation,
  path: AbsolutePath,
  place: Place,
  rule: Rule,
): string => {
  const at = rule ? sourceOf(rule.origin) : ''
  if (allowed) {
    if (accessAt(place) === 'none' && operation === 'stat') {
      if (parentAccess(place) !== 'none')
        return 'its name is visible because its directory can be read'
      if (place.node?.hop) return `it is a link on the way to something granted (${at})`
      return 'its name is visible because something granted lies beneath it'
    }
    return `${operation} is granted (${at})`
  }
  if (!rule) return `nothing grants ${path}`
  if ('kind' in rule && (rule.kind === 'hidden' || rule.kind === 'read_only')) {
    return rule.kind === 'hidden' ? `it is hidden (${at})` : `it is protected: read only (${at})`
  }
  if ('except' in rule)
    return `no file of the name ${rule.name} can be made here, but within ${rule.except} (${at})`
  if (rule === place.node?.masked)
    return 'it is a socket that existed at the start and is not granted'
  if (isDataOnly(place)) return `only its data is open (${at})`
  if (accessAt(place) === 'write') {
    if (parentAccess(place) !== 'write')
      return `it is granted in place only: its directory is not writable (${at})`
    return 'it is the place of a grant or protection, or holds one, and may not be moved, replaced or removed'
  }
  if ('access' in rule && rule.access === 'none') return `an entry says none (${at})`
  return `only ${accessAt(place)} is granted (${at})`
}

/** `file:line key` as people read it. */
export const sourceOf = (origin: Origin): string =>
  `${origin.file}${origin.line === undefined ? '' : `:${origin.line}`}${origin.key === origin.file ? '' : ` ${origin.key}`}`
