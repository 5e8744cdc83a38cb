import fs from 'node:fs'
import type { Place, Repair } from '../backend/bubblewrap/judge.ts'
import type { Nothing, Placeholder } from '../backend/bubblewrap/program.ts'
import { type AbsolutePath, ancestorsOf, nameOf, parentOf } from '../machine/paths.ts'
import { type CallArch, type Caller, type CallFailure, callList, makeCalls } from './calls.ts'

/** What mends the mounts of a running sandbox. */
export interface Mender {
  /**
   * Puts mounts where the repairs say. Returns why that failed, in words; undefined when all is
   * done.
   */
  mend(repairs: readonly Repair[]): Promise<string | undefined>
  /**
   * True when nothing stands at a place that is to be mended: its name has to be held on the host
   * first.
   */
  needsNames(repairs: readonly Repair[]): boolean
  close(): void
}

export interface MenderOptions {
  /** First process of the sandbox. */
  readonly init: number
  readonly caller: Caller
  readonly arch: CallArch
  readonly isRoot: boolean
  /** The unreadable file that stands for hidden ones. */
  readonly standinFile: AbsolutePath
  /** Puts names on the host so that something can be mounted there. */
  /** Where the run keeps what a held name shows inside. */
  readonly nothing: (nothing: Nothing) => AbsolutePath
  readonly hold: (names: readonly Placeholder[]) => Promise<void>
}

/** fcntl.h, sched.h, linux/mount.h, linux/openat2.h, linux/nsfs.h. */
const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const AT_RECURSIVE = 0x8000
const CLONE_NEWNS = 0x20000
const CLONE_NEWUSER = 0x10000000
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6
const MNT_DETACH = 2
const MOUNT_ATTR = { readOnly: 1, noSuid: 2, noDevices: 4 } as const
const MOVE_MOUNT_BOTH_EMPTY = 0x44
const MOVE_MOUNT_BENEATH = 0x200
const MS_PRIVATE = 1 << 18
const NS_GET_USERNS = 0xb701
const O_CLOEXEC = 0o2000000
const { O_NOFOLLOW } = fs.constants
const O_PATH = 0o10000000
const OPEN_TREE_CLONE = 1
const RESOLVE_NO_SYMLINKS = 4
const RESOLVE_BENEATH = 8
const UMOUNT_NOFOLLOW = 8
/** Where {@link makeCalls} puts the sandbox's mount namespace. */
const NAMESPACE = 3

/** Holds the sandbox's mount namespace open from now on. Throws when it cannot be had. */
export const openMender = (options: MenderOptions): Mender => {
  const namespace = fs.openSync(`/proc/${options.init}/ns/mnt`, 'r')
  const attempt = (steps: readonly Step[], isBeneath: boolean): Promise<CallFailure | undefined> =>
    makeCalls(options.caller, callsFor(steps, isBeneath, options), namespace)
  return {
    mend: async (repairs) => {
      const steps = repairs.map(stepOf)
      const impossible = steps.find((step) => typeof step === 'string')
      if (impossible !== undefined) return impossible
      const possible = steps.filter((step) => typeof step !== 'string')
      const absent = possible.flatMap(({ hold }) => hold ?? [])
      if (absent.length > 0) await options.hold(absent)
      // Beneath what is there, so that nothing in between is seen; the kernel can do that from 6.5
      // on.
      const failure = possible.some(({ isBeneath }) => isBeneath)
        ? (await attempt(possible, true)) && (await attempt(possible, false))
        : await attempt(possible, false)
      return failure && `${failure.name} failed (errno ${failure.errno})`
    },
    needsNames: (repairs) =>
      repairs.map(stepOf).some((step) => typeof step !== 'string' && step.hold !== undefined),
    close: () => fs.closeSync(namespace),
  }
}

/** One mount to be made. */
interface Step {
  readonly at: AbsolutePath
  readonly what: 'host' | 'nothing' | 'blank-file' | 'blank-directory' | 'pin'
  readonly nothing?: Nothing | undefined
  readonly isReadOnly: boolean
  readonly mode: number
  /** Best put beneath what is mounted there; what is there then goes, unless it is a pin's root. */
  readonly isBeneath: boolean
  /** For a pin: the writable root that covers it. */
  readonly root?: AbsolutePath
  readonly hold?: Placeholder
}

/**
 * What to do about a place, by what stands there on the host now; a sentence where nothing can be
 * done.
 */
const stepOf = (repair: Repair): Step | string => {
  if (repair.kind === 'pin')
    return {
      at: repair.at,
      what: 'pin',
      isReadOnly: true,
      mode: 0,
      isBeneath: true,
      root: repair.root,
    }
  const { place } = repair
  const type = typeOf(place.at)
  if (type === 'other') return `${place.at} is neither a file nor a directory now`
  if (type === 'absent') return stepForAbsent(place)
  return {
    at: place.at,
    what:
      place.access !== 'none'
        ? showsNothing(place, type)
          ? 'nothing'
          : 'host'
        : type === 'directory'
          ? 'blank-directory'
          : 'blank-file',
    nothing: place.nothing,
    isReadOnly: place.access !== 'write',
    mode: place.mode,
    isBeneath: place.isStale,
  }
}

/** A name that is gone is held, or the highest directory above it that is gone, too. */
const stepForAbsent = (place: Place): Step | string => {
  const above = ancestorsOf(place.at).find((path) => typeOf(path) === 'absent')
  const at = above ?? place.at
  if (nameOf(at) === '.git') return `${at} was taken away`
  // A link on the way, which what ran inside may have put there, would have the name made
  // elsewhere.
  if (realPathOf(parentOf(at)) !== parentOf(at)) return `${parentOf(at)} leads elsewhere now`
  const placeholder: Placeholder =
    above === undefined ? place.placeholder : { path: at, hold: { type: 'directory' } }
  const isFile = placeholder.hold.type !== 'directory'
  const shown = above === undefined && place.nothing ? 'nothing' : 'host'
  return {
    at,
    what: place.access !== 'none' ? shown : isFile ? 'blank-file' : 'blank-directory',
    nothing: place.nothing,
    isReadOnly: true,
    mode: 0,
    isBeneath: false,
    hold: placeholder,
  }
}

