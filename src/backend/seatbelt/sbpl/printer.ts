import type { Filter, Rule } from './rules.ts'
import type { Node } from './reader.ts'

/** SBPL text of an expression; reading it again gives the same expression. */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'list':
      return `(${node.items.map(printNode).join(' ')})`
    case 'string':
      return printString(node.value)
    case 'boolean':
      return node.value ? '#t' : '#f'
    case 'symbol':
    case 'number':
      return String(node.value)
    default:
      return node satisfies never
  }
}

/**
 * SBPL text of a rule after evaluation: parameters and helper functions are replaced by what they
 * gave.
 */
export function printRule(rule: Rule): string {
  const modifiers = rule.modifiers.map(
    ({ name, argument }) =>
      `(with ${name}${argument === undefined ? '' : ` ${printArgument(argument)}`})`,
  )
  return `(${[rule.action, ...rule.operations, ...rule.filters.map(printFilter), ...modifiers].join(' ')})`
}

/** SBPL text of a filter; equal texts mean equal filters. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'text':
      return `(${spelling(filter.name, filter.match)} ${printString(filter.value)})`
    case 'regex':
      return `(${spelling(filter.name, 'regex')} ${printString(filter.source)})`
    case 'value':
      return `(${filter.name} ${typeof filter.value === 'boolean' ? (filter.value ? '#t' : '#f') : filter.value})`
    case 'bits':
      return `(${filter.name} #o${filter.bits.toString(8)})`
    case 'network':
      return `(${filter.side} ${filter.protocol} "${filter.host}:${filter.port}")`
    case 'unix-socket':
      return '(remote unix-socket)'
    case 'entitlement':
      return `(require-entitlement ${printString(filter.value)})`
    case 'never':
      return `(${filter.name} ${printArgument(filter.argument)})`
    case 'all':
    case 'any':
      return `(require-${filter.kind} ${filter.filters.map(printFilter).join(' ')})`
    case 'not':
      return `(require-not ${printFilter(filter.filter)})`
    default:
      return filter satisfies never
  }
}

function spelling(name: string, match: 'equal' | 'prefix' | 'subpath' | 'regex'): string {
  if (name === 'path') return match === 'equal' ? 'literal' : match
  if (match === 'equal') return name
  return match === 'subpath' ? `${name.replace(/-?path$/, '')}-subpath` : `${name}-${match}`
}

function printArgument(argument: string | number | boolean): string {
  if (typeof argument === 'boolean') return argument ? '#t' : '#f'
  return typeof argument === 'number' || /^SIG[A-Z0-9]+$/.test(argument)
    ? String(argument)
    : printString(argument)
}

function printString(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`
}
