import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareOn, Tally } from './compare.ts'
import { kernel, SECOND_UID, skipReason } from './kernel.ts'
import { policySpec } from './policies.ts'
import { treeSpec } from './tree.ts'

const seed = Number(process.env['CONTRACT_SEED'] ?? Date.now() % 2 ** 31)
const reason = skipReason()
console.log(`contract: CONTRACT_SEED=${seed} repeats this run`)

/** Multiplies the number of trees, for a search that may take long. */
const scale = Number(process.env['CONTRACT_SCALE'] ?? 1)

const MINIMUM = 20_000
const SHARE = 0.02
const TREE_SIZE = 70
const LIMIT = 600_000 * scale
/** Shrinking runs the kernel again and again; this is as long as a smaller example is worth. */
const SHRINK_LIMIT = 60_000

const agree = async (runs: number, offset: number, uid?: number): Promise<Tally> => {
  const tally = new Tally()
  let firstFailure: number | undefined
  await fc.assert(
    fc.asyncProperty(treeSpec(TREE_SIZE), policySpec, async (tree, spec) => {
      if (firstFailure !== undefined && Date.now() - firstFailure > SHRINK_LIMIT) return
      const problems = await compareOn(tree, spec, tally, uid === undefined ? {} : { uid })
      if (problems.length > 0) firstFailure ??= Date.now()
      expect(problems.slice(0, 8)).toEqual([])
    }),
    { seed: seed + offset, numRuns: runs * scale },
  )
  console.log(`contract: ${kernel.name} as uid ${uid ?? process.getuid?.()}: ${tally.text()}`)
  return tally
}

describe.skipIf(reason !== undefined)('decide() and the kernel give one answer', () => {
  it('for every operation on every name of generated trees, as the calling user', {
    timeout: LIMIT,
  }, async () => {
    const tally = await agree(60, 0)
    expect(tally.triples).toBeGreaterThan(MINIMUM)
    expect(tally.different / tally.triples).toBeLessThan(SHARE)
    expect(tally.allowed / tally.triples).toBeGreaterThan(0.2)
  })

  it.skipIf(SECOND_UID === undefined)(
    'for every operation on every name of generated trees, as a user without an account',
    { timeout: LIMIT },
    async () => {
      const tally = await agree(30, 1, SECOND_UID)
      expect(tally.triples).toBeGreaterThan(MINIMUM / 2)
      expect(tally.different / tally.triples).toBeLessThan(SHARE)
    },
  )
})
