import { LauncherError } from '../../errors.ts'
import { type Boundary, type PolicyShape, shapeOf } from '../../policy/boundaries.ts'
import { indexPolicy } from '../../policy/index.ts'
import type { Origin, ResolvedPolicy } from '../../policy/model.ts'
import { mountOptions, NAMED_SOURCES } from './argv.ts'
import {
  type AbsolutePath,
  ancestorsOf,
  depthOf,
  isWithin,
  join,
  ROOT,
} from '../../machine/paths.ts'

/**
 * One step of building the root, in order. `dest` is the path inside; sources are the same path on
 * the host unless said.
 */
export type MountOperation = { readonly dest: AbsolutePath; readonly origin: Origin } & (
  | { readonly type: 'chmod'; readonly mode: number }
  | { readonly type: 'dir'; readonly mode: number }
  | { readonly type: 'symlink'; readonly source: string }
  | { readonly type: 'dev' | 'proc' }
  | { readonly type: 'shm' }
  | { readonly type: 'bind' | 'ro-bind' | 'pin'; readonly source: AbsolutePath }
  /**
   * An unreadable stand-in of the same type: a directory (left traversable where something granted
   * lies beneath) or a file.
   */
  | { readonly type: 'standin-dir'; readonly mode: 0 | 0o111 }
  | { readonly type: 'standin-file' }
  /**
   * What a held name shows inside: files that launcher keeps for the run, so that the name on the
   * host stays empty.
   */
  | { readonly type: 'nothing'; readonly nothing: Nothing }
  | { readonly type: 'remount-ro' }
)

/**
 * The content of a file, or of a directory's files by name. `number` tells it from the others of a
 * program.
 */
export interface Nothing {
  readonly number: number
  readonly content: string | Readonly<Record<string, string>>
}

/**
 * What stands at a held name on the host: an empty directory, a file, or a socket, which git
 * neither lists nor adds.
 */
export type Hold =
  | { readonly type: 'directory' }
  | { readonly type: 'socket' }
  | { readonly type: 'file'; readonly content: string }

/**
 * A name that launcher must put on the host for the time of the run, so that nothing else can be
 * made there.
 */
export interface Placeholder {
  readonly path: AbsolutePath
  readonly hold: Hold
  /** What holds the name where a file system knows no sockets. */
  readonly otherwise?: Hold
}

/** What bubblewrap enforces: mount steps in order, names to hold, and the network namespace. */
export interface BubblewrapProgram {
  readonly operations: readonly MountOperation[]
  readonly placeholders: readonly Placeholder[]
  readonly hasOwnNetwork: boolean
}

/**
 * Start-up grows with the square of the mounts: 1,000 binds take about 1.2 s (measured). Room for
 * 600 hidden files, each in a directory of its own.
 */
export const MOUNT_BUDGET = 1_300

/**
 * bubblewrap 0.8 takes 9,000 arguments in all, those of `--args` included (MAX_ARGS in its source);
 * some are for the rest.
 */
const WORD_BUDGET = 8_900

const AT_ROOT: Origin = {
  strength: 'builtin',
  file: 'bubblewrap',
  key: 'root',
  because: 'the root is built from nothing and sealed',
}
const PIN: Origin = {
  strength: 'derived',
  file: 'bubblewrap',
  key: 'pin',
  because:
    'a name above a protection must not be moved; pinned beneath the writable root, so that renames inside it still work',
}

/**
 * Compiles a resolved policy to mount steps; each line of the order closes a hole that was
 * measured.
 */
export const compileBubblewrap = (policy: ResolvedPolicy): BubblewrapProgram => {
  const shape = shapeOf(indexPolicy(policy))
  refuseInexpressible(shape, policy)
  const operations: MountOperation[] = [{ type: 'chmod', dest: ROOT, mode: 0o111, origin: AT_ROOT }]
  const sealed: MountOperation[] = []
  for (const step of inOrder(shape, policy)) operations.push(...stepOperations(step, shape, sealed))
  operations.push(...sealed.reverse(), {
    type: 'remount-ro',
    dest: ROOT,
    origin: AT_ROOT,
  })
  const mounts = operations.filter(
    (operation) => !['chmod', 'dir', 'symlink', 'remount-ro'].includes(operation.type),
  ).length
  if (mounts > MOUNT_BUDGET) {
    throw new LauncherError(
      'E_LIMIT',
      `the policy needs ${mounts} mounts, more than ${MOUNT_BUDGET}: the start would take seconds`,
      {
        hint: 'name directories instead of many files, or move protected trees out of the project',
      },
    )
  }
  const words = operations.reduce(
    (sum, operation) => sum + mountOptions(operation, NAMED_SOURCES).length,
    0,
  )
  if (words > WORD_BUDGET) {
    throw new LauncherError(
      'E_LIMIT',
      `the policy needs ${words} words of bubblewrap's command line, more than ${WORD_BUDGET}`,
      {
        hint: 'name directories instead of many files that lie apart',
      },
    )
  }
  return {
    operations: numbered(operations),
    placeholders: placeholdersOf(shape),
    hasOwnNetwork: policy.network.mode.value !== 'host',
  }
}

