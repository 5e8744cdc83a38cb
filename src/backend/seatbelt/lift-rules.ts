import type { PolicyNode } from '../../policy/index.ts'
import type { Origin } from '../../policy/model.ts'
import { type AbsolutePath, ancestorsOf, isWithin, ROOT } from '../../machine/paths.ts'
import type { Granularities } from './granularity.ts'
import { buriedNameRules, levelOf, levelRules, nameRules, socketRules } from './path-rules.ts'
import { barredRules, patternRules, pinRules, protectionRules } from './protection-rules.ts'
import { literal, type Rule } from './rule.ts'
import { isBeneathDenial, originOf, type Scene } from './scene.ts'

/**
 * Holes in protections, the last word of a profile. A lift grants nothing: beneath it, what the
 * grants give is said once more at every granularity the protections denied, and what is still
 * protected there is denied once more after that.
 */
export const liftRules = (scene: Scene, at: Granularities): Rule[] => [
  ...scene.nodes
    .filter((node) => node.lift !== undefined && isBeneathDenial(scene, node.path, false))
    .flatMap((node) => holeRules(scene, node, at)),
  ...buriedNameRules(scene, at),
  // Read-only is no reason to refuse a socket that is granted by name.
  ...socketRules(scene, ROOT, (path) => isDeniedLate(scene, path)),
]

const holeRules = (scene: Scene, node: PolicyNode, at: Granularities): Rule[] => {
  // Metadata was denied beneath the protection as well, so a level states it here.
  const levels: Granularities = { ...at, read: [...at.read, ...at.stat] }
  const origin = node.lift?.origin ?? originOf(node)
  return [
    ...levelOf(node.path, node.state.access, node.grant?.kind ?? 'directory', origin, levels),
    ...levelRules(scene, node.path, levels),
    ...nameRules(scene, node.path, at),
    ...socketRules(scene, node.path),
    lookupRule(scene, node, origin),
    ...protectionRules(scene, node.path, at),
    ...patternRules(scene, node.path, at),
    ...pinRules(scene, node.path),
    ...barredRules(scene, node.path),
  ]
}

/**
 * Whoever reaches what lies in a hole, or makes a socket there, looks up its name and the
 * directories above it, and what is hidden around the hole denied their existence. What is hidden
 * in the hole is denied after this.
 */
const lookupRule = (
  { shape, decider }: Scene,
  { path: hole }: PolicyNode,
  origin: Origin,
): Rule => {
  const sockets = (['connect', 'bind'] as const).flatMap((operation) =>
    shape[operation]
      .map(({ path }) => path)
      .filter((path) => isWithin(path, hole) && decider.decide(operation, path).allowed),
  )
  const names = new Set([hole, ...sockets].flatMap((path) => [...ancestorsOf(path), path]))
  return {
    action: 'allow',
    operations: ['file-test-existence'],
    filters: [...names].map(literal),
    origin,
  }
}

const isDeniedLate = (scene: Scene, path: AbsolutePath): boolean =>
  isBeneathDenial(scene, path, false) ||
  (scene.decider.decide('write', path).allowed && !scene.decider.decide('create', path).allowed)
