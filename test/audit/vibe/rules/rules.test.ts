import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../../../../src/audit/vibe/rules/catalogue.ts'
import { auditVibe, findingsOf } from '../harness.ts'
import { RULE_CASES } from './cases.ts'

describe('the catalogue', () => {
  it('is in order, each id once, and every check has a configuration that it is about', () => {
    const ids = CATALOGUE.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort())
    expect(ids.length).toBe(100)
    expect(ids.filter((id) => !RULE_CASES.some((one) => one.id === id))).toEqual([])
  })

  it.each(RULE_CASES.map((one) => [one.id, one] as const))(
    '%s is found, and not in its twin',
    async (id, { bad, good, options, goodOptions }) => {
      const found = findingsOf(await auditVibe(bad, options), id)
      expect(found.length).toBeGreaterThan(0)
      expect(findingsOf(await auditVibe(good, goodOptions), id)).toEqual([])
    },
  )

  it('what it says are sentences for people', () => {
    for (const { id, what, why, fix } of CATALOGUE) {
      expect.soft(why, id).toMatch(/^[^\n]*\.$/)
      expect.soft(fix, id).toMatch(/^[^\n]*\.$/)
      expect.soft(what, id).not.toMatch(/\.$/)
    }
  })
})
