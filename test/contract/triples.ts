import fs from 'node:fs'
import path from 'node:path'
import { realHost } from '../../src/machine/real/host.ts'
import type { Decider } from '../../src/policy/decide.ts'
import type { Operation, ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, isWithin, join, nameOf, parentOf } from '../../src/machine/paths.ts'
import { createWalker, type Walker } from '../../src/machine/walk.ts'
import { heldNames, HIDDEN_NAME } from './policies.ts'
import type { NodeKind, Tree } from './tree.ts'

/** One question: something done to a path, and what `decide()` is asked about it. */
export interface Triple {
  /** What the probe does; several deeds are one operation of `decide()`. */
  readonly deed: string
  readonly requested: AbsolutePath
  /** Second path of a move or link, or a size. */
  readonly more: string | number | undefined
  /**
   * All of these must be allowed: the operation on the real path, the names of the links on the
   * way.
   */
  readonly asks: readonly (readonly [Operation, AbsolutePath])[]
  /** True for a name that nothing has at the start. */
  readonly isFresh: boolean
  /** True for an absent name that is held by something put there. */
  readonly isHeld: boolean
}

const OPERATION_OF: Readonly<Record<string, Operation>> = {
  'stat-through': 'stat',
  open: 'read',
  'read-write': 'write',
  append: 'write',
  truncate: 'write',
  'chmod-through': 'chmod',
}
const operationOf = (deed: string): Operation => OPERATION_OF[deed] ?? (deed as Operation)

/** What is done to a name itself, by what it is. */
const DEEDS: Readonly<Record<NodeKind, readonly string[]>> = {
  directory: ['stat', 'list', 'open', 'chmod', 'utimes', 'unlink', 'rename-from', 'rename-to'],
  file: [
    'stat',
    'read',
    'write',
    'read-write',
    'append',
    'truncate',
    'chmod',
    'utimes',
    'unlink',
    'rename-from',
    'rename-to',
    'link-from',
  ],
  program: [
    'stat',
    'exec',
    'write',
    'truncate',
    'chmod',
    'unlink',
    'rename-from',
    'rename-to',
    'link-from',
  ],
  link: ['stat', 'utimes', 'unlink', 'rename-from', 'rename-to', 'link-from'],
  socket: ['stat', 'connect', 'chmod', 'utimes', 'rename-from', 'link-from', 'unlink', 'rename-to'],
}
/** What is done through a link to what it leads to. */
const THROUGH: Readonly<Record<NodeKind, readonly string[]>> = {
  directory: ['stat-through', 'list', 'open', 'chmod-through'],
  file: ['stat-through', 'read', 'write', 'append', 'truncate', 'chmod-through'],
  program: ['stat-through', 'exec', 'write'],
  link: [],
  socket: ['stat-through', 'connect'],
}
const FRESH = ['create', 'mkdir', 'symlink', 'link-to', 'rename-to', 'bind']
const SOCKET_BYTES = 107
/** Children asked about beneath each link to a directory, and pairs for moves and links. */
const CHILDREN = 6
const PAIRS = 40

/**
 * Every question that a tree and a policy raise, without those whose answer could not be undone.
 */
export const triplesOf = (tree: Tree, policy: ResolvedPolicy, decider: Decider): Triple[] => {
  const walk = createWalker(realHost('/'))
  const held = heldNames(policy)
  const list: Triple[] = []
  for (let above = parentOf(tree.root); above !== '/'; above = parentOf(above)) {
    list.push(
      ...named(above, ['stat', 'list', 'chmod', 'utimes', 'rename-from'], walk),
      ...fresh(above, 'x', walk),
    )
  }
  for (const { path: entry, kind } of tree.entries) {
    list.push(...named(entry, DEEDS[kind], walk))
    if (kind === 'directory')
      list.push(
        ...fresh(entry, 'fresh name', walk),
        ...fresh(entry, HIDDEN_NAME, walk).filter(
          ({ deed }) => deed === 'create' || deed === 'mkdir',
        ),
      )
    if (kind === 'link') list.push(...through(entry, tree, walk))
  }
  for (const { path: entry, isFile } of held) {
    list.push(
      ...[...DEEDS[isFile ? 'file' : 'directory'], ...FRESH]
        .filter((deed) => deed !== 'truncate')
        .map((deed) => ({ ...direct(entry, deed, walk), isHeld: true })),
    )
    if (!isFile)
      list.push(...fresh(entry, 'beneath', walk).map((triple) => ({ ...triple, isHeld: true })))
  }
  list.push(...pairs(tree))
  const sockets = new Set(
    tree.entries.filter((entry) => entry.kind === 'socket').map((entry) => entry.path),
  )
  return list.filter((triple) => !isUndoable(triple, sockets, walk) || !isAllowed(decider, triple))
}