/**
 * A held name shows what its reader takes for nothing; what the host has made there since is shown
 * as it is.
 */
const showsNothing = ({ at, nothing }: Place, type: Type): boolean =>
  nothing !== undefined &&
  (type === 'socket' || (type === 'directory' && fs.readdirSync(at).length === 0))

type Type = 'file' | 'directory' | 'socket' | 'other' | 'absent'

const typeOf = (path: AbsolutePath): Type => {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (!stat) return 'absent'
  return stat.isDirectory()
    ? 'directory'
    : stat.isFile()
      ? 'file'
      : stat.isSocket()
        ? 'socket'
        : 'other'
}

const realPathOf = (path: AbsolutePath): string | undefined => {
  try {
    return fs.realpathSync(path)
  } catch {
    return undefined
  }
}

/**
 * Sources are cloned in a namespace where that is allowed, and attached in the sandbox's: whoever
 * made its user namespace holds every capability in it (user_namespaces(7)). No link is followed on
 * either side: what ran inside may have put one there.
 */
const callsFor = (
  steps: readonly Step[],
  isBeneath: boolean,
  { arch, isRoot, standinFile, nothing }: MenderOptions,
): ReturnType<typeof callList> => {
  const list = callList(arch)
  const how = (extra = 0): Uint8Array =>
    longs(O_PATH | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS | extra)
  const clone = (path: string, isReadOnly: boolean): number => {
    const fd = list.aside('openat2', AT_FDCWD, path, how(), 24)
    const flags = AT_EMPTY_PATH | AT_RECURSIVE | OPEN_TREE_CLONE | O_CLOEXEC
    const tree = list.aside('open_tree', { call: fd, as: 'number' }, '', flags)
    const set = MOUNT_ATTR.noSuid | MOUNT_ATTR.noDevices | (isReadOnly ? MOUNT_ATTR.readOnly : 0)
    const attributes = longs(set, 0, MS_PRIVATE, 0)
    const which = AT_EMPTY_PATH | AT_RECURSIVE
    list.aside('mount_setattr', { call: tree, as: 'number' }, '', which, attributes, 32)
    return tree
  }
  list.aside('unshare', CLONE_NEWNS | (isRoot ? 0 : CLONE_NEWUSER))
  const sources = steps.map((step) =>
    step.what === 'blank-directory'
      ? []
      : step.what === 'pin' && isBeneath
        ? [clone(step.root ?? step.at, false), clone(step.at, true)]
        : [
            clone(
              step.what === 'blank-file'
                ? standinFile
                : step.what === 'nothing' && step.nothing
                  ? nothing(step.nothing)
                  : step.at,
              step.isReadOnly && step.what !== 'pin',
            ),
          ],
  )
  const taken = sources.map((trees) =>
    trees.map((tree) =>
      list.main('openat', AT_FDCWD, { call: tree, as: 'aside' }, O_PATH | O_CLOEXEC),
    ),
  )
  const user = list.main('ioctl', NAMESPACE, NS_GET_USERNS)
  list.main('setns', { call: user, as: 'number' }, CLONE_NEWUSER)
  list.main('setns', NAMESPACE, CLONE_NEWNS)
  const attach = (tree: number, point: number, flags = 0): void =>
    void list.main(
      'move_mount',
      { call: tree, as: 'number' },
      '',
      { call: point, as: 'number' },
      '',
      MOVE_MOUNT_BOTH_EMPTY | flags,
    )
  const open = (path: string): number => list.main('openat2', AT_FDCWD, path, how(), 24)
  steps.forEach((step, position) => {
    const [first, second] = taken[position]!
    if (step.what === 'pin' && isBeneath) {
      const root = step.root ?? step.at
      attach(first!, open(root), MOVE_MOUNT_BENEATH)
      const name = step.at.slice(root.length).replace(/^\//, '')
      const point = list.main(
        'openat2',
        { call: first!, as: 'number' },
        name,
        how(RESOLVE_BENEATH),
        24,
      )
      return attach(second!, point)
    }
    const point = open(step.at)
    if (step.what === 'blank-directory') return attach(blankDirectory(list, step.mode), point)
    if (!step.isBeneath || !isBeneath) return attach(first!, point)
    attach(first!, point, MOVE_MOUNT_BENEATH)
    list.main('umount2', step.at, MNT_DETACH | UMOUNT_NOFOLLOW)
  })
  return list
}

/** An empty directory that nobody may enter, or only pass through. */
const blankDirectory = (list: ReturnType<typeof callList>, mode: number): number => {
  const context = list.main('fsopen', 'tmpfs', 1)
  const it = { call: context, as: 'number' } as const
  list.main('fsconfig', it, FSCONFIG_SET_STRING, 'mode', mode.toString(8).padStart(4, '0'), 0)
  list.main('fsconfig', it, FSCONFIG_CMD_CREATE, 0, 0, 0)
  return list.main('fsmount', it, 1, MOUNT_ATTR.readOnly | MOUNT_ATTR.noSuid | MOUNT_ATTR.noDevices)
}

const longs = (...values: readonly number[]): Uint8Array => {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [position, value] of values.entries())
    bytes.writeBigUInt64LE(BigInt(value), position * 8)
  return bytes
}
