import dns from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import type { Own } from '../hosts/address.ts'
import type { Resolver } from './types.ts'

/** The system's resolver, hosts file included, addresses in its order. */
export const systemResolver: Resolver = async (name) =>
  (await dns.lookup(name, { all: true, verbatim: true })).map(({ address }) => address)

/**
 * Addresses of this machine's interfaces as they are when asked: a network may have come up since
 * the start.
 */
export const ownAddresses: Own = {
  has: (address) =>
    Object.values(networkInterfaces())
      .flat()
      .some((entry) => entry?.address === address),
}
