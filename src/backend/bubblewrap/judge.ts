import { shapeOf } from '../../policy/boundaries.ts'
import type { Decider } from '../../policy/decide.ts'
import { type AbsolutePath, ancestorsOf, isAbsolutePath } from '../../machine/paths.ts'
import { isBelow, type Mount } from './mountinfo.ts'
import type { MountOperation } from './program.ts'

/** What became of the mounts since the agent was released. */
export interface Judgement {
  /** What the agent could do now and must not, as sentences; empty when it gained nothing. */
  readonly gained: readonly string[]
  /** What changed and gives it nothing, as sentences. */
  readonly harmless: readonly string[]
}

/** Mount tables that a judgement compares, and what was asked for. */
export interface Compared {
  readonly operations: readonly MountOperation[]
  readonly decider: Decider
  /** Table that the agent was released with, and the one of the last look. */
  readonly released: readonly Mount[]
  readonly before: readonly Mount[]
  readonly now: readonly Mount[]
  /** Launcher's own. */
  readonly host: readonly Mount[]
}

const ORDER = ['none', 'stat', 'read', 'write'] as const
type Held = 'none' | 'read' | 'write'

/**
 * Asks of each place at which access can change whether the mounts that are there now give more than `decide()` does. A file
 * system's own content has no part in it: between two such places neither the kernel's answer nor ours changes.
 */
export const judge = (compared: Compared): Judgement => {
  const gained = [
    ...beyondPolicy(compared),
    ...movedAway(compared),
    ...lostPins(compared),
    ...unplanned(compared),
  ]
  const told = new Set(gained.map(({ at }) => at))
  return {
    gained: [...new Set(gained.map(({ words }) => words))],
    harmless: changes(compared)
      .filter(({ at }) => !told.has(at))
      .map(({ words }) => words),
  }
}

interface Finding {
  readonly at: string
  readonly words: string
}

/** Places whose mount gives more than the policy: a protection that fell off, a host's mount that came in writable. */
const beyondPolicy = ({ operations, decider, released, now, host }: Compared): Finding[] => {
  const boundaries = shapeOf(decider.index).boundaries.map(({ path }) => path)
  const points = now.map(({ point }) => point).filter(isAbsolutePath)
  const isBlank = blanks(operations, released, host)
  const sockets = new Set<string>(shapeOf(decider.index).connect.map(({ path }) => path))
  const known = new Set(released.map(({ id }) => id))
  /** A granted socket can be connected to and is no file to read. */
  const isSocket = ({ id, point }: Mount): boolean => sockets.has(point) && known.has(id)
  const find = finder(now)
  const provided = decider.index.policy.grants.filter((grant) => grant.provider === 'backend')
  return [...new Set([...boundaries, ...points])].flatMap((at) => {
    if (provided.some((grant) => isBelow(at, grant.path))) return []
    const mount = find(at)
    const held: Held =
      mount === undefined || isBlank(mount) || isSocket(mount)
        ? 'none'
        : mount.isReadOnly
          ? 'read'
          : 'write'
    const wanted = decider.access(at)
    if (ORDER.indexOf(held) <= ORDER.indexOf(wanted)) return []
    const what = wanted === 'read' ? 'was held read-only' : 'was hidden'
    const isNew = mount?.point === at && !known.has(mount.id)
    return [
      {
        at,
        words: isNew
          ? `${at} was mounted on the host and became ${held === 'write' ? 'writable' : 'readable'}`
          : `${at} ${what} and its name was replaced or removed on the host`,
      },
    ]
  })
}

/** What stands where nothing may be seen: the root, made from nothing, and the stand-ins. */
const blanks = (
  operations: readonly MountOperation[],
  released: readonly Mount[],
  host: readonly Mount[],
): ((mount: Mount) => boolean) => {
  const files = new Set(
    operations.filter(({ type }) => type === 'standin-file').map(({ dest }) => dest as string),
  )
  const standIns = new Set(released.filter(({ point }) => files.has(point)).map(objectOf))
  const devices = new Set(host.map(({ device }) => device))
  return (mount) =>
    mount.isReadOnly &&
    (standIns.has(objectOf(mount)) || (mount.fsType === 'tmpfs' && !devices.has(mount.device)))
}

const objectOf = ({ device, root }: Mount): string => `${device} ${root}`

/** Walks a path down through a mount table: the mount that a program inside finds there. */
const finder = (mounts: readonly Mount[]): ((path: AbsolutePath) => Mount | undefined) => {
  const known = new Set(mounts.map(({ id }) => id))
  const on = new Map(mounts.map((mount) => [`${mount.parent} ${mount.point}`, mount]))
  const root = mounts.find(({ point, parent }) => point === '/' && !known.has(parent))
  return (path) => {
    let current = root
    for (const at of [...ancestorsOf(path), path]) {
      for (let next = current; next; next = on.get(`${current?.id} ${at}`)) current = next
    }
    return current
  }
}

