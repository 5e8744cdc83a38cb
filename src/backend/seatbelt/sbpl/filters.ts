import { compilePattern } from './applematch.ts'
import { SbplError, type Position } from './error.ts'
import { FILTER_ALIASES, FILTERS, type FilterEntry, type Match } from './filter-table.ts'
import { parseHostPort } from './network.ts'
import type { Filter } from './rules.ts'
import { expectString, isType, typeName, type FilterValue, type Value } from './values.ts'

/** A filter name with its aliases and derived forms resolved. */
export interface FilterName {
  readonly base: string
  readonly match: Match
  readonly entry: FilterEntry
}

/**
 * What a spelling such as `literal`, `subpath` or `global-name-regex` means; undefined when it is
 * no filter.
 */
export function filterName(spelling: string): FilterName | undefined {
  return FILTER_NAMES.get(FILTER_ALIASES[spelling] ?? spelling)
}

/** Every spelling of every filter, the aliases among them. */
export function filterSpellings(): readonly string[] {
  return [...FILTER_NAMES.keys(), ...Object.keys(FILTER_ALIASES)]
}

/**
 * The filter `(NAME ARGUMENT...)`; several arguments are alternatives.
 * @throws SbplError with libsandbox's words where they are known: `illegal argument`,
 * `invalid data type of path filter; …`.
 */
export function makeFilter(
  { base, match, entry }: FilterName,
  args: readonly Value[],
  at: Position,
): FilterValue {
  if (entry.args === 'network') return makeNetworkFilter(base, entry, args, at)
  if (entry.category === 'extension')
    return leaf(base, entry, [
      { kind: 'never', name: base, argument: typeof args[0] === 'string' ? args[0] : true },
    ])
  if (args.length === 0)
    throw new SbplError(
      'illegal-argument',
      `illegal argument: filter ${base} needs an argument`,
      at,
    )
  return leaf(
    base,
    entry,
    args.map((argument) => makeLeaf(base, match, entry, argument, at)),
  )
}

/** A filter of one name; several are alternatives. */
export function leaf(
  name: string,
  { category }: Pick<FilterEntry, 'category'>,
  filters: readonly Filter[],
): FilterValue {
  const filter: Filter =
    filters.length === 1 && filters[0] !== undefined ? filters[0] : { kind: 'any', filters }
  return {
    type: 'filter',
    filter,
    categories: new Map([[category, name]]),
    size: filters.length,
    depth: 2,
  }
}

/**
 * `require-all`, `require-any` or (of one part) `require-not`. @throws SbplError (`limit`) when it
 * grows too large or too deep.
 */
export function combine(
  kind: 'all' | 'any' | 'not',
  parts: readonly FilterValue[],
  at: Position,
): FilterValue {
  const [first] = parts
  if (first === undefined)
    throw new SbplError('illegal-argument', `illegal argument: require-${kind} needs a filter`, at)
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const depth = 1 + Math.max(...parts.map((part) => part.depth))
  if (size > MAX_SIZE || depth > MAX_DEPTH) throw new SbplError('limit', 'filter too large', at)
  const filters = parts.map(({ filter }) => filter)
  const filter: Filter =
    kind === 'not'
      ? { kind, filter: first.filter }
      : parts.length === 1
        ? first.filter
        : { kind, filters }
  return {
    type: 'filter',
    filter,
    categories: new Map(parts.flatMap((part) => [...part.categories])),
    size,
    depth,
  }
}

function makeLeaf(
  name: string,
  match: Match,
  entry: FilterEntry,
  argument: Value,
  at: Position,
): Filter {
  switch (entry.args) {
    case 'string': {
      if (typeof argument !== 'string') {
        throw new SbplError(
          'illegal-argument',
          `invalid data type of ${name} filter; expected pattern, got ${typeName(argument)}`,
          at,
        )
      }
      if (match !== 'regex') return { kind: 'text', name, match, value: argument }
      return { kind: 'regex', name, source: argument, test: compilePattern(argument, at) }
    }
    case 'enum': {
      if (typeof argument === 'number' && Number.isInteger(argument))
        return { kind: 'value', name, value: argument }
      if (isType(argument, 'constant') && entry.values?.includes(argument.name))
        return { kind: 'value', name, value: argument.name }
      break
    }
    case 'integer':
      if (typeof argument === 'number' && Number.isInteger(argument))
        return { kind: 'value', name, value: argument }
      break
    case 'bits':
      if (typeof argument === 'number' && Number.isInteger(argument) && argument >= 0)
        return { kind: 'bits', name, bits: argument }
      break
    case 'boolean':
      if (typeof argument === 'boolean') return { kind: 'value', name, value: argument }
      break
    case 'network':
      break
    default:
      return entry.args satisfies never
  }
  const got = isType(argument, 'constant') ? argument.name : typeName(argument)
  throw new SbplError(
    'illegal-argument',
    `illegal argument: filter ${name} needs ${entry.args === 'enum' ? 'one of its names or an integer' : `a value of type ${entry.args}`}, got ${got}`,
    at,
  )
}

function makeNetworkFilter(
  side: string,
  entry: FilterEntry,
  args: readonly Value[],
  at: Position,
): FilterValue {
  const [protocol, ...addresses] = args
  if (isType(protocol, 'constant') && protocol.name === 'unix-socket') {
    if (addresses.length === 0) return leaf(side, entry, [{ kind: 'unix-socket' }])
    // `(remote unix-socket FILTER)` equals FILTER, says Apple's prelude.
    const inner = addresses.map((value) => {
      if (!isType(value, 'filter'))
        throw new SbplError(
          'illegal-argument',
          `illegal argument: unix-socket needs filters, got ${typeName(value)}`,
          at,
        )
      return value
    })
    return combine('any', inner, at)
  }
  if (!isType(protocol, 'constant') || !entry.values?.includes(protocol.name)) {
    const got = isType(protocol, 'constant') ? protocol.name : typeName(protocol)
    throw new SbplError(
      'illegal-argument',
      `illegal argument: ${side} needs a protocol (${entry.values?.join(', ')}, unix-socket), got ${got}`,
      at,
    )
  }
  const ends =
    addresses.length === 0
      ? [{ host: '*', port: '*' } as const]
      : addresses.map((value) => parseHostPort(expectString(value, side, at), at))
  const filters = ends.map(
    (end): Filter => ({
      kind: 'network',
      side: side === 'local' ? 'local' : 'remote',
      protocol: protocol.name,
      ...end,
    }),
  )
  return leaf(side, entry, filters)
}

const MAX_SIZE = 20_000
const MAX_DEPTH = 60

const FILTER_NAMES: ReadonlyMap<string, FilterName> = new Map(
  Object.entries(FILTERS).flatMap(([base, entry]): [string, FilterName][] => [
    [base, { base, match: 'equal', entry }],
    ...Object.entries(entry.forms ?? {}).map(([form, match]): [string, FilterName] => [
      form,
      { base, match, entry },
    ]),
  ]),
)
