import fs from 'node:fs'
import path from 'node:path'
import type { Nothing } from '../backend/bubblewrap/program.ts'
import { LauncherError } from '../errors.ts'
import { makePrivateDirectory, type Purpose } from '../machine/own/private-directory.ts'
import { writeNew } from '../machine/own/private-file.ts'
import { absolute, type AbsolutePath, join } from '../machine/paths.ts'
import { releaseNames } from './held-names.ts'
import { startTimeOf } from './process-table.ts'

/** What one run keeps on the host, and where. */
export interface RunState {
  readonly id: string
  /** `$XDG_STATE_HOME/launcher`, 0700. */
  readonly state: AbsolutePath
  /** `STATE/runs/ID`: what the reaper needs to clean up after a crash or a power cut. */
  readonly directory: AbsolutePath
  /** The run's private TMPDIR, 0700. */
  readonly tmp: AbsolutePath
  /** An unreadable file that stands in for hidden files. */
  readonly standinFile: AbsolutePath
  /**
   * A named pipe that the reaper makes and holds open: bubblewrap waits there until something is
   * written. Linux only.
   */
  readonly gate: AbsolutePath
}

/**
 * A new run id: `r-` time and chance, `[a-z0-9-]` only, so that it can stand in a profile and a
 * file name.
 */
export const newRunId = (): string => `r-${Date.now().toString(36)}-${randomHex(5)}`

