import type { Operation } from '../../policy/model.ts'

/** What the kernel asks for one operation of `decide()`: all of these must be allowed. */
export interface SeatbeltQuery {
  readonly operation: string
  /** Type of what is made, where the rule for a socket depends on it. */
  readonly vnodeType?: 'SOCKET' | 'REGULAR-FILE' | 'DIRECTORY' | 'SYMLINK'
}

/**
 * The one mapping from `decide()`'s operations to Seatbelt's. Renaming is removing the source and
 * making the destination.
 */
export const seatbeltQueries = (operation: Operation): readonly SeatbeltQuery[] => {
  switch (operation) {
    case 'stat':
      return [{ operation: 'file-read-metadata' }]
    case 'read':
      return [{ operation: 'file-read-data' }]
    case 'list':
      return [{ operation: 'file-read-data', vnodeType: 'DIRECTORY' }]
    case 'exec':
      return [{ operation: 'process-exec*' }, { operation: 'file-read-data' }]
    case 'write':
      return [{ operation: 'file-write-data' }]
    case 'create':
    case 'link-to':
      return [{ operation: 'file-write-create', vnodeType: 'REGULAR-FILE' }]
    case 'mkdir':
      return [{ operation: 'file-write-create', vnodeType: 'DIRECTORY' }]
    case 'symlink':
      return [{ operation: 'file-write-create', vnodeType: 'SYMLINK' }]
    case 'rename-from':
    case 'unlink':
      return [{ operation: 'file-write-unlink' }]
    case 'rename-to':
      return [
        { operation: 'file-write-create', vnodeType: 'REGULAR-FILE' },
        { operation: 'file-write-unlink' },
      ]
    case 'link-from':
      return [{ operation: 'file-link' }]
    case 'chmod':
      return [{ operation: 'file-write-mode' }]
    case 'utimes':
      return [{ operation: 'file-write-times' }]
    case 'connect':
      return [{ operation: 'network-outbound' }]
    case 'bind':
      return [
        { operation: 'network-bind' },
        { operation: 'file-write-create', vnodeType: 'SOCKET' },
      ]
    default:
      return operation satisfies never
  }
}
