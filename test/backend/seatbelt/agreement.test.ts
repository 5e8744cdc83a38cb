import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSeatbelt } from '../../../src/backend/seatbelt/program.ts'
import { OPERATIONS } from '../../../src/policy/model.ts'
import { compilePolicy } from '../../../src/policy/decide.ts'
import { disagreements } from './agreement.ts'
import { worlds } from './worlds.ts'

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
        expect(disagreements(compileSeatbelt(policy, { runId: 'test' }), compilePolicy(policy), paths)).toEqual([])
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    )
    expect(questions).toBeGreaterThan(100_000)
    console.log(`${questions} decisions`)
  })
})