/**
 * What mounts cannot do is refused by name: an approximation would let through what `decide()`
 * denies, or the other way round.
 */
const refuseInexpressible = (shape: PolicyShape, policy: ResolvedPolicy): void => {
  const refuse = (what: string, hint: string): never => {
    throw new LauncherError('E_UNSUPPORTED', `bubblewrap cannot express this policy: ${what}`, {
      hint,
    })
  }
  if (shape.boundaries.some((boundary) => boundary.path === '/'))
    refuse('the root directory itself is granted', 'grant the directories in it that are needed')
  const provided = policy.grants.filter((grant) => grant.provider === 'backend')
  for (const { path, access } of provided) {
    const here = shape.boundaries.find((boundary) => boundary.path === path)
    if (here?.access !== access)
      refuse(
        `${path} is made by bubblewrap and an entry gives it another access`,
        `leave ${path} out`,
      )
  }
  // A socket of the host is not in a directory that is made anew.
  const entries = [
    ...shape.boundaries.filter((boundary) => !boundary.masked),
    ...shape.hops,
    ...shape.connect,
    ...shape.bind,
  ]
  for (const { path } of entries) {
    const around = provided.find((grant) => isWithin(path, grant.path))
    if (around && !provided.some((grant) => grant.path === path))
      refuse(
        `${path} lies in ${around.path}, which is made by bubblewrap and not the host's`,
        `leave ${path} out`,
      )
  }
  for (const { path } of shape.bind) {
    const around = shape.boundaries.filter((boundary) => isWithin(path, boundary.path)).at(-1)
    if (around?.access !== 'write')
      refuse(
        `the socket ${path} may be made, but its directory is not writable`,
        'grant write on its directory',
      )
  }
}

type Step =
  | { readonly at: AbsolutePath; readonly kind: 'boundary'; readonly boundary: Boundary }
  | { readonly at: AbsolutePath; readonly kind: 'name'; readonly origin: Origin }
  | {
      readonly at: AbsolutePath
      readonly kind: 'hop'
      readonly target: string
      readonly origin: Origin
    }
  | { readonly at: AbsolutePath; readonly kind: 'socket'; readonly origin: Origin }
  | { readonly at: AbsolutePath; readonly kind: 'dev' | 'proc'; readonly origin: Origin }

/**
 * Everything that must appear, shallow to deep: a mount point must exist before what lies beneath
 * it.
 */
const inOrder = (shape: PolicyShape, policy: ResolvedPolicy): Step[] => {
  const provided = policy.grants.filter((grant) => grant.provider === 'backend')
  const isProvided = (path: AbsolutePath): boolean =>
    provided.some((grant) => isWithin(path, grant.path))
  const steps: Step[] = []
  for (const grant of provided) {
    if (grant.path === '/dev') steps.push({ at: grant.path, kind: 'dev', origin: grant.origin })
    if (grant.path === '/proc') steps.push({ at: grant.path, kind: 'proc', origin: grant.origin })
  }
  for (const boundary of shape.boundaries) {
    if (!isProvided(boundary.path)) steps.push({ at: boundary.path, kind: 'boundary', boundary })
  }
  for (const name of shape.names)
    if (name.path !== '/') steps.push({ at: name.path, kind: 'name', origin: name.origin })
  for (const hop of shape.hops)
    steps.push({ at: hop.path, kind: 'hop', target: hop.target, origin: hop.origin })
  for (const socket of shape.connect) {
    if (!isCovered(socket.path, shape))
      steps.push({ at: socket.path, kind: 'socket', origin: socket.origin })
  }
  return steps.sort(
    (a, b) => depthOf(a.at) - depthOf(b.at) || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0),
  )
}

const isCovered = (path: AbsolutePath, shape: PolicyShape): boolean => {
  const deepest = shape.boundaries.filter((boundary) => isWithin(path, boundary.path)).at(-1)
  return deepest !== undefined && deepest.access !== 'none'
}

