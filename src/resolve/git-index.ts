/** One file that a git index names. */
export interface IndexEntry {
  /** As git has it: relative to the top of the work tree. */
  readonly path: string
  /** Name of its content in hexadecimal. */
  readonly id: string
  readonly type: 'file' | 'symlink' | 'other'
}

/** Fields of one entry before its content's name, in bytes (gitformat-index). */
const FIXED = 40
const HEADER = 12

/**
 * Reads an index of version 2 to 4 (gitformat-index), names of SHA-1 alone. Undefined for anything
 * else, also for an index that is split or sparse and so names only a part. The agent may have
 * written it: every length is checked, and a path that leads out of the work tree is left out.
 * `isWanted` keeps a start fast where files are many: what it says no to is not built.
 */
export const parseGitIndex = (
  bytes: Uint8Array,
  isWanted: (path: string) => boolean = () => true,
): readonly IndexEntry[] | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < HEADER + ID || view.toString('latin1', 0, 4) !== 'DIRC') return undefined
  const version = view.readUInt32BE(4)
  if (version < 2 || version > 4) return undefined
  const end = view.length - ID
  const entries: IndexEntry[] = []
  let at = HEADER
  let previous: Buffer = Buffer.alloc(0)
  for (let left = view.readUInt32BE(8); left > 0; left--) {
    const read = readEntry({ view, end, version, isWanted }, at, previous)
    if (read === undefined) return undefined
    at = read.next
    previous = read.name
    if (read.entry) entries.push(read.entry)
  }
  return hasOnlyOptional(view, at, end) ? entries : undefined
}

const ID = 20

interface Read {
  readonly next: number
  readonly name: Buffer
  readonly entry: IndexEntry | undefined
}

interface Source {
  readonly view: Buffer
  readonly end: number
  readonly version: number
  readonly isWanted: (path: string) => boolean
}

const readEntry = (
  { view, end, version, isWanted }: Source,
  start: number,
  previous: Buffer,
): Read | undefined => {
  const flagsAt = start + FIXED + ID
  if (flagsAt + 4 > end) return undefined
  const flags = view.readUInt16BE(flagsAt)
  const isExtended = (flags & 0x4000) !== 0
  let at = flagsAt + (isExtended ? 4 : 2)
  let kept = 0
  if (version === 4) {
    const strip = readOffset(view, at, end)
    if (strip === undefined || strip.value > previous.length) return undefined
    kept = previous.length - strip.value
    at = strip.next
  }
  const stop = view.indexOf(0, at)
  if (stop < 0 || stop >= end) return undefined
  const own = view.subarray(at, stop)
  const name = kept === 0 ? own : Buffer.concat([previous.subarray(0, kept), own])
  // Up to version 3 an entry is padded with one to eight zeros.
  const next = version === 4 ? stop + 1 : start + ((stop - start) & ~7) + 8
  if (next > end) return undefined
  const path = name.toString('utf8')
  // In a merge that has not ended a path stands there up to three times.
  const isMerged = (flags & 0x3000) === 0
  if (!isMerged || !isWanted(path) || LEADS_OUT.test(path)) return { next, name, entry: undefined }
  const id = view.toString('hex', start + FIXED, flagsAt)
  const type = TYPES[view.readUInt32BE(start + 24) >> 12] ?? 'other'
  return { next, name, entry: { path, id, type } }
}

/** Kinds of the upper four bits of a mode. */
const TYPES: Readonly<Record<number, IndexEntry['type']>> = { 8: 'file', 10: 'symlink' }

/** Empty parts, `.`, `..`, and names that are no text. */
const LEADS_OUT = /^$|\ufffd|(?:^|\/)\.{0,2}(?:\/|$)/

/** The variable width encoding of offsets in packs. */
const readOffset = (
  view: Buffer,
  start: number,
  end: number,
): { value: number; next: number } | undefined => {
  let value = 0
  for (let at = start; at < end && at < start + 4; at++) {
    const byte = view[at]!
    value = value * 128 + (byte & 0x7f)
    if ((byte & 0x80) === 0) return { value, next: at + 1 }
    value++
  }
  return undefined
}

/** An extension whose name begins with a small letter changes what the entries mean. */
const hasOnlyOptional = (view: Buffer, start: number, end: number): boolean => {
  let at = start
  while (at + 8 <= end) {
    const first = view[at]!
    if (first < 0x41 || first > 0x5a) return false
    at += 8 + view.readUInt32BE(at + 4)
  }
  return at === end
}
