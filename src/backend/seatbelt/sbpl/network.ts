import { excerpt, SbplError, type Position } from './error.ts'
import type { Fact, Filter } from './rules.ts'

/** A network filter of the profile. */
export type NetworkFilter = Extract<Filter, { kind: 'network' }>

/** One end of a connection, from a fact such as `tcp:localhost:8080` or `udp:[::1]:53`. */
export interface Address {
  readonly transport: string
  /** Undefined when neither the protocol nor the host tells: such an address counts as both. */
  readonly family: '4' | '6' | undefined
  readonly host: string
  readonly port: number | undefined
}

/**
 * The host and port of a filter's address, `HOST:PORT`.
 * @throws SbplError with libsandbox's text when the host is neither `*` nor `localhost`.
 */
export function parseHostPort(text: string, at: Position): Pick<NetworkFilter, 'host' | 'port'> {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, Math.max(colon, 0))
  const port = text.slice(colon + 1)
  if (colon === -1)
    throw new SbplError(
      'network-address',
      `network address must be HOST:PORT: ${excerpt(text)}`,
      at,
    )
  if (host !== '*' && host !== 'localhost')
    throw new SbplError('network-address', 'host must be * or localhost in network address', at)
  if (port !== '*' && (!/^\d{1,5}$/.test(port) || Number(port) > 65535)) {
    throw new SbplError(
      'network-address',
      `port must be a number or * in network address: ${excerpt(text)}`,
      at,
    )
  }
  return { host, port: port === '*' ? '*' : Number(port) }
}

/**
 * The address of a fact, `PROTOCOL:HOST:PORT`; the port may be missing or `*`.
 * @throws SbplError (`illegal-argument`) when the protocol or port is not one.
 */
export function parseAddress(fact: Fact): Address {
  const match = /^(ip|tcp|udp)([46]?):(.*?)(?::(\d{1,5}|\*))?$/.exec(String(fact))
  if (match === null)
    throw new SbplError(
      'illegal-argument',
      `not an address (tcp:HOST:PORT): ${excerpt(String(fact))}`,
    )
  const [, transport = '', family, rawHost = '', port] = match
  const host = rawHost.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const byHost = host.includes(':') ? '6' : /^\d+\.\d+\.\d+\.\d+$/.test(host) ? '4' : undefined
  return {
    transport,
    family: family === '4' || family === '6' ? family : byHost,
    host,
    port: port === undefined || port === '*' ? undefined : Number(port),
  }
}

/** Whether an address is one that the filter names. */
export function matchesAddress(filter: NetworkFilter, address: Address): boolean {
  return (
    matchesProtocol(filter, address) &&
    (filter.host === '*' || LOOPBACK.has(address.host)) &&
    (filter.port === '*' || filter.port === address.port)
  )
}

/**
 * Whether the address is of the filter's protocol: `ip` is every one, `ip4` every one over IPv4.
 */
export function matchesProtocol(filter: NetworkFilter, address: Address): boolean {
  const [, transport, family] = /^(ip|tcp|udp)([46]?)$/.exec(filter.protocol) ?? []
  if (transport !== 'ip' && address.transport !== 'ip' && transport !== address.transport)
    return false
  return family === '' || address.family === undefined || family === address.family
}

// `::ffff:127.0.0.1` is not among them: dual-stack clients are refused by a localhost filter (srt,
// nono#1830).
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1'])
