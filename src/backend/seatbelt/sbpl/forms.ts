import { BUILTINS } from './builtins.ts'
import { SbplError, type Position } from './error.ts'
import type { Form, Machine } from './machine.ts'
import { isNamedOn, type Macos } from './macos.ts'
import type { ListNode, Node } from './reader.ts'
import { MODIFIER_ALIASES, MODIFIERS } from './tables.ts'
import { isType, typeName, type Procedure, type Scope, type Value } from './values.ts'
import { VOCABULARY } from './vocabulary.ts'

/** Special forms of the Scheme subset. */
export const FORMS: Readonly<Record<string, Form>> = {
  quote: ({ items }) => quoted(items[1]),
  if: (call, scope, machine) => {
    const [, test, then, otherwise] = call.items
    if (then === undefined || call.items.length > 4)
      throw new SbplError('syntax', 'if needs a test and one or two branches', call)
    if (truthy(test, scope, machine)) return machine.evaluate(then, scope)
    return otherwise === undefined ? undefined : machine.evaluate(otherwise, scope)
  },
  when: ({ items }, scope, machine) =>
    truthy(items[1], scope, machine) ? sequence(items.slice(2), scope, machine) : undefined,
  unless: ({ items }, scope, machine) =>
    truthy(items[1], scope, machine) ? undefined : sequence(items.slice(2), scope, machine),
  cond: (call, scope, machine) => {
    for (const clause of call.items.slice(1)) {
      const [test, ...body] = list(clause, call).items
      const isElse = test?.kind === 'symbol' && test.value === 'else'
      if (body[0]?.kind === 'symbol' && body[0].value === '=>')
        throw unsupported('cond with =>', clause)
      if (test === undefined) throw new SbplError('syntax', 'empty cond clause', clause)
      const value = isElse || machine.evaluate(test, scope)
      if (value !== false) return body.length === 0 ? value : sequence(body, scope, machine)
    }
    return undefined
  },
  begin: ({ items }, scope, machine) => sequence(items.slice(1), scope, machine),
  and: ({ items }, scope, machine) => {
    let value: Value = true
    for (const node of items.slice(1)) {
      value = machine.evaluate(node, scope)
      if (value === false) break
    }
    return value
  },
  or: ({ items }, scope, machine) => {
    let value: Value = false
    for (const node of items.slice(1)) {
      value = machine.evaluate(node, scope)
      if (value !== false) break
    }
    return value
  },
  define: (call, scope, machine) => {
    const [, target, ...body] = call.items
    if (target?.kind === 'list') {
      const [name, ...parameters] = target.items
      scope.variables.set(symbol(name, call), procedure(parameters, body, scope, call))
    } else {
      const [value, ...more] = body
      if (value === undefined || more.length > 0)
        throw new SbplError('syntax', 'define needs a name and one value', call)
      scope.variables.set(symbol(target, call), machine.evaluate(value, scope))
    }
    return undefined
  },
  lambda: (call, scope) => {
    const [, parameters, ...body] = call.items
    const names = parameters?.kind === 'symbol' ? [DOT, parameters] : list(parameters, call).items
    return procedure(names, body, scope, call)
  },
  let: (call, scope, machine) => {
    const [, first, ...rest] = call.items
    const isLoop = first?.kind === 'symbol'
    const pairs = bindings(isLoop ? rest[0] : first, call)
    const values = pairs.map(([, node]) => machine.evaluate(node, scope))
    const body = isLoop ? rest.slice(1) : rest
    const inner = child(scope)
    if (!isLoop) {
      pairs.forEach(([name], index) => inner.variables.set(name, values[index]))
      return sequence(body, inner, machine)
    }
    const loop: Procedure = {
      type: 'procedure',
      parameters: pairs.map(([name]) => name),
      rest: undefined,
      body,
      scope: inner,
    }
    inner.variables.set(first.value, loop)
    return machine.call(loop, values, call)
  },
  'let*': letInOrder,
  letrec: letInOrder,
  'defined?': (call, scope, machine) => {
    const node = call.items[1]
    const value = node === undefined ? undefined : machine.evaluate(node, scope)
    if (!isType(value, 'symbol') && typeof value !== 'string')
      throw new SbplError(
        'illegal-argument',
        `illegal argument: defined? needs a symbol, got ${typeName(value)}`,
        call,
      )
    return isDefined(typeof value === 'string' ? value : value.name, scope, machine.macos)
  },
  ...Object.fromEntries(
    [
      'define-macro',
      'macro',
      'with-filter',
      'with-modifier',
      'with-operations',
      'set!',
      'case',
      'do',
      'quasiquote',
      'delay',
      'load',
      'eval',
    ].map((name): [string, Form] => [
      name,
      (call) => {
        throw unsupported(name, call)
      },
    ]),
  ),
}

