import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const LEFTOVER = /^dist\.(tmp|old)-(\d+)-[0-9a-f]{6}$/
const ATTEMPTS = 200
const STALE_MS = 10 * 60_000

/** Puts a finished directory in place of another. A directory cannot be renamed over a full one, so there are two steps, and of two builds at once the later one wins with everything it made. */
export const replaceDirectory = (source, target) => {
  for (let attempt = 1; ; attempt += 1) {
    const old = path.join(
      path.dirname(target),
      `dist.old-${process.pid}-${randomBytes(3).toString('hex')}`,
    )
    const moved = renameIfThere(target, old)
    try {
      fs.renameSync(source, target)
      return
    } catch (error) {
      // Another build put its own there between the two steps.
      if (attempt === ATTEMPTS || !['ENOTEMPTY', 'EEXIST'].includes(error.code)) {
        if (moved && !fs.existsSync(target)) fs.renameSync(old, target)
        throw error
      }
    } finally {
      fs.rmSync(old, { recursive: true, force: true })
    }
  }
}

const renameIfThere = (from, to) => {
  try {
    fs.renameSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}

/** Removes what builds that were killed left behind; those of living processes stay, for as long as a build can last (a process id comes back). */
export const sweep = (root) => {
  for (const name of fs.readdirSync(root)) {
    const pid = LEFTOVER.exec(name)?.[2]
    if (pid && (!isAlive(Number(pid)) || isStale(path.join(root, name))))
      fs.rmSync(path.join(root, name), { recursive: true, force: true })
  }
}

const isStale = (directory) =>
  Date.now() - (fs.statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? 0) > STALE_MS

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
