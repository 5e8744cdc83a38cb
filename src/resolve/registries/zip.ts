import zlib from 'node:zlib'
import type { Host } from '../../machine/host.ts'

/**
 * One stored or deflated entry of a zip archive (a Python wheel, a jar), whose name `matches`;
 * undefined when there is none, when the archive is damaged, or when the entry is larger than
 * `limit`. Written from PKWARE's APPNOTE, 4.3; no zip64, no encryption.
 */
export const zipEntry = (
  host: Host,
  file: string,
  matches: (name: string) => boolean,
  limit = 1 << 20,
): Uint8Array | undefined => {
  const size = host.stat(file)?.size ?? 0
  const tail = piece(host, file, Math.max(0, size - MAX_TAIL), Math.min(size, MAX_TAIL))
  const end = tail?.lastIndexOf(END_OF_DIRECTORY) ?? -1
  if (tail === undefined || end < 0 || end + 22 > tail.length) return undefined
  const length = tail.readUInt32LE(end + 12)
  const directory =
    length > MAX_DIRECTORY ? undefined : piece(host, file, tail.readUInt32LE(end + 16), length)
  const found = directory && findEntry(directory, matches)
  if (!found || found.packed > limit || found.size > limit) return undefined
  const header = piece(host, file, found.offset, 30)
  if (header === undefined || header.readUInt32LE(0) !== LOCAL_HEADER) return undefined
  const packed = piece(
    host,
    file,
    found.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28),
    found.packed,
  )
  return packed && unpack(packed, found.method, limit)
}

interface Entry {
  readonly method: number
  readonly packed: number
  readonly size: number
  readonly offset: number
}

const findEntry = (directory: Buffer, matches: (name: string) => boolean): Entry | undefined => {
  for (
    let at = 0;
    at + 46 <= directory.length && directory.readUInt32LE(at) === DIRECTORY_ENTRY;
  ) {
    const nameLength = directory.readUInt16LE(at + 28)
    if (matches(directory.toString('utf8', at + 46, at + 46 + nameLength))) {
      return {
        method: directory.readUInt16LE(at + 10),
        packed: directory.readUInt32LE(at + 20),
        size: directory.readUInt32LE(at + 24),
        offset: directory.readUInt32LE(at + 42),
      }
    }
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32)
  }
  return undefined
}

const unpack = (packed: Buffer, method: number, limit: number): Uint8Array | undefined => {
  if (method === 0) return packed
  try {
    // The sizes in the archive are claims: this limit is what holds.
    return method === 8 ? zlib.inflateRawSync(packed, { maxOutputLength: limit }) : undefined
  } catch {
    return undefined
  }
}

/** Exactly `length` bytes, or nothing. */
const piece = (host: Host, file: string, offset: number, length: number): Buffer | undefined => {
  const read = host.readAt(file, offset, length)
  return read.ok && read.bytes.length === length ? Buffer.from(read.bytes) : undefined
}

const END_OF_DIRECTORY = Buffer.from([0x50, 0x4b, 0x05, 0x06])
const LOCAL_HEADER = 0x04034b50
const DIRECTORY_ENTRY = 0x02014b50
/** The end record, 22 bytes, and the longest comment that may follow it. */
const MAX_TAIL = 22 + 65_535
const MAX_DIRECTORY = 4 << 20
