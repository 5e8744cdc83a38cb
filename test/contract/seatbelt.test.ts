import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { providedPaths } from '../../src/backend/seatbelt/provided.ts'
import { compilePolicy } from '../../src/policy/decide.ts'
import { foldName } from '../../src/machine/fold.ts'
import { OPERATIONS, type ResolvedPolicy } from '../../src/policy/model.ts'
import { type AbsolutePath, join, nameOf, parentOf } from '../../src/machine/paths.ts'
import { at } from '../policy/builders.ts'
import { heldNames, policyOn, policySpec } from './policies.ts'
import { seatbeltDecider } from './seatbelt.ts'
import { type TreeEntry, planTree, treeSpec } from './tree.ts'

const MINIMUM = 100_000
const seed = Number(process.env['CONTRACT_SEED'] ?? Date.now() % 2 ** 31)
const ROOT = at('/private/var/tmp/t')
const provided = providedPaths()

/**
 * Every name of the tree and above it, absent names in each directory, and held names in other
 * spellings. A name that exists is asked as it is spelt on disk: that is what the kernel compares.
 */
const pathsOf = (entries: readonly TreeEntry[], policy: ResolvedPolicy): AbsolutePath[] => {
  const paths = new Set<AbsolutePath>()
  const existing = new Set(entries.map(({ path }) => foldName(path)))
  const addFresh = (path: AbsolutePath): void => {
    if (!existing.has(foldName(path))) paths.add(path)
  }
  for (const { path } of [...provided.grants, ...provided.stats]) {
    paths.add(path)
    addFresh(join(path, 'fresh name'))
  }
  for (let above = parentOf(ROOT); above !== '/'; above = parentOf(above)) paths.add(above)
  for (const { path, kind } of entries) {
    paths.add(path)
    if (kind === 'directory')
      for (const name of ['fresh name', '.hidden', '.HIDDEN', 'x/y', 'x/.Hidden/z'])
        addFresh(join(path, name))
  }
  for (const { path } of heldNames(policy)) {
    for (const spelling of [nameOf(path), nameOf(path).toUpperCase()])
      for (const rest of ['', '/beneath']) addFresh(join(parentOf(path), `${spelling}${rest}`))
  }
  return [...paths]
}

describe('decide() and the generated Seatbelt profile give one answer', () => {
  it('for every operation on every name of generated trees, other spellings included', {
    timeout: 600_000,
  }, () => {
    let decisions = 0
    fc.assert(
      fc.property(treeSpec(40), policySpec, (tree, spec) => {
        const { entries } = planTree(ROOT, tree, foldName)
        const bare = policyOn({ root: ROOT, entries }, spec)
        const policy: ResolvedPolicy = {
          ...bare,
          // The machine of these tests is Linux, whose own /dev and /proc are no part of it.
          grants: [...bare.grants.filter((one) => !one.provider), ...provided.grants],
          stats: [...bare.stats, ...provided.stats],
          platform: 'macos',
          foldsNames: true,
        }
        const [decider, says] = [compilePolicy(policy), seatbeltDecider(policy)]
        const problems: string[] = []
        for (const path of pathsOf(entries, policy)) {
          for (const operation of OPERATIONS) {
            decisions += 1
            const expected = decider.decide(operation, path).allowed
            if (says(operation, path, expected) !== expected)
              problems.push(
                `${operation} ${JSON.stringify(path)}: decide() ${expected ? 'allows' : 'denies'} and the profile does not`,
              )
          }
        }
        expect(problems.slice(0, 8)).toEqual([])
      }),
      { seed, numRuns: 80 },
    )
    console.log(
      `contract: the SBPL evaluator over generated profiles: ${decisions} decisions, CONTRACT_SEED=${seed}`,
    )
    expect(decisions).toBeGreaterThan(MINIMUM)
  })
})
