import { excerpt, SbplError } from './error.ts'
import { FILTERS } from './filter-table.ts'
import { filterName } from './filters.ts'
import { parseAddress } from './network.ts'
import type { Fact, Facts } from './rules.ts'

/**
 * Facts from `NAME=VALUE` words. NAME is a filter's name (`path`, `vnode-type`, `global-name`,
 * `remote` …) or `entitlement`; a name given twice has both values. `call=setattrlist` asks for
 * that system call in place of chmod and its kin.
 * @throws SbplError (`illegal-argument`) for an unknown name or a value the filter could never
 * have.
 */
export function parseFacts(words: readonly string[]): Facts {
  const facts: Record<string, readonly Fact[]> = {}
  for (const word of words) {
    const equals = word.indexOf('=')
    if (equals < 1)
      throw new SbplError('illegal-argument', `not a fact (NAME=VALUE): ${excerpt(word)}`)
    const spelling = word.slice(0, equals)
    const known = filterName(spelling)
    const name =
      spelling === 'entitlement' || spelling === 'call'
        ? spelling
        : known !== undefined && known.match === 'equal'
          ? known.base
          : undefined
    if (name === undefined)
      throw new SbplError(
        'illegal-argument',
        `unknown fact ${excerpt(spelling)}; facts are named as filters: path, vnode-type, global-name, remote …`,
      )
    facts[name] = [...(facts[name] ?? []), parseFact(name, word.slice(equals + 1))]
  }
  return facts
}

function parseFact(name: string, value: string): Fact {
  if (name === 'call' && value !== 'setattrlist')
    throw new SbplError('illegal-argument', 'call can only be setattrlist')
  const entry = Object.hasOwn(FILTERS, name) ? FILTERS[name] : undefined
  const isInteger = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(value)
  switch (entry?.args) {
    case 'enum':
      if (isInteger) return Number(value)
      if (entry.values?.includes(value)) return value
      break
    case 'integer':
      if (isInteger) return Number(value)
      break
    case 'bits':
      if (/^(#o)?[0-7]+$/.test(value)) return Number.parseInt(value.replace('#o', ''), 8)
      break
    case 'boolean':
      if (value === '#t' || value === 'true') return true
      if (value === '#f' || value === 'false') return false
      break
    case 'network':
      parseAddress(value)
      return value
    default:
      return value
  }
  throw new SbplError('illegal-argument', `${name} cannot be ${JSON.stringify(excerpt(value))}`)
}