/** The listener of a socket is outside: once it is removed inside, nothing brings it back. */
const isUndoable = (
  { deed, requested }: Triple,
  sockets: ReadonlySet<string>,
  walk: Walker,
): boolean => (deed === 'unlink' || deed === 'rename-to') && sockets.has(walk(requested).real)

/** What `decide()` says. */
export const isAllowed = (decider: Decider, triple: Triple): boolean =>
  triple.asks.every(([operation, real]) => decider.decide(operation, real).allowed)

const named = (entry: AbsolutePath, deeds: readonly string[], walk: Walker): Triple[] =>
  deeds.map((deed) => direct(entry, deed, walk))

/** A question about a name itself: the links above it are followed, it is not. */
const direct = (requested: AbsolutePath, deed: string, walk: Walker): Triple => {
  const above = walk(parentOf(requested))
  const real = join(above.real, nameOf(requested))
  const more = deed === 'truncate' ? fs.statSync(requested).size : undefined
  return {
    deed,
    requested,
    more,
    asks: [...above.hops.map((hop) => ['stat', hop.path] as const), [operationOf(deed), real]],
    isFresh: false,
    isHeld: false,
  }
}

const fresh = (directory: AbsolutePath, name: string, walk: Walker): Triple[] => {
  const requested = join(directory, name)
  if (fs.lstatSync(requested, { throwIfNoEntry: false })) return []
  return FRESH.filter(
    (deed) => deed !== 'bind' || Buffer.byteLength(requested) <= SOCKET_BYTES,
  ).map((deed) => ({ ...direct(requested, deed, walk), isFresh: true }))
}

const through = (link: AbsolutePath, tree: Tree, walk: Walker): Triple[] => {
  const end = walk(link)
  const found = tree.entries.find((entry) => entry.path === end.real)
  if (end.status !== 'exists' || !found) return []
  const hops = end.hops.map((hop) => ['stat', hop.path] as const)
  const own = THROUGH[found.kind]
    .filter((deed) => deed !== 'connect' || Buffer.byteLength(link) <= SOCKET_BYTES)
    .map(
      (deed): Triple => ({
        deed,
        requested: link,
        more: deed === 'truncate' ? fs.statSync(link).size : undefined,
        asks: [...hops, [operationOf(deed), end.real]],
        isFresh: false,
        isHeld: false,
      }),
    )
  if (found.kind !== 'directory') return own
  // What the way leads through cannot be moved by that way and found again.
  const isOnTheWay = (entry: AbsolutePath): boolean =>
    end.hops.some((hop) => isWithin(hop.path, entry))
  const children = tree.entries
    .filter(
      ({ path: entry }) => parentOf(entry) === end.real && entry !== end.real && !isOnTheWay(entry),
    )
    .slice(0, CHILDREN)
  const beneath = children.flatMap((child) => {
    const requested = join(link, nameOf(child.path))
    return named(
      requested,
      child.kind === 'socket' && Buffer.byteLength(requested) > SOCKET_BYTES
        ? ['stat']
        : DEEDS[child.kind],
      walk,
    )
  })
  return [...own, ...beneath, ...fresh(link, 'through link', walk)]
}

/** Files moved and linked from one directory to another. */
const pairs = (tree: Tree): Triple[] => {
  const files = tree.entries.filter((entry) => entry.kind === 'file')
  const directories = tree.entries.filter((entry) => entry.kind === 'directory')
  return Array.from({ length: files.length === 0 ? 0 : PAIRS }, (_, at): Triple => {
    const from = files[at % files.length]!.path
    const to = join(directories[(at * 7 + 3) % directories.length]!.path, `.moved ${at}`)
    const isMove = at % 2 === 0
    const asks: Triple['asks'] = isMove
      ? [
          ['rename-from', from],
          ['rename-to', to],
        ]
      : [
          ['link-from', from],
          ['link-to', to],
        ]
    return {
      deed: isMove ? 'move' : 'link',
      requested: from,
      more: to,
      asks,
      isFresh: false,
      isHeld: false,
    }
  })
}

/** How a path is shown in a failure: without the directory that is another one in each run. */
export const shown = (tree: Tree, place: string): string =>
  JSON.stringify(path.relative(tree.root, place) || '.')