/** From the kernel: loading node:crypto costs a fifth of a start. */
const randomHex = (bytes: number): string => {
  const fd = fs.openSync('/dev/urandom', 'r')
  try {
    const buffer = Buffer.alloc(bytes)
    fs.readSync(fd, buffer, 0, bytes, null)
    return buffer.toString('hex')
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Where the private temporary directory of a run will be. Short: a socket path holds 103 bytes on
 * macOS, and tsx, multiprocessing and editors put more than 50 of their own beneath it.
 */
export const tmpPathOf = (id: string, systemTmp: string): AbsolutePath => {
  const base = absolute(fs.realpathSync(systemTmp))
  return join(base, `launcher-${id.slice(id.lastIndexOf('-') + 1)}`)
}

/**
 * Makes the run's directories. Everything is recorded before it is made, so that a crash at any
 * point leaves nothing unknown behind.
 */
export const createRunState = (id: string, state: AbsolutePath, tmp: AbsolutePath): RunState => {
  try {
    ensureState(state)
    makePrivateDirectory(join(state, 'runs'), STATE)
    const directory = join(state, `runs/${id}`)
    fs.mkdirSync(directory, { mode: 0o700 })
    fs.symlinkSync(tmp, path.join(directory, 'tmp'))
    writeNew(join(directory, 'owner'), `${JSON.stringify(ownerOf(process.pid))}\n`)
    const standinFile = join(directory, 'standin')
    writeNew(standinFile, '', { mode: 0 })
    // Last: nobody is there yet to take it away if something else fails.
    fs.mkdirSync(tmp, { mode: 0o700 })
    return {
      id,
      state,
      directory,
      tmp,
      standinFile,
      gate: join(directory, 'gate'),
    }
  } catch (error) {
    if (error instanceof LauncherError) throw error
    throw new LauncherError('E_STATE', `cannot make the run's directories under ${state}`, {
      cause: error,
      hint: 'check that the directory is yours and that the disk is not full',
    })
  }
}

const STATE: Purpose = {
  holds: "launcher's state",
  hint: 'move it away, or set XDG_STATE_HOME',
}

/** What lies in it decides what is removed later. */
const ensureState = (state: AbsolutePath): void => {
  makePrivateDirectory(state, STATE)
  const lock = fs.lstatSync(join(state, 'lock'), { throwIfNoEntry: false })
  if (lock && !lock.isFile())
    throw new LauncherError('E_STATE', `${state}/lock is not a plain file`, { hint: 'remove it' })
}

/** A process told apart from a later one with the same number: number, start time, boot. */
interface Owner {
  readonly pid: number
  readonly started: string
  readonly boot: string
}

/** How a process is written down. */
export const ownerOf = (pid: number): Owner => ({ pid, started: startTimeOf(pid), boot: bootId() })

const bootId = (): string => {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Runs that nobody is responsible for any more: their launcher is gone and their reaper did not get
 * to it (a power cut).
 */
export const staleRuns = (state: AbsolutePath): string[] => {
  let names: string[]
  try {
    names = fs.readdirSync(path.join(state, 'runs'))
  } catch {
    return []
  }
  return names.filter(
    (name) => /^r-[a-z0-9-]+$/.test(name) && !isAlive(path.join(state, 'runs', name)),
  )
}

const isAlive = (directory: string): boolean => {
  try {
    return isOwnerAlive(JSON.parse(fs.readFileSync(path.join(directory, 'owner'), 'utf8')))
  } catch {
    // A run directory without its owner file was made a moment ago by somebody else, or is older
    // than a crash could explain.
    return (
      fs.statSync(directory, { throwIfNoEntry: false })?.mtimeMs !== undefined &&
      Date.now() - fs.statSync(directory).mtimeMs < 10_000
    )
  }
}

/** True while the process that was written down lives: not another that has its number now. */
export const isOwnerAlive = (owner: unknown): boolean => {
  if (typeof owner !== 'object' || owner === null) return false
  if (!('pid' in owner) || typeof owner.pid !== 'number') return false
  const now = ownerOf(owner.pid)
  const isSame =
    'started' in owner &&
    owner.started === now.started &&
    'boot' in owner &&
    owner.boot === now.boot
  if (!isSame) return false
  try {
    process.kill(owner.pid, 0)
    return true
  } catch {
    return false
  }
}

/** Remembers the run's control group, so that it goes with the run. */
export const recordControlGroup = (run: RunState, directory: string): void =>
  fs.symlinkSync(directory, path.join(run.directory, 'cgroup'))

/** Gone or empty: nothing of the run is in it any more. */
const removeControlGroup = (run: RunState): void => {
  const link = path.join(run.directory, 'cgroup')
  if (!fs.lstatSync(link, { throwIfNoEntry: false })) return
  const directory = fs.readlinkSync(link)
  if (fs.existsSync(directory)) fs.rmdirSync(directory)
}

/**
 * Takes away what the run put on the host; to be called while the reaper holds the lock. False when
 * something would not go: the reaper then tries in its own way.
 */
export const cleanUp = (run: RunState): boolean => {
  try {
    releaseNames(run)
    removeControlGroup(run)
    if (fs.readdirSync(run.tmp).length === 0) fs.rmdirSync(run.tmp)
    else fs.rmSync(run.tmp, { recursive: true, force: true })
    for (const name of fs.readdirSync(run.directory))
      fs.rmSync(path.join(run.directory, name), { recursive: true })
    fs.rmdirSync(run.directory)
    return true
  } catch {
    return false
  }
}

/** Where a run keeps the content of one held name. */
export const nothingOf = (run: RunState, { number }: Nothing): AbsolutePath =>
  join(run.directory, `nothing-${number}`)

/**
 * Writes what the sandbox sees at held names; it is mounted there, so nothing of it stands on the
 * host.
 */
export const writeNothing = (run: RunState, nothing: Nothing): void => {
  const place = nothingOf(run, nothing)
  const { content } = nothing
  if (typeof content === 'string') return fs.writeFileSync(place, content, { flag: 'wx' })
  fs.mkdirSync(place)
  for (const [name, text] of Object.entries(content))
    fs.writeFileSync(path.join(place, name), text, { flag: 'wx' })
}

/**
 * Writes the Seatbelt profile where only the user can read it; the reaper takes it away with the
 * run.
 */
export const writeProfile = (run: RunState, profile: string): AbsolutePath => {
  const file = join(run.directory, 'profile.sb')
  writeNew(file, profile)
  return file
}
