import type { Operation } from '../../policy/model.ts'
import { type Argument, descriptorPath, stringOf } from './text.ts'

/** One path that a call named, before its working directory is known. */
export interface NamedPath {
  readonly operation: Operation
  /** As written; empty when the call meant the descriptor itself. */
  readonly path: string
  /** Directory that a relative path starts from; undefined for the working directory. */
  readonly from: string | undefined
  /** True when the call makes the name if it is absent. */
  readonly creates: boolean
}

/** What a call wanted: paths, or a network address. */
export type Wanted =
  | { readonly kind: 'paths'; readonly paths: readonly NamedPath[] }
  | { readonly kind: 'address'; readonly operation: 'connect' | 'bind'; readonly address: string }

type Reader = (args: readonly Argument[]) => Wanted | undefined

const paths = (...found: readonly (NamedPath | undefined)[]): Wanted | undefined => {
  const known = found.filter((path) => path !== undefined)
  return known.length === 0 ? undefined : { kind: 'paths', paths: known }
}

const named = (
  operation: Operation,
  path: string | undefined,
  from?: string,
  creates = false,
): NamedPath | undefined =>
  path === undefined || (path === '' && from === undefined)
    ? undefined
    : { operation, path, from, creates }

/** A call whose argument `index` is a path. */
const plain =
  (operation: Operation, index = 0): Reader =>
  (args) =>
    paths(named(operation, stringOf(args[index])))

/**
 * A call whose arguments `index` and `index + 1` are a directory and a path; a path of NULL means
 * the descriptor.
 */
const at =
  (operation: Operation, index = 0): Reader =>
  (args) =>
    paths(
      named(
        operation,
        args[index + 1] === 'NULL' ? '' : stringOf(args[index + 1]),
        descriptorPath(args[index]),
      ),
    )

const has = (flags: Argument | undefined, name: string): boolean =>
  flags?.split('|').includes(name) === true

const opened = (
  path: string | undefined,
  from: string | undefined,
  flags: Argument | undefined,
): Wanted | undefined => {
  if (has(flags, 'O_CREAT') || has(flags, 'O_TMPFILE'))
    return paths(named('create', path, from, true))
  if (['O_WRONLY', 'O_RDWR', 'O_TRUNC', 'O_APPEND'].some((flag) => has(flags, flag)))
    return paths(named('write', path, from))
  return paths(
    named(has(flags, 'O_PATH') ? 'stat' : has(flags, 'O_DIRECTORY') ? 'list' : 'read', path, from),
  )
}

/** The most that access(2) was asked about: writing, executing, reading, being there. */
const asked = (mode: Argument | undefined): Operation =>
  has(mode, 'W_OK') ? 'write' : has(mode, 'X_OK') ? 'exec' : has(mode, 'R_OK') ? 'read' : 'stat'

const socket =
  (operation: 'connect' | 'bind'): Reader =>
  (args) => {
    const address = args[1] ?? ''
    const unix = /sun_path=("(?:[^"\\]|\\.)*")/.exec(address)
    if (unix) return paths(named(operation, stringOf(unix[1])))
    const host =
      /inet_addr\("([^"]+)"\)/.exec(address)?.[1] ??
      /inet_pton\(AF_INET6, "([^"]+)"/.exec(address)?.[1]
    const port = /sin6?_port=htons\((\d+)\)/.exec(address)?.[1]
    if (host === undefined || port === undefined) return undefined
    return {
      kind: 'address',
      operation,
      address: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    }
  }

const two = (first: NamedPath | undefined, second: NamedPath | undefined): Wanted | undefined =>
  paths(first, second)

/**
 * How the calls that name paths or addresses are read (section 2 of the manual). `chdir` needs to
 * enter a directory, which `stat` on its name does not give.
 */
const READERS: Readonly<Record<string, Reader>> = {
  access: (args) => paths(named(asked(args[1]), stringOf(args[0]))),
  bind: socket('bind'),
  chdir: plain('list'),
  chmod: plain('chmod'),
  chown: plain('chmod'),
  connect: socket('connect'),
  creat: (args) => paths(named('create', stringOf(args[0]), undefined, true)),
  execve: plain('exec'),
  execveat: at('exec'),
  faccessat: (args) => paths(named(asked(args[2]), stringOf(args[1]), descriptorPath(args[0]))),
  faccessat2: (args) => paths(named(asked(args[2]), stringOf(args[1]), descriptorPath(args[0]))),
  fchmodat: at('chmod'),
  fchmodat2: at('chmod'),
  fchownat: at('chmod'),
  futimesat: at('utimes'),
  getxattr: plain('stat'),
  inotify_add_watch: plain('read', 1),
  lchown: plain('chmod'),
  lgetxattr: plain('stat'),
  link: (args) => two(named('link-from', stringOf(args[0])), named('link-to', stringOf(args[1]))),
  linkat: (args) =>
    two(
      named('link-from', stringOf(args[1]), descriptorPath(args[0])),
      named('link-to', stringOf(args[3]), descriptorPath(args[2])),
    ),
  listxattr: plain('stat'),
  llistxattr: plain('stat'),
  lremovexattr: plain('chmod'),
  lsetxattr: plain('chmod'),
  lstat: plain('stat'),
  mkdir: plain('mkdir'),
  mkdirat: at('mkdir'),
  mknod: plain('create'),
  mknodat: at('create'),
  newfstatat: at('stat'),
  open: (args) => opened(stringOf(args[0]), undefined, args[1]),
  openat: (args) => opened(stringOf(args[1]), descriptorPath(args[0]), args[2]),
  openat2: (args) =>
    opened(stringOf(args[1]), descriptorPath(args[0]), /flags=([A-Z_|]+)/.exec(args[2] ?? '')?.[1]),
  readlink: plain('stat'),
  readlinkat: at('stat'),
  removexattr: plain('chmod'),
  rename: (args) =>
    two(named('rename-from', stringOf(args[0])), named('rename-to', stringOf(args[1]))),
  renameat: (args) =>
    two(
      named('rename-from', stringOf(args[1]), descriptorPath(args[0])),
      named('rename-to', stringOf(args[3]), descriptorPath(args[2])),
    ),
  rmdir: plain('unlink'),
  setxattr: plain('chmod'),
  stat: plain('stat'),
  statfs: plain('stat'),
  statx: at('stat'),
  symlink: plain('symlink', 1),
  symlinkat: at('symlink', 1),
  truncate: plain('write'),
  unlink: plain('unlink'),
  unlinkat: at('unlink'),
  utime: plain('utimes'),
  utimensat: at('utimes'),
  utimes: plain('utimes'),
}
const ALIASES: Readonly<Record<string, string>> = {
  fstatat64: 'newfstatat',
  renameat2: 'renameat',
  stat64: 'stat',
  lstat64: 'lstat',
}

/**
 * What a call wanted, from its name and arguments; undefined for calls that name nothing, and for
 * abstract sockets.
 */
export const wantedBy = (name: string, args: readonly Argument[]): Wanted | undefined =>
  READERS[ALIASES[name] ?? name]?.(args)
