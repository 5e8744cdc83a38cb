import { COMMON_CATEGORIES, OPERATIONS, type OperationEntry } from './operations.ts'

/** The canonical name of an operation, or undefined when the name is not one. */
export function canonicalOperation(name: string): string | undefined {
  const canonical = OPERATION_ALIASES.get(name) ?? name
  return Object.hasOwn(OPERATIONS, canonical) ? canonical : undefined
}

/** The entry of a canonical operation name. */
export function operationEntry(name: string): OperationEntry {
  const entry = OPERATIONS[name]
  if (entry === undefined) throw new TypeError(`not an operation: ${name}`)
  return entry
}

/**
 * Whether filters of this category may stand in a rule on the (canonical) operation: libsandbox
 * checks it at compile time.
 */
export function categoryApplies(category: string, operation: string): boolean {
  const { filters, not = [] } = operationEntry(operation)
  if (filters === 'unknown' || category === '*') return true
  return (
    filters.includes(category) || (COMMON_CATEGORIES.includes(category) && !not.includes(category))
  )
}

/**
 * Operations consulted for one access, first to last: the operation, its parents, `default`; a
 * terminal operation ends the list.
 */
export function fallbackChain(operation: string): readonly string[] {
  const chain: string[] = []
  for (
    let name: string | undefined = operation;
    name !== undefined;
    name = operationEntry(name).parent
  ) {
    chain.push(name)
    if (operationEntry(name).builtin !== undefined) break
  }
  return chain
}

/**
 * Other accepted spellings of operations (`sysctl-write` was one of `sysctl*` in 10.15 and is an
 * operation of its own since).
 */
export const OPERATION_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'process-exec': 'process-exec*',
    'iokit-open': 'iokit-open*',
    'file-unlink': 'file-write-unlink',
    'file-write-mount': 'file-mount',
    'file-write-unmount': 'file-unmount',
    'file-write-umount': 'file-unmount',
    'file-issue-extension*': 'file-issue-extension',
    'file-issue-extension-read': 'file-issue-extension',
    'file-issue-extension-write': 'file-issue-extension',
    'file-fsctl': 'system-fsctl',
    'ipc-posix-sem': 'ipc-posix-sem*',
    'ipc-posix-shm': 'ipc-posix-shm*',
    'ipc-posix-shm-read*': 'ipc-posix-shm-read-data',
    'managed-preference*': 'managed-preference-read',
    'system-misc': 'system*',
    'time-set': 'system-set-time',
  }),
)

/** Operations that are accepted and have no effect. */
export const IGNORED_OPERATIONS: ReadonlySet<string> = new Set([
  'ipc-posix-shm-read-metadata',
  'mach-per-user-lookup',
  'system-chud',
  'qtn-download',
])

/**
 * A modifier, `(with NAME ARGUMENT?)`; without `actions` or `operations` it may stand on all of
 * them.
 */
export interface ModifierEntry {
  readonly actions?: readonly string[]
  readonly operations?: readonly string[]
  readonly argument?: 'string' | 'signal'
}

export const MODIFIERS: Readonly<Record<string, ModifierEntry>> = {
  message: { argument: 'string' },
  'send-signal': { argument: 'signal' },
  report: { actions: ['allow'] },
  'no-report': { actions: ['deny'] },
  rootless: { actions: ['deny'] },
  'no-sandbox': { actions: ['allow'], operations: ['process-exec*', 'process-exec-interpreter'] },
  'default-sandbox': {
    actions: ['allow'],
    operations: ['process-exec*', 'process-exec-interpreter'],
    argument: 'string',
  },
  'no-times': { actions: ['allow'], operations: ['file-read-metadata'] },
  grant: { actions: ['allow'], operations: ['system-privilege'] },
  'assign-storage-class': {
    actions: ['allow'],
    operations: ['storage-class-map'],
    argument: 'string',
  },
  telemetry: {},
  'telemetry-backtrace': {},
  backtrace: {},
  'user-approval': {},
  'no-approval-prompt': {},
  authority: {},
  deprecated: {},
}

/** Other accepted spellings of modifiers. */
export const MODIFIER_ALIASES: Readonly<Record<string, string>> = {
  'no-log': 'no-report',
  'no-profile': 'no-sandbox',
  termination: 'deprecated',
  'no-callout': 'deprecated',
  'partial-symbolication': 'deprecated',
  'rootless-modifier': 'rootless',
}

/** Part of every profile, as if they came after its own rules (Apple's policy.scm). */
export const STANDARD_RULES: readonly { readonly operation: string; readonly target: string }[] = [
  { operation: 'signal', target: 'self' },
  { operation: 'mach-task-name', target: 'self' },
]
