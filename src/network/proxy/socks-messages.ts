import { type HostReading, canonicalHost } from '../../policy/host-name.ts'

/**
 * A message taken from the front of what arrived; `more` while it is not whole; `bad` when it can't
 * become one.
 */
export type Reading<T> =
  | { readonly kind: 'whole'; readonly value: T; readonly length: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'bad' }

/** Where a SOCKS client wants to go. `sent` is the host as it came, for the log. */
export interface SocksRequest {
  readonly command: number
  readonly host: HostReading
  readonly sent: string
  readonly port: number
}

/** RFC 1928, section 3: the methods a client can authenticate with. */
export const readGreeting = (bytes: Buffer): Reading<readonly number[]> => {
  const count = bytes[1]
  if (count === undefined || bytes.length < 2 + count) return MORE
  return whole([...bytes.subarray(2, 2 + count)], 2 + count)
}

/** RFC 1929: the password; any user name will do. */
export const readPassword = (bytes: Buffer): Reading<string> => {
  if (bytes.length > 0 && bytes[0] !== 1) return BAD
  const userLength = bytes[1]
  if (userLength === undefined) return MORE
  const passwordLength = bytes[2 + userLength]
  const end = 3 + userLength + (passwordLength ?? 0)
  return passwordLength === undefined || bytes.length < end
    ? MORE
    : whole(bytes.toString('utf8', 3 + userLength, end), end)
}

/** RFC 1928, section 4. An address type that does not exist is `bad`. */
export const readRequest5 = (bytes: Buffer): Reading<SocksRequest> => {
  if ((bytes.length > 0 && bytes[0] !== 5) || (bytes.length > 2 && bytes[2] !== 0)) return BAD
  const type = bytes[3]
  const length = bytes[4]
  if (type === undefined || length === undefined) return MORE
  const [start, size] = type === 1 ? [4, 4] : type === 4 ? [4, 16] : [5, length]
  if (type !== 1 && type !== 3 && type !== 4) return BAD
  const end = start + size
  if (bytes.length < end + 2) return MORE
  const host = bytes.subarray(start, end)
  const sent =
    type === 3
      ? host.toString('utf8')
      : type === 1
        ? host.join('.')
        : (host.toString('hex').match(/.{4}/g)?.join(':') ?? '')
  return whole(
    { command: bytes[1] ?? 0, host: canonicalHost(sent), sent, port: bytes.readUInt16BE(end) },
    end + 2,
  )
}

/**
 * SOCKS4 and its 4a form, in which the address 0.0.0.x says that a name follows. The user is where
 * the token stands.
 */
export const readRequest4 = (bytes: Buffer): Reading<SocksRequest & { readonly user: string }> => {
  const userEnd = bytes.indexOf(0, 8)
  if (bytes.length < 9 || userEnd < 0) return bytes.length > 8 + MAX_TEXT ? BAD : MORE
  if (userEnd > 8 + MAX_TEXT) return BAD
  const user = bytes.toString('utf8', 8, userEnd)
  const address = bytes.subarray(4, 8)
  const request = { command: bytes[1] ?? 0, port: bytes.readUInt16BE(2), user }
  const isNamed = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0
  if (!isNamed)
    return whole(
      { ...request, host: canonicalHost(address.join('.')), sent: address.join('.') },
      userEnd + 1,
    )
  const hostEnd = bytes.indexOf(0, userEnd + 1)
  if (hostEnd < 0 ? bytes.length > userEnd + 1 + MAX_TEXT : hostEnd > userEnd + 1 + MAX_TEXT)
    return BAD
  if (hostEnd < 0) return MORE
  const sent = bytes.toString('utf8', userEnd + 1, hostEnd)
  return whole({ ...request, host: canonicalHost(sent), sent }, hostEnd + 1)
}

const whole = <T>(value: T, length: number): Reading<T> => ({ kind: 'whole', value, length })
const MORE = { kind: 'more' } as const
const BAD = { kind: 'bad' } as const
/** As much as SOCKS5 can carry; version 4 has no bound of its own. */
const MAX_TEXT = 255
