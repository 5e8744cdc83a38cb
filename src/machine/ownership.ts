import type { Host, Stat } from './host.ts'

type Held = Pick<Stat, 'uid' | 'mode'>

/**
 * Why a file or directory belongs to somebody else than `owners`, as a clause; undefined when it
 * does not.
 */
export const otherOwner = ({ uid }: Held, owners: readonly number[]): string | undefined =>
  owners.includes(uid) ? undefined : `belongs to another user (uid ${uid})`

/**
 * Who else than `owners` could change a file or what lies in a directory, as a clause; undefined
 * for nobody. The one question before anything of the user's or of root's is trusted.
 */
export const otherHand = (stat: Held, owners: readonly number[]): string | undefined =>
  otherOwner(stat, owners) ??
  ((stat.mode & 0o022) === 0 ? undefined : `can be written by others (mode ${modeText(stat.mode)})`)

/**
 * True for a program, links followed, that root alone could have written: what launcher starts
 * outside the sandbox.
 */
export const isRootsProgram = (host: Host, file: string): boolean => {
  const stat = host.stat(file)
  return (
    stat?.type === 'file' && otherHand(stat, [0]) === undefined && host.canAccess(file, 'execute')
  )
}

/** Permission bits as people write them. */
export const modeText = (mode: number): string => (mode & 0o7777).toString(8)
