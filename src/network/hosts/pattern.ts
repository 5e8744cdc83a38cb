import { readAuthority } from './authority.ts'

/** One entry of a list of hosts, compiled: the host itself, the names one label beneath it, or all names beneath it. */
export interface HostPattern {
  readonly reach: 'exact' | 'one' | 'deep'
  /** In its one spelling, without the wildcard. */
  readonly stem: string
  readonly isAddress: boolean
  /** Undefined: the default ports in an allowlist, every port in a list of refused hosts. */
  readonly port: number | undefined
}

export type PatternReading =
  | { readonly ok: true; readonly pattern: HostPattern }
  | { readonly ok: false; readonly reason: string }

/**
 * The one rule for entries: `host` is that name alone; `*.host` every name exactly one label beneath it, not itself;
 * `**.host` every name beneath it at any depth, not itself; each may end in `:port`. An address is written as such, IPv6 in
 * brackets, and has no wildcard. `*` alone and `*.tld` are refused: every host is `mode = "any"`. `localhost` needs a port.
 * `reason` ends the sentence "ENTRY …".
 */
export const readPattern = (text: string): PatternReading => {
  const wildcard = /^\*{1,2}(?=\.|$|:)/.exec(text)?.[0] ?? ''
  if (wildcard !== '' && !text.startsWith(`${wildcard}.`))
    return refuse('allows every host: that is `mode = "any"`')
  const rest = wildcard === '' ? text : text.slice(wildcard.length + 1)
  if (rest.includes('*')) return refuse('may hold `*` only as its first label')
  const reading = readAuthority(rest)
  if (!reading.ok) return refuse(reading.reason)
  const { host, port } = reading
  const isAddress = host.kind === 'address'
  if (wildcard !== '' && isAddress) return refuse('is an address and can have no wildcard')
  if (wildcard !== '' && !host.text.includes('.')) return refuse('covers a whole top-level domain')
  if (host.text === 'localhost' && port === undefined)
    return refuse('is this machine: name the port, `localhost:PORT`')
  return {
    ok: true,
    pattern: { reach: REACH[wildcard] ?? 'exact', stem: host.text, isAddress, port },
  }
}

const refuse = (reason: string): PatternReading => ({ ok: false, reason })
const REACH: Readonly<Record<string, HostPattern['reach']>> = { '*': 'one', '**': 'deep' }
