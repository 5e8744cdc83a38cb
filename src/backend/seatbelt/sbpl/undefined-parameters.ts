import { finding, type Finding } from './finding.ts'
import type { Mention } from './machine.ts'
import type { Node } from './reader.ts'

/**
 * Parameters that were asked for and have no value: a warning, or a notice where the profile itself
 * tests for them.
 */
export function undefinedParameters(
  forms: readonly Node[],
  missing: readonly Mention[],
): readonly Finding[] {
  const tested = new Set<string>()
  for (const form of forms) collect(form, false, tested)
  const seen = new Set<string>()
  return missing.flatMap(({ name, ...at }) => {
    const place = `${at.line}:${at.column}`
    if (seen.has(`${place} ${name}`)) return []
    seen.add(`${place} ${name}`)
    const isTested = tested.has(name) || tested.has(place)
    return [
      finding(
        at,
        isTested ? 'notice' : 'warning',
        'undefined-parameter',
        `parameter ${JSON.stringify(name)} is not defined: (param …) gives #f; define it with -D`,
      ),
    ]
  })
}

/** Names and places of parameters in a test: `(if (param "X") …)`, `(string? (param name))`. */
function collect(node: Node, inTest: boolean, tested: Set<string>): void {
  if (node.kind !== 'list') return
  const [head, ...rest] = node.items
  const name = head?.kind === 'symbol' ? head.value : ''
  if (name === 'param' && inTest) {
    tested.add(`${node.line}:${node.column}`)
    if (rest[0]?.kind === 'string') tested.add(rest[0].value)
  }
  for (const [index, item] of node.items.entries()) {
    const isTest =
      TESTS_ALL.has(name) || (TESTS_FIRST.has(name) && index === 1) || (name === '' && index === 0)
    if (name === 'cond' && item.kind === 'list' && item.items[0] !== undefined)
      collect(item.items[0], true, tested)
    collect(item, isTest, tested)
  }
}

const TESTS_FIRST = new Set(['if', 'when', 'unless'])
const TESTS_ALL = new Set(['and', 'or', 'not', 'string?', 'equal?', 'eq?'])
