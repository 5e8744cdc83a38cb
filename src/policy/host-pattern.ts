import { readAuthority } from './host-authority.ts'
import { bracketed } from './host-name.ts'

/**
 * One entry of a list of hosts: the host itself, the names one label beneath it, or all names
 * beneath it.
 */
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

/** The forms of an entry, for a hint. */
export const HOST_FORMS =
  'Forms: host, *.host (one label), **.host (any depth), an address ([…] around IPv6), each with an optional :port.'

/**
 * The one grammar of entries, for flags, files, the proxy and whoever asks: `host` is that name
 * alone; `*.host` every name exactly one label beneath it, not itself; `**.host` every name beneath
 * it at any depth, not itself; each may end in `:port`. A name in Unicode becomes its ASCII form.
 * An address is written as such, IPv6 in brackets, and has no wildcard. `*` alone and `*.tld` are
 * refused: every host is `mode = "any"`. This machine (`localhost`, 127.0.0.0/8, `[::1]`) needs a
 * port. `reason` ends the sentence "ENTRY …".
 */
export const readPattern = (text: string): PatternReading => {
  if (/^[a-z][a-z+.-]*:\/\//i.test(text) || text.includes('/'))
    return refuse('is an address: a host has no scheme and no path')
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
  if (isThisMachine(host.text, isAddress) && port === undefined)
    return refuse('is this machine: name the port, `localhost:PORT`')
  return {
    ok: true,
    pattern: { reach: REACH[wildcard] ?? 'exact', stem: host.text, isAddress, port },
  }
}

/**
 * Why an entry is refused, as the end of the sentence "ENTRY …"; undefined for one that is
 * understood.
 */
export const hostProblem = (text: string): string | undefined => {
  const reading = readPattern(text)
  return reading.ok ? undefined : reading.reason
}

/** An entry in its one spelling. */
export const patternText = ({ reach, stem, isAddress, port }: HostPattern): string =>
  `${WILDCARD[reach]}${bracketed({ kind: isAddress ? 'address' : 'name', text: stem })}${port === undefined ? '' : `:${port}`}`

/**
 * The port of an entry that names `localhost` or one of its two addresses; undefined for all
 * others.
 */
export const loopbackPort = ({ reach, stem, port }: HostPattern): number | undefined =>
  reach === 'exact' && LOCALHOST.includes(stem) ? port : undefined

/**
 * True when some host and port match both. A refused host takes an entry that overlaps it along:
 * one that stayed would still reach it.
 */
const overlaps = (a: HostPattern, b: HostPattern): boolean => {
  if (a.port !== undefined && b.port !== undefined && a.port !== b.port) return false
  if (loopbackPort(a) !== undefined && loopbackPort(b) !== undefined) return true
  if (a.isAddress || b.isAddress) return a.stem === b.stem
  if (DEPTH[a.reach] > DEPTH[b.reach]) return overlaps(b, a)
  const isBeneath = a.stem.endsWith(`.${b.stem}`)
  if (a.reach === b.reach && a.stem === b.stem) return true
  if (b.reach === 'exact') return false
  if (b.reach === 'one')
    return a.reach === 'exact' && isBeneath && !a.stem.slice(0, -b.stem.length - 1).includes('.')
  return (
    isBeneath ||
    (a.reach !== 'exact' && a.stem === b.stem) ||
    (a.reach === 'deep' && b.stem.endsWith(`.${a.stem}`))
  )
}

/** {@link overlaps} of two entries as text; false where one is not understood. */
export const hostsOverlap = (a: string, b: string): boolean => {
  const [left, right] = [readPattern(a), readPattern(b)]
  return left.ok && right.ok && overlaps(left.pattern, right.pattern)
}

/** What `localhost` is dialled as, without asking a resolver. */
export const LOCALHOST_ADDRESSES: readonly string[] = ['127.0.0.1', '::1']
const LOCALHOST: readonly string[] = ['localhost', ...LOCALHOST_ADDRESSES]

const isThisMachine = (stem: string, isAddress: boolean): boolean =>
  LOCALHOST.includes(stem) || (isAddress && stem.startsWith('127.'))

const refuse = (reason: string): PatternReading => ({ ok: false, reason })
const REACH: Readonly<Record<string, HostPattern['reach']>> = { '*': 'one', '**': 'deep' }
const WILDCARD: Readonly<Record<HostPattern['reach'], string>> = {
  exact: '',
  one: '*.',
  deep: '**.',
}
const DEPTH: Readonly<Record<HostPattern['reach'], number>> = { exact: 0, one: 1, deep: 2 }
