import type { Host } from '../../machine/host.ts'
import type { AbsolutePath } from '../../machine/paths.ts'

/**
 * Random access to one file; `at` gives fewer bytes than asked for at the end, undefined when it
 * cannot be read.
 */
export interface ByteSource {
  at(offset: number, length: number): Uint8Array | undefined
}

/** Opens a file for reading in pieces. Nothing is read until it is asked for. */
export const bytesOf = (host: Host, file: AbsolutePath): ByteSource => ({
  at: (offset, length) => {
    const result = host.readAt(file, offset, length)
    return result.ok ? result.bytes : undefined
  },
})

/** The text of a small file; undefined when it is absent, larger than `limit`, or not UTF-8. */
export const textOf = (host: Host, file: AbsolutePath, limit: number): string | undefined => {
  const result = host.read(file, limit)
  return result.ok ? decode(result.bytes) : undefined
}

/**
 * Bytes as text; undefined when they are not UTF-8. `isCut`: the last character may be only begun.
 */
export const decode = (bytes: Uint8Array, { isCut = false } = {}): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut })
  } catch {
    return undefined
  }
}

/**
 * The zero-terminated text at `offset`, at most 4 kB; undefined when it does not end or is not
 * UTF-8.
 */
export const stringAt = (source: ByteSource, offset: number): string | undefined => {
  const bytes = source.at(offset, 4096)
  const end = bytes?.indexOf(0) ?? -1
  if (bytes === undefined || end < 0) return undefined
  return decode(bytes.subarray(0, end))
}

/** A little- or big-endian view of what was read. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
