import { BUILTINS, list } from './builtins.ts'
import { excerpt, SbplError, type Position } from './error.ts'
import type { Machine, Mention } from './machine.ts'
import type { ListNode, Node } from './reader.ts'
import { RULE_FORMS } from './rule-forms.ts'
import { FORMS, isDefined } from './forms.ts'
import { isNamedOn, type Macos, NEWEST } from './macos.ts'
import type { Rule } from './rules.ts'
import {
  expectString,
  isType,
  typeName,
  type Primitive,
  type Procedure,
  type Scope,
  type Value,
} from './values.ts'
import { VOCABULARY } from './vocabulary.ts'

/** What evaluating a profile gives: its rules in order, `standardRules` not among them. */
export interface Interpreted {
  readonly rules: readonly Rule[]
  readonly imports: readonly Mention[]
  readonly missing: readonly Mention[]
  /** Calls of names that an import defines, if anything does. */
  readonly macros: readonly Mention[]
  readonly version: number | undefined
}

/** Values of `(param "K")`, as `sandbox-exec -D K=V` gives them. */
export type Parameters = Readonly<Record<string, string>>

/** Where a profile is meant to be used, and what becomes of its errors. */
export interface InterpretOptions {
  /** The newest that is known when absent. */
  readonly macos?: Macos | undefined
  /** Gets each error and lets evaluation go on; without it the first error is thrown. */
  readonly recover?: ((error: SbplError) => void) | undefined
}

/**
 * Evaluates the expressions of a profile. Imports are reported, not followed; a call of a name that
 * only an import can define is reported among the `macros` and does nothing.
 * @throws SbplError also for endless loops, recursion and growth (`limit`).
 */
export function interpret(
  forms: readonly Node[],
  parameters: Parameters,
  { macos = NEWEST, recover }: InterpretOptions = {},
): Interpreted {
  let errors = 0
  const collect =
    recover &&
    ((error: SbplError): void => {
      if (++errors > MAX_ERRORS)
        throw new SbplError('limit', `more than ${MAX_ERRORS} errors: evaluation ends here`, error)
      recover(error)
    })
  const machine = createMachine(parameters, macos, collect)
  const scope: Scope = { variables: new Map(), outer: undefined }
  guarded(machine, () => requireVersion(forms))
  try {
    for (const form of forms) if (!guarded(machine, () => machine.evaluate(form, scope))) break
  } catch (error) {
    // The limit of errors itself; when nothing is collected every error ends here.
    if (!(error instanceof SbplError) || recover === undefined) throw error
    recover(error)
  }
  return machine
}

/** Whether evaluation can go on: a limit that was reached stays reached. */
function guarded(machine: Machine, work: () => unknown): boolean {
  try {
    work()
    return true
  } catch (error) {
    const known =
      error instanceof RangeError
        ? new SbplError('limit', 'evaluation needs too much stack or memory')
        : error
    if (!(known instanceof SbplError) || machine.recover === undefined) throw known
    machine.recover(known)
    return known.code !== 'limit'
  }
}

function requireVersion(forms: readonly Node[]): void {
  const [first] = forms
  const head = first?.kind === 'list' ? first.items[0] : undefined
  if (head?.kind !== 'symbol' || head.value !== 'version')
    throw new SbplError(
      'version',
      'no version specified: (version 1) must come first',
      first ?? { line: 1, column: 1 },
    )
}