/** A directory, or a file that may be written, that the host moved: the agent has it still, under a name that nobody granted. */
const movedAway = ({ decider, released, now, host }: Compared): Finding[] => {
  const byId = new Map(released.map((mount) => [mount.id, mount]))
  return now.flatMap((mount) => {
    const was = byId.get(mount.id)
    if (!was || was.root === mount.root) return []
    const place = hostPathOf(mount, host)
    const isFile = kindOf(decider, mount.point) === 'file'
    // Nothing can be made in a directory that is gone; a file may have another name.
    const isHarmless = isDeleted(mount)
      ? mount.isReadOnly || !isFile
      : (mount.isReadOnly && isFile) ||
        (place !== undefined && ORDER.indexOf(decider.access(place)) >= (mount.isReadOnly ? 2 : 3))
    return isHarmless
      ? []
      : [
          {
            at: mount.point,
            words: isDeleted(mount)
              ? `${mount.point} was replaced on the host, and the agent still writes the old one`
              : `${mount.point} was moved on the host to ${place ?? mount.root}`,
          },
        ]
  })
}

const DELETED = '//deleted'
const isDeleted = ({ root }: Mount): boolean => root.endsWith(DELETED)

const kindOf = (decider: Decider, point: string): 'file' | 'directory' =>
  shapeOf(decider.index).boundaries.find(({ path }) => path === point)?.kind ?? 'directory'

/** Where on the host the root of a mount lies; undefined when no mount of the host shows it. */
const hostPathOf = (mount: Mount, host: readonly Mount[]): AbsolutePath | undefined => {
  const around = host
    .filter(({ device, root }) => device === mount.device && isBelow(mount.root, root))
    .sort((a, b) => b.root.length - a.root.length)[0]
  if (!around) return undefined
  const rest = around.root === '/' ? mount.root : mount.root.slice(around.root.length)
  const path = `${around.point === '/' ? '' : around.point}${rest === '/' ? '' : rest}` || '/'
  return isAbsolutePath(path) ? path : undefined
}

/** A name above a protection that is no longer held could be moved, and the protection with it. */
const lostPins = ({ operations, released, now }: Compared): Finding[] => {
  const pins = new Set(
    operations.filter(({ type }) => type === 'pin').map(({ dest }) => dest as string),
  )
  const points = new Map(now.map(({ id, point }) => [id, point]))
  return released
    .filter(({ id, point }) => pins.has(point) && points.get(id) !== point)
    .map(({ point }) => ({
      at: point,
      words: `${point} holds something protected and was moved or removed on the host`,
    }))
}

/** What bubblewrap made itself stays as it was; what the host mounted meanwhile must bring no devices along. */
const unplanned = ({ decider, released, now }: Compared): Finding[] => {
  const provided = decider.index.policy.grants.filter((grant) => grant.provider === 'backend')
  const own = (mounts: readonly Mount[]): Map<string, Mount> =>
    new Map(
      mounts
        .filter(({ point }) => point === '/' || provided.some(({ path }) => isBelow(point, path)))
        .map((mount) => [lineOf(mount), mount]),
    )
  const [had, has] = [own(released), own(now)]
  const known = new Set(released.map(({ id }) => id))
  return [
    ...[...had].filter(([line]) => !has.has(line)).map(([, mount]) => mount),
    ...[...has].filter(([line]) => !had.has(line)).map(([, mount]) => mount),
  ]
    .map(({ point }) => ({ at: point, words: `${point} is not as bubblewrap made it` }))
    .concat(
      now
        .filter(({ id, hasDevices }) => hasDevices && !known.has(id))
        .map(({ point }) => ({
          at: point,
          words: `${point} was mounted on the host and its devices became visible`,
        })),
    )
}

const lineOf = ({ id, parent, device, root, point, isReadOnly }: Mount): string =>
  `${id} ${parent} ${device} ${root} ${point} ${isReadOnly}`

/** What is not as at the last look. */
const changes = ({ before, now }: Compared): Finding[] => {
  const [had, has] = [mapOf(before), mapOf(now)]
  const lost = before
    .filter(({ id }) => !has.has(id))
    .map(({ point }) => ({
      at: point,
      words: `${point} was replaced or removed on the host: what stands there now has the access of its directory`,
    }))
  const gained = now
    .filter(({ id }) => !had.has(id))
    .map(({ point }) => ({ at: point, words: `${point} was mounted on the host and can be seen` }))
  const changed = now.flatMap((mount) => {
    const was = had.get(mount.id)
    if (!was || lineOf(was) === lineOf(mount)) return []
    return [
      {
        at: mount.point,
        words: isDeleted(mount)
          ? `${mount.point} was replaced or removed on the host: the agent keeps what was there`
          : `${mount.point} was moved on the host: the agent keeps what was there`,
      },
    ]
  })
  return [...lost, ...gained, ...changed]
}

const mapOf = (mounts: readonly Mount[]): Map<number, Mount> =>
  new Map(mounts.map((mount) => [mount.id, mount]))
