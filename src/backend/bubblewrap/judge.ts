import { shapeOf, type Boundary } from '../../policy/boundaries.ts'
import type { Decider } from '../../policy/decide.ts'
import { type AbsolutePath, depthOf, isAbsolutePath, isWithin } from '../../machine/paths.ts'
import { finder, hostPathOf, isBelow, isDeleted, type Mount } from './mountinfo.ts'
import type { BubblewrapProgram, Nothing, Placeholder } from './program.ts'

/** A name at which a mount is to be put so that the agent has what `decide()` gives it. */
export interface Place {
  readonly at: AbsolutePath
  readonly access: 'none' | 'read' | 'write'
  /** Of the directory that stands in for a hidden one. */
  readonly mode: 0 | 0o111
  /**
   * What holds the name on the host where nothing is there, and what is shown instead of it inside.
   */
  readonly placeholder: Placeholder
  readonly nothing: Nothing | undefined
  /** A mount is there that shows what the name meant before. */
  readonly isStale: boolean
}

/** One mount to be made anew. */
export type Repair =
  | { readonly kind: 'place'; readonly at: AbsolutePath; readonly place: Place }
  /** A directory above a protection, to be held beneath the writable root that covers it. */
  | { readonly kind: 'pin'; readonly at: AbsolutePath; readonly root: AbsolutePath }

/** One difference, as a sentence, and what would mend it. */
export interface Finding {
  readonly at: string
  readonly words: string
  readonly repair: Repair | undefined
  /** Where on the host it is now, for what was moved as a whole. */
  readonly movedTo?: AbsolutePath | undefined
}

/** What became of the mounts since the last look. */
export interface Judgement {
  /**
   * What the agent could do now and must not; empty when it gained nothing. What has no repair ends
   * the run.
   */
  readonly gained: readonly Finding[]
  /** What changed and gives it nothing. A repair shows it what is there now. */
  readonly harmless: readonly Finding[]
}

/** Mount tables that a judgement compares, and what was asked for. */
export interface Compared extends Pick<BubblewrapProgram, 'operations' | 'placeholders'> {
  readonly decider: Decider
  /** Table that the agent was released with, and the one of the last look. */
  readonly released: readonly Mount[]
  readonly before: readonly Mount[]
  readonly now: readonly Mount[]
  /** Launcher's own. */
  readonly host: readonly Mount[]
}

const ORDER = ['none', 'stat', 'read', 'write'] as const
export type Held = 'none' | 'read' | 'write'

/** True when one access is more than another. */
export const isMore = (held: Held, wanted: (typeof ORDER)[number]): boolean =>
  ORDER.indexOf(held) > ORDER.indexOf(wanted)

/**
 * Asks of each place at which access can change whether the mounts that are there now give more
 * than `decide()` does. A file system's own content has no part in it: between two such places
 * neither the kernel's answer nor ours changes.
 */
export const judge = (compared: Compared): Judgement => {
  const view = viewOf(compared)
  const gained = [
    ...beyondPolicy(view),
    ...movedAway(view),
    ...lostPins(view),
    ...newDevices(view),
    ...ownMounts(view),
  ]
  const told = new Set(gained.map(({ at }) => at))
  return {
    gained: gained.filter(
      ({ at }, position) => gained.findIndex((one) => one.at === at) === position,
    ),
    harmless: changes(view).filter(({ at }) => !told.has(at)),
  }
}

/** What the questions share. */
interface View extends Compared {
  readonly boundaries: ReadonlyMap<string, Boundary>
  readonly held: (path: AbsolutePath) => Held
  readonly find: (path: AbsolutePath) => Mount | undefined
  readonly isProvided: (path: string) => boolean
  readonly was: ReadonlyMap<string, Mount>
}

const viewOf = (compared: Compared): View => {
  const { decider, now } = compared
  const shape = shapeOf(decider.index)
  const find = finder(now)
  const accessOf = mountAccess(compared)
  const was = new Map(compared.before.map((mount) => [identityOf(mount), mount]))
  const sockets = new Set<string>(shape.connect.map(({ path }) => path))
  // A granted socket can be connected to and is no file to read.
  const isSocket = (mount: Mount): boolean => sockets.has(mount.point) && was.has(identityOf(mount))
  return {
    ...compared,
    boundaries: new Map(shape.boundaries.map((boundary) => [boundary.path, boundary])),
    find,
    held: (path) => {
      const mount = find(path)
      return !mount || isSocket(mount) ? 'none' : accessOf(mount)
    },
    isProvided: providedBy(decider),
    was,
  }
}

