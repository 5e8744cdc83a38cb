import type { IncomingMessage } from 'node:http'
import { readAuthority } from '../../policy/host-authority.ts'
import { authorityOf, bracketed } from '../../policy/host-name.ts'
import type { Target } from './types.ts'

/**
 * Where a request goes and what it asks there, or why it can't be passed on. `sent` is the host as
 * it came, for the log.
 */
export type TargetReading =
  | {
      readonly ok: true
      readonly target: Target
      readonly path: string
      readonly hostHeader: string
    }
  | {
      readonly ok: false
      readonly status: number
      readonly reason: string
      readonly sent: string | undefined
      readonly port: number
    }

/**
 * Reads the target of CONNECT: `host:port`, nothing else. The Host header of a CONNECT means
 * nothing and is not read.
 */
export const connectTarget = (authority: string): TargetReading => {
  const reading = readAuthority(authority)
  if (!reading.ok) return bad(`the host in CONNECT ${reading.reason}`, authority)
  const { host, port } = reading
  if (port === undefined) return bad('CONNECT names no port', authority)
  return {
    ok: true,
    target: { kind: 'connect', way: 'tunnel', host, port },
    path: '',
    hostHeader: authorityOf(host, port),
  }
}

/**
 * Reads a plain request: `http://host[:port]/path` with a Host header, exactly one, that names the
 * same host and port. A request without a host (it was meant for a server) and any framing that two
 * readers could read in two ways is refused.
 */
export const plainTarget = ({
  url = '',
  rawHeaders,
  headers,
  httpVersion,
}: IncomingMessage): TargetReading => {
  const [, authority, path = ''] = /^http:\/\/([^/?#]*)([^#]*)$/i.exec(url) ?? []
  if (authority === undefined)
    return bad(
      /^[a-z][a-z0-9+.-]*:/i.test(url)
        ? 'only http:// is passed on in the clear'
        : 'it names no host (http://host/path)',
    )
  if (/[^\x21-\x7e]/.test(url)) return bad('its address holds a byte that no address has')
  const reading = readAuthority(authority)
  if (!reading.ok) return bad(`the host in its address ${reading.reason}`, authority)
  const { host, port = 80 } = reading
  const named = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  if (named.length > 1 || (named.length === 0 && httpVersion !== '1.0'))
    return bad('it needs exactly one Host header', host.text, port)
  const header = headers.host === undefined ? reading : readAuthority(headers.host)
  if (!header.ok || header.host.text !== host.text || (header.port ?? 80) !== port)
    return bad('its Host header names another host than its address', host.text, port)
  const encoding = headers['transfer-encoding']
  if (
    encoding !== undefined &&
    (encoding.toLowerCase() !== 'chunked' || headers['content-length'] !== undefined)
  )
    return bad('its length can be read in two ways', host.text, port)
  const hostHeader = port === 80 ? bracketed(host) : authorityOf(host, port)
  return {
    ok: true,
    target: { kind: 'http', way: 'http', host, port },
    path: path.startsWith('/') ? path : `/${path}`,
    hostHeader,
  }
}

const bad = (reason: string, sent?: string, port = 0): TargetReading => ({
  ok: false,
  status: 400,
  reason,
  sent,
  port,
})
