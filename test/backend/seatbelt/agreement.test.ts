import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSeatbelt } from '../../../src/backend/seatbelt/program.ts'
import { OPERATIONS, type ResolvedPolicy } from '../../../src/policy/model.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import { type AbsolutePath, ancestorsOf, isWithin, parentOf } from '../../../src/machine/paths.ts'
import { disagreements, enforcer } from './agreement.ts'
import { worlds } from './worlds.ts'

/** Another spelling of what lies below the names that cannot change theirs. */
const respell = (policy: ResolvedPolicy, path: AbsolutePath): AbsolutePath => {
  const { decide } = compilePolicy(policy)
  const anchor =
    ancestorsOf(path).find((ancestor) => decide('write', ancestor).allowed) ?? parentOf(path)
  return `${anchor === '/' ? '' : anchor}${path.slice(anchor === '/' ? 0 : anchor.length).toUpperCase()}` as AbsolutePath
}

describe('other spellings', () => {
  it('what a protection denies, the profile denies in every spelling of names made during the run', () => {
    let denied = 0
    fc.assert(
      fc.property(worlds(true), ({ policy: drawn, paths }) => {
        // Other grants and masked sockets name what exists, and what exists keeps the spelling it
        // has.
        const policy = {
          ...drawn,
          foldsNames: true,
          sockets: { ...drawn.sockets, masked: [] },
          grants: drawn.grants.filter(({ access }) => access === 'write'),
        }
        const { decide } = compilePolicy(policy)
        const enforce = enforcer(compileSeatbelt(policy, { runId: 'test' }))
        for (const path of paths) {
          const other = respell(policy, path)
          for (const operation of OPERATIONS) {
            const { allowed, rule } = decide(operation, other)
            if (
              operation === 'stat' ||
              allowed ||
              rule === undefined ||
              !('kind' in rule) ||
              (rule.kind !== 'hidden' && rule.kind !== 'read_only')
            )
              continue
            // A pattern's root exists, too.
            if ('root' in rule && !isWithin(other, rule.root)) continue
            denied += 1
            expect([operation, other, enforce(operation, other)]).toEqual([operation, other, false])
          }
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    )
    expect(denied).toBeGreaterThan(1000)
  })
})

describe('the generated profile and decide() agree on every operation and path', () => {
  it.each([
    ['without live patterns', false],
    ['with live patterns', true],
  ])('%s', (_, isWithPatterns) => {
    let questions = 0
    const seed = process.env['SEED']
    fc.assert(
      fc.property(worlds(isWithPatterns), ({ policy, paths }) => {
        questions += paths.length * OPERATIONS.length
        expect(
          disagreements(compileSeatbelt(policy, { runId: 'test' }), compilePolicy(policy), paths),
        ).toEqual([])
      }),
      {
        numRuns: Number(process.env['RUNS'] ?? 300),
        ...(seed === undefined ? {} : { seed: Number(seed) }),
      },
    )
    expect(questions).toBeGreaterThan(100_000)
  })
})
