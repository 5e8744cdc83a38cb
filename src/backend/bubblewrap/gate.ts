import { differences, fingerprint, isSealed, type Mount, parseMountinfo } from './mountinfo.ts'
import type { MountOperation } from './program.ts'

/** The program's word on mount tables, as launching needs it. Texts are /proc/PID/mountinfo. */
export const mountGate = (
  operations: readonly MountOperation[],
): {
  isSealed(table: string): boolean
  differences(table: string, host: string): string[]
  fingerprint(table: string): string
  changes(before: string, after: string): string[]
} => ({
  isSealed: (table) => isSealed(parseMountinfo(table)),
  differences: (table, host) =>
    differences(operations, parseMountinfo(table), parseMountinfo(host)),
  fingerprint: (table) => fingerprint(parseMountinfo(table)),
  changes: (before, after) =>
    changesBetween(parseMountinfo(before), parseMountinfo(after), operations),
})

const changesBetween = (
  before: readonly Mount[],
  after: readonly Mount[],
  operations: readonly MountOperation[],
): string[] => {
  const key = (mount: Mount): string =>
    `${mount.id} ${mount.device} ${mount.root} ${mount.point} ${mount.isReadOnly}`
  const [had, has] = [new Set(before.map(key)), new Set(after.map(key))]
  const lost = before
    .filter((mount) => !has.has(key(mount)))
    .map(
      (mount) =>
        `${mount.point} ${whatItDid(mount, operations)} and its name was replaced or removed on the host`,
    )
  const gained = after
    .filter((mount) => !had.has(key(mount)))
    .map((mount) => `${mount.point} was mounted on the host and became visible`)
  const all = [...lost, ...gained]
  return all.length > 3 ? [...all.slice(0, 3), `and ${all.length - 3} more`] : all
}

const whatItDid = (mount: Mount, operations: readonly MountOperation[]): string => {
  const operation = operations.filter((other) => other.dest === mount.point).at(-1)
  switch (operation?.type) {
    case 'ro-bind':
    case 'pin':
      return 'was held read-only'
    case 'standin-dir':
    case 'standin-file':
      return 'was hidden'
    default:
      return 'was granted'
  }
}
