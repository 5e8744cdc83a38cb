import { readFileSync } from 'node:fs'
import type { Facts } from '../../../../src/backend/seatbelt/sbpl/rules.ts'

/** One measured or implied access and its verdict; every key but `op` and `expect` is a fact. */
export interface Case {
  readonly op: string
  readonly expect: 'allow' | 'deny'
  readonly [fact: string]: string | number | boolean
}

export interface PrecedenceCase {
  readonly name: string
  readonly source: string
  readonly profile: string
  readonly links?: Readonly<Record<string, string>>
  readonly cases: readonly Case[]
}

/**
 * Anything that answers for a profile: our evaluator, or a wrong one that the suite has to catch.
 */
export type Decide = (operation: string, facts: Facts) => { readonly allowed: boolean }

/** Cases collected from public measurements and shipping profiles. */
export const collected: readonly PrecedenceCase[] = JSON.parse(
  readFileSync(new URL('./precedence-cases.json', import.meta.url), 'utf8'),
)

/**
 * The verdict on a case; symlinks are walked here, each needing `file-read-metadata` on itself,
 * because the evaluator knows none.
 */
export function verdict(
  decide: Decide,
  links: Readonly<Record<string, string>>,
  { op, expect: _, ...facts }: Case,
): 'allow' | 'deny' {
  let path = facts['path']
  for (let hops = 0; typeof path === 'string' && hops < 40; hops++) {
    const given: string = path
    const link = Object.keys(links).find((name) => given === name || given.startsWith(`${name}/`))
    if (link === undefined) break
    if (!decide('file-read-metadata', { path: link, 'vnode-type': 'SYMLINK' }).allowed)
      return 'deny'
    path = `${links[link]}${given.slice(link.length)}`
  }
  return decide(op, path === undefined ? facts : { ...facts, path }).allowed ? 'allow' : 'deny'
}