function letInOrder(
  { items: [, first, ...body], ...at }: ListNode,
  scope: Scope,
  machine: Machine,
): Value {
  let inner = child(scope)
  for (const [name, node] of bindings(first, at)) {
    inner.variables.set(name, machine.evaluate(node, inner))
    inner = child(inner)
  }
  return sequence(body, inner, machine)
}

function sequence(nodes: readonly Node[], scope: Scope, machine: Machine): Value {
  let value: Value
  for (const node of nodes) value = machine.evaluate(node, scope)
  return value
}

function truthy(node: Node | undefined, scope: Scope, machine: Machine): boolean {
  // Scheme: everything but #f is true, the unspecified value and empty strings too.
  return node !== undefined && machine.evaluate(node, scope) !== false
}

function procedure(
  parameters: readonly Node[],
  body: readonly Node[],
  scope: Scope,
  at: Position,
): Procedure {
  const names = parameters.map((node) => symbol(node, at))
  const dot = names.indexOf('.')
  if (dot !== -1 && dot !== names.length - 2)
    throw new SbplError('syntax', 'one name must follow the dot of a parameter list', at)
  if (body.length === 0) throw new SbplError('syntax', 'procedure without a body', at)
  return {
    type: 'procedure',
    parameters: dot === -1 ? names : names.slice(0, dot),
    rest: dot === -1 ? undefined : names[dot + 1],
    body,
    scope,
  }
}

function bindings(node: Node | undefined, at: Position): readonly (readonly [string, Node])[] {
  return list(node, at).items.map((pair) => {
    const [name, value, ...more] = list(pair, at).items
    if (value === undefined || more.length > 0)
      throw new SbplError('syntax', 'a binding needs a name and one value', pair)
    return [symbol(name, pair), value] as const
  })
}

/** Whether a name means something here on this release: what `(defined? 'NAME)` answers. */
export function isDefined(name: string, scope: Scope, macos: Macos): boolean {
  for (let frame: Scope | undefined = scope; frame !== undefined; frame = frame.outer)
    if (frame.variables.has(name)) return true
  return (
    (VOCABULARY.has(name) && isNamedOn(name, macos)) ||
    [BUILTINS, FORMS, MODIFIERS, MODIFIER_ALIASES].some((table) => Object.hasOwn(table, name))
  )
}

function quoted(node: Node | undefined): Value {
  if (node?.kind === 'list') return node.items.map(quoted)
  return node?.kind === 'symbol' ? { type: 'symbol', name: node.value } : node?.value
}

function list(node: Node | undefined, at: Position): ListNode {
  if (node?.kind !== 'list')
    throw new SbplError('syntax', 'expected a parenthesised list', node ?? at)
  return node
}

function symbol(node: Node | undefined, at: Position): string {
  if (node?.kind !== 'symbol') throw new SbplError('syntax', 'expected a name', node ?? at)
  return node.value
}

function child(outer: Scope): Scope {
  return { variables: new Map(), outer }
}

function unsupported(what: string, at: Position): SbplError {
  return new SbplError('unsupported', `unsupported construct: ${what}`, at)
}

const DOT: Node = { kind: 'symbol', value: '.', line: 0, column: 0 }
