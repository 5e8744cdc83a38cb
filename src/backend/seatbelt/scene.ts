import { type Boundary, type PolicyShape, shapeOf } from '../../policy/boundaries.ts'
import { compilePolicy, type Decider, deciderOf } from '../../policy/decide.ts'
import { indexPolicy, type PolicyIndex, type PolicyNode } from '../../policy/index.ts'
import type { LivePattern, Origin, ResolvedPolicy } from '../../policy/model.ts'
import { type AbsolutePath, ancestorsOf, isWithin } from '../../machine/paths.ts'
import { segmentsOf } from './live-pattern.ts'

/**
 * Everything that the path sections are made from: one tree, shared with `decide()`, which is asked
 * wherever a verdict is needed.
 */
export interface Scene {
  readonly policy: ResolvedPolicy
  readonly index: PolicyIndex
  readonly shape: PolicyShape
  readonly decider: Decider
  /** Every name the policy speaks of, shallow to deep. */
  readonly nodes: readonly PolicyNode[]
  /** Boundaries that a protection makes. */
  readonly protections: readonly Guarded[]
  readonly protectedPaths: ReadonlySet<AbsolutePath>
  readonly patterns: readonly ScenePattern[]
  /** The policy with what the prelude opens: `decide()` as everybody else asks it. */
  readonly whole: Decider
}

type Guarded = Boundary & { readonly protection: NonNullable<Boundary['protection']> }

interface ScenePattern {
  readonly rule: LivePattern
  readonly segments: readonly string[]
}

/** Works out the tree of a policy once for all sections. */
export const sceneOf = (resolved: ResolvedPolicy): Scene => {
  const policy = withoutProvided(resolved)
  const index = indexPolicy(policy)
  const shape = shapeOf(index)
  const protections = shape.boundaries.filter(
    (boundary): boundary is Guarded => boundary.protection !== undefined,
  )
  return {
    policy,
    index,
    shape,
    decider: deciderOf(index),
    nodes: nodesOf(index.root),
    protections,
    protectedPaths: new Set(protections.map(({ path }) => path)),
    whole: compilePolicy(resolved),
    patterns: policy.patterns.map((rule) => ({ rule, segments: segmentsOf(rule.pattern) })),
  }
}

/**
 * The prelude is in a program as it stands; what bubblewrap brings (its own /dev and /proc) means
 * nothing to Seatbelt.
 */
const withoutProvided = (policy: ResolvedPolicy): ResolvedPolicy => ({
  ...policy,
  grants: policy.grants.filter((grant) => !grant.provider),
  stats: policy.stats.filter((stat) => !stat.provider),
})

/**
 * The highest writable ancestor of a path: the agent can rename nothing above it, so the names
 * above keep their spelling.
 */
export const writableRootOf = (scene: Scene, path: AbsolutePath): AbsolutePath | undefined =>
  ancestorsOf(path).find((ancestor) => scene.decider.decide('write', ancestor).allowed)

/**
 * True when a protection or live pattern may deny something at this path, or (`strictly`) because
 * of a directory above it. A pattern's whole root counts: its regex reaches a little further than
 * the pattern, and saying a verdict twice does no harm.
 */
export const isBeneathDenial = (scene: Scene, path: AbsolutePath, strictly: boolean): boolean =>
  (!strictly && scene.protectedPaths.has(path)) ||
  ancestorsOf(path).some((ancestor) => scene.protectedPaths.has(ancestor)) ||
  scene.patterns.some(({ rule }) => isWithin(path, rule.root) && path !== rule.root)

/** Where an entry of the tree was written, for the side table of origins. */
export const originOf = (node: PolicyNode): Origin =>
  node.hop?.origin ??
  node.stat?.origin ??
  node.grant?.origin ??
  node.protection?.origin ??
  node.connect?.origin ??
  node.bind?.origin ?? {
    strength: 'derived',
    file: 'resolution',
    key: 'ancestor',
    because: 'something granted or protected lies beneath it',
  }

const nodesOf = (root: PolicyNode): PolicyNode[] => {
  const list: PolicyNode[] = [root]
  // Grows while it is read: each name is followed by its children's turn, which gives shallow
  // before deep.
  for (const node of list) list.push(...node.children.values())
  return list
}
