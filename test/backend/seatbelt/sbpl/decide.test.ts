import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rulesByOperation } from '../../../../src/backend/seatbelt/sbpl/clauses.ts'
import { compile, type Compiled } from '../../../../src/backend/seatbelt/sbpl/compile.ts'
import { decideBy } from '../../../../src/backend/seatbelt/sbpl/decision.ts'
import { matches } from '../../../../src/backend/seatbelt/sbpl/match.ts'
import type { Facts } from '../../../../src/backend/seatbelt/sbpl/rules.ts'
import { cpuSince } from '../../../fixtures/cpu.ts'

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 })
  .map((names) => `/${names.join('/')}`)
const leaf = fc.oneof(
  fc
    .tuple(fc.constantFrom('literal', 'subpath', 'prefix'), path)
    .map(([name, value]) => `(${name} "${value}")`),
  path.map((value) => `(regex #"^${value}(/|$)")`),
  fc.tuple(path, path).map(([first, second]) => `(subpath "${first}" "${second}")`),
  fc.constantFrom(
    '(vnode-type DIRECTORY)',
    '(vnode-type SYMLINK)',
    '(path-ancestors "/a/b/c")',
    '(extension "x")',
  ),
)
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .tuple(fc.constantFrom('all', 'any'), fc.array(tie('filter'), { minLength: 1, maxLength: 3 }))
      .map(([kind, parts]) => `(require-${kind} ${parts.join(' ')})`),
    tie('filter').map((part) => `(require-not ${part})`),
  ),
}))
const operation = fc.constantFrom(
  'file*',
  'file-read*',
  'file-read-data',
  'file-read-metadata',
  'file-write*',
  'file-write-create',
  'file-link',
)
const rule = fc
  .tuple(
    fc.constantFrom('allow', 'deny'),
    fc.array(operation, { minLength: 1, maxLength: 2 }),
    fc.array(filter, { maxLength: 2 }),
  )
  .map((parts) => `(${parts.flat().join(' ')})`)
const profile = fc
  .tuple(fc.constantFrom('allow', 'deny'), fc.array(rule, { maxLength: 12 }))
  .map(([action, rules]) => `(version 1)(${action} default)${rules.join('\n')}`)

describe('the index', () => {
  it('decides as a plain scan of all rules does', () => {
    fc.assert(
      fc.property(
        profile,
        fc.array(
          fc.tuple(operation, path, fc.constantFrom('DIRECTORY', 'REGULAR-FILE', 'SYMLINK')),
          { minLength: 1, maxLength: 8 },
        ),
        (text, questions) => {
          const compiled = compile(text)
          for (const [name, one, type] of questions) {
            const facts = { path: one, 'vnode-type': type }
            expect([text, name, one, compiled.decide(name, facts)]).toEqual([
              text,
              name,
              one,
              scan(compiled, name, facts),
            ])
          }
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('makes 100,000 decisions on 2,000 rules within 5 s', () => {
    const lines = ['(version 1)', '(deny default)']
    for (let index = 0; lines.length < 2_000; index++) {
      const at = `/Users/me/work/d${index % 50}/e${index}`
      lines.push(
        `(allow file-read* file-write* (subpath "${at}"))`,
        `(deny file-write* file-write-unlink (literal "${at}/.git"))`,
      )
      if (index % 20 === 0)
        lines.push(
          `(deny file* (regex #"^${at}/(.*/)?[.]env([.][^/]*)?$"))`,
          `(allow file-write* (require-all (subpath "${at}/x") (require-not (literal "${at}/x/y"))))`,
        )
    }
    const started = process.cpuUsage()
    const compiled = compile(lines.join('\n'))
    const compiling = cpuSince(started)
    const ready = process.cpuUsage()
    let allowed = 0
    for (let index = 0; index < 100_000; index++) {
      const name =
        index % 3 === 0
          ? 'file-read-data'
          : index % 3 === 1
            ? 'file-write-data'
            : 'file-write-unlink'
      if (
        compiled.decide(name, {
          path: `/Users/me/work/d${index % 50}/e${index % 1000}/src/${index % 7}/.env`,
        }).allowed
      )
        allowed++
    }
    const deciding = cpuSince(ready)
    console.log(
      `sbpl: ${compiled.rules.length} rules compiled in ${Math.round(compiling)} ms of CPU time, 100,000 decisions in ${Math.round(deciding)} ms (${allowed} allowed)`,
    )
    expect(deciding).toBeLessThan(5_000)
  })
})

function scan({ rules }: Compiled, operation: string, facts: Facts) {
  const table = rulesByOperation(rules)
  return decideBy(
    (name) => {
      const entry = table.get(name)
      return (
        entry && {
          last: (known, asked) =>
            entry.filtered.findLast(({ filter }) => matches(filter, known, asked)),
          unfiltered: entry.unfiltered.at(-1),
        }
      )
    },
    operation,
    facts,
  )
}
