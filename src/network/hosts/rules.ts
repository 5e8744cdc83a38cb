import { LauncherError } from '../../errors.ts'
import { sourceOf } from '../../policy/decide.ts'
import type { NetworkMode, Origin, Sourced } from '../../policy/model.ts'
import { allowHostFlag } from '../../policy/run-command.ts'
import { shellWord } from '../../text/shell-word.ts'
import { isLocalNetwork, type Own, specialAddress } from './address.ts'
import { type CanonicalHost, bracketed } from '../../policy/host-name.ts'
import {
  HOST_FORMS,
  hostProblem,
  type HostPattern,
  LOCALHOST_ADDRESSES,
  readPattern,
} from '../../policy/host-pattern.ts'

/**
 * `tunnel`: bytes launcher does not look into (CONNECT, SOCKS). `http`: plain requests, each
 * checked.
 */
export type Way = 'tunnel' | 'http'

/**
 * The verdict for a host or an address, the entry that decided as written, where it was written,
 * and what people read.
 */
export interface HostDecision {
  readonly allowed: boolean
  readonly rule: string | undefined
  readonly origin: Origin | undefined
  /** A clause: "no entry of the allowlist grants a.test". */
  readonly because: string
  /** For a refusal: the next step as a sentence. */
  readonly hint: string | undefined
}

/**
 * What a run may reach; immutable for the whole run. The proxy, `explain` and `net check` ask the
 * same two functions.
 */
export interface HostRules {
  /**
   * Verdict on what the client named, before any look-up. Without a port in the entry, tunnels
   * reach 443 and plain HTTP 80.
   */
  decide(host: CanonicalHost, port: number, way: Way): HostDecision
  /**
   * Verdict on the address about to be dialled: what a name resolved to, or what the client named.
   * `own` knows the addresses of this machine; `host` is what the client named.
   */
  decideAddress(address: string, port: number, own: Own, host?: CanonicalHost): HostDecision
}

/**
 * What the rules are made of: `[network]` of a policy, package registries already turned into
 * hosts.
 */
export interface HostLists {
  readonly mode: NetworkMode
  readonly allow: readonly Sourced<string>[]
  readonly deny: readonly Sourced<string>[]
  /**
   * Entries of `allow` whose names may resolve to an address of the network that the machine is
   * joined to: mirrors that its own configuration names.
   */
  readonly onLocalNetwork?: readonly Sourced<string>[]
}

/**
 * Compiles the lists for many decisions; each takes a time that grows with the labels of the host,
 * not with the lists. A refused host (`deny`) beats every grant, for all ports unless it names one.
 * Throws `E_NETWORK` for an entry that is no pattern: a list that is not understood opens nothing.
 */
export const compileHosts = ({ mode, allow, deny, onLocalNetwork = [] }: HostLists): HostRules => {
  const grants = indexRules(allow)
  const denials = indexRules(deny)
  const local = indexRules(onLocalNetwork)
  return {
    decide(host, port, way) {
      const denial = rulesFor(denials, host).find((rule) => (rule.pattern.port ?? port) === port)
      if (denial) return byDenial(denial, bracketed(host), port)
      if (mode === 'none')
        return refusal(
          undefined,
          'the network mode is none',
          'Start the run with --network allowlist and --allow-host HOST.',
        )
      const matches = rulesFor(grants, host)
      const grant =
        matches.find((rule) => rule.pattern.port === port) ??
        matches.find((rule) => rule.pattern.port === undefined && port === DEFAULT_PORT[way])
      if (grant) return granted(grant)
      if (mode !== 'allowlist')
        return {
          allowed: true,
          rule: undefined,
          origin: undefined,
          because: `the network mode is ${mode}`,
          hint: undefined,
        }
      return notGranted(matches, host, port, way)
    },
    decideAddress(address, port, own, host) {
      const literal: CanonicalHost = { kind: 'address', text: address }
      const denial = rulesFor(denials, literal).find((rule) => (rule.pattern.port ?? port) === port)
      if (denial) return byDenial(denial, bracketed(literal), port)
      const grant = rulesFor(grants, literal).find(
        (rule) =>
          rule.pattern.port === port ||
          (rule.pattern.port === undefined && DEFAULT_PORTS.includes(port)),
      )
      if (grant) return granted(grant)
      const special = specialAddress(address, own)
      if (special === undefined)
        return {
          allowed: true,
          rule: undefined,
          origin: undefined,
          because: 'it is a public address',
          hint: undefined,
        }
      const mirror =
        host?.kind === 'name' && isLocalNetwork(address, own)
          ? rulesFor(local, host).find((rule) => (rule.pattern.port ?? port) === port)
          : undefined
      if (mirror) return granted(mirror)
      return refusal(
        undefined,
        `${bracketed(literal)} is ${special}, and only an entry for that very address grants it`,
        allowHint(isLocalhost(literal) ? LOCALHOST : literal, port),
      )
    },
  }
}

