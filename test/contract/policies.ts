import fc from 'fast-check'
import { compilePolicy } from '../../src/policy/decide.ts'
import {
  type Grant,
  type GrantAccess,
  type Lift,
  type LivePattern,
  type Protection,
  type ProtectionKind,
  type ResolvedPolicy,
  STRENGTHS,
  type Strength,
} from '../../src/policy/model.ts'
import { type AbsolutePath, isWithin, join, nameOf } from '../../src/machine/paths.ts'
import { grant, lift, origin, protection } from '../policy/builders.ts'
import { withBase } from './machine.ts'
import type { Tree, TreeEntry } from './tree.ts'

type Names = Pick<Tree, 'root' | 'entries'>

interface GrantSpec {
  readonly at: number
  readonly access: GrantAccess
  readonly strength: Strength
}
interface ProtectionSpec {
  readonly at: number
  readonly kind: ProtectionKind
  readonly liftable: boolean
}
interface AbsentSpec {
  readonly at: number
  readonly names: string
  readonly kind: ProtectionKind
  readonly isFile: boolean
  /** The sandbox sees something else there than the host. */
  readonly isShown: boolean
}

/** A policy over any tree: numbers choose among its entries. */
export interface PolicySpec {
  readonly root: GrantAccess | undefined
  readonly grants: readonly GrantSpec[]
  readonly protections: readonly ProtectionSpec[]
  readonly absent: readonly AbsentSpec[]
  readonly lifts: readonly number[]
  readonly hops: readonly number[]
  readonly stats: readonly number[]
  readonly connect: readonly number[]
  readonly hasPattern: boolean
}

const number = fc.nat(999)
const access = fc.constantFrom<GrantAccess>('none', 'read', 'write')
const kind = fc.constantFrom<ProtectionKind>('hidden', 'read_only')

