import ipaddr from 'ipaddr.js'

/** Addresses of this machine's interfaces; asked only where nothing else decides. */
export type Own = Pick<ReadonlySet<string>, 'has'>

/**
 * Why an address is not on the public internet, as the end of the sentence "it is …"; undefined
 * when it is. A public address among `own` reaches what listens here as well. Addresses in their
 * one spelling (`canonicalAddress`); anything else is refused.
 *
 * An IPv4 address inside 64:ff9b::/96 (NAT64, what a network without IPv4 answers for every IPv4
 * host) is judged as that IPv4 address; every other embedding (6to4, Teredo, local NAT64 prefixes)
 * is refused: where it leads is decided elsewhere.
 */
export const specialAddress = (address: string, own: Own): string | undefined => {
  const metadata = METADATA.get(address)
  if (metadata !== undefined) return metadata
  if (!ipaddr.isValid(address)) return 'no address'
  const parsed = ipaddr.parse(address)
  if (parsed instanceof ipaddr.IPv6 && parsed.match(NAT64))
    return specialAddress(new ipaddr.IPv4(parsed.toByteArray().slice(12)).toString(), own)
  const special =
    described(parsed.range()) ??
    (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL)
      ? undefined
      : 'not an address of the public internet')
  return special ?? (own.has(address) ? 'an address of this machine' : undefined)
}

/**
 * True for an address of a network that a machine is joined to (RFC 1918, carrier-grade NAT, unique
 * local, what IANA reserved): where a company's package mirror may stand. Never true for this
 * machine, link-local addresses, multicast, metadata services or an address that hides another one.
 */
export const isLocalNetwork = (address: string, own: Own): boolean =>
  !METADATA.has(address) &&
  ipaddr.isValid(address) &&
  LOCAL_NETWORKS.has(ipaddr.parse(address).range()) &&
  !own.has(address)

const LOCAL_NETWORKS: ReadonlySet<string> = new Set([
  'private',
  'carrierGradeNat',
  'uniqueLocal',
  'deprecatedSiteLocal',
  'reserved',
])

const described = (range: string): string | undefined =>
  range === 'unicast'
    ? undefined
    : (RANGES[range] ?? `not an address of the public internet (${range})`)

const RANGES: Readonly<Record<string, string>> = {
  '6to4': 'a 6to4 address, which hides another one',
  broadcast: 'the broadcast address',
  carrierGradeNat: 'a private address (carrier-grade NAT)',
  deprecatedSiteLocal: 'a private address',
  linkLocal: 'a link-local address (a cloud\u2019s metadata service answers there)',
  loopback: 'this machine (loopback)',
  multicast: 'a multicast address',
  private: 'a private address',
  rfc6052: 'a NAT64 address, which hides another one',
  rfc6145: 'an IPv4 address in disguise',
  teredo: 'a Teredo address, which hides another one',
  uniqueLocal: 'a private address',
  unspecified: 'the unspecified address, which means this machine',
}

/** Metadata services outside the ranges above, or worth their name. */
const METADATA: ReadonlyMap<string, string> = new Map([
  ['100.100.100.200', 'a cloud\u2019s metadata service'],
  ['168.63.129.16', 'a cloud\u2019s metadata service'],
  ['169.254.169.254', 'a cloud\u2019s metadata service'],
  ['fd00:ec2::254', 'a cloud\u2019s metadata service'],
])

/** RFC 6052's well-known prefix. */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')
/**
 * What IANA has given out as global unicast; the library calls the rest of the space unicast too.
 */
const GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3')
