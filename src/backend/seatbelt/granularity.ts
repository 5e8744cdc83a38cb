import type { Rule } from './rule.ts'

/**
 * Operations on a path by the access that gives them. Seatbelt lets a specific operation beat a
 * wildcard one whatever the order, so each operation that any allow names must be denied by that
 * very name: {@link granularitiesOf} finds which.
 */
export const CLASSES = {
  /** Need `read`. */
  read: [
    'file-read*',
    'file-read-data',
    'file-read-xattr',
    'file-map-executable',
    'process-exec*',
    'process-exec-interpreter',
  ],
  /**
   * Need `write`: making a link or clone would make its source writable, and connecting to a socket
   * is acting on it.
   */
  write: [
    'file-write*',
    'file-write-create',
    'file-write-data',
    'file-write-unlink',
    'file-link',
    'file-clone',
    'network-outbound',
    'network-inbound',
    'network-bind',
  ],
  /** Need the name to be visible. Existence is open by default and has no allow anywhere. */
  stat: ['file-read-metadata', 'file-test-existence'],
  /**
   * No grant gives them, only the prelude for its own devices: denied by protections, never given
   * back by a lift.
   */
  device: ['file-ioctl'],
} as const

/**
 * What a grant states at each level: the one pair of wildcard operations, and the operations
 * outside both trees.
 */
export const LEVEL: Granularities = {
  read: ['file-read*', 'file-map-executable', 'process-exec*'],
  write: [
    'file-write*',
    'file-link',
    'file-clone',
    'network-outbound',
    'network-inbound',
    'network-bind',
  ],
  stat: ['file-read-metadata'],
  device: [],
}

/** Operations of each class at which a profile holds an allow. */
export interface Granularities {
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly stat: readonly string[]
  readonly device: readonly string[]
}

/** Locks need a descriptor that is already open, so they add nothing to what opened it. */
const UNCLASSED = new Set(['file-lock'])

/**
 * The granularities of these rules' allows: what a protection has to deny one by one. What is open
 * without an allow counts as allowed.
 */
export const granularitiesOf = (
  rules: readonly Pick<Rule, 'action' | 'operations'>[],
): Granularities => {
  const allowed = new Set([
    'file-test-existence',
    ...rules.filter((rule) => rule.action === 'allow').flatMap((rule) => rule.operations),
  ])
  const pick = (list: readonly string[]): string[] =>
    list.filter((operation) => allowed.has(operation))
  return {
    read: pick(CLASSES.read),
    write: pick(CLASSES.write),
    stat: pick(CLASSES.stat),
    device: pick(CLASSES.device),
  }
}

/**
 * Operations on paths that are allowed and that no class holds: a protection would not deny them.
 * Must stay empty.
 */
export const unclassedOperations = (operations: Iterable<string>): string[] => {
  const known = new Set<string>([
    ...CLASSES.read,
    ...CLASSES.write,
    ...CLASSES.stat,
    ...CLASSES.device,
    ...UNCLASSED,
  ])
  return [...operations].filter(
    (operation) => /^(file|network|process-exec)/.test(operation) && !known.has(operation),
  )
}
