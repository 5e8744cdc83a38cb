import { CONSTANTS } from './constants.ts'
import { excerpt, SbplError, type Position } from './error.ts'
import type { Form, Machine } from './machine.ts'
import type { Node } from './reader.ts'
import type { Action, Rule } from './rules.ts'
import { categoryApplies, IGNORED_OPERATIONS, MODIFIER_ALIASES, MODIFIERS } from './tables.ts'
import {
  expectString,
  isType,
  typeName,
  type FilterValue,
  type ModifierValue,
  type Scope,
  type Value,
} from './values.ts'

/** Forms that make a profile: rules, modifiers, and the statements about the profile itself. */
export const RULE_FORMS: Readonly<Record<string, Form>> = {
  allow: ruleForm('allow'),
  deny: ruleForm('deny'),
  with: (call, scope, machine) => {
    const [, name, argument, ...more] = call.items
    if (name?.kind !== 'symbol' || more.length > 0)
      throw new SbplError('syntax', 'with needs a modifier and at most one argument', call)
    const canonical = MODIFIER_ALIASES[name.value] ?? name.value
    if (!Object.hasOwn(MODIFIERS, canonical))
      throw new SbplError('unbound-variable', `unbound variable: ${excerpt(name.value)}`, name)
    const value = argument === undefined ? undefined : machine.evaluate(argument, scope)
    return { type: 'modifier', name: canonical, ...modifierArgument(canonical, value, call) }
  },
  version: (call, scope, machine) => {
    const [, node] = call.items
    const value = node === undefined ? undefined : machine.evaluate(node, scope)
    // 1 is the public version; Apple's own newer profiles say 2 and 3.
    if (value !== 1 && value !== 2 && value !== 3)
      throw new SbplError('version', 'unsupported version', call)
    machine.version = value
    return undefined
  },
  import: (call, scope, machine) => {
    const [, node] = call.items
    const name = expectString(
      node === undefined ? undefined : machine.evaluate(node, scope),
      'import',
      call,
    )
    machine.imports.push({ name, line: call.line, column: call.column })
    return undefined
  },
  // Nothing since macOS 10.12: a macro that expands to nothing.
  debug: () => undefined,
  // Parsed and without effect on modern macOS.
  trace: () => undefined,
}

function ruleForm(action: Action): Form {
  return (call, scope, machine) => {
    const args = evaluateAll(call.items.slice(1), scope, machine)
    if (args === undefined) return undefined
    machine.spendOn(args, call)
    try {
      const rule = makeRule(action, args, call)
      if (rule !== undefined) machine.rules.push(rule)
    } catch (error) {
      if (!(error instanceof SbplError) || machine.recover === undefined) throw error
      machine.recover(error)
    }
    return undefined
  }
}

/**
 * The arguments' values; undefined when one failed and errors are collected: then each of them was
 * reported.
 */
function evaluateAll(
  nodes: readonly Node[],
  scope: Scope,
  machine: Machine,
): readonly Value[] | undefined {
  const { recover } = machine
  if (recover === undefined) return nodes.map((node) => machine.evaluate(node, scope))
  const values: Value[] = []
  let failed = false
  for (const node of nodes) {
    try {
      values.push(machine.evaluate(node, scope))
    } catch (error) {
      if (!(error instanceof SbplError) || error.code === 'limit') throw error
      failed = true
      recover(error)
    }
  }
  return failed ? undefined : values
}

function makeRule(
  action: Action,
  args: readonly Value[],
  { line, column }: Position,
): Rule | undefined {
  const at = { line, column }
  const operations: string[] = []
  const filters: FilterValue[] = []
  const modifiers: ModifierValue[] = []
  let ignored = false
  for (const value of args) {
    if (isType(value, 'operation')) {
      if (IGNORED_OPERATIONS.has(value.name)) ignored = true
      else if (!operations.includes(value.name)) operations.push(value.name)
    } else if (isType(value, 'filter')) filters.push(value)
    else if (isType(value, 'modifier')) modifiers.push(value)
    else
      throw new SbplError(
        'illegal-argument',
        `illegal argument: a rule takes operations, filters and modifiers, got ${describe(value)}`,
        at,
      )
  }
  if (operations.length === 0) {
    if (ignored) return undefined
    throw new SbplError('illegal-argument', 'illegal argument: a rule needs an operation', at)
  }
  for (const operation of operations) {
    for (const [category, name] of filters.flatMap(({ categories }) => [...categories])) {
      if (!categoryApplies(category, operation))
        throw new SbplError(
          'not-applicable',
          `filter ${name} is not applicable to operation ${operation}`,
          at,
        )
    }
    for (const { name } of modifiers) requirePairing(name, action, operation, at)
  }
  return {
    ...at,
    action,
    operations,
    filters: filters.map(({ filter }) => filter),
    modifiers: modifiers.map(({ name, argument }) => ({
      name,
      ...(argument === undefined ? {} : { argument }),
    })),
  }
}

function requirePairing(name: string, action: Action, operation: string, at: Position): void {
  const { actions, operations } = MODIFIERS[name] ?? {}
  if (actions !== undefined && !actions.includes(action))
    throw new SbplError('modifier', `modifier ${name} is not allowed on ${action}`, at)
  if (operations !== undefined && !operations.includes(operation))
    throw new SbplError('modifier', `modifier ${name} is not allowed on operation ${operation}`, at)
}

function modifierArgument(
  name: string,
  value: Value,
  at: Position,
): { argument?: string | number } {
  const wanted = MODIFIERS[name]?.argument
  if (wanted === undefined) {
    // Firefox and Chromium give none; a stray argument would be dropped in silence.
    if (value !== undefined)
      throw new SbplError('modifier', `modifier ${name} takes no argument`, at)
    return {}
  }
  if (wanted === 'string') return { argument: expectString(value, `modifier ${name}`, at) }
  if (typeof value === 'number') return { argument: value }
  if (isType(value, 'constant') && SIGNALS.includes(value.name)) return { argument: value.name }
  throw new SbplError('modifier', `modifier ${name} needs a signal, got ${describe(value)}`, at)
}

function describe(value: Value): string {
  return isType(value, 'constant') || isType(value, 'symbol')
    ? excerpt(value.name)
    : typeName(value)
}

const SIGNALS: readonly string[] = CONSTANTS['signal-number']
