import { shortenHome } from '../machine/home.ts'
import { bracketed, canonicalHost } from './host-name.ts'
import { hostProblem } from './host-pattern.ts'
import { shellWord } from '../text/shell-word.ts'

/**
 * `launcher run` with flags, to be pasted into a shell. A profile of `default` is not named, since
 * it has no command of its own; a file goes behind `--profile`: both want the command after `--`.
 */
export const runCommand = (profile: string, flags: readonly string[]): string => {
  const isFile = profile.includes('/') || profile.endsWith('.toml')
  if (!isFile && profile !== 'default')
    return ['launcher run', shellWord(profile), ...flags].join(' ')
  return [
    'launcher run',
    ...(isFile ? [`--profile ${shellWord(profile)}`] : []),
    ...flags,
    '-- …',
  ].join(' ')
}

/**
 * The flag that allows a host, as a shell reads it: an IPv6 address in brackets and quoted. `host`
 * is a name or an address in any spelling; this machine is allowed by port only, so without one a
 * word stands in its place.
 */
export const allowHostFlag = (host: string, port?: number): string => {
  const reading = canonicalHost(host)
  const name = reading.ok ? bracketed(reading.host) : host
  if (port !== undefined) return `--allow-host ${shellWord(`${name}:${port}`)}`
  return `--allow-host ${shellWord(hostProblem(name) === undefined || !reading.ok ? name : `${name}:PORT`)}`
}

/**
 * A path as a word of a shell: below home with a bare `~`, or quoted, where a shell expands
 * nothing.
 */
export const pathWord = (path: string, home: string): string => {
  if (shellWord(path) !== path) return shellWord(path)
  return path === home ? path : shortenHome(path, home)
}
