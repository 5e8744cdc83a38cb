import fs from 'node:fs'
import path from 'node:path'
import { LauncherError } from '../errors.ts'
import { makePrivateDirectory, type Purpose } from '../machine/own/private-directory.ts'
import { putPrivate, readPrivate, removeQuietly } from '../machine/own/private-file.ts'
import type { AbsolutePath } from '../machine/paths.ts'

/** Runs that are remembered; older ones go when a new one is written. */
const KEPT = 50
/** Longest record that is written or read, in bytes. */
const MAX_RECORD = 4 << 20
/** Longest network log of one run, in bytes. */
const MAX_LOG = 8 << 20
/** What the folder of records is for. */
export const RECORDS: Purpose = {
  holds: 'the records of runs',
  hint: 'move it away: launcher makes a new one',
}
const NAME = /^(r-[a-z0-9-]{1,60})\.json$/

/** The lines of one run's network log, written as they happen. */
export interface NetworkLog {
  /** Takes one line of JSON; beyond the limit lines are counted only. */
  add(line: string): void
  readonly dropped: number
  close(): void
  /** Closes it and, when nothing is in it, takes it away: no run came of it. */
  discard(): void
}

/** Where what is remembered of runs lies. */
export const directoryOf = (state: AbsolutePath): string => path.join(state, 'records')

/**
 * Writes the record of an ended run, whole or not at all, for the user alone; forgets the oldest. A
 * disk that is full costs the record, not the run.
 */
export const writeRecord = (state: AbsolutePath, id: string, text: string): boolean => {
  if (Buffer.byteLength(text) > MAX_RECORD) return false
  const directory = directoryOf(state)
  const draft = path.join(directory, `${id}.draft`)
  try {
    makePrivateDirectory(directory, RECORDS)
    putPrivate(path.join(directory, `${id}.json`), text, draft)
    prune(state)
    return true
  } catch {
    return false
  }
}

/** Ids of the runs that are remembered, newest first: an id begins with its time. */
export const recordedRuns = (state: AbsolutePath): string[] => {
  try {
    return fs
      .readdirSync(directoryOf(state))
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .sort()
      .reverse()
  } catch {
    return []
  }
}

/**
 * The text of one record; undefined when there is none. Throws E_STATE for one that is not a plain
 * file of the user's.
 */
export const readRecord = (state: AbsolutePath, id: string): string | undefined =>
  readPrivate(path.join(directoryOf(state), `${id}.json`), MAX_RECORD, 'remove it')

/** The network log of one run as far as it is written; empty when there is none. */
export const readNetworkLog = (state: AbsolutePath, id: string): string =>
  readPrivate(path.join(directoryOf(state), `${id}.net`), MAX_LOG, 'remove it') ?? ''

/** Runs that have a network log, newest first, the ones that go on included. */
export const loggedRuns = (state: AbsolutePath): string[] => {
  try {
    return fs
      .readdirSync(directoryOf(state))
      .flatMap((name) => /^(r-[a-z0-9-]{1,60})\.net$/.exec(name)?.[1] ?? [])
      .sort()
      .reverse()
  } catch {
    return []
  }
}

/** Calls `heard` with what is added to a run's network log until `signal` is aborted. */
export const followNetworkLog = async (
  state: AbsolutePath,
  id: string,
  heard: (text: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const file = path.join(directoryOf(state), `${id}.net`)
  let at = 0
  const read = (): void => {
    const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW)
    try {
      const buffer = Buffer.alloc(64 * 1024)
      for (
        let count = fs.readSync(fd, buffer, 0, buffer.length, at);
        count > 0;
        count = fs.readSync(fd, buffer, 0, buffer.length, at)
      ) {
        const whole = buffer.lastIndexOf(10, count - 1) + 1
        if (whole === 0) return
        heard(buffer.toString('utf8', 0, whole))
        at += whole
      }
    } finally {
      fs.closeSync(fd)
    }
  }
  read()
  const watcher = fs.watch(file, read)
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  watcher.close()
}

/**
 * Opens the network log of a run that begins. Throws E_STATE where it cannot be made: nobody would
 * see what was asked of the network.
 */
export const openNetworkLog = (state: AbsolutePath, id: string): NetworkLog => {
  const file = path.join(directoryOf(state), `${id}.net`)
  const fd = openNew(file)
  let written = 0
  let dropped = 0
  let isClosed = false
  const close = (): void => {
    isClosed = true
    fs.closeSync(fd)
  }
  return {
    get dropped() {
      return dropped
    },
    add: (line) => {
      const bytes = Buffer.from(`${line}\n`)
      // A connection may end after the log: its descriptor's number may be another file's by now.
      if (isClosed || written + bytes.length > MAX_LOG) {
        dropped += 1
        return
      }
      try {
        written += fs.writeSync(fd, bytes)
      } catch {
        dropped += 1
      }
    },
    close,
    discard: () => {
      close()
      if (written === 0) removeQuietly(file)
    },
  }
}

const openNew = (file: string): number => {
  try {
    makePrivateDirectory(path.dirname(file), RECORDS)
    return fs.openSync(file, 'ax', 0o600)
  } catch (error) {
    if (error instanceof LauncherError) throw error
    throw new LauncherError('E_STATE', `the network log ${file} cannot be made`, {
      cause: error,
      hint: 'check that the directory is yours and that the disk is not full',
    })
  }
}

/** Logs of runs without a record (a crash) go with the runs that are as old. */
const prune = (state: AbsolutePath): void => {
  const kept = new Set(recordedRuns(state).slice(0, KEPT))
  if (kept.size < KEPT) return
  const oldest = [...kept].at(-1)!
  for (const name of fs.readdirSync(directoryOf(state))) {
    const id = /^(r-[a-z0-9-]{1,60})\.(?:after|before|draft|json|net)$/.exec(name)?.[1]
    if (id !== undefined && !kept.has(id) && id < oldest)
      fs.rmSync(path.join(directoryOf(state), name), { force: true })
  }
}
