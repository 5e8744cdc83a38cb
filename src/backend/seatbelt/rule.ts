import type { Origin } from '../../policy/model.ts'

/** One rule as one line of text: its tag for denials is added by whoever knows the run. */
export const printRule = (
  rule: Rule,
  tag: string,
  nameOf: (filter: PathFilter) => string,
): string => {
  const modifier =
    rule.action === 'allow' ? '' : rule.isQuiet ? ' (with no-report)' : ` (with message "${tag}")`
  const filters = rule.filters.map((filter) => ` ${printFilter(filter, nameOf)}`).join('')
  const text = `(${rule.action} ${rule.operations.join(' ')}${filters}${modifier})`
  return rule.ifDefined === undefined ? text : `(if (defined? '${rule.ifDefined}) ${text})`
}

/** What a rule applies to. */
export type Filter =
  | PathFilter
  /** Fixed text of the prelude. */
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'both'; readonly filters: readonly Filter[] }

/**
 * A path or a regex; printed as the name of a parameter, never as text: no user text can reach the
 * profile's body.
 */
export interface PathFilter {
  readonly kind: 'literal' | 'subpath' | 'prefix' | 'regex'
  readonly value: string
}

/** Exactly this path. */
export const literal = (path: string): PathFilter => ({ kind: 'literal', value: path })

/** The path and everything beneath it. */
export const subpath = (path: string): PathFilter => ({ kind: 'subpath', value: path })

/**
 * Everything beneath the path, not the path: a prefix is compared byte by byte, and the slash keeps
 * siblings (`/a/bc` beside `/a/b`) out.
 */
export const beneath = (path: string): PathFilter => ({
  kind: 'prefix',
  value: path === '/' ? path : `${path}/`,
})

/** Paths that hold a match of this printable ASCII text. */
export const regex = (source: string): PathFilter => ({ kind: 'regex', value: source })

/** One rule of a profile; several filters are alternatives, none means every access. */
export interface Rule {
  readonly action: 'allow' | 'deny'
  readonly operations: readonly string[]
  readonly filters: readonly Filter[]
  readonly origin: Origin
  /** Not reported in the log: denials that happen all the time and mean nothing. */
  readonly isQuiet?: boolean
  /** The rule stands only where this operation exists: an unknown name is a compile error. */
  readonly ifDefined?: string
}

/** How many entries the kernel's tables get from a rule: one for each operation and alternative. */
export const countEntries = (rule: Rule): number =>
  rule.operations.length * Math.max(1, rule.filters.length)

const printFilter = (filter: Filter, nameOf: (filter: PathFilter) => string): string => {
  switch (filter.kind) {
    case 'fixed':
      return filter.text
    case 'both':
      return `(require-all ${filter.filters.map((part) => printFilter(part, nameOf)).join(' ')})`
    case 'literal':
    case 'subpath':
    case 'prefix':
    case 'regex':
      return `(${filter.kind} (param "${nameOf(filter)}"))`
    default:
      return filter satisfies never
  }
}
