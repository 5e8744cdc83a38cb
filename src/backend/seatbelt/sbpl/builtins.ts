import { excerpt, SbplError, type Position } from './error.ts'
import { expectNumber, expectString, isType, typeName, type Value } from './values.ts'

/**
 * The Scheme procedures that public profiles call; `map`, `for-each` and `apply` are in the
 * interpreter, which can call back.
 */
export const BUILTINS: Readonly<Record<string, (args: readonly Value[], at: Position) => Value>> = {
  'string-append': (args, at) => {
    const parts = args.map((value) => expectString(value, 'string-append', at))
    if (parts.reduce((sum, part) => sum + part.length, 0) > MAX_STRING)
      throw new SbplError('limit', `string longer than ${MAX_STRING} characters`, at)
    return parts.join('')
  },
  'string=?': (args, at) =>
    chain(
      args.map((value) => expectString(value, 'string=?', at)),
      (a, b) => a === b,
    ),
  'string<?': (args, at) =>
    chain(
      args.map((value) => expectString(value, 'string<?', at)),
      (a, b) => a < b,
    ),
  'string-length': ([text], at) => expectString(text, 'string-length', at).length,
  substring: ([text, from, to], at) => {
    const source = expectString(text, 'substring', at)
    const start = expectNumber(from, 'substring', at)
    const end = to === undefined ? source.length : expectNumber(to, 'substring', at)
    if (start < 0 || start > end || end > source.length)
      throw new SbplError('illegal-argument', 'illegal argument: substring out of range', at)
    return source.slice(start, end)
  },
  'string->number': ([text], at) => {
    const source = expectString(text, 'string->number', at)
    return /^[+-]?\d+(\.\d+)?$/.test(source) ? Number(source) : false
  },
  'number->string': ([value], at) => String(expectNumber(value, 'number->string', at)),
  'symbol->string': ([value], at) => {
    if (!isType(value, 'symbol'))
      throw new SbplError(
        'illegal-argument',
        `illegal argument: symbol->string needs a symbol, got ${typeName(value)}`,
        at,
      )
    return value.name
  },
  'string?': ([value]) => typeof value === 'string',
  'number?': ([value]) => typeof value === 'number',
  'boolean?': ([value]) => typeof value === 'boolean',
  'symbol?': ([value]) => isType(value, 'symbol'),
  'procedure?': ([value]) => isType(value, 'procedure') || isType(value, 'primitive'),
  'list?': ([value]) => Array.isArray(value),
  'pair?': ([value]) => Array.isArray(value) && value.length > 0,
  'null?': ([value]) => Array.isArray(value) && value.length === 0,
  'equal?': ([a, b]) => same(a, b),
  'eqv?': ([a, b]) => same(a, b),
  'eq?': ([a, b]) => same(a, b),
  not: ([value]) => value === false,
  '=': (args, at) => chain(numbers('=', args, at), (a, b) => a === b),
  '<': (args, at) => chain(numbers('<', args, at), (a, b) => a < b),
  '>': (args, at) => chain(numbers('>', args, at), (a, b) => a > b),
  '<=': (args, at) => chain(numbers('<=', args, at), (a, b) => a <= b),
  '>=': (args, at) => chain(numbers('>=', args, at), (a, b) => a >= b),
  '+': (args, at) => numbers('+', args, at).reduce((a, b) => a + b, 0),
  '*': (args, at) => numbers('*', args, at).reduce((a, b) => a * b, 1),
  '-': (args, at) => {
    const [first = 0, ...rest] = numbers('-', args, at)
    return rest.length === 0 ? -first : rest.reduce((a, b) => a - b, first)
  },
  list: (args) => args,
  cons: ([head, tail], at) => limited([head, ...list('cons', tail, at)], at),
  car: ([value], at) => nonEmpty('car', value, at)[0],
  cdr: ([value], at) => nonEmpty('cdr', value, at).slice(1),
  append: (args, at) =>
    limited(
      args.flatMap((value) => list('append', value, at)),
      at,
    ),
  length: ([value], at) => list('length', value, at).length,
  // Escapes what AppleMatch treats as special, so that a path can be part of a regular expression.
  'regex-quote': ([text], at) =>
    expectString(text, 'regex-quote', at).replace(/[\^.[\]$()|*+?{}\\]/g, '\\$&'),
  // ioctl numbers as <sys/ioccom.h> makes them.
  _IO: ([group, number], at) =>
    (0x20000000 |
      (expectString(group, '_IO', at).charCodeAt(0) << 8) |
      expectNumber(number, '_IO', at)) >>>
    0,
}

/** The argument as a list. */
export function list(name: string, value: Value, at: Position): readonly Value[] {
  if (!Array.isArray(value))
    throw new SbplError(
      'illegal-argument',
      `illegal argument: ${excerpt(name)} needs a list, got ${typeName(value)}`,
      at,
    )
  return value as readonly Value[]
}

function nonEmpty(name: string, value: Value, at: Position): readonly Value[] {
  const items = list(name, value, at)
  if (items.length === 0)
    throw new SbplError('illegal-argument', `illegal argument: ${name} of an empty list`, at)
  return items
}

function limited(items: readonly Value[], at: Position): readonly Value[] {
  if (items.length > MAX_LIST) throw new SbplError('limit', `list longer than ${MAX_LIST}`, at)
  return items
}

function numbers(name: string, args: readonly Value[], at: Position): number[] {
  return args.map((value) => expectNumber(value, name, at))
}

function chain<T>(items: readonly T[], holds: (a: T, b: T) => boolean): boolean {
  return items.every((item, index) => index === 0 || holds(items[index - 1] as T, item))
}

function same(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item as Value, b[index] as Value))
  if (isType(a, 'symbol') && isType(b, 'symbol')) return a.name === b.name
  return a === b
}

const MAX_STRING = 1_000_000
const MAX_LIST = 100_000
