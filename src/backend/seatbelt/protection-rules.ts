import type { ProtectionKind, Origin } from '../../policy/model.ts'
import { type AbsolutePath, components, isWithin, parentOf } from '../../machine/paths.ts'
import type { Granularities } from './granularity.ts'
import { restBeneath, patternText } from './live-pattern.ts'
import { beneath, type Filter, literal, regex, type Rule, subpath } from './rule.ts'
import { exactText, isExact, spellingsOf } from './spelling.ts'
import { originOf, type Scene, writableRootOf } from './scene.ts'

/**
 * Protections beneath a scope, denied at every granularity that any allow of the profile uses, in
 * every spelling the file system takes.
 */
export const protectionRules = (scene: Scene, scope: AbsolutePath, at: Granularities): Rule[] =>
  scene.protections
    .filter((boundary) => isWithin(boundary.path, scope))
    .flatMap(({ path, protection }) => {
      const exact = denials(protection.kind, protection.origin, at, subpath(path), beneath(path))
      if (!scene.policy.foldsNames) return exact
      const { text, filter } = spelled(scene, path)
      return [
        ...exact,
        ...denials(
          protection.kind,
          protection.origin,
          leavesOf(at),
          filter(`${text}(/|$)`),
          filter(`${text}/`),
        ),
      ]
    })

/**
 * Patterns that also hold for names made during the run, where they match strictly beneath the
 * scope.
 */
export const patternRules = (scene: Scene, scope: AbsolutePath, at: Granularities): Rule[] => [
  ...scene.patterns.flatMap(({ rule, segments }) => {
    if (!isWithin(scope, rule.root) && !isWithin(rule.root, scope)) return []
    const root = isWithin(rule.root, scope) ? rule.root : scope
    return restBeneath(rule.root, root, segments, scene.index.fold).flatMap((rest) => {
      const text = patternText(root, rest)
      const filter = (source: string): Filter => anchored(root, source)
      return denials(
        rule.kind,
        rule.origin,
        leavesOf(at),
        filter(`${text}(/|$)`),
        filter(`${text}/`),
      )
    })
  }),
  ...hiddenRoots(scene, scope, at),
]

/**
 * A pattern that hides the very name of a grant: its name is visible to nobody, as its directory
 * cannot be read.
 */
const hiddenRoots = (scene: Scene, scope: AbsolutePath, at: Granularities): Rule[] =>
  scene.patterns.length === 0
    ? []
    : scene.nodes
        .filter(
          (node) =>
            isWithin(node.path, scope) &&
            node.state.access !== 'none' &&
            scene.decider.access(node.path) === 'none',
        )
        .map((node) => ({
          action: 'deny',
          operations: at.stat,
          filters: [literal(node.path)],
          origin: originOf(node),
        }))

/**
 * Names that may not be made, but within a directory of a given name. No `require-not`: in a denial
 * it made sandbox-exec abort.
 */
export const barredRules = (scene: Scene, scope: AbsolutePath): Rule[] =>
  scene.policy.barred
    .filter(({ root }) => isWithin(root, scope) || isWithin(scope, root))
    .flatMap(({ root, name, except, origin }) => {
      const place = anchored(
        root,
        `^${exactText(root)}/((${otherThan(except)})/)*${spellingsOf(name)}$`,
      )
      return ['REGULAR-FILE', 'SYMLINK'].map(
        (type): Rule => ({
          action: 'deny',
          operations: ['file-write-create'],
          filters: [
            { kind: 'both', filters: [place, { kind: 'fixed', text: `(vnode-type ${type})` }] },
          ],
          origin,
        }),
      )
    })

/**
 * Every name but this one, of ASCII in any case: what parts from it at each letter in turn, what
 * ends early, what goes on.
 */
const otherThan = (name: string): string => {
  const letters = [...name].map((letter) => [...new Set([letter, letter.toUpperCase()])].join(''))
  const before = (count: number): string =>
    letters
      .slice(0, count)
      .map((letter) => `[${letter}]`)
      .join('')
  return [
    ...letters.map((letter, at) => `${before(at)}[^/${letter}][^/]*`),
    ...letters.slice(1).map((_, at) => before(at + 1)),
    `${before(letters.length)}[^/][^/]*`,
  ].join('|')
}

/**
 * Pins: names inside what is writable that may not be made, moved, replaced or removed, because
 * something stands on them or beneath them. Renaming is removing the source and making the
 * destination, so a moved directory would take its protections' names away.
 */
export const pinRules = (scene: Scene, scope: AbsolutePath): Rule[] =>
  scene.nodes
    .filter(
      ({ path }) =>
        isWithin(path, scope) &&
        scene.decider.decide('write', path).allowed &&
        !scene.decider.decide('create', path).allowed,
    )
    .flatMap((node): Rule[] => {
      const deny = (filter: Filter): Rule => ({
        action: 'deny',
        operations: PINNED,
        filters: [filter],
        origin: originOf(node),
      })
      const exact = deny(literal(node.path))
      if (!scene.policy.foldsNames || writableRootOf(scene, node.path) === undefined) return [exact]
      const { text, filter } = spelled(scene, node.path)
      return [exact, deny(filter(`${text}$`))]
    })

const PINNED = ['file-write-create', 'file-write-unlink', 'network-bind']

/**
 * `hidden` takes everything, but for the name itself, which stays visible where its directory is;
 * `read_only` what needs `write`.
 */
const denials = (
  kind: ProtectionKind,
  origin: Origin,
  at: Granularities,
  place: Filter,
  under: Filter,
): Rule[] => {
  const deny = (operations: readonly string[], filter: Filter): Rule[] =>
    operations.length === 0 ? [] : [{ action: 'deny', operations, filters: [filter], origin }]
  return kind === 'hidden'
    ? [...deny([...at.read, ...at.write, ...at.device], place), ...deny(at.stat, under)]
    : deny(at.write, place)
}

/**
 * A regex also meets names that nothing in the policy tree stands for, and whether those are
 * visible depends on the directory they are in. So it denies the leaves of `file-read*` and leaves
 * metadata to what holds there.
 */
const leavesOf = (at: Granularities): Granularities => ({
  ...at,
  read: [
    ...new Set(
      at.read.flatMap((operation) =>
        operation === 'file-read*' ? ['file-read-data', 'file-read-xattr'] : [operation],
      ),
    ),
  ],
})

/** Every spelling of a path below the names that cannot change theirs. */
const spelled = (
  scene: Scene,
  path: AbsolutePath,
): { readonly text: string; readonly filter: (source: string) => Filter } => {
  const anchor = writableRootOf(scene, path) ?? parentOf(path)
  const names = components(path).slice(components(anchor).length)
  return {
    text: `^${exactText(anchor)}/${names.map(spellingsOf).join('/')}`,
    filter: (source) => anchored(anchor, source),
  }
}

/** A regex is ASCII; where its anchor is not, the anchor's own bytes are compared beside it. */
const anchored = (anchor: AbsolutePath, source: string): Filter =>
  isExact(anchor) ? regex(source) : { kind: 'both', filters: [subpath(anchor), regex(source)] }
