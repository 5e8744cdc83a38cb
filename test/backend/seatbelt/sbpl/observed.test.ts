import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import { MACOS, type Macos } from '../../../../src/backend/seatbelt/sbpl/macos.ts'
import { type Case, type Decide, verdict } from './harness.ts'

/** What others saw a Mac do: who, on which releases, under which profile. */
interface Observed {
  readonly source: string
  readonly macos: readonly Macos[] | 'not named'
  readonly profile: string
  readonly links?: Readonly<Record<string, string>>
  /** `disputed`: others saw the contrary; the evaluator answers as they do and says so. */
  readonly cases: readonly (Case & { readonly disputed?: true })[]
}

const observed: readonly Observed[] = JSON.parse(
  readFileSync(new URL('./observed-cases.json', import.meta.url), 'utf8'),
)
const rows = observed.flatMap(({ macos, cases, profile, links = {}, source }) =>
  cases.flatMap(({ disputed, ...one }) =>
    (macos === 'not named' ? MACOS : macos).map((release) => ({
      title: `${release}: ${profile.slice('(version 1)'.length)} ${JSON.stringify(one)} (${source})`,
      release,
      profile,
      links,
      one: one as unknown as Case,
      disputed,
    })),
  ),
)

describe('what was observed on Macs', () => {
  it.each(rows.map((row) => [row.title, row] as const))('%s', (_, row) => {
    const compiled = compile(row.profile, {}, { macos: row.release })
    const decisions: ReturnType<Decide>[] = []
    const answer = verdict(
      (operation, facts) => {
        const decision = compiled.decide(operation, facts)
        decisions.push(decision)
        return decision
      },
      row.links,
      row.one,
    )
    if (row.disputed) {
      expect(answer).not.toBe(row.one.expect)
      expect(decisions.at(-1)).toHaveProperty('disputed')
    } else {
      expect(answer).toBe(row.one.expect)
      expect(decisions.at(-1)).not.toHaveProperty('disputed')
    }
  })

  it('is all that was collected', () => {
    expect(observed.flatMap(({ cases }) => cases)).toHaveLength(147)
    expect(observed).toHaveLength(81)
  })
})

describe('releases', () => {
  const loads = (macos: Macos, profile: string): boolean => {
    try {
      compile(profile, {}, { macos })
      return true
    } catch {
      return false
    }
  }

  it.each(MACOS)('macOS %d: graft names, bare and guarded', (macos) => {
    expect(loads(macos, '(version 1)(deny default)(deny file-graft)')).toBe(macos >= 26)
    const guarded = compile(
      "(version 1)(deny default)(if (defined? 'file-graft) (deny file-graft))",
      {},
      { macos },
    )
    expect(guarded.rules).toHaveLength(macos >= 26 ? 2 : 1)
  })
})
