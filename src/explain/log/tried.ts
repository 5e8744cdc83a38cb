import type { Operation } from '../../policy/model.ts'
import type { Sighting } from './read.ts'

/** What a report says of the attempt, beside its message. */
export interface Tried {
  readonly operation: Operation | undefined
  readonly error: Sighting['error']
  /** Paths that stand in fields of their own (npm, Node). */
  readonly paths: readonly string[]
}

/** System calls by the names that Node, Go and npm print. */
const CALLS: Readonly<Record<string, Operation>> = {
  access: 'read',
  chdir: 'list',
  chmod: 'chmod',
  chown: 'chmod',
  connect: 'connect',
  copyfile: 'create',
  exec: 'exec',
  'fork/exec': 'exec',
  link: 'link-to',
  lstat: 'stat',
  mkdir: 'mkdir',
  mkdtemp: 'mkdir',
  open: 'read',
  opendir: 'list',
  readdirent: 'list',
  readlink: 'stat',
  realpath: 'stat',
  remove: 'unlink',
  rename: 'rename-to',
  rmdir: 'unlink',
  scandir: 'list',
  spawn: 'exec',
  stat: 'stat',
  symlink: 'symlink',
  unlink: 'unlink',
  unlinkat: 'unlink',
  utime: 'utimes',
}

/** Words that programs use for what they tried, the more telling ones first. */
const WORDS: readonly (readonly [RegExp, Operation])[] = [
  [/\b(?:os\.)?(?:makedirs|mkdir)\b|cannot create directory/, 'mkdir'],
  [
    /\bopen\([^)]{0,300}["'](?:w|a|x|r\+)[bt+]{0,2}["']|cannot create\b|cannot touch|tee: |write_(?:text|bytes)\(|writeFile|could not create|Could not write/,
    'create',
  ],
  [/\b(?:os\.)?(?:unlink|remove|rmtree|rmdir)\(|cannot remove|\brm: /, 'unlink'],
  [/\b(?:os\.)?(?:rename|replace)\(|\bmv: /, 'rename-to'],
  [/\b(?:listdir|scandir|iterdir|readdir)\(|cannot open directory|\bfind: /, 'list'],
  [/\b(?:subprocess|Popen|execv\w{0,3}|posix_spawn)\b|cannot execute/, 'exec'],
  [/\.connect\(/, 'connect'],
  [
    /\bos\.(?:stat|lstat|path)\b|\.(?:stat|exists|is_file|is_dir|resolve)\(|cannot (?:access|stat)|cannot read symbolic link/,
    'stat',
  ],
  [/\bchmod\b/, 'chmod'],
]

/**
 * Reads operation, error and fields from the lines of one report; the line nearest to its end tells
 * most.
 */
export const triedIn = (lines: readonly string[], call: string | undefined): Tried => {
  const named = call ?? fieldIn(lines, /^(?:npm (?:ERR!|error) )?\s*syscall:? '?(\w{1,20})/)
  const path = fieldIn(lines, /^(?:npm (?:ERR!|error) path |\s*path: ')([^']{1,2000}?)'?,?$/)
  const dest = fieldIn(lines, /^(?:npm (?:ERR!|error) dest |\s*dest: ')([^']{1,2000}?)'?,?$/)
  const operation = named === undefined ? wordsIn(lines) : CALLS[named]
  // Opening says nothing of reading or writing; the words around it may.
  return {
    operation: named === 'open' ? (wordsIn(lines) ?? 'read') : operation,
    error: errorIn(lines),
    paths: [path, dest].filter((one) => one !== undefined),
  }
}

const fieldIn = (lines: readonly string[], pattern: RegExp): string | undefined => {
  for (const line of lines) {
    const found = pattern.exec(line)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

const wordsIn = (lines: readonly string[]): Operation | undefined => {
  for (let at = lines.length - 1; at >= 0; at--) {
    const found = WORDS.find(([words]) => words.test(lines[at] ?? ''))
    if (found) return found[1]
  }
  return undefined
}

const ERRORS: readonly (readonly [RegExp, NonNullable<Sighting['error']>])[] = [
  [/EROFS|Read-only file system|read-only file system|Errno 30/, 'EROFS'],
  [/EPERM|[Oo]peration not permitted|Errno 1\]|os error 1\)/, 'EPERM'],
  [/EACCES|[Pp]ermission denied|Errno 13|os error 13\)/, 'EACCES'],
  [/ENOENT|[Nn]o such file or directory|Errno 2\]|os error 2\)|not found/, 'ENOENT'],
]

const errorIn = (lines: readonly string[]): Sighting['error'] => {
  for (let at = lines.length - 1; at >= 0; at--) {
    const found = ERRORS.find(([words]) => words.test(lines[at] ?? ''))
    if (found) return found[1]
  }
  return undefined
}
