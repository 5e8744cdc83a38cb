import fs from 'node:fs'
import path from 'node:path'
import type { Hold, Placeholder } from '../backend/bubblewrap/program.ts'
import { LauncherError } from '../errors.ts'
import { type AbsolutePath, toAbsolutePath } from '../machine/paths.ts'
import { shellWord } from '../text/shell-word.ts'
import { leaveSocket } from './socket-name.ts'
import type { RunState } from './state.ts'

/**
 * `held-NUMBER-KIND`, a link to the name that is held; KIND is `d` for an empty directory, `s` for
 * a socket, or `f` and the content in hex. Read by the reaper, too, and by every later version.
 * Numbers go down: in the order of these names, which is the reaper's too, the last name made is
 * the first taken away.
 */
const HELD = /^held-\d+-(d|s|f[0-9a-f]*)$/

/** Five digits always: there are never as many names as that would take. */
const LAST_HELD = 99_999

interface HeldLink {
  readonly path: AbsolutePath
  readonly hold: Hold
  readonly link: string
}

const kindOf = (hold: Hold): string =>
  hold.type === 'file'
    ? `f${Buffer.from(hold.content).toString('hex')}`
    : hold.type === 'socket'
      ? 's'
      : 'd'

const holdOf = (kind: string): Hold =>
  kind === 'd'
    ? { type: 'directory' }
    : kind === 's'
      ? { type: 'socket' }
      : { type: 'file', content: Buffer.from(kind.slice(1), 'hex').toString() }

const heldBy = (state: AbsolutePath, run: string): HeldLink[] => {
  const directory = path.join(state, 'runs', run)
  return fs
    .readdirSync(directory)
    .sort()
    .flatMap((name) => {
      const kind = HELD.exec(name)?.[1]
      if (kind === undefined) return []
      const link = path.join(directory, name)
      const held = toAbsolutePath(fs.readlinkSync(link))
      return held === undefined ? [] : [{ link, path: held, hold: holdOf(kind) }]
    })
}

/** Names that any run holds on the host now. */
export const namesHeldNow = (state: AbsolutePath): ReadonlySet<AbsolutePath> => {
  try {
    const runs = fs.readdirSync(path.join(state, 'runs')).filter((name) => RUN.test(name))
    return new Set(runs.flatMap((run) => heldBy(state, run).map((held) => held.path)))
  } catch {
    // A run that ends takes its directory away while it is read: what it held is held no more.
    return new Set()
  }
}

const RUN = /^r-[a-z0-9-]+$/

/** What the other runs hold, by path. */
const heldByOthers = (run: RunState): Map<string, HeldLink> => {
  const others = new Map<string, HeldLink>()
  for (const name of fs.readdirSync(path.join(run.state, 'runs'))) {
    if (name === run.id || !RUN.test(name)) continue
    for (const held of heldBy(run.state, name)) others.set(held.path, held)
  }
  return others
}

/**
 * Puts names on the host that the sandbox will pin, and counts this run among their holders.
 * `existing` are protected names that are there already: where another run put them there, this run
 * holds them too. To be called while the reaper holds the lock.
 */
export const holdNames = (
  run: RunState,
  names: readonly Placeholder[],
  existing: readonly AbsolutePath[],
): void => {
  const others = heldByOthers(run)
  const own = new Set(heldBy(run.state, run.id).map(({ path: place }) => place))
  let number = LAST_HELD - own.size
  const record = (place: AbsolutePath, hold: Hold): void =>
    fs.symlinkSync(place, path.join(run.directory, `held-${number--}-${kindOf(hold)}`))
  for (const place of others.size === 0 ? [] : existing) {
    const held = others.get(place)
    if (held) record(place, held.hold)
  }
  for (const name of names) {
    const held = others.get(name.path)
    if (!held && isThere(name.path)) continue
    // Recorded before it is made: a crash between the two leaves a record of nothing, not a thing
    // without a record.
    // What a host removed is made again under the record that it has.
    if (!own.has(name.path)) record(name.path, held?.hold ?? name.hold)
    if (makeHeld(name.path, held?.hold ?? name.hold) || isThere(name.path)) continue
    if (name.otherwise) {
      record(name.path, name.otherwise)
      makeHeld(name.path, name.otherwise)
    }
  }
}

/** Makes one held name. False when it is there already, or could not be made as it should. */
export const makeHeld = (place: AbsolutePath, hold: Hold): boolean => {
  try {
    if (hold.type === 'socket') return leaveSocket(place)
    if (hold.type === 'directory') fs.mkdirSync(place, { mode: 0o755 })
    else fs.writeFileSync(place, hold.content, { mode: 0o644, flag: 'wx' })
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return false
    throw new LauncherError(
      'E_STATE',
      `cannot hold ${place}, a protected name that does not exist`,
      {
        cause: error,
        hint:
          code === 'ENOSPC' || code === 'EDQUOT'
            ? 'make room on that disk'
            : `make the directory writable, or --lift ${shellWord(place)}`,
      },
    )
  }
}

const isThere = (place: AbsolutePath): boolean =>
  fs.lstatSync(place, { throwIfNoEntry: false }) !== undefined

/** A directory that the run put names into has another name now: they are taken away there. */
export const followMove = (run: RunState, from: string, to: AbsolutePath): void => {
  for (const { link, path: place } of heldBy(run.state, run.id)) {
    if (!place.startsWith(`${from}/`)) continue
    // Never without a record: a link is replaced in one step.
    fs.symlinkSync(`${to}${place.slice(from.length)}`, `${link}.new`)
    fs.renameSync(`${link}.new`, link)
  }
}

/** Takes away what this run holds and no other; throws when something would not go. */
export const releaseNames = (run: RunState): void => {
  const held = heldBy(run.state, run.id)
  const others = held.length === 0 ? undefined : heldByOthers(run)
  for (const name of held) {
    if (!others?.has(name.path)) removeHeld(name.path, name.hold)
    fs.unlinkSync(name.link)
  }
}

/**
 * Only what is still as it was put there: an empty directory, a socket, or a file with the same few
 * bytes.
 */
const removeHeld = (place: string, hold: Hold): void => {
  try {
    if (hold.type === 'directory') return fs.rmdirSync(place)
    const stat = fs.lstatSync(place)
    const isOurs =
      hold.type === 'socket'
        ? stat.isSocket()
        : stat.isFile() &&
          stat.size === Buffer.byteLength(hold.content) &&
          fs.readFileSync(place, 'utf8') === hold.content
    if (isOurs) fs.unlinkSync(place)
  } catch {
    // Somebody uses the name now: it is theirs.
  }
}
