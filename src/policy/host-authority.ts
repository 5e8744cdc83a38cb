import { type CanonicalHost, canonicalHost } from './host-name.ts'

/** `host`, `host:port`, `[v6]` or `[v6]:port` taken apart, the host in its one spelling. */
export type AuthorityReading =
  | { readonly ok: true; readonly host: CanonicalHost; readonly port: number | undefined }
  | { readonly ok: false; readonly reason: string }

/**
 * Reads an authority: IPv6 only in brackets, a port from 1 to 65535 without sign, space or leading
 * zero, no user information.
 */
export const readAuthority = (text: string): AuthorityReading => {
  const parts = AUTHORITY.exec(text)
  if (!parts)
    return {
      ok: false,
      reason: text.includes(':')
        ? 'is not `host:port` (an IPv6 address stands in brackets)'
        : 'is not a host name',
    }
  const [, name = '', port] = parts
  if (port !== undefined && !isPort(port))
    return { ok: false, reason: 'has a port that is not a number from 1 to 65535' }
  const reading = canonicalHost(name)
  return reading.ok
    ? { ok: true, host: reading.host, port: port === undefined ? undefined : Number(port) }
    : reading
}

const isPort = (text: string): boolean => /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535

const AUTHORITY = /^(\[[^\]]*\]|[^:[\]@]+)(?::([^:/]*))?$/
