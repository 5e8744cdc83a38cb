import type { Host } from '../machine/host.ts'
import { type AbsolutePath, isWithin, join, nameOf, parentOf } from '../machine/paths.ts'
import { physical } from '../machine/physical.ts'
import type { Walker } from '../machine/walk.ts'
import { decodeText } from '../text/decode.ts'

/** A file in a project that something protected runs: changed during a run, it is told after it. */
export interface CalledFile {
  readonly path: AbsolutePath
  /** A clause: what runs it. */
  readonly because: string
}

/**
 * Files beneath `top` that a shell command names: words with a slash, or that an interpreter before
 * them may take for a script.
 */
export const filesNamed = (
  walk: Walker,
  command: string,
  top: AbsolutePath,
): readonly AbsolutePath[] =>
  command
    .split(/[\s'"`;|&()<>=${}]+/)
    .filter((word, at) => word !== '' && !word.startsWith('-') && (at > 0 || word.includes('/')))
    .flatMap((word) => physical(walk, top, word) ?? [])
    .filter((path) => path !== top && isWithin(path, top))

/** A script longer than this is read as far. */
const LIMIT = 64 << 10
/** Names of one script that are looked at. */
const NAMES = 200

/** Files beneath `top` that a script names, there or not: what it looks for may be made later. Words that look like no file are left out. */
export const filesCalledBy = (
  host: Host,
  walk: Walker,
  script: AbsolutePath,
  top: AbsolutePath,
): readonly CalledFile[] => {
  const read = host.read(script, LIMIT)
  const text = read.ok ? decodeText(read.bytes) : undefined
  if (text === undefined) return []
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  const paths = lines
    .flatMap((line) => filesNamed(walk, ` ${line}`, top))
    .filter((path) => /\.\w+$/.test(path) || walk(path).kind === 'file')
  return [...new Set(paths)]
    .filter((path) => walk(path).kind !== 'directory' && !isWithin(path, join(top, '.git')))
    .slice(0, NAMES)
    .map((path) => ({ path, because: `${script} runs or reads it` }))
}

/** What `.envrc` files run or source in their folders: direnv runs an allowed one on `cd`. */
export const calledOnEntry = (
  found: readonly { readonly path: AbsolutePath }[],
  host: Host,
  walk: Walker,
): CalledFile[] =>
  [...new Set(found.map(({ path }) => path))]
    .filter((path) => nameOf(path) === '.envrc')
    .flatMap((path) => filesCalledBy(host, walk, path, parentOf(path)))
