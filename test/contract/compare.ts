import fs from 'node:fs'
import { compilePolicy } from '../../src/policy/decide.ts'
import { join } from '../../src/machine/paths.ts'
import { DIFFERENCES, factsOf } from './differences.ts'
import { type InsideOptions, runInside } from './kernel.ts'
import { workspace } from './machine.ts'
import { type PolicySpec, policyOn } from './policies.ts'
import { buildTree, snapshot, type TreeSpec } from './tree.ts'
import { isAllowed, shown, type Triple, triplesOf } from './triples.ts'

const PROBE = fs.readFileSync(new URL('probe.cjs', import.meta.url), 'utf8')

/**
 * Errors that a policy can be the reason of; any other means that the operation was let through and
 * failed on its own account.
 */
const REFUSALS = new Set(['EPERM', 'EACCES', 'EROFS', 'EBUSY', 'EXDEV'])
/**
 * Errors that refuse where something was to be refused, and are a failure where something was to be
 * allowed.
 */
const ABSENCES = new Set(['ENOENT', 'ENOTDIR', 'ELOOP'])

/** Totals over many trees and policies. */
export class Tally {
  triples = 0
  sandboxes = 0
  allowed = 0
  readonly differences = new Map<string, number>()

  get different(): number {
    return [...this.differences.values()].reduce((sum, count) => sum + count, 0)
  }

  text(): string {
    const rows = DIFFERENCES.map(({ name }) => `  ${this.differences.get(name) ?? 0} x ${name}`)
    return [
      `${this.triples} triples (${this.allowed} allowed) in ${this.sandboxes} sandboxes, ${this.different} named differences`,
      ...rows,
    ].join('\n')
  }
}

/**
 * Whether the kernel let it through; `isRefusal` settles the errors that depend on what was to be
 * expected.
 */
const wasLetThrough = (errno: string, expected: boolean, triple: Triple): boolean => {
  if (REFUSALS.has(errno) || ABSENCES.has(errno)) return false
  // What holds an absent name is there already: that is how it is refused.
  return !(triple.isHeld && !expected && ['EEXIST', 'EADDRINUSE'].includes(errno))
}

/**
 * Builds a tree, asks the kernel and `decide()` everything about it, and returns what they disagree
 * on, in words.
 */
export const compareOn = async (
  tree: TreeSpec,
  spec: PolicySpec,
  tally: Tally,
  options: InsideOptions = {},
): Promise<string[]> => {
  const place = workspace(options.uid)
  const root = join(place.root, 't')
  fs.mkdirSync(root, { mode: 0o755 })
  if (options.uid !== undefined) fs.chownSync(root, options.uid, options.uid)
  const built = await buildTree(root, tree, options.uid)
  try {
    const policy = policyOn(built, spec)
    const decider = compilePolicy(policy)
    const triples = triplesOf(built, policy, decider)
    const before = snapshot(root)
    const answers = (await runInside(
      policy,
      {
        script: PROBE,
        input: triples.map(({ deed, requested, more }) => [deed, requested, more ?? null]),
      },
      options,
    )) as string[]
    const facts = factsOf(decider)
    const problems: string[] = []
    tally.sandboxes += 1
    triples.forEach((triple, at) => {
      const [errno, expected] = [answers[at]!, isAllowed(decider, triple)]
      tally.triples += 1
      if (expected) tally.allowed += 1
      if (wasLetThrough(errno, expected, triple) === expected) return
      const difference = DIFFERENCES.find((one) => one.explains(triple, errno, facts))
      if (difference)
        tally.differences.set(difference.name, (tally.differences.get(difference.name) ?? 0) + 1)
      else
        problems.push(
          `${triple.deed} ${shown(built, triple.requested)}${typeof triple.more === 'string' ? ` to ${shown(built, triple.more)}` : ''}: decide() ${expected ? 'allows' : 'denies'}, ${errno === 'ok' ? 'the kernel let it through' : `the kernel says ${errno}`}`,
        )
    })
    return [...problems, ...lost(before, snapshot(root))]
  } finally {
    await built.close()
    place.dispose()
  }
}

/** Nothing a run does may leave the tree other than it was. */
const lost = (before: readonly string[], after: readonly string[]): string[] => {
  const [had, has] = [new Set(before), new Set(after)]
  return [
    ...before.filter((line) => !has.has(line)).map((line) => `lost: ${line}`),
    ...after.filter((line) => !had.has(line)).map((line) => `left behind: ${line}`),
  ]
}
