import { domainToASCII } from 'node:url'

/**
 * A host in its one spelling: a name in lower-case ASCII without a final dot, an IPv4 address in
 * four decimal parts, or an IPv6 address as RFC 5952 writes it (no brackets).
 */
export interface CanonicalHost {
  readonly kind: 'name' | 'address'
  readonly text: string
}

/** A host that was understood, or the end of the sentence "the host …" that says why not. */
export type HostReading =
  | { readonly ok: true; readonly host: CanonicalHost }
  | { readonly ok: false; readonly reason: string }

/**
 * Reads a host in any spelling that a client, a person or a file may use and gives back the only
 * spelling that is matched, shown and dialled. Every spelling of IPv4 that a resolver would take
 * for an address (decimal, octal, hexadecimal, short) becomes that address; an IPv4 address inside
 * IPv6 (`::ffff:1.2.3.4`) becomes IPv4. Anything doubtful is refused: zone identifiers, percent
 * signs, NULs, spaces, names that are too long.
 */
export const canonicalHost = (text: string): HostReading => {
  if (text === '') return refuse('is empty')
  if (text.length > MAX_INPUT) return refuse('is longer than any host name can be')
  if (text.includes('%'))
    return refuse('holds a percent sign: zone identifiers and escapes are not accepted')
  const isBracketed = text.startsWith('[') && text.endsWith(']')
  if (isBracketed || text.includes(':')) return readIPv6(isBracketed ? text.slice(1, -1) : text)
  if (ODD_ASCII.test(text)) return refuse('holds a character that no host name has')
  return readName(domainToASCII(text))
}

/** True where an address is IPv6 and needs brackets before a port. */
const isV6 = ({ kind, text }: CanonicalHost): boolean => kind === 'address' && text.includes(':')

/** `host:port` as it stands in a URI: an IPv6 address in brackets. */
export const authorityOf = (host: CanonicalHost, port: number): string =>
  `${bracketed(host)}:${port}`

/** The host as it stands before a port. */
export const bracketed = (host: CanonicalHost): string =>
  isV6(host) ? `[${host.text}]` : host.text

/** An address in its one spelling; undefined for anything else. */
export const canonicalAddress = (text: string): string | undefined => {
  const reading = canonicalHost(text)
  return reading.ok && reading.host.kind === 'address' ? reading.host.text : undefined
}

const readIPv6 = (text: string): HostReading => {
  // The WHATWG parser takes what inet_pton takes, and writes it as RFC 5952 does, without dotted
  // parts.
  const url = `http://[${text}]/`
  if (!/^[0-9a-f:.]+$/i.test(text) || !URL.canParse(url)) return refuse('is not an address')
  const canonical = new URL(url).hostname.slice(1, -1)
  return found('address', mappedIPv4(canonical) ?? canonical)
}

const mappedIPv4 = (canonical: string): string | undefined => {
  const groups = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (!groups) return undefined
  const [high, low] = [Number.parseInt(groups[1]!, 16), Number.parseInt(groups[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

const readName = (ascii: string): HostReading => {
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  // The URL rules have made four plain decimal numbers of whatever a resolver takes for an address.
  if (IPV4.test(name)) return found('address', name)
  if (name === '') return refuse('is not a host name')
  if (name.length > MAX_NAME) return refuse('is longer than any host name can be')
  return name.split('.').every((label) => LABEL.test(label))
    ? found('name', name)
    : refuse('is not a host name')
}

const found = (kind: CanonicalHost['kind'], text: string): HostReading => ({
  ok: true,
  host: { kind, text },
})
const refuse = (reason: string): HostReading => ({ ok: false, reason })

/** RFC 1035: 255 bytes on the wire, 253 written. */
const MAX_NAME = 253
/**
 * A name in Unicode is never longer than its ASCII form, but what maps to nothing (soft hyphens)
 * makes it so: four times is far beyond honest.
 */
const MAX_INPUT = 4 * MAX_NAME
/**
 * ASCII but for letters, digits, `.`, `-` and `_`: the URL rules would drop a tab and end the name
 * at a slash.
 */
const ODD_ASCII = /[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]/
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/