function createMachine(parameters: Parameters, macos: Macos, recover: Machine['recover']): Machine {
  let work = 0
  let depth = 0

  // Each step costs, and values cost by their size: a hostile profile ends in an error, not in a
  // hang.
  const spend = (amount: number, at: Position): void => {
    work += amount
    if (work > MAX_WORK) throw new SbplError('limit', 'evaluation takes too long', at)
  }

  const weight = (value: Value): number => {
    if (typeof value === 'string') return value.length / 32
    if (Array.isArray(value)) return value.length
    return isType(value, 'filter') ? 4 * value.size : 0
  }

  const machine: Machine = {
    parameters,
    macos,
    rules: [],
    imports: [],
    macros: [],
    missing: [],
    version: undefined,
    recover,
    evaluate(node, scope) {
      spend(1, node)
      if (node.kind === 'symbol') return lookup(node.value, scope, node)
      if (node.kind !== 'list') return node.value
      if (depth >= MAX_EVALUATION_DEPTH) throw new SbplError('limit', 'recursion too deep', node)
      depth++
      try {
        return evaluateCall(node, scope)
      } finally {
        depth--
      }
    },
    spendOn(values, at) {
      for (const value of values) spend(weight(value), at)
    },
    call(procedure, args, at) {
      machine.spendOn(args, at)
      if (isType(procedure, 'primitive')) {
        const value = procedure.apply(args, at)
        spend(weight(value), at)
        return value
      }
      if (isType(procedure, 'procedure')) return callProcedure(procedure, args, at)
      throw new SbplError('illegal-argument', `illegal function: ${typeName(procedure)}`, at)
    },
  }

  function evaluateCall(call: ListNode, scope: Scope): Value {
    const [head, ...rest] = call.items
    if (head === undefined) throw new SbplError('syntax', 'empty expression', call)
    if (head.kind === 'symbol') {
      const form = Object.hasOwn(ALL_FORMS, head.value) ? ALL_FORMS[head.value] : undefined
      if (form !== undefined) return form(call, scope, machine)
      if (machine.imports.length > 0 && !isBound(head.value, scope)) {
        machine.macros.push({ name: head.value, line: call.line, column: call.column })
        return undefined
      }
    }
    const procedure = machine.evaluate(head, scope)
    return machine.call(
      procedure,
      rest.map((node) => machine.evaluate(node, scope)),
      call,
    )
  }

  function callProcedure(
    { parameters: names, rest, body, scope: outer }: Procedure,
    args: readonly Value[],
    at: Position,
  ): Value {
    if (args.length < names.length || (rest === undefined && args.length > names.length)) {
      throw new SbplError(
        'illegal-argument',
        `illegal argument: expected ${names.length} arguments, got ${args.length}`,
        at,
      )
    }
    const scope: Scope = {
      variables: new Map(names.map((name, index) => [name, args[index]])),
      outer,
    }
    if (rest !== undefined) scope.variables.set(rest, args.slice(names.length))
    let value: Value
    for (const node of body) value = machine.evaluate(node, scope)
    return value
  }

  const higher: Readonly<Record<string, Primitive['apply']>> = {
    param: ([name], at) => {
      const key = expectString(name, 'param', at)
      if (Object.hasOwn(parameters, key)) return parameters[key]
      machine.missing.push({ name: key, line: at.line, column: at.column })
      return false
    },
    map: ([procedure, items], at) =>
      list('map', items, at).map((item) => machine.call(procedure, [item], at)),
    'for-each': ([procedure, items], at) =>
      void list('for-each', items, at).forEach((item) => machine.call(procedure, [item], at)),
    apply: ([procedure, ...args], at) =>
      machine.call(procedure, [...args.slice(0, -1), ...list('apply', args.at(-1), at)], at),
  }

  const isBound = (name: string, scope: Scope): boolean =>
    isDefined(name, scope, macos) || Object.hasOwn(higher, name)

  function lookup(name: string, scope: Scope, at: Position): Value {
    for (let frame: Scope | undefined = scope; frame !== undefined; frame = frame.outer) {
      if (frame.variables.has(name)) return frame.variables.get(name)
    }
    if (VOCABULARY.has(name) && isNamedOn(name, macos)) return VOCABULARY.get(name)
    const apply = Object.hasOwn(higher, name)
      ? higher[name]
      : Object.hasOwn(BUILTINS, name)
        ? BUILTINS[name]
        : undefined
    if (apply === undefined)
      throw new SbplError('unbound-variable', `unbound variable: ${excerpt(name)}`, at)
    return { type: 'primitive', name, apply }
  }

  return machine
}

const ALL_FORMS = { ...FORMS, ...RULE_FORMS }
const MAX_EVALUATION_DEPTH = 400
const MAX_ERRORS = 1000
const MAX_WORK = 20_000_000
