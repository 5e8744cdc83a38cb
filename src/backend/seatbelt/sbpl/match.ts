import { matchesAddress, matchesProtocol, parseAddress, type NetworkFilter } from './network.ts'
import type { Fact, Facts, Filter } from './rules.ts'

/**
 * Whether a filter holds for an access. `operation` is the one that is asked, not the level of the
 * tree whose rule this is.
 */
export function matches(filter: Filter, facts: Facts, operation: string): boolean {
  switch (filter.kind) {
    case 'text':
      return some(
        facts[filter.name],
        (fact) => typeof fact === 'string' && matchesText(filter, fact),
      )
    case 'regex':
      return some(facts[filter.name], (fact) => typeof fact === 'string' && filter.test(fact))
    case 'value':
      // Compiled and matched by nothing, as an allow and as a denial (26.6, five forms).
      if (filter.name === 'ioctl-command') return false
      return some(facts[filter.name], (fact) => fact === filter.value)
    case 'bits':
      // Assumed, not measured: all the named bits must be set. Profiles name one bit, where `all`
      // and `any` agree.
      return some(
        facts[filter.name],
        (fact) => typeof fact === 'number' && (fact & filter.bits) === filter.bits,
      )
    case 'network':
      return matchesNetwork(filter, facts, operation)
    case 'unix-socket':
      return facts['path'] !== undefined
    case 'entitlement':
      return some(facts['entitlement'], (fact) => fact === filter.value)
    case 'never':
      return false
    case 'all':
      return filter.filters.every((part) => matches(part, facts, operation))
    case 'any':
      return filter.filters.some((part) => matches(part, facts, operation))
    case 'not':
      return !matches(filter.filter, facts, operation)
    default:
      return filter satisfies never
  }
}

function matchesText({ match, value }: Extract<Filter, { kind: 'text' }>, text: string): boolean {
  switch (match) {
    case 'equal':
      return text === value
    case 'prefix':
      return text.startsWith(value)
    case 'subpath':
      return (
        text === value || value === '/' || (text.startsWith(value) && text[value.length] === '/')
      )
    default:
      return match satisfies never
  }
}

function matchesNetwork(filter: NetworkFilter, facts: Facts, operation: string): boolean {
  if (filter.side === 'local' && operation === 'network-outbound') {
    // The source is still the any-address when connect is checked: `*` admits every connect (srt),
    // `localhost` none (seen on CI's macOS).
    return (
      filter.host === '*' &&
      some(facts['remote'], (fact) => matchesProtocol(filter, parseAddress(fact)))
    )
  }
  return some(facts[filter.side], (fact) => matchesAddress(filter, parseAddress(fact)))
}

function some(facts: Facts[string], test: (fact: Fact) => boolean): boolean {
  if (facts === undefined) return false
  return isList(facts) ? facts.some(test) : test(facts)
}

/** The value of a fact that has just one, where it is text. */
export function textOf(facts: Facts[string]): string | undefined {
  const [first, ...more] = facts === undefined ? [] : isList(facts) ? facts : [facts]
  return typeof first === 'string' && more.length === 0 ? first : undefined
}

/** Whether a fact has several values. */
export function isList(facts: Fact | readonly Fact[]): facts is readonly Fact[] {
  return Array.isArray(facts)
}
