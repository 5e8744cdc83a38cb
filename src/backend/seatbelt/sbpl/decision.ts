import type { Clause } from './clauses.ts'
import { excerpt, SbplError } from './error.ts'
import { isList, textOf } from './match.ts'
import { printRule } from './printer.ts'
import type { Facts, Rule } from './rules.ts'
import { canonicalOperation, fallbackChain, operationEntry } from './tables.ts'

/**
 * The verdict on one access. `rule` and `line` are undefined when no rule of the profile decided.
 */
export interface Decision {
  readonly allowed: boolean
  /** SBPL text of the rule that decided, its parameters replaced. */
  readonly rule: string | undefined
  readonly line: number | undefined
  readonly why: string
  /** Present where one measurement speaks against the verdict. */
  readonly disputed?: string
}

/** Where `decideBy` finds the rules of one operation. */
export interface LevelRules {
  last(facts: Facts, operation: string): Clause | undefined
  readonly unfiltered: Omit<Clause, 'filter'> | undefined
  /** A denial of exactly this path. */
  denialOf?(path: string): Clause | undefined
}

/**
 * Seatbelt's precedence: for the operation, then each parent, its filtered rules from the last to
 * the first, then its last rule without a filter; a terminal operation ends with its built-in
 * verdict, the others with `default`, and a profile without one denies.
 * @throws SbplError (`unbound-variable`) for a name that is no operation, (`illegal-argument`) for
 * a path that is not absolute and plain.
 */
export function decideBy(
  level: (operation: string) => LevelRules | undefined,
  operation: string,
  facts: Facts,
): Decision {
  const asked = canonicalOperation(operation)
  if (asked === undefined)
    throw new SbplError('unbound-variable', `unbound variable: ${excerpt(operation)}`)
  requirePlainPaths(facts)
  for (const name of fallbackChain(checkedAs(asked, facts))) {
    const rules = level(name)
    const filtered = rules?.last(facts, asked)
    if (filtered !== undefined)
      return disputed(byRule(filtered, `last matching rule of ${name}`), filtered, facts, rules)
    if (rules?.unfiltered !== undefined)
      return byRule(
        rules.unfiltered,
        name === 'default' ? 'the default of the profile' : `rule without a filter of ${name}`,
      )
    const { builtin } = operationEntry(name)
    if (builtin !== undefined) {
      return {
        allowed: builtin === 'allow',
        rule: undefined,
        line: undefined,
        why: `${name} has a built-in ${builtin}, which the default of the profile does not change`,
      }
    }
  }
  return {
    allowed: false,
    rule: undefined,
    line: undefined,
    why: 'no rule, and the profile has no default: denied',
  }
}

/**
 * A denial of a literal was once seen to hold against a later allow of a tree (26.6, one source);
 * two others measured that the last one wins, for trees. Nothing may rely on either.
 */
function disputed(
  decision: Decision,
  { filter, order }: Clause,
  facts: Facts,
  rules: LevelRules | undefined,
): Decision {
  const path = textOf(facts['path'])
  if (!decision.allowed || path === undefined) return decision
  const denial = rules?.denialOf?.(path)
  if (denial === undefined || denial.order > order) return decision
  if (filter.kind !== 'text' || filter.match !== 'subpath') return decision
  return {
    ...decision,
    disputed: `the denial of this very path in line ${denial.rule.line} was seen to hold on macOS 26`,
  }
}

function byRule({ rule, standard }: Omit<Clause, 'filter'>, why: string): Decision {
  const allowed = rule.action === 'allow'
  if (standard)
    return { allowed, rule: text(rule), line: undefined, why: `${why} (part of every profile)` }
  return { allowed, rule: text(rule), line: rule.line, why }
}

function text(rule: Rule): string {
  const known = texts.get(rule)
  if (known !== undefined) return known
  const made = printRule(rule)
  texts.set(rule, made)
  return made
}

/**
 * setattrlist(2) is checked by the wildcard, whatever leaf is denied; only flags are their own
 * (26.6).
 */
function checkedAs(operation: string, facts: Facts): string {
  const isLeaf = operation.startsWith('file-write-') && operation !== 'file-write-flags'
  return textOf(facts['call']) === 'setattrlist' && isLeaf ? 'file-write*' : operation
}

// The kernel matches the resolved vnode path; a caller with another spelling would get a wrong
// answer.
function requirePlainPaths({ path }: Facts): void {
  if (path === undefined) return
  for (const one of isList(path) ? path : [path]) {
    if (typeof one !== 'string' || (one !== '/' && !PLAIN.test(one)))
      throw new SbplError(
        'illegal-argument',
        `not an absolute path without \`.\`, \`..\` and \`//\`: ${excerpt(String(one))}`,
      )
  }
}

const PLAIN = /^(?:\/(?!\.{0,2}(?:\/|$))[^/]*)+$/
const texts = new WeakMap<Rule, string>()
