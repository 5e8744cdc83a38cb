import type { Host, ReadResult } from '../../host.ts'
import type { AbsolutePath } from '../../policy/paths.ts'

/** A host that can read a piece of a file; without it whole files are read, which costs 50 ms for a binary of 100 MB. */
export interface RangeReader {
  readonly readAt?: (path: string, offset: number, length: number) => ReadResult
}

/** Random access to one file; `at` gives fewer bytes than asked for at the end, undefined when it cannot be read. */
export interface ByteSource {
  at(offset: number, length: number): Uint8Array | undefined
}

/** Larger files are not programs that this reader has to understand; they are then taken as they are. */
const WHOLE_FILE_LIMIT = 512 * 1024 * 1024

/** Opens a file for reading in pieces. Nothing is read until it is asked for. */
export const bytesOf = (host: Host & RangeReader, file: AbsolutePath): ByteSource => {
  const { readAt } = host
  if (readAt !== undefined) {
    return {
      at: (offset, length) => {
        const result = readAt(file, offset, length)
        return result.ok ? result.bytes : undefined
      },
    }
  }
  let whole: Uint8Array | undefined
  let tried = false
  return {
    at: (offset, length) => {
      if (!tried) {
        const result = host.read(file, WHOLE_FILE_LIMIT)
        whole = result.ok ? result.bytes : undefined
        tried = true
      }
      return whole?.subarray(offset, offset + length)
    },
  }
}

/** The text of a small file; undefined when it is absent, larger than `limit`, or not UTF-8. */
export const textOf = (host: Host, file: AbsolutePath, limit: number): string | undefined => {
  const result = host.read(file, limit)
  return result.ok ? decode(result.bytes) : undefined
}

/** Bytes as text; undefined when they are not UTF-8. */
export const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The zero-terminated text at `offset`, at most 4 kB; undefined when it does not end or is not UTF-8. */
export const stringAt = (source: ByteSource, offset: number): string | undefined => {
  const bytes = source.at(offset, 4096)
  const end = bytes?.indexOf(0) ?? -1
  if (bytes === undefined || end < 0) return undefined
  return decode(bytes.subarray(0, end))
}

/** A little- or big-endian view of what was read. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
