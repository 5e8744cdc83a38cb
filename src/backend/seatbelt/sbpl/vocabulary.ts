import { CONSTANTS } from './constants.ts'
import { SbplError, type Position } from './error.ts'
import { combine, filterName, filterSpellings, leaf, makeFilter } from './filters.ts'
import { OPERATIONS } from './operations.ts'
import type { Filter } from './rules.ts'
import { FILTERS } from './filter-table.ts'
import { canonicalOperation, IGNORED_OPERATIONS, OPERATION_ALIASES } from './tables.ts'
import {
  expectString,
  isType,
  typeName,
  type FilterValue,
  type Named,
  type Primitive,
  type Value,
} from './values.ts'

/**
 * The names every profile can use: operations, filters, combinators and constants. Modifiers exist
 * inside `with` only.
 */
export const VOCABULARY: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...constants(),
  ...operations(),
  ...filterSpellings().map((spelling): [string, Value] => [spelling, filterPrimitive(spelling)]),
  ...combinators(),
])

function constants(): [string, Value][] {
  const names = [
    ...Object.values(CONSTANTS).flat(),
    ...(FILTERS['remote']?.values ?? []),
    'unix-socket',
  ]
  return names.map((name) => [name, { type: 'constant', name }])
}

function operations(): [string, Named][] {
  const canonical = (name: string): string => canonicalOperation(name) ?? name
  return [...Object.keys(OPERATIONS), ...OPERATION_ALIASES.keys(), ...IGNORED_OPERATIONS].map(
    (name) => [name, { type: 'operation', name: canonical(name) }],
  )
}

function filterPrimitive(spelling: string): Primitive {
  return {
    type: 'primitive',
    name: spelling,
    apply: (args, at) => {
      const name = filterName(spelling)
      if (name === undefined)
        throw new SbplError('unbound-variable', `unbound variable: ${spelling}`, at)
      return makeFilter(name, args, at)
    },
  }
}

function combinators(): [string, Primitive][] {
  const table: Readonly<Record<string, Primitive['apply']>> = {
    'require-all': (args, at) => combine('all', filtersOf(args, 'require-all', at), at),
    'require-any': (args, at) => combine('any', filtersOf(args, 'require-any', at), at),
    'require-not': (args, at) => {
      if (args.length !== 1)
        throw new SbplError(
          'illegal-argument',
          'illegal argument: require-not needs exactly one filter',
          at,
        )
      return combine('not', filtersOf(args, 'require-not', at), at)
    },
    'require-entitlement': (args, at) => {
      if (args.length !== 1)
        throw new SbplError(
          'unsupported',
          'unsupported construct: require-entitlement with a condition on its value',
          at,
        )
      return leaf('require-entitlement', { category: 'process' }, [
        { kind: 'entitlement', value: expectString(args[0], 'require-entitlement', at) },
      ])
    },
    'path-ancestors': pathAncestors,
  }
  return Object.entries(table).map(([name, apply]) => [name, { type: 'primitive', name, apply }])
}

function filtersOf(args: readonly Value[], name: string, at: Position): readonly FilterValue[] {
  return args.map((value) => {
    if (!isType(value, 'filter'))
      throw new SbplError(
        'illegal-argument',
        `illegal argument: ${name} needs filters, got ${typeName(value)}`,
        at,
      )
    return value
  })
}

/**
 * Every proper ancestor directory of each path, `/` included and the path itself not (Apple's
 * prelude, since 10.14).
 */
function pathAncestors(args: readonly Value[], at: Position): FilterValue {
  const ancestors = new Set<string>()
  for (const argument of args) {
    const path = expectString(argument, 'path-ancestors', at)
    if (!path.startsWith('/') || path.length > MAX_PATH)
      throw new SbplError(
        'illegal-argument',
        'illegal argument: path-ancestors needs absolute paths',
        at,
      )
    ancestors.add('/')
    for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1))
      ancestors.add(path.slice(0, slash))
  }
  if (ancestors.size === 0)
    throw new SbplError('illegal-argument', 'illegal argument: path-ancestors needs a path', at)
  const filters = [...ancestors].map(
    (value): Filter => ({ kind: 'text', name: 'path', match: 'equal', value }),
  )
  return leaf('path', { category: 'path' }, filters)
}

const MAX_PATH = 4096