const stepOperations = (
  step: Step,
  shape: PolicyShape,
  sealed: MountOperation[],
): MountOperation[] => {
  switch (step.kind) {
    case 'name':
      return [{ type: 'dir', dest: step.at, mode: 0o111, origin: step.origin }]
    case 'hop':
      return [{ type: 'symlink', dest: step.at, source: step.target, origin: step.origin }]
    case 'socket':
      return [{ type: 'ro-bind', dest: step.at, source: step.at, origin: step.origin }]
    case 'proc':
      // Root without capabilities may still write /proc/sys (core_pattern names a program that the
      // host runs), so all of it is sealed.
      sealed.push({ type: 'remount-ro', dest: step.at, origin: step.origin })
      return [{ type: 'proc', dest: step.at, origin: step.origin }]
    case 'dev':
      // /dev itself is a writable tmpfs under bubblewrap: what is written there vanishes instead of
      // failing, so it is sealed.
      sealed.push({ type: 'remount-ro', dest: step.at, origin: step.origin })
      return [
        { type: 'dev', dest: step.at, origin: step.origin },
        { type: 'shm', dest: join(step.at, 'shm'), origin: step.origin },
      ]
    case 'boundary':
      return boundaryOperations(step.boundary, shape, sealed)
    default:
      return step satisfies never
  }
}

const boundaryOperations = (
  boundary: Boundary,
  shape: PolicyShape,
  sealed: MountOperation[],
): MountOperation[] => {
  const { path, origin } = boundary
  switch (boundary.access) {
    case 'none': {
      if (boundary.kind === 'file') return [{ type: 'standin-file', dest: path, origin }]
      sealed.push({ type: 'remount-ro', dest: path, origin })
      return [{ type: 'standin-dir', dest: path, mode: boundary.traversable ? 0o111 : 0, origin }]
    }
    case 'read': {
      const content = nothingAt(boundary)
      return content === undefined
        ? [{ type: 'ro-bind', dest: path, source: path, origin }]
        : [{ type: 'nothing', dest: path, nothing: { number: 0, content }, origin }]
    }
    case 'write': {
      // A protection lifted back to write, or a change of protection alone: the mount that is there
      // already is writable.
      if (boundary.above === 'write') return []
      const pins = pinsBeneath(boundary, shape)
      const bind: MountOperation = { type: 'bind', dest: path, source: path, origin }
      if (pins.length === 0) return [bind]
      // Bind, pin, bind again: a pin made before the bind pins a name of the tmpfs, one made after
      // it is visible and breaks renames across it.
      return [
        bind,
        ...pins.map(
          (pin): MountOperation => ({ type: 'pin', dest: pin, source: pin, origin: PIN }),
        ),
        bind,
      ]
    }
    default:
      return boundary.access satisfies never
  }
}

/** Directories between a writable root and each boundary inside it, shallow to deep. */
const pinsBeneath = (root: Boundary, shape: PolicyShape): AbsolutePath[] => {
  const inside = shape.boundaries.filter(
    (boundary) => boundary.path !== root.path && isWithin(boundary.path, root.path),
  )
  const taken = new Set<AbsolutePath>(
    inside.filter((boundary) => boundary.access !== 'write').map((boundary) => boundary.path),
  )
  const pins = new Set<AbsolutePath>()
  for (const boundary of inside) {
    const between = ancestorsOf(boundary.path).filter(
      (path) => path !== root.path && isWithin(path, root.path),
    )
    // Once a name is taken away or read-only, nothing beneath it can be moved; its own mount holds
    // it.
    const end = between.findIndex((path) => taken.has(path))
    for (const path of end < 0 ? between : between.slice(0, end)) pins.add(path)
  }
  return [...pins].sort((a, b) => depthOf(a) - depthOf(b) || (a < b ? -1 : 1))
}

/** Where what stands on the host is not what the reader shall see. */
const nothingAt = ({ protection }: Boundary): Nothing['content'] | undefined =>
  protection?.isUnseen ? (protection.placeholder ?? '') : protection?.files

const numbered = (operations: readonly MountOperation[]): MountOperation[] => {
  let number = 0
  return operations.map((operation) =>
    operation.type === 'nothing'
      ? { ...operation, nothing: { ...operation.nothing, number: number++ } }
      : operation,
  )
}

const placeholdersOf = (shape: PolicyShape): Placeholder[] =>
  shape.boundaries
    .filter((boundary) => !boundary.exists)
    .map(({ path, protection }): Placeholder => {
      if (protection?.entry !== 'file') return { path, hold: { type: 'directory' } }
      const file: Hold = { type: 'file', content: protection.placeholder ?? '' }
      return protection.isUnseen
        ? { path, hold: { type: 'socket' }, otherwise: file }
        : { path, hold: file }
    })