/**
 * The sentence that says how to allow a host: `way` spares the port where the default covers it.
 */
const allowHint = (host: CanonicalHost, port: number, way?: Way): string => {
  const isSpared =
    way !== undefined && port === DEFAULT_PORT[way] && hostProblem(bracketed(host)) === undefined
  const flag = allowHostFlag(host.text, isSpared ? undefined : port)
  return `To allow it: launcher run … ${flag} (why: launcher explain host ${shellWord(bracketed(host))})`
}

interface Rule {
  readonly text: string
  readonly origin: Origin
  readonly pattern: HostPattern
}

/** Rules by reach and stem, so that a host looks up its own name and each of its parents. */
type RuleIndex = ReadonlyMap<string, readonly Rule[]>

const indexRules = (entries: readonly Sourced<string>[]): RuleIndex => {
  const index = new Map<string, Rule[]>()
  for (const { value, origin } of entries) {
    const reading = readPattern(value)
    if (!reading.ok) {
      throw new LauncherError('E_NETWORK', `The host "${value}" ${reading.reason}.`, {
        at: sourceOf(origin),
        hint: HOST_FORMS,
      })
    }
    const key = keyOf(reading.pattern.reach, reading.pattern.stem)
    const rules = index.get(key) ?? []
    rules.push({ text: value, origin, pattern: reading.pattern })
    index.set(key, rules)
  }
  return index
}

/** `localhost` is its two addresses, whichever of the three the client names. */
const rulesFor = (index: RuleIndex, host: CanonicalHost): Rule[] => [
  ...matching(index, host),
  ...(isLocalhost(host) ? matching(index, LOCALHOST) : []),
]

const isLocalhost = ({ kind, text }: CanonicalHost): boolean =>
  kind === 'address' && LOCALHOST_ADDRESSES.includes(text)

/** All rules that cover a host, most specific first. */
const matching = (index: RuleIndex, host: CanonicalHost): Rule[] => {
  const exact = index.get(keyOf('exact', host.text)) ?? []
  if (host.kind === 'address' || index.size === 0) return [...exact]
  const labels = host.text.split('.')
  const parents = labels.slice(1).map((_, from) => labels.slice(from + 1).join('.'))
  const one = parents[0] === undefined ? [] : (index.get(keyOf('one', parents[0])) ?? [])
  return [...exact, ...one, ...parents.flatMap((parent) => index.get(keyOf('deep', parent)) ?? [])]
}

const keyOf = (reach: HostPattern['reach'], stem: string): string => `${reach} ${stem}`

const granted = ({ text, origin }: Rule): HostDecision => ({
  allowed: true,
  rule: text,
  origin,
  because: `${text} grants it (${sourceOf(origin)})`,
  hint: undefined,
})

const refusal = (rule: Rule | undefined, because: string, hint: string): HostDecision => ({
  allowed: false,
  rule: rule?.text,
  origin: rule?.origin,
  because,
  hint,
})

const byDenial = (rule: Rule, host: string, port: number): HostDecision =>
  refusal(
    rule,
    `${rule.text} is refused for ${host}:${port} (${sourceOf(rule.origin)}), and that beats every grant`,
    `To allow it: take ${rule.text} out there (why: launcher explain host ${host})`,
  )

const notGranted = (
  matches: readonly Rule[],
  host: CanonicalHost,
  port: number,
  way: Way,
): HostDecision => {
  const other = matches[0]
  if (!other)
    return refusal(
      undefined,
      `no entry of the allowlist grants ${bracketed(host)}`,
      allowHint(host, port, way),
    )
  const ports = [...new Set(matches.map(({ pattern }) => pattern.port ?? DEFAULT_PORT[way]))].join(
    ', ',
  )
  return refusal(
    other,
    `${other.text} (${sourceOf(other.origin)}) grants port ${ports} ${way === 'http' ? 'for plain HTTP' : 'for tunnels'}, not ${port}`,
    allowHint(host, port, way),
  )
}

const DEFAULT_PORT: Readonly<Record<Way, number>> = { tunnel: 443, http: 80 }
const DEFAULT_PORTS = Object.values(DEFAULT_PORT)
const LOCALHOST: CanonicalHost = { kind: 'name', text: 'localhost' }
