import fs from 'node:fs'
import path from 'node:path'
import { LauncherError } from '../errors.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { authorityOf } from '../policy/host-name.ts'
import { readAuthority } from '../policy/host-authority.ts'
import type { Remembered } from './ask.ts'

/** Longest file that is read, in bytes, and most hosts of one project. */
const MAX_BYTES = 1 << 20
const MAX_HOSTS = 1_000

/**
 * The hosts that a person allowed for one project when a run asked, one `host:port` in a line; runs that do not ask never look at it. Throws
 * E_STATE for a file that is not a plain file of the user's, or that holds anything else: who wrote it is not known.
 */
export const openRemembered = (state: AbsolutePath, project: string): Remembered => {
  const file = path.join(state, 'approved', project)
  const hosts = readHosts(file)
  return {
    file,
    hosts,
    add: (host) => {
      if (hosts.includes(host) || hosts.length >= MAX_HOSTS) return
      hosts.push(host)
      try {
        fs.mkdirSync(path.dirname(file), { mode: 0o700, recursive: true })
        // Appended, so that two runs that ask at once keep each other's answers.
        fs.appendFileSync(file, `${host}\n`, { mode: 0o600 })
      } catch {
        // A disk that is full costs the next run's question, not this run.
      }
    },
  }
}

const readHosts = (file: string): string[] => {
  let fd: number
  try {
    fd = fs.openSync(
      file,
      fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK,
    )
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw strange(file, 'cannot be read', cause)
  }
  try {
    const stat = fs.fstatSync(fd)
    if (!stat.isFile() || stat.uid !== process.getuid?.() || stat.size > MAX_BYTES)
      throw strange(file, 'is not a plain file of yours')
    const lines = fs
      .readFileSync(fd, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
    if (lines.length > MAX_HOSTS || !lines.every(isHost))
      throw strange(file, 'holds something else than hosts with their ports')
    return lines
  } finally {
    fs.closeSync(fd)
  }
}

const isHost = (line: string): boolean => {
  const reading = readAuthority(line)
  return (
    reading.ok &&
    reading.port !== undefined &&
    reading.host.kind === 'name' &&
    authorityOf(reading.host, reading.port) === line
  )
}

const strange = (file: string, why: string, cause?: unknown): LauncherError =>
  new LauncherError('E_STATE', `${file} ${why}`, { cause, hint: 'remove it: launcher asks again' })
