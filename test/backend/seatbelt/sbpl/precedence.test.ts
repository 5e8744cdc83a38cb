import { describe, expect, it } from 'vitest'
import { compile } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import { matches } from '../../../../src/backend/seatbelt/sbpl/match.ts'
import { canonicalOperation, fallbackChain } from '../../../../src/backend/seatbelt/sbpl/tables.ts'
import { ownCases } from './cases.ts'
import { collected, verdict, type Decide } from './harness.ts'

const suite = [...collected, ...ownCases]
const rows = suite.flatMap(({ name, profile, links = {}, cases }) =>
  cases.map((one) => ({ title: `${name}: ${JSON.stringify(one)}`, profile, links, one })),
)

describe('precedence', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', (_, { profile, links, one }) => {
    expect(verdict(compile(profile).decide, links, one)).toBe(one.expect)
  })

  it('has more than the collected cases', () => {
    expect(rows.length).toBeGreaterThan(100)
  })
})

describe('mutations: wrong models of precedence fail the same suite', () => {
  const wrong = (decide: (profile: string) => Decide): number =>
    rows.filter(({ profile, links, one }) => verdict(decide(profile), links, one) !== one.expect)
      .length

  it('the last rule in the file that matches', () => {
    expect(wrong(lastMatch)).toBeGreaterThanOrEqual(10)
  })

  it('the first rule in the file that matches', () => {
    expect(wrong((profile) => firstMatch(profile))).toBeGreaterThanOrEqual(10)
  })

  it('no built-in defaults', () => {
    expect(
      wrong((profile) => (operation, facts) => {
        const decision = compile(profile).decide(operation, facts)
        return decision.why.includes('built-in')
          ? { allowed: /\(allow default\)/.test(profile) }
          : decision
      }),
    ).toBeGreaterThan(0)
  })
})

function matching(profile: string, operation: string, facts: Parameters<Decide>[1]) {
  const asked = canonicalOperation(operation) ?? operation
  const chain = fallbackChain(asked)
  return compile(profile).rules.filter(
    (rule) =>
      rule.operations.some((name) => chain.includes(name) || name === 'default') &&
      (rule.filters.length === 0 || rule.filters.some((filter) => matches(filter, facts, asked))),
  )
}

function lastMatch(profile: string): Decide {
  return (operation, facts) => ({
    allowed: matching(profile, operation, facts).at(-1)?.action === 'allow',
  })
}

function firstMatch(profile: string): Decide {
  return (operation, facts) => ({
    allowed: matching(profile, operation, facts)[0]?.action === 'allow',
  })
}
