import { LauncherError } from '../errors.ts'
import { canonicalAddress, canonicalHost } from '../policy/host-name.ts'
import type { HostRules } from './hosts/rules.ts'
import { systemResolver } from './proxy/resolve.ts'
import type { Resolver } from './proxy/types.ts'

/** Rules and look-ups with some hosts answered by hand. */
export interface Mapped {
  readonly rules: HostRules
  readonly resolver?: Resolver
}

/**
 * Reads `NAME=ADDRESS[,NAME=ADDRESS…]` from the command line. A mapped host must still be granted;
 * its address then needs no grant of its own, because a person named it. Throws E_USAGE for
 * anything else.
 */
export const withMappedHosts = (rules: HostRules, text: string | undefined): Mapped => {
  if (text === undefined) return { rules }
  const addresses = new Map(text.split(',').map(readPair))
  return {
    rules: {
      decide: rules.decide,
      // For the host that it was named for only: another one that resolves to the same address is
      // judged as always.
      decideAddress: (address, port, own, host) =>
        host?.kind === 'name' && addresses.get(host.text) === address
          ? {
              allowed: true,
              rule: undefined,
              origin: undefined,
              because: `${address} was named with --map-host`,
              hint: undefined,
            }
          : rules.decideAddress(address, port, own, host),
    },
    resolver: async (name) => {
      const address = addresses.get(name)
      return address === undefined ? systemResolver(name) : [address]
    },
  }
}

const readPair = (pair: string): [string, string] => {
  const [name = '', address = '', ...rest] = pair.split('=')
  const host = canonicalHost(name)
  const place = canonicalAddress(address)
  if (!host.ok || host.host.kind !== 'name' || place === undefined || rest.length > 0) {
    throw new LauncherError('E_USAGE', `--map-host ${pair} is not NAME=ADDRESS`, {
      hint: '--map-host api.example.com=127.0.0.1',
    })
  }
  return [host.host.text, place]
}
