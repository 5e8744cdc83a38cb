import { EXACT, FOLDING } from '../machine/naming.ts'
import type {
  Grant,
  GrantAccess,
  Hop,
  Lift,
  LivePattern,
  Protection,
  ResolvedPolicy,
  Rights,
  SocketRule,
  StatGrant,
} from './model.ts'
import { type AbsolutePath, components, join, ROOT } from '../machine/paths.ts'
import { compareGrants, strongerProtection, writtenFirst } from './precedence.ts'

/**
 * One name in the tree of everything a policy speaks of. Filled once by {@link indexPolicy}, never
 * changed afterwards.
 */
export interface PolicyNode {
  readonly path: AbsolutePath
  readonly children: Map<string, PolicyNode>
  grant: Grant | undefined
  protection: Protection | undefined
  lift: Lift | undefined
  hop: Hop | undefined
  stat: StatGrant | undefined
  connect: SocketRule | undefined
  bind: SocketRule | undefined
  masked: SocketRule | undefined
  /** What holds at this name, everything above it taken into account. */
  state: NodeState
  /**
   * True when access changes here or a protection stands here: the name may not be moved or
   * removed.
   */
  boundary: boolean
  boundaryBeneath: boolean
  /**
   * True when something beneath can be read, connected to or is passed on the way: this name gets
   * `stat`.
   */
  liveBeneath: boolean
}

/** What is in force at a name and, unless a deeper entry says otherwise, beneath it. */
export interface NodeState {
  /** Deepest grant that covers the name. A file grant covers its own name only. */
  readonly grant: Grant | undefined
  /** Strongest protection that covers the name and is not lifted. */
  readonly protection: Protection | undefined
  readonly access: GrantAccess
}

/**
 * A resolved policy as a tree of names, with the state of each name worked out. Memory is linear in
 * the number of entries times their depth.
 */
export interface PolicyIndex extends NameTree {
  readonly policy: ResolvedPolicy
}

/** The names that something was said of, and how they compare. */
export interface NameTree {
  readonly root: PolicyNode
  /** Folds a name as the policy's file system does. */
  readonly fold: (name: string) => string
  readonly patterns: readonly LivePattern[]
}

/** What is in force where no entry speaks: nothing is granted. */
export const NOTHING: NodeState = { grant: undefined, protection: undefined, access: 'none' }

const built = new WeakMap<ResolvedPolicy, PolicyIndex>()

/**
 * The tree of a resolved policy, built once; every decision and both backends read it. Order of the
 * lists in `policy` never matters.
 */
export const indexPolicy = (policy: ResolvedPolicy): PolicyIndex => {
  const known = built.get(policy)
  if (known) return known
  const index = { policy, ...indexRights(policy, policy) }
  built.set(policy, index)
  return index
}

/** The tree of what can be read and written; with what can be seen, the tree of a whole policy. */
export const indexRights = (
  policy: Rights,
  seen: Pick<ResolvedPolicy, 'hops' | 'stats'> = { hops: [], stats: [] },
): NameTree => {
  const { fold } = policy.foldsNames ? FOLDING : EXACT
  const root = emptyNode(ROOT)
  const at = (path: AbsolutePath): PolicyNode => {
    let node = root
    for (const name of components(path)) {
      const key = fold(name)
      let child = node.children.get(key)
      if (!child) {
        child = emptyNode(join(node.path, name))
        node.children.set(key, child)
      }
      node = child
    }
    return node
  }
  for (const grant of policy.grants) {
    const node = at(grant.path)
    if (!node.grant || compareGrants(grant, node.grant) > 0) node.grant = grant
  }
  for (const protection of policy.protections) {
    const node = at(protection.path)
    node.protection = node.protection ? strongerProtection(node.protection, protection) : protection
  }
  for (const lift of policy.lifts) {
    const node = at(lift.path)
    node.lift = writtenFirst(node.lift, lift)
  }
  for (const hop of seen.hops) {
    const node = at(hop.path)
    node.hop = writtenFirst(node.hop, hop)
  }
  for (const stat of seen.stats) {
    const node = at(stat.path)
    // What gives more decides; of two equal ones, as everywhere, the place it was written.
    if (node.stat?.lists === stat.lists) node.stat = writtenFirst(node.stat, stat)
    else if (stat.lists) node.stat = stat
  }
  for (const kind of ['connect', 'bind', 'masked'] as const)
    for (const rule of policy.sockets[kind]) {
      const node = at(rule.path)
      node[kind] = writtenFirst(node[kind], rule)
    }
  settle(root, NOTHING)
  return { root, fold, patterns: policy.patterns }
}

const emptyNode = (path: AbsolutePath): PolicyNode => ({
  path,
  children: new Map(),
  grant: undefined,
  protection: undefined,
  lift: undefined,
  hop: undefined,
  stat: undefined,
  connect: undefined,
  bind: undefined,
  masked: undefined,
  state: NOTHING,
  boundary: false,
  boundaryBeneath: false,
  liveBeneath: false,
})

/** State of children where nothing new is written: a file grant ends with its own name. */
export const stateBeneath = (node: PolicyNode, above: NodeState): NodeState => {
  if (node.grant?.kind !== 'file') return node.state
  const protection = node.state.protection
  return { grant: above.grant, protection, access: effectiveAccess(above.grant, protection) }
}

const settle = (node: PolicyNode, above: NodeState): void => {
  node.state = stateAt(node, above)
  node.boundary = node.state.access !== above.access || node.state.protection !== above.protection
  const beneath = stateBeneath(node, above)
  for (const child of node.children.values()) {
    settle(child, beneath)
    if (child.boundary || child.boundaryBeneath) node.boundaryBeneath = true
    if (child.liveBeneath || isLive(child)) node.liveBeneath = true
  }
}

const stateAt = (node: PolicyNode, above: NodeState): NodeState => {
  const grant = node.grant ?? above.grant
  let protection = above.protection
  if (node.lift && protection?.liftable) protection = undefined
  if (node.protection && !(node.lift && node.protection.liftable)) {
    protection = protection ? outerOrInner(protection, node.protection) : node.protection
  }
  return { grant, protection, access: node.masked ? 'none' : effectiveAccess(grant, protection) }
}

/** The outer protection stays in force unless the inner one takes more away. */
const outerOrInner = (outer: Protection, inner: Protection): Protection =>
  outer.kind === 'hidden' ? outer : inner.kind === 'hidden' ? inner : outer

const effectiveAccess = (
  grant: Grant | undefined,
  protection: Protection | undefined,
): GrantAccess => {
  const granted = grant?.access ?? 'none'
  if (protection?.kind === 'hidden') return 'none'
  return protection?.kind === 'read_only' && granted === 'write' ? 'read' : granted
}

/** Links and PATH names are seen unless somebody said `none` or hid them. */
export const isSeen = (node: PolicyNode): boolean =>
  node.state.protection?.kind !== 'hidden' && node.state.grant?.access !== 'none'

const isLive = (node: PolicyNode): boolean =>
  node.state.access !== 'none' ||
  ((node.hop !== undefined || node.stat !== undefined) && isSeen(node)) ||
  (node.connect !== undefined && node.state.protection?.kind !== 'hidden')
