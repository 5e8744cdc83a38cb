import type { Boundary } from '../../policy/boundaries.ts'
import type { PolicyNode } from '../../policy/index.ts'
import type { EntryKind } from '../../machine/host.ts'
import type { GrantAccess, Origin } from '../../policy/model.ts'
import { type AbsolutePath, isWithin, ROOT } from '../../machine/paths.ts'
import type { Granularities } from './granularity.ts'
import { providedPaths } from './provided.ts'
import { type Filter, literal, type Rule, subpath } from './rule.ts'
import { isBeneathDenial, originOf, type Scene } from './scene.ts'

/**
 * Levels of access, shallow to deep, all or those strictly beneath a name; each states both what it
 * allows and what it denies.
 */
export const levelRules = (
  scene: Scene,
  above: AbsolutePath | undefined,
  at: Granularities,
): Rule[] =>
  scene.shape.boundaries
    .filter(
      (boundary) =>
        above === undefined || (isWithin(boundary.path, above) && boundary.path !== above),
    )
    .filter((boundary) => !isSaidByProtection(boundary))
    .flatMap((boundary) => {
      const kind = boundary.grant?.path === boundary.path ? boundary.grant.kind : 'directory'
      // A file is written in place: where its directory is not writable no socket can be made at
      // its name, and saying so would never decide.
      const canBind =
        boundary.access !== 'write' ||
        kind === 'directory' ||
        scene.decider.decide('bind', boundary.path).allowed
      const write = canBind ? at.write : at.write.filter((name) => name !== 'network-bind')
      return levelOf(boundary.path, boundary.access, kind, boundary.origin, { ...at, write })
    })

/**
 * What somebody takes away of what the prelude opens: denied by the names that the prelude uses,
 * which are finer than a level's.
 */
export const withdrawnRules = (scene: Scene): Rule[] =>
  providedPaths().grants.flatMap(({ path, access, kind }) => {
    const left = scene.whole.access(path)
    if (left === access || left === 'write') return []
    const { origin } = scene.whole.decide(left === 'read' ? 'write' : 'read', path)
    if (origin === undefined) return []
    const operations = left === 'read' ? WRITES : [...READS, ...WRITES]
    const filter = kind === 'file' ? literal(path) : subpath(path)
    return [{ action: 'deny', operations, filters: [filter], origin }]
  })

const READS = ['file-read*', 'file-read-data']
const WRITES = ['file-write-data', 'file-ioctl']

/** What is only a protection's doing is said among the protections, at every granularity. */
const isSaidByProtection = ({ protection, masked, access, above }: Boundary): boolean =>
  masked === undefined &&
  protection !== undefined &&
  (protection.kind === 'hidden' || (access === 'read' && above !== 'none'))

/** One level: a directory with its subtree, or a file alone. */
export const levelOf = (
  path: AbsolutePath,
  access: GrantAccess,
  kind: EntryKind,
  origin: Origin,
  at: Granularities,
): Rule[] => {
  const filter = kind === 'file' ? literal(path) : subpath(path)
  const rule = (action: Rule['action'], operations: readonly string[]): Rule[] =>
    operations.length === 0 ? [] : [{ action, operations, filters: [filter], origin }]
  switch (access) {
    case 'write':
      return rule('allow', [...at.read, ...at.write])
    case 'read':
      return [...rule('allow', at.read), ...rule('deny', at.write)]
    case 'none':
      // Existence is open but beneath what is hidden: denied here, it would keep a socket in there
      // from being looked up that is granted by its name.
      return rule('deny', [
        ...at.read.filter((operation) => operation !== 'file-test-existence'),
        ...at.write,
      ])
    default:
      return access satisfies never
  }
}

/**
 * Bare names: their metadata and nothing else. Names under something hidden are left to the last
 * section.
 */
export const nameRules = (scene: Scene, scope: AbsolutePath, at: Granularities): Rule[] =>
  bareNames(scene, scope)
    .filter((node) => !isBeneathDenial(scene, node.path, true))
    .flatMap((node) => [nameRule(node, at), ...listRule(scene, node)])

/**
 * A directory whose names can be listed: no file can be read by it, whatever takes the place of the
 * directory.
 */
const listRule = (scene: Scene, { path, stat }: PolicyNode): Rule[] =>
  stat?.lists && scene.decider.decide('list', path).allowed
    ? [
        {
          action: 'allow',
          operations: ['file-read-data'],
          filters: [
            {
              kind: 'both',
              filters: [literal(path), { kind: 'fixed', text: '(vnode-type DIRECTORY)' }],
            },
          ],
          origin: stat.origin,
        },
      ]
    : []

/** Bare names that the protections have denied: what a lift made live lies beneath them. */
export const buriedNameRules = (scene: Scene, at: Granularities): Rule[] =>
  bareNames(scene, ROOT)
    .filter((node) => isBeneathDenial(scene, node.path, true))
    .map((node) => nameRule(node, at))

/** Sockets that may be connected to or made, each by its own name. */
export const socketRules = (
  scene: Scene,
  scope: AbsolutePath,
  isWanted: (path: AbsolutePath) => boolean = () => true,
): Rule[] => {
  const { connect, bind } = scene.shape
  const within = (path: AbsolutePath): boolean => isWithin(path, scope) && isWanted(path)
  return [
    ...connect
      .filter(({ path }) => within(path) && scene.decider.decide('connect', path).allowed)
      .map(
        ({ path, origin }): Rule => ({
          action: 'allow',
          operations: ['network-outbound'],
          filters: [literal(path)],
          origin,
        }),
      ),
    ...bind
      .filter(({ path }) => within(path) && scene.decider.decide('bind', path).allowed)
      .flatMap(({ path, origin }): Rule[] => {
        const filter = literal(path)
        return [
          {
            action: 'allow',
            operations: ['network-inbound', 'network-bind'],
            filters: [filter],
            origin,
          },
          // The right to make a socket there is no right to make a file there.
          {
            action: 'allow',
            operations: ['file-write-create'],
            filters: [socketOnly(filter)],
            origin,
          },
        ]
      }),
  ]
}

const socketOnly = (filter: Filter): Filter => ({
  kind: 'both',
  filters: [filter, { kind: 'fixed', text: '(vnode-type SOCKET)' }],
})

const bareNames = (scene: Scene, scope: AbsolutePath): PolicyNode[] =>
  // The root directory is always readable: the loader needs it.
  scene.nodes.filter(
    (node) =>
      node.path !== '/' && isWithin(node.path, scope) && scene.decider.access(node.path) === 'stat',
  )

const nameRule = (node: PolicyNode, at: Granularities): Rule => ({
  action: 'allow',
  operations: at.stat,
  filters: [literal(node.path)],
  origin: originOf(node),
})
