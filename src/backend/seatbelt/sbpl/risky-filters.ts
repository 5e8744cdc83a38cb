import { finding, type Finding } from './finding.ts'
import type { Filter, Rule } from './rules.ts'

/** Filters that are accepted and do something else than they seem to. */
export function riskyFilters(rules: readonly Rule[]): readonly Finding[] {
  return rules.flatMap((rule) => {
    const isOutbound = rule.operations.some(
      (operation) => operation === 'network-outbound' || operation === 'network*',
    )
    const findings: Finding[] = []
    if (isOutbound && rule.filters.some((filter) => has(filter, isNarrowLocal))) {
      const message =
        'a local filter matches every connect where its host is *, and none where it is localhost, because the source address is not chosen yet: use (remote …) for network-outbound, or name network-bind and network-inbound'
      findings.push(finding(rule, 'warning', 'local-on-outbound', message))
    }
    // anthropics/claude-code#39635, reported and not reproduced: sandbox-exec aborts; codex uses
    // require-not inside allows only.
    if (
      rule.action === 'deny' &&
      rule.filters.some((filter) => has(filter, ({ kind }) => kind === 'not'))
    ) {
      findings.push(
        finding(
          rule,
          'notice',
          'require-not-in-deny',
          'require-not inside a deny was reported to abort sandbox-exec: prefer an allow after the deny',
        ),
      )
    }
    return findings
  })
}

function isNarrowLocal(filter: Filter): boolean {
  return (
    filter.kind === 'network' &&
    filter.side === 'local' &&
    (filter.host !== '*' || filter.port !== '*')
  )
}

function has(filter: Filter, test: (filter: Filter) => boolean): boolean {
  if (test(filter)) return true
  if (filter.kind === 'not') return has(filter.filter, test)
  return (
    (filter.kind === 'all' || filter.kind === 'any') &&
    filter.filters.some((part) => has(part, test))
  )
}
