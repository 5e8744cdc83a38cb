import path from 'node:path'
import { LauncherError } from '../errors.ts'
import { makePrivateDirectory } from '../machine/own/private-directory.ts'
import { appendPrivate, readPrivate } from '../machine/own/private-file.ts'
import type { AbsolutePath } from '../machine/paths.ts'
import { authorityOf } from '../policy/host-name.ts'
import { readAuthority } from '../policy/host-authority.ts'
import type { Remembered } from './ask.ts'

/** Longest file that is read, in bytes, and most hosts of one project. */
const MAX_BYTES = 1 << 20
const MAX_HOSTS = 1_000
const HINT = 'remove it: launcher asks again'

/**
 * The hosts that a person allowed for one project when a run asked, one `host:port` in a line; runs
 * that do not ask never look at it. Throws E_STATE for a file that is not a plain file of the
 * user's, or that holds anything else: who wrote it is not known.
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
        makePrivateDirectory(path.dirname(file), {
          holds: 'the hosts that you allowed',
          hint: HINT,
        })
        // Appended, so that two runs that ask at once keep each other's answers.
        appendPrivate(file, host)
      } catch {
        // A disk that is full costs the next run's question, not this run.
      }
    },
  }
}

const readHosts = (file: string): string[] => {
  // One byte more than a file may have, so that a longer one is seen.
  const text = readPrivate(file, MAX_BYTES + 1, HINT) ?? ''
  const lines = text.split('\n').filter((line) => line !== '')
  if (text.length > MAX_BYTES || lines.length > MAX_HOSTS || !lines.every(isHost))
    throw new LauncherError('E_STATE', `${file} holds something else than hosts with their ports`, {
      hint: HINT,
    })
  return lines
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
