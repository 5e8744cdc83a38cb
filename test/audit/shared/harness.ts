import { expect, it } from 'vitest'
import { audit } from '../../../src/audit/audit.ts'
import type { AuditWorld, Dialect } from '../../../src/audit/dialect.ts'
import type { Enforcement } from '../../../src/audit/kernel.ts'
import type { AuditReport, Finding } from '../../../src/audit/model.ts'
import type { AbsolutePath } from '../../../src/machine/paths.ts'
import { closest } from '../../../src/text/closest.ts'
import { physical } from '../../../src/machine/physical.ts'
import { createWalker } from '../../../src/machine/walk.ts'
import { fakeHost, type FakeOverrides, type FakeTree, file } from '../../fixtures/fake-host.ts'

export const PROJECT = '/home/u/p'

export interface AuditOptions extends FakeOverrides {
  readonly tree?: FakeTree
  readonly words?: readonly string[]
  readonly version?: string
  readonly kernel?: Enforcement
  readonly depth?: 'full' | 'launch'
  readonly project?: string
  /** The file that is audited, where it is not the usual one. */
  readonly file?: string
  /** Comes from standard input. */
  readonly text?: string
}

/**
 * A whole audit of `content` at `place` (nothing there for undefined); without a kernel unless one
 * is given.
 */
export const auditWith = (
  dialect: Dialect,
  place: string,
  content: FakeTree[string] | undefined,
  options: AuditOptions = {},
): Promise<AuditReport> => {
  const host = fakeHost(
    {
      ...(content === undefined
        ? {}
        : { [place]: typeof content === 'string' ? file(content, { mode: 0o600 }) : content }),
      ...options.tree,
    },
    options,
  )
  const walk = createWalker(host)
  const world: AuditWorld = {
    host,
    env: host.env,
    project: (options.project ?? PROJECT) as AbsolutePath,
    walk,
    resolve: (name) => {
      const found = physical(walk, '/' as AbsolutePath, name)
      return found === undefined ? name : walk(found).real
    },
    closest,
    installed: undefined,
  }
  const { version, text } = options
  return audit(
    dialect,
    {
      file: (options.file ?? place) as AbsolutePath,
      words: options.words ?? [],
      depth: options.depth ?? 'full',
      ...(version === undefined ? {} : { agentVersion: version }),
      ...(text === undefined ? {} : { text }),
    },
    world,
    options.kernel ?? { missing: 'none in this test' },
  )
}

/** Findings of one check. */
export const findingsOf = (report: AuditReport, id: string): readonly Finding[] =>
  report.findings.filter((finding) => finding.id === id)

/** A check, a configuration that it is about, and a twin that it is not. */
export interface RuleCase {
  readonly id: string
  readonly bad: FakeTree[string] | undefined
  readonly good: FakeTree[string] | undefined
  readonly options: AuditOptions
  /** Options of the twin, where they differ. */
  readonly goodOptions: AuditOptions
}

export const row = (
  id: string,
  bad: RuleCase['bad'],
  good: RuleCase['good'],
  options: AuditOptions = {},
  goodOptions: AuditOptions = options,
): RuleCase => ({ id, bad, good, options, goodOptions })

/** Registers one test for each row, and one that every check has a row. */
export const testRules = (dialect: Dialect, place: string, cases: readonly RuleCase[]): void => {
  it.each(cases.map((one, index) => [`${one.id} (row ${index + 1})`, one] as const))(
    '%s finds the configuration it is about, and not its twin',
    async (_, { id, bad, good, options, goodOptions }) => {
      const found = findingsOf(await auditWith(dialect, place, bad, options), id)
      expect(found.length).toBeGreaterThan(0)
      for (const finding of found) expect(finding.message).toMatch(/\S/)
      expect(findingsOf(await auditWith(dialect, place, good, goodOptions), id)).toEqual([])
    },
  )

  it('every check has a row, an id of its own and says what, why and what to do', () => {
    expect([...new Set(cases.map(({ id }) => id))].sort()).toEqual(
      dialect.rules.map(({ id }) => id).sort(),
    )
    for (const { what, why, fix } of dialect.rules) {
      expect(what).not.toMatch(/\.$/)
      expect(why).toMatch(/\.$/)
      expect(fix).toMatch(/\.$/)
    }
  })
}
