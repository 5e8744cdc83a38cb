import { decodeText } from '../text/decode.ts'
import type { Host } from '../machine/host.ts'
import { type AbsolutePath, join } from '../machine/paths.ts'
import { type GitConfig, parseGitConfig } from './git-config.ts'
import { physical } from '../machine/physical.ts'
import type { Walker } from '../machine/walk.ts'

const LINE_LIMIT = 8_192
const CONFIG_LIMIT = 1 << 20

/** The directory that a `.git` file names, real; undefined when it names none. */
export const gitDirOf = (
  host: Host,
  walk: Walker,
  file: AbsolutePath,
  place: AbsolutePath,
): AbsolutePath | undefined => {
  const match = /^gitdir: (.+)$/s.exec(readLine(host, file) ?? '')
  const path = match ? physical(walk, place, match[1]!) : undefined
  return path === undefined ? undefined : walk(path).real
}

/** First line of one of git's pointer files, without its newline. */
export const readLine = (host: Host, file: AbsolutePath): string | undefined =>
  textOf(host, file, LINE_LIMIT)?.replace(/[\r\n]+$/, '')

/** The configuration in a file; undefined when there is none to read. */
export const readGitConfig = (host: Host, file: AbsolutePath): GitConfig | undefined => {
  const text = textOf(host, file, CONFIG_LIMIT)
  return text === undefined ? undefined : parseGitConfig(text)
}

/** True for a directory that git would take for a repository. */
export const isGitDir = (walk: Walker, path: AbsolutePath): boolean =>
  ['HEAD', 'objects', 'refs'].every((name) => walk(join(path, name)).status === 'exists')

const textOf = (host: Host, file: AbsolutePath, limit: number): string | undefined => {
  const result = host.read(file, limit)
  return result.ok ? decodeText(result.bytes) : undefined
}
