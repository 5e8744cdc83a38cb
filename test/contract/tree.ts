import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import fc from 'fast-check'
import { type AbsolutePath, join } from '../../src/machine/paths.ts'

export type NodeKind = 'file' | 'program' | 'directory' | 'link' | 'socket'

/**
 * One name to make; the numbers choose among what is there already, so that any list of them is a
 * tree and shrinks to one.
 */
interface NodeSpec {
  readonly kind: NodeKind
  readonly name: string
  readonly parent: number
  readonly target: number
  readonly isAbsolute: boolean
  readonly isPrivate: boolean
}
export type TreeSpec = readonly NodeSpec[]

export interface TreeEntry {
  readonly path: AbsolutePath
  readonly kind: NodeKind
  /** What is stored in a link. */
  readonly target?: string
}

/** A tree on disk with the host's ends of its sockets. */
export interface Tree {
  readonly root: AbsolutePath
  /** The root first, parents before children. */
  readonly entries: readonly TreeEntry[]
  close(): Promise<void>
}

/**
 * Names that file systems, argument lists and patterns are known to stumble over; NFC and NFD of
 * one letter, pairs that differ in case.
 */
const ODD_NAMES = [
  'a',
  'b',
  'c',
  'lib',
  'src',
  'Case',
  'case',
  'with space',
  ' lead',
  'trail ',
  "it's",
  'say "hi"',
  'new\nline',
  'tab\there',
  '[x]',
  'st*r',
  'what?',
  'caf\u00e9',
  'cafe\u0301',
  'back\\slash',
  '(paren)',
  '{brace}',
  '$HOME',
  '~',
  '-dash',
  '.hidden',
  '#hash',
  '%s',
  'a=b',
  '\u{1f600}',
  '\\040',
  ';',
  '&',
  '|',
] as const

const kinds = fc.oneof(
  { weight: 5, arbitrary: fc.constant<NodeKind>('directory') },
  { weight: 5, arbitrary: fc.constant<NodeKind>('file') },
  { weight: 3, arbitrary: fc.constant<NodeKind>('link') },
  { weight: 1, arbitrary: fc.constant<NodeKind>('socket') },
  { weight: 1, arbitrary: fc.constant<NodeKind>('program') },
)

const nodeSpec = fc.record<NodeSpec>({
  kind: kinds,
  name: fc.constantFrom(...ODD_NAMES),
  parent: fc.nat(999),
  target: fc.nat(999),
  isAbsolute: fc.boolean(),
  isPrivate: fc.boolean(),
})

export const treeSpec = (size: number): fc.Arbitrary<TreeSpec> =>
  fc.array(nodeSpec, { minLength: Math.ceil(size / 2), maxLength: size, size: 'max' })

/** Longest path that a socket can be bound at, less the name that a probe adds beside it. */
const SOCKET_BYTES = 96

/**
 * The names that a spec means under `root`; where names are folded, two that are one name there are
 * one entry.
 */
export const planTree = (
  root: AbsolutePath,
  spec: TreeSpec,
  fold: (name: string) => string = (name) => name,
): { entries: TreeEntry[]; specs: NodeSpec[] } => {
  const entries: TreeEntry[] = [{ path: root, kind: 'directory' }]
  const specs: NodeSpec[] = []
  const taken = new Set<string>()
  for (const node of spec) {
    const directories = entries.filter((entry) => entry.kind === 'directory')
    // Half the time one of the latest, so that trees are deep as well as wide.
    const nearest = directories.slice(-3)
    const parent = (
      node.parent % 2
        ? nearest[node.parent % nearest.length]
        : directories[node.parent % directories.length]
    )!.path
    const place = join(parent, node.name)
    if (
      taken.has(fold(place)) ||
      (node.kind === 'socket' && Buffer.byteLength(place) > SOCKET_BYTES)
    )
      continue
    taken.add(fold(place))
    const there = entries[node.target % entries.length]!.path
    const target = node.isAbsolute ? there : path.relative(parent, there) || '.'
    entries.push({ path: place, kind: node.kind, ...(node.kind === 'link' ? { target } : {}) })
    specs.push(node)
  }
  return { entries, specs }
}

/** Builds the tree under `root`, which must be there, owned by `uid` if one is given. */
export const buildTree = async (
  root: AbsolutePath,
  spec: TreeSpec,
  uid?: number,
): Promise<Tree> => {
  const { entries, specs } = planTree(root, spec)
  const servers: net.Server[] = []
  for (const [at, node] of specs.entries()) {
    const entry = entries[at + 1]!
    if (node.kind === 'socket') servers.push(await listen(entry.path))
    else make(entry, node.isPrivate)
    if (uid !== undefined) fs.lchownSync(entry.path, uid, uid)
  }
  return {
    root,
    entries,
    close: async () => {
      await Promise.all(
        servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      )
    },
  }
}

const make = ({ path: place, kind, target }: TreeEntry, isPrivate: boolean): void => {
  switch (kind) {
    case 'directory':
      return fs.mkdirSync(place, { mode: isPrivate ? 0o700 : 0o755 })
    case 'file':
      return fs.writeFileSync(place, `content of ${place}\n`, { mode: isPrivate ? 0o600 : 0o644 })
    case 'program':
      return fs.copyFileSync('/usr/bin/true', place)
    case 'link':
      return fs.symlinkSync(target ?? '', place)
    case 'socket':
      throw new Error('a socket is made by listening')
    default:
      return kind satisfies never
  }
}

const listen = (place: string): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer((connection) => connection.on('error', () => undefined).end())
    server.once('error', reject)
    server.listen(place, () => resolve(server))
  })

/**
 * Names, types, modes, owners, contents and link targets beneath a directory: equal before and
 * after, nothing was lost.
 */
export const snapshot = (root: AbsolutePath): readonly string[] => {
  const lines: string[] = []
  const visit = (place: string): void => {
    const stat = fs.lstatSync(place)
    const type = stat.mode & fs.constants.S_IFMT
    const content = stat.isFile()
      ? digest(fs.readFileSync(place))
      : stat.isSymbolicLink()
        ? fs.readlinkSync(place)
        : ''
    lines.push(
      JSON.stringify([place.slice(root.length), type, stat.mode & 0o7777, stat.uid, content]),
    )
    if (stat.isDirectory())
      for (const name of fs.readdirSync(place).sort()) visit(path.join(place, name))
  }
  visit(root)
  return lines
}

const digest = (bytes: Buffer): string => crypto.createHash('sha256').update(bytes).digest('hex')
