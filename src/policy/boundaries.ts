import { type NodeState, type PolicyIndex, type PolicyNode, isSeen, stateBeneath } from './index.ts'
import type { EntryKind } from '../machine/host.ts'
import type { Grant, GrantAccess, Hop, Origin, Protection, SocketRule, StatGrant } from './model.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/**
 * A name at which access changes, or that a protection holds although it is absent: the places a
 * backend must act on.
 */
export interface Boundary {
  readonly path: AbsolutePath
  /** Access in force from here on; `none` where it is hidden or taken away. */
  readonly access: GrantAccess
  /** Access of the directory above. */
  readonly above: GrantAccess
  readonly kind: EntryKind
  readonly exists: boolean
  /** True when something beneath is live: the name must stay traversable. */
  readonly traversable: boolean
  readonly protection: Protection | undefined
  readonly grant: Grant | undefined
  readonly masked: SocketRule | undefined
  readonly origin: Origin
}

/**
 * What the backends compile: boundaries shallow to deep, bare names, links. Derived from the same
 * tree that `decide()` reads.
 */
export interface PolicyShape {
  readonly boundaries: readonly Boundary[]
  /**
   * Directories whose name and metadata are visible and nothing else: ancestors of what is live,
   * PATH entries.
   */
  readonly names: readonly {
    readonly path: AbsolutePath
    readonly origin: Origin
    readonly stat: StatGrant | undefined
  }[]
  readonly hops: readonly Hop[]
  readonly connect: readonly SocketRule[]
  readonly bind: readonly SocketRule[]
}

const ANCESTOR: Origin = {
  strength: 'derived',
  file: 'resolution',
  key: 'ancestor',
  because: 'something granted lies beneath it',
}

/** Lists the places at which the policy changes, shallow to deep. */
export const shapeOf = (index: PolicyIndex): PolicyShape => {
  const boundaries: Boundary[] = []
  const names: PolicyShape['names'][number][] = []
  const hops: Hop[] = []
  const connect: SocketRule[] = []
  const bind: SocketRule[] = []
  const visit = (node: PolicyNode, above: NodeState): void => {
    const boundary = boundaryAt(node, above)
    if (boundary) boundaries.push(boundary)
    if (node.state.access === 'none' && above.access === 'none') {
      if (node.hop && isSeen(node)) hops.push(node.hop)
      else if (node.liveBeneath || (node.stat && isSeen(node)))
        names.push({ path: node.path, origin: node.stat?.origin ?? ANCESTOR, stat: node.stat })
    }
    const isHidden = node.state.protection?.kind === 'hidden'
    if (node.connect && !isHidden) connect.push(node.connect)
    if (node.bind && !node.state.protection) bind.push(node.bind)
    const beneath = stateBeneath(node, above)
    for (const child of node.children.values()) visit(child, beneath)
  }
  visit(index.root, { grant: undefined, protection: undefined, access: 'none' })
  const byDepth = <T extends { readonly path: AbsolutePath }>(list: T[]): T[] =>
    list.sort(
      (a, b) => a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1),
    )
  return {
    boundaries: byDepth(boundaries),
    names: byDepth(names),
    hops: byDepth(hops),
    connect: byDepth(connect),
    bind: byDepth(bind),
  }
}

const boundaryAt = (node: PolicyNode, above: NodeState): Boundary | undefined => {
  const { access, protection, grant } = node.state
  // A protection that stands inside what is not writable and changes nothing needs no act of its
  // own.
  const changes =
    access !== above.access || (protection !== above.protection && above.access === 'write')
  if (!changes) return undefined
  const deciding = protection !== above.protection ? protection : undefined
  return {
    path: node.path,
    access,
    above: above.access,
    kind: deciding?.entry ?? (node.masked ? 'file' : (node.grant?.kind ?? 'directory')),
    exists: deciding?.exists ?? true,
    traversable: node.liveBeneath,
    protection: deciding,
    grant,
    masked: node.masked,
    origin:
      deciding?.origin ??
      node.masked?.origin ??
      node.grant?.origin ??
      node.lift?.origin ??
      grant?.origin ??
      ANCESTOR,
  }
}
