import fs from 'node:fs'
import type { ReadFailure, ReadResult } from '../host.ts'

/**
 * O_NONBLOCK so that a FIFO planted at the name cannot hang the start; size is checked on the open
 * descriptor.
 */
export const readBounded = (file: string, limit: number): ReadResult => {
  let fd: number | undefined
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    const stat = fs.fstatSync(fd)
    if (!stat.isFile()) return { ok: false, failure: 'not-a-file', code: 'ENOTSUP' }
    if (stat.size > limit) return { ok: false, failure: 'too-large', code: 'EFBIG' }
    const bytes = new Uint8Array(Math.min(limit, stat.size + 65_536) + 1)
    let length = 0
    for (;;) {
      const count = fs.readSync(fd, bytes, length, bytes.length - length, null)
      length += count
      if (count === 0) break
      if (length >= bytes.length) return { ok: false, failure: 'too-large', code: 'EFBIG' }
    }
    return { ok: true, bytes: bytes.slice(0, length) }
  } catch (error) {
    const code = codeOf(error)
    return { ok: false, failure: failureOf(code), code }
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

/** At most `length` bytes from `offset`, with the same care. */
export const readPiece = (file: string, offset: number, length: number): ReadResult => {
  let fd: number | undefined
  try {
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    if (!fs.fstatSync(fd).isFile()) return { ok: false, failure: 'not-a-file', code: 'ENOTSUP' }
    const bytes = new Uint8Array(length)
    return { ok: true, bytes: bytes.slice(0, fs.readSync(fd, bytes, 0, length, offset)) }
  } catch (error) {
    const code = codeOf(error)
    return { ok: false, failure: failureOf(code), code }
  } finally {
    if (fd !== undefined) fs.closeSync(fd)
  }
}

/** The code of a failed system call. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN'

/** What a code says to somebody who wanted to read. */
export const failureOf = (code: string): ReadFailure =>
  code === 'ENOENT' || code === 'ENOTDIR'
    ? 'missing'
    : code === 'EACCES' || code === 'EPERM'
      ? 'denied'
      : 'other'
