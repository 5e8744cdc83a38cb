import { type AbsolutePath, ancestorsOf, isAbsolutePath } from '../../machine/paths.ts'
import type { MountOperation } from './program.ts'

/** One line of /proc/PID/mountinfo (proc(5)). */
export interface Mount {
  readonly id: number
  readonly parent: number
  readonly device: string
  /** Path inside the mounted file system that appears at `point`. */
  readonly root: string
  readonly point: string
  readonly isReadOnly: boolean
  /** Device files on it can be opened. */
  readonly hasDevices: boolean
  readonly fsType: string
}

/** Parses mountinfo; lines that are not of its form are left out. */
export const parseMountinfo = (text: string): Mount[] =>
  text.split('\n').flatMap((line) => {
    const fields = line.split(' ')
    const dash = fields.indexOf('-')
    if (dash < 6) return []
    return [
      {
        id: Number(fields[0]),
        parent: Number(fields[1]),
        device: fields[2]!,
        root: unescapeField(fields[3]!),
        point: unescapeField(fields[4]!),
        isReadOnly: fields[5]!.split(',').includes('ro'),
        hasDevices: !fields[5]!.split(',').includes('nodev'),
        fsType: fields[dash + 1] ?? '',
      },
    ]
  })

/**
 * Space, tab, newline and backslash are written as three octal digits; bytes above 127 are written
 * as they are.
 */
const unescapeField = (field: string): string =>
  field.includes('\\')
    ? field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
        String.fromCharCode(Number.parseInt(digits, 8)),
      )
    : field

/**
 * True once bubblewrap has built and sealed the root: until then a comparison would compare a
 * half-made tree.
 */
export const isSealed = (mounts: readonly Mount[]): boolean => {
  const root = mounts.find((mount) => mount.point === '/')
  return root !== undefined && root.fsType === 'tmpfs' && root.isReadOnly
}

/**
 * Compares what the kernel mounted with the plan. Returns what differs, in words; empty when it is
 * the plan. `host` is the launcher's own mount table: it tells which device and path a source lies
 * on, so that a directory swapped for a link between resolution and mounting is seen.
 */
export const differences = (
  operations: readonly MountOperation[],
  actual: readonly Mount[],
  host: readonly Mount[],
): string[] => {
  const problems: string[] = []
  const byPoint = new Map<string, Mount[]>()
  for (const mount of actual) byPoint.set(mount.point, [...(byPoint.get(mount.point) ?? []), mount])
  const planned = new Map<string, MountOperation[]>()
  for (const operation of operations) {
    if (['chmod', 'dir', 'symlink', 'remount-ro'].includes(operation.type)) continue
    planned.set(operation.dest, [...(planned.get(operation.dest) ?? []), operation])
  }
  for (const [point, wanted] of planned) {
    const found = byPoint.get(point) ?? []
    if (found.length < wanted.length) {
      problems.push(`${point} is not mounted`)
      continue
    }
    wanted.forEach((operation, position) =>
      problems.push(...mismatch(operation, found[position]!, host)),
    )
  }
  const sources = operations.flatMap((operation) =>
    'source' in operation && operation.type !== 'symlink' ? [operation.dest] : [],
  )
  for (const mount of actual) {
    const isPlanned =
      planned.has(mount.point) &&
      (byPoint.get(mount.point)?.length ?? 0) <= (planned.get(mount.point)?.length ?? 0)
    if (
      isPlanned ||
      mount.point === '/' ||
      isBelow(mount.point, '/dev') ||
      isBelow(mount.point, '/proc')
    )
      continue
    if (isHostSubmount(mount, sources, host)) continue
    problems.push(`${mount.point} is mounted and was not planned`)
  }
  return problems
}

/**
 * Mounts of the host that lie beneath a bound directory come along with it; they were there when
 * the policy was resolved.
 */
const isHostSubmount = (
  mount: Mount,
  sources: readonly AbsolutePath[],
  host: readonly Mount[],
): boolean =>
  sources.some((source) => mount.point !== source && isBelow(mount.point, source)) &&
  host.some(
    (other) =>
      other.point === mount.point && other.device === mount.device && other.root === mount.root,
  )

/** True for `root` and what lies beneath it. */
export const isBelow = (path: string, root: string): boolean =>
  path === root || root === '/' || path.startsWith(`${root}/`)

const mismatch = (operation: MountOperation, mount: Mount, host: readonly Mount[]): string[] => {
  switch (operation.type) {
    case 'bind':
    case 'ro-bind':
    case 'pin': {
      const expected = locate(operation.source, host)
      if (expected && (expected.device !== mount.device || expected.root !== mount.root)) {
        return [`${operation.dest} shows ${mount.root} instead of ${expected.root}`]
      }
      if (operation.type !== 'bind' && !mount.isReadOnly) return [`${operation.dest} is writable`]
      return []
    }
    case 'nothing':
    case 'standin-file':
      return mount.isReadOnly ? [] : [`${operation.dest} is writable`]
    case 'standin-dir':
      return mount.fsType === 'tmpfs' && mount.isReadOnly ? [] : [`${operation.dest} is not masked`]
    default:
      return []
  }
}

/** Device and path within it of a host path: the deepest, latest mount that holds it. */
const locate = (
  path: AbsolutePath,
  host: readonly Mount[],
): { device: string; root: string } | undefined => {
  let best: Mount | undefined
  for (const mount of host) {
    if (isBelow(path, mount.point) && (!best || mount.point.length >= best.point.length))
      best = mount
  }
  if (!best) return undefined
  const rest = best.point === '/' ? path : path.slice(best.point.length)
  const root = best.root === '/' ? rest || '/' : rest === '/' ? best.root : best.root + rest
  return { device: best.device, root: root === '' ? '/' : root }
}

const DELETED = '//deleted'

/** True for a mount whose root has lost its name on the host (fs/d_path.c writes it so). */
export const isDeleted = ({ root }: Mount): boolean => root.endsWith(DELETED)

/** Walks a path down through a mount table: the mount that a program inside finds there. */
export const finder = (mounts: readonly Mount[]): ((path: AbsolutePath) => Mount | undefined) => {
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

/** Where on the host the root of a mount lies; undefined when no mount of the host shows it. */
export const hostPathOf = (mount: Mount, host: readonly Mount[]): AbsolutePath | undefined => {
  const around = host
    .filter(({ device, root }) => device === mount.device && isBelow(mount.root, root))
    .sort((a, b) => b.root.length - a.root.length)[0]
  if (!around) return undefined
  const rest = around.root === '/' ? mount.root : mount.root.slice(around.root.length)
  const path = `${around.point === '/' ? '' : around.point}${rest === '/' ? '' : rest}` || '/'
  return isAbsolutePath(path) ? path : undefined
}
