import fs from 'node:fs'
import path from 'node:path'
import { LauncherError } from '../../errors.ts'
import { otherHand } from '../ownership.ts'

/**
 * What a directory or file of the user's own is for, and what to do when it is not theirs alone.
 */
export interface Purpose {
  /** What it holds: `the records of runs`. */
  readonly holds: string
  readonly hint: string
}

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants

/**
 * Makes a directory, and each that is missing above it, for the user alone (0700), or makes sure
 * that the one that is there is theirs alone: looked at through a descriptor, so that no link in
 * its place is followed and nothing changes between the look and the answer. What others can look
 * into is closed; what others could have written is refused. With `one` level what lies above must
 * be there, as it was looked at before. Throws E_STATE, or what the system says.
 */
export const makePrivateDirectory = (
  directory: string,
  purpose: Purpose,
  levels: 'one' | 'all' = 'all',
): void => {
  if (levels === 'all') makeEach(directory)
  else makeOne(directory)
  let fd: number
  try {
    fd = fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (cause) {
    throw strange(directory, 'is a link, or not a directory that can be opened', purpose, cause)
  }
  try {
    const stat = fs.fstatSync(fd)
    const other = otherHand(stat, [process.getuid?.() ?? -1])
    if (other !== undefined) throw strange(directory, other, purpose)
    if ((stat.mode & 0o077) !== 0) fs.fchmodSync(fd, 0o700)
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * One by one: mkdir with `recursive` never ends where a file system refuses in its own way (Node 20
 * on /proc).
 */
const makeEach = (directory: string): void => {
  if (fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
  if (path.dirname(directory) !== directory) makeEach(path.dirname(directory))
  makeOne(directory)
}

const makeOne = (directory: string): void => {
  try {
    fs.mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

const strange = (
  directory: string,
  why: string,
  { holds, hint }: Purpose,
  cause?: unknown,
): LauncherError =>
  new LauncherError('E_STATE', `${directory} ${why}, so it cannot hold ${holds}`, { cause, hint })
