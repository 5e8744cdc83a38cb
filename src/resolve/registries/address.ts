import { canonicalHost } from '../../policy/host-name.ts'

/**
 * An address of a registry: the host to allow, and the address without user, password, query and
 * fragment.
 */
export interface RegistryAddress {
  readonly ok: true
  /** `host:port`, lower case, no trailing dot. */
  readonly host: string
  readonly url: string
  readonly isPlain: boolean
  readonly hadCredentials: boolean
}

/**
 * Why an address opens nothing, as the end of a sentence; never holds the address, which may hold a
 * password.
 */
export interface RefusedAddress {
  readonly ok: false
  readonly problem: string
}

/**
 * Reads an address strictly: only what every URL parser reads alike. `sparse+`, `registry+` and
 * `git+` (cargo's) may stand before it. Addresses of machines by number and of this machine are
 * refused: the proxy would not dial them for a name either.
 */
export const registryAddress = (written: string): RegistryAddress | RefusedAddress => {
  if (written.length > MAX_ADDRESS) return refused('is longer than an address can be')
  if (!/^[\x21-\x7e]+$/.test(written) || written.includes('\\'))
    return refused('holds a character that an address cannot hold')
  const match = FORM.exec(written)
  if (!match)
    return refused(
      /^(?:[a-z]+\+)?https?:/i.test(written)
        ? 'is not an address that every program reads alike'
        : 'does not begin with https://',
    )
  const [, scheme = '', user, rawName = '', rawPort, path = ''] = match
  const name = rawName.toLowerCase().replace(/\.$/, '')
  const isPlain = scheme.toLowerCase() === 'http'
  const port = rawPort === undefined ? (isPlain ? 80 : 443) : Number(rawPort)
  if (port < 1 || port > 65_535) return refused('names a port that does not exist')
  const problem = nameProblem(name)
  if (problem !== undefined) return refused(problem)
  return {
    ok: true,
    host: `${name}:${port}`,
    url: `${scheme.toLowerCase()}://${name}${rawPort === undefined ? '' : `:${port}`}${path}`,
    isPlain,
    hadCredentials: user !== undefined,
  }
}

const nameProblem = (name: string): string | undefined => {
  // One dot at the end is taken off before: a second one is an empty label.
  if (name.endsWith('.')) return 'names no host'
  if (name === 'localhost' || name.endsWith('.localhost'))
    return 'is this machine: name its port in `[network] loopback`'
  const reading = canonicalHost(name)
  // `127.1`, `0x7f.0.0.1`, `2130706433`: a last label that is a number makes an address of the
  // whole.
  if (reading.ok ? reading.host.kind === 'address' : NUMBER.test(name))
    return 'names a machine by its number: allow it with `--allow-host`'
  return reading.ok ? undefined : 'names no host'
}

const refused = (problem: string): RefusedAddress => ({ ok: false, problem })

/**
 * One `@` at most, and only before the host: with two, parsers differ about where the host begins.
 */
const FORM =
  /^(?:[a-z]+\+)?(https?):\/\/(?:([^/?#@]*)@)?([A-Za-z0-9._-]+)(?::(\d{1,5}))?(\/[^?#]*)?(?:[?#].*)?$/i
const NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/
const MAX_ADDRESS = 2048
