import type { Operation } from '../../policy/model.ts'

/** One record of the kernel's Sandbox, read from its text. */
export interface SandboxMessage {
  /** Cut short by the kernel (16 or 32 bytes); may hold spaces, dots and brackets. */
  readonly program: string
  /** Absent in the older form of repeats. */
  readonly pid: number | undefined
  /** The kernel's word. */
  readonly action: string
  /** What `decide()` calls it, where it has a word. */
  readonly operation: Operation | string
  readonly kind: 'path' | 'address' | 'service'
  /**
   * Path, `host:port`, name of a service; empty where the kernel names nothing, `<private>` where
   * it was withheld.
   */
  readonly target: string
  /** The record stands for this many, and may name a neighbour of what was repeated. */
  readonly repeats: number | undefined
  /** A refusal of the system's own (SIP, TCC, a platform policy), not of a profile. */
  readonly isSystemPolicy: boolean
}

/**
 * `Sandbox: node(12) deny(1) file-read-data /x`, with `N duplicate reports for` in either of two
 * places; older systems leave out `(1)`.
 */
const RECORD =
  /^(?:Sandbox: )?(?:(\d{1,9}) duplicate reports? for )?(?:Sandbox: )?(.{1,80}?)(?:\((\d{1,9})\))? (System Policy: )?deny(?:\(\d+\))? ([a-z][a-z0-9*-]*)(?: ([\s\S]*))?$/

/** Reads a record's text, its tag already taken off; undefined for anything but a refusal. */
export const readMessage = (text: string): SandboxMessage | undefined => {
  const match = RECORD.exec(text)
  if (!match) return undefined
  const [, repeats, program = '', pid, system, action = '', rest = ''] = match
  const target = action === 'file-ioctl' ? (/^path:(\S+)/.exec(rest)?.[1] ?? rest) : rest
  const kind = kindOf(action, target)
  return {
    program,
    pid: pid === undefined ? undefined : Number(pid),
    action,
    operation:
      (kind === 'path'
        ? wordFor(action)
        : action.startsWith('network-outbound')
          ? 'connect'
          : undefined) ?? action,
    kind,
    target,
    repeats: repeats === undefined ? undefined : Number(repeats),
    isSystemPolicy: system !== undefined,
  }
}

const kindOf = (action: string, target: string): SandboxMessage['kind'] =>
  target.startsWith('/') || action.startsWith('file-') || action.startsWith('process-exec')
    ? 'path'
    : action.startsWith('network-')
      ? 'address'
      : 'service'

/** Longest first where one begins like another. */
const WORDS: readonly (readonly [string, Operation])[] = [
  ['file-read-metadata', 'stat'],
  ['file-read-xattr', 'stat'],
  ['file-read', 'read'],
  ['file-test-existence', 'stat'],
  ['file-map-executable', 'read'],
  ['file-write-create', 'create'],
  ['file-write-unlink', 'unlink'],
  ['file-write-times', 'utimes'],
  ['file-write-data', 'write'],
  ['file-write-mode', 'chmod'],
  ['file-write-owner', 'chmod'],
  ['file-write-flags', 'chmod'],
  ['file-write-acl', 'chmod'],
  ['file-write-setugid', 'chmod'],
  ['file-write-xattr', 'chmod'],
  ['file-write', 'write'],
  ['file-ioctl', 'write'],
  ['file-link', 'link-from'],
  ['file-clone', 'link-from'],
  ['process-exec', 'exec'],
  ['network-outbound', 'connect'],
  ['network-bind', 'bind'],
]

const wordFor = (action: string): Operation | undefined =>
  WORDS.find(([start]) => action.startsWith(start))?.[1]