/** Numbers of mounts are used again; a device is not, as long as something of it is there. */
const identityOf = ({ id, device }: Mount): string => `${id} ${device}`

/** True for what bubblewrap makes itself: `/dev` and `/proc`. */
export const providedBy = ({ index }: Decider): ((path: string) => boolean) => {
  const provided = index.policy.grants.filter((grant) => grant.provider === 'backend')
  return (path) => provided.some((grant) => isBelow(path, grant.path))
}

/** What a mount lets through: nothing where it is the root, made from nothing, or a stand-in. */
export const mountAccess = ({
  operations,
  released,
  host,
}: Pick<Compared, 'operations' | 'released' | 'host'>): ((mount: Mount) => Held) => {
  const files = new Set<string>(
    operations.filter(({ type }) => type === 'standin-file').map(({ dest }) => dest),
  )
  const standIns = new Set(released.filter(({ point }) => files.has(point)).map(objectOf))
  const devices = new Set(host.map(({ device }) => device))
  return (mount) => {
    if (!mount.isReadOnly) return 'write'
    const isBlank =
      standIns.has(objectOf(mount)) || (mount.fsType === 'tmpfs' && !devices.has(mount.device))
    return isBlank ? 'none' : 'read'
  }
}

const objectOf = ({ device, root }: Mount): string => `${device} ${root}`

const repairAt = (at: AbsolutePath, view: View): Repair => {
  const { boundaries, decider, find, operations, placeholders } = view
  const boundary = boundaries.get(at)
  const wanted = decider.access(at)
  const mount = find(at)
  const place: Place = {
    at,
    access: wanted === 'stat' ? 'none' : wanted,
    mode: boundary?.traversable ? 0o111 : 0,
    placeholder: placeholders.find(({ path }) => path === at) ?? {
      path: at,
      hold: boundary?.kind === 'file' ? { type: 'file', content: '' } : { type: 'directory' },
    },
    nothing: operations.flatMap((operation) =>
      operation.type === 'nothing' && operation.dest === at ? [operation.nothing] : [],
    )[0],
    isStale: mount?.point === at && isDeleted(mount),
  }
  return { kind: 'place', at, place }
}

/**
 * Places whose mount gives more than the policy: a protection that fell off, a host's mount that
 * came in writable.
 */
const beyondPolicy = (view: View): Finding[] => {
  const points = view.now.map(({ point }) => point).filter(isAbsolutePath)
  const places = [...new Set([...points, ...(view.boundaries.keys() as Iterable<AbsolutePath>)])]
  return places
    .filter((at) => !view.isProvided(at) && isMore(view.held(at), view.decider.access(at)))
    .sort((a, b) => depthOf(a) - depthOf(b))
    .map((at) => {
      const mount = view.find(at)
      const isNew = mount?.point === at && !view.was.has(identityOf(mount))
      const what = view.decider.access(at) === 'read' ? 'was held read-only' : 'was hidden'
      const words = isNew
        ? `${at} was mounted on the host and became ${mount.isReadOnly ? 'readable' : 'writable'}`
        : `${at} ${what} and its name was replaced or removed on the host`
      return { at, words, repair: repairAt(at, view) }
    })
}

/**
 * A directory, or a file that may be written, that the host moved: the agent has it still, under a
 * name that nobody granted.
 */
const movedAway = (view: View): Finding[] => {
  const moved = movedMounts(view)
  // What lies in a directory moves with it.
  return moved.filter(({ at }) => !moved.some((other) => other.at !== at && isBelow(at, other.at)))
}