export const policySpec: fc.Arbitrary<PolicySpec> = fc.record({
  root: fc.oneof(
    { weight: 4, arbitrary: fc.constant<GrantAccess>('write') },
    { weight: 2, arbitrary: fc.constant<GrantAccess>('read') },
    { weight: 1, arbitrary: fc.constant(undefined) },
  ),
  grants: fc.array(fc.record({ at: number, access, strength: fc.constantFrom(...STRENGTHS) }), {
    maxLength: 7,
  }),
  protections: fc.array(fc.record({ at: number, kind, liftable: fc.boolean() }), { maxLength: 5 }),
  absent: fc.array(
    fc.record({
      at: number,
      names: fc.constantFrom('.vscode', '.env', 'not there', 'deep/er/est', '[gone]'),
      kind,
      isFile: fc.boolean(),
      isShown: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
  lifts: fc.array(number, { maxLength: 3 }),
  hops: fc.array(number, { maxLength: 4 }),
  stats: fc.array(number, { maxLength: 2 }),
  connect: fc.array(number, { maxLength: 2 }),
  hasPattern: fc.boolean(),
})

const pick = <T>(list: readonly T[], numbers: readonly number[]): T[] =>
  list.length === 0 ? [] : numbers.map((at) => list[at % list.length]!)

const entryKind = (entry: TreeEntry): Grant['kind'] =>
  entry.kind === 'directory' ? 'directory' : 'file'

/**
 * The policy that a spec means on a tree, keeping what resolution promises: grants and protections
 * stand on real paths, an absent protection at its first missing name and only where that could be
 * made, and each socket is either granted or masked.
 */
export const policyOn = (tree: Names, spec: PolicySpec): ResolvedPolicy => {
  const real = tree.entries.filter((entry) => entry.kind !== 'link' && entry.kind !== 'socket')
  const links = tree.entries.filter((entry) => entry.kind === 'link')
  const sockets = tree.entries.filter((entry) => entry.kind === 'socket')
  const directories = real.filter((entry) => entry.kind === 'directory')
  const grants: Grant[] = spec.root === undefined ? [] : [grant(spec.root, tree.root)]
  for (const { at, access: level, strength } of spec.grants) {
    const entry = real[at % real.length]!
    grants.push(grant(level, entry.path, { kind: entryKind(entry), origin: origin(strength) }))
  }
  const existing: Protection[] = spec.protections.map(({ at, kind: what, liftable }) => {
    const entry = real[at % real.length]!
    return protection(what, entry.path, { entry: entryKind(entry), liftable })
  })
  const patterns = spec.hasPattern ? patternOn(tree) : undefined
  if (patterns) existing.push(...patterns.protections)
  const beneath = real.filter((entry) => existing.some((one) => isWithin(entry.path, one.path)))
  const lifts: Lift[] = pick(beneath, spec.lifts).map((entry) => lift(entry.path))
  const connect = [...new Set(pick(sockets, spec.connect))]
  const parts: Partial<ResolvedPolicy> = {
    project: tree.root,
    grants,
    protections: existing,
    lifts,
    hops: [...new Set(pick(links, spec.hops))].map((entry) => ({
      path: entry.path,
      target: entry.target ?? '',
      origin: origin(),
    })),
    stats: pick(directories, spec.stats).map((entry) => ({ path: entry.path, origin: origin() })),
    sockets: {
      connect: connect.map(({ path }) => ({ path, origin: origin() })),
      bind: [],
      masked: sockets
        .filter((entry) => !connect.includes(entry))
        .map(({ path }) => ({ path, origin: origin() })),
    },
  }
  const known = compilePolicy(withBase(parts))
  const absent = spec.absent.flatMap(({ at, names, kind: what, isFile, isShown }): Protection[] => {
    const directory = directories[at % directories.length]!.path
    const [first, ...rest] = names.split('/')
    const path = join(directory, first!)
    if (tree.entries.some((entry) => entry.path === path) || known.access(directory) !== 'write')
      return []
    // Only a file that is itself the protected name is held by a file.
    const entry = isFile && rest.length === 0 ? 'file' : 'directory'
    return [
      protection(what, path, {
        exists: false,
        entry,
        ...(entry === 'file' ? { placeholder: '.\n', ...(isShown && { isUnseen: true }) } : {}),
        ...(entry === 'directory' && isShown ? { files: { shown: 'x' } } : {}),
      }),
    ]
  })
  return withBase({
    ...parts,
    protections: [...existing, ...oneForEachName(absent)],
    patterns: patterns?.patterns ?? [],
  })
}

/** Two entries for one absent name would hold it with two kinds of things. */
const oneForEachName = (list: readonly Protection[]): Protection[] => [
  ...new Map(list.map((one) => [one.path, one])).values(),
]

/**
 * A pattern with the names that it finds at the start; none where a link or socket has such a name,
 * because that refuses a start.
 */
const patternOn = (
  tree: Names,
): { protections: Protection[]; patterns: LivePattern[] } | undefined => {
  const found = tree.entries.filter((entry) => nameOf(entry.path) === HIDDEN_NAME)
  if (found.some((entry) => entry.kind === 'link' || entry.kind === 'socket')) return undefined
  return {
    protections: found.map((entry) =>
      protection('hidden', entry.path, { entry: entryKind(entry), requested: `**/${HIDDEN_NAME}` }),
    ),
    patterns: [{ root: tree.root, pattern: `**/${HIDDEN_NAME}`, kind: 'hidden', origin: origin() }],
  }
}

/** The name that the generated pattern protects. */
export const HIDDEN_NAME = '.hidden'

/** Names that a policy holds although they are absent. */
export const heldNames = (
  policy: ResolvedPolicy,
): { readonly path: AbsolutePath; readonly isFile: boolean }[] =>
  policy.protections
    .filter((one) => !one.exists)
    .map((one) => ({ path: one.path, isFile: one.entry === 'file' }))
