import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { LauncherError } from '../../errors.ts'
import type { FileType, Host, Stat } from '../host.ts'
import { absolute, type AbsolutePath } from '../paths.ts'
import { withStoredPlaces } from '../places.ts'
import { fastGlob } from './glob.ts'
import { codeOf, failureOf, readBounded, readPiece } from './read.ts'

const typeOf = (stat: fs.Stats | fs.Dirent): FileType =>
  stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'directory'
      : stat.isSymbolicLink()
        ? 'symlink'
        : stat.isSocket()
          ? 'socket'
          : stat.isFIFO()
            ? 'fifo'
            : 'device'

const toStat = (stat: fs.Stats): Stat => ({
  type: typeOf(stat),
  mode: stat.mode & 0o7777,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  mtimeMs: stat.mtimeMs,
  ctimeMs: stat.ctimeMs,
  nlink: stat.nlink,
  dev: stat.dev,
  ino: stat.ino,
})

/** The real machine. `installation` is the directory that holds `dist/`. */
export const realHost = (installation: string): Host => withStoredPlaces(seam(installation))

const seam = (installation: string): Host => ({
  platform: process.platform === 'darwin' ? 'macos' : 'linux',
  arch: process.arch,
  // An unset or empty PATH would mean the working directory to some and nothing to others.
  env: process.env['PATH'] ? process.env : { ...process.env, PATH: '/usr/local/bin:/usr/bin:/bin' },
  home: realHome(),
  cwd: workingDirectory(),
  uid: process.getuid?.() ?? -1,
  gid: process.getgid?.() ?? -1,
  installation: absolute(fs.realpathSync(installation)),
  lstat: (file) => {
    try {
      const stat = fs.lstatSync(file, { throwIfNoEntry: false })
      return stat && toStat(stat)
    } catch (error) {
      return failureOf(codeOf(error)) === 'denied' ? 'denied' : undefined
    }
  },
  stat: (file) => {
    try {
      const stat = fs.statSync(file, { throwIfNoEntry: false })
      return stat && toStat(stat)
    } catch {
      return undefined
    }
  },
  readlink: (file) => {
    try {
      return fs.readlinkSync(file)
    } catch {
      return undefined
    }
  },
  list: (file) => {
    try {
      return fs
        .readdirSync(file, { withFileTypes: true })
        .map((entry) => ({ name: entry.name, type: typeOf(entry) }))
    } catch {
      return undefined
    }
  },
  read: readBounded,
  readAt: readPiece,
  glob: fastGlob,
  canAccess: (file, mode) => {
    try {
      fs.accessSync(
        file,
        mode === 'read'
          ? fs.constants.R_OK
          : mode === 'write'
            ? fs.constants.W_OK
            : fs.constants.X_OK,
      )
      return true
    } catch {
      return false
    }
  },
  run: (file, args, timeoutMs) => {
    try {
      return execFileSync(file, [...args], {
        encoding: 'utf8',
        timeout: timeoutMs,
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', HOME: process.env['HOME'] ?? '/' },
        maxBuffer: 1 << 20,
      })
    } catch {
      return undefined
    }
  },
})

const workingDirectory = (): AbsolutePath => {
  try {
    return absolute(process.cwd())
  } catch (cause) {
    throw new LauncherError('E_PROJECT', 'the working directory is gone', {
      cause,
      hint: 'change to a directory that exists',
    })
  }
}

/**
 * HOME as the user set it if it is an absolute directory, else the account's. Links in it are
 * resolved: rules name real paths.
 */
const realHome = (): AbsolutePath => {
  const wanted = process.env['HOME']
  const home = wanted && path.isAbsolute(wanted) ? wanted : accountHome()
  try {
    return absolute(fs.realpathSync(home))
  } catch {
    return absolute(path.resolve(home))
  }
}

const accountHome = (): string => {
  try {
    return os.userInfo().homedir
  } catch (cause) {
    throw new LauncherError(
      'E_CONFIG',
      'HOME is not set, and this user has no account that would name a home directory',
      { cause, hint: 'set HOME to a directory of yours' },
    )
  }
}