const movedMounts = (view: View): Finding[] =>
  view.now.flatMap((mount): Finding[] => {
    const was = view.was.get(identityOf(mount))
    if (!was || was.root === mount.root) return []
    const at = mount.point
    const isFile = view.boundaries.get(at)?.kind === 'file'
    if (isDeleted(mount)) {
      // Nothing can be made in a directory that is gone; a file may have another name.
      if (mount.isReadOnly || !isFile || !isAbsolutePath(at)) return []
      const words = `${at} was replaced on the host, and the agent still writes the old one`
      return [{ at, words, repair: repairAt(at, view) }]
    }
    const place = hostPathOf(mount, view.host)
    const isHarmless =
      (mount.isReadOnly && isFile) ||
      (place !== undefined &&
        !isMore(mount.isReadOnly ? 'read' : 'write', view.decider.access(place)))
    const words = `${at} was moved on the host to ${place ?? mount.root}`
    return isHarmless ? [] : [{ at, words, repair: undefined, movedTo: place }]
  })

/** A name above a protection that is no longer held could be moved, and the protection with it. */
const lostPins = (view: View): Finding[] => {
  const points = new Set(view.now.map(({ point }) => point))
  return view.operations
    .filter(({ type, dest }) => type === 'pin' && !points.has(dest) && view.held(dest) === 'write')
    .map(({ dest }) => ({
      at: dest,
      words: `${dest} holds something protected and was moved or removed on the host`,
      repair: { kind: 'pin', at: dest, root: rootOf(dest, view) },
    }))
}

/** The writable root that covers a pin. */
const rootOf = (pin: AbsolutePath, { operations }: View): AbsolutePath =>
  operations
    .filter(({ type, dest }) => type === 'bind' && isWithin(pin, dest))
    .map(({ dest }) => dest)
    .sort((a, b) => b.length - a.length)[0] ?? pin

/** What the host mounted meanwhile must bring no devices along. */
const newDevices = (view: View): Finding[] =>
  view.now
    .filter((mount) => mount.hasDevices && !view.was.has(identityOf(mount)))
    .map(({ point }) => ({
      at: point,
      words: `${point} was mounted on the host and its devices became visible`,
      repair: isAbsolutePath(point) ? repairAt(point, view) : undefined,
    }))

/** What bubblewrap made itself stays as it was. */
const ownMounts = ({ isProvided, released, now }: View): Finding[] => {
  const own = (mounts: readonly Mount[]): Map<string, string> =>
    new Map(
      mounts
        .filter(({ point }) => point === '/' || isProvided(point))
        .map((mount) => [lineOf(mount), mount.point]),
    )
  const [had, has] = [own(released), own(now)]
  return [
    ...[...had].filter(([line]) => !has.has(line)),
    ...[...has].filter(([line]) => !had.has(line)),
  ].map(([, at]) => ({ at, words: `${at} is not as bubblewrap made it`, repair: undefined }))
}

const lineOf = ({ id, parent, device, root, point, isReadOnly }: Mount): string =>
  `${id} ${parent} ${device} ${root} ${point} ${isReadOnly}`

/** What is not as at the last look. */
const changes = (view: View): Finding[] => {
  const has = new Set(view.now.map(identityOf))
  const lost = view.before
    .filter((mount) => !has.has(identityOf(mount)))
    .map(({ point }) => ({ point, words: `${point} was replaced or removed on the host` }))
  const changed = view.now.flatMap((mount) => {
    const was = view.was.get(identityOf(mount))
    if (!was) return [{ point: mount.point, words: `${mount.point} was mounted on the host` }]
    if (lineOf(was) === lineOf(mount)) return []
    const what = isDeleted(mount) ? 'replaced or removed' : 'moved'
    return [{ point: mount.point, words: `${mount.point} was ${what} on the host` }]
  })
  return [...lost, ...changed].map(({ point, words }) => ({
    at: point,
    words,
    repair: isAbsolutePath(point) && canShowNew(point, view) ? repairAt(point, view) : undefined,
  }))
}

/**
 * Where what is there now can be shown in one step: nothing that is decided apart lies beneath, and
 * the agent has less, or what was there before.
 */
const canShowNew = (at: AbsolutePath, view: View): boolean => {
  const boundary = view.boundaries.get(at)
  if (!boundary || boundary.access === 'none') return false
  if ([...view.boundaries.keys()].some((path) => path !== at && isBelow(path, at))) return false
  const mount = view.find(at)
  return (mount?.point === at && isDeleted(mount)) || isMore(boundary.access, view.held(at))
}
